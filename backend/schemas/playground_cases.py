"""Datasets, their versions and items as JSON. An item is promptfoo's form of a test."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from backend.schemas.json_shape import Schema, attribute, shape_of
from use_cases.playground import model
from use_cases.playground.case_form import record_of
from use_cases.playground.export_cases import CaseColumn
from use_cases.playground.import_cases import CaseImportReport
from use_cases.playground.manage_datasets import ItemsPage
from use_cases.playground.ports import ItemError

Assertions = Annotated[
    list[dict[str, JsonValue]] | None,
    Field(description="Checks of the item, as in promptfoo: `type`, `value`, `threshold`, …"),
]


@shape_of(model.Dataset, omit=["schema", "deleted_at"], id="dataset_id", use_case_id="case_id")
class DatasetReply(Schema):
    """A dataset."""

    id: str = attribute("dataset_id")
    name: str
    item_count: int
    updated_at: datetime
    version: int = Field(description="Its last version; 0 before the first.")
    revision: int = Field(description="Goes up with every change of its other fields.")


class DatasetPage(Schema):
    """Some of the datasets, the newest first."""

    datasets: list[DatasetReply]
    total: int
    skip: int
    limit: int


@shape_of(model.DatasetVersion)
class DatasetVersionReply(Schema):
    """A version of a dataset, which never changes."""

    digest: str = Field(description="SHA-256 of its items in order.")


class DatasetVersionPage(Schema):
    """Some of a dataset's versions, the newest first."""

    versions: list[DatasetVersionReply]
    more: bool
    skip: int
    limit: int


class ItemFields(BaseModel):
    """The fields of an item that a person writes."""

    model_config = ConfigDict(extra="forbid")

    expected: JsonValue = Field(default=None, description="The reference answer.")
    assertions: Assertions = Field(default=None, alias="assert")
    threshold: float | None = None
    description: str | None = None
    metadata: dict[str, JsonValue] | None = None

    def given(self) -> dict[str, Any]:
        """Returns the fields that were given, by the names of the form."""
        found = {name: getattr(self, name) for name in self.model_fields_set}
        if "assertions" in found:
            found["assert"] = found.pop("assertions")
        return found


class ItemChanges(ItemFields):
    """The fields of an item to change; null empties one."""

    vars: dict[str, JsonValue] = Field(default={}, description="All variables by name.")


class NewItemBody(ItemFields):
    """An item to add; without an id it gets one of its variables."""

    id: str | None = None
    vars: dict[str, JsonValue] = Field(description="The variables by name.")


class Item(ItemFields):
    """An item of a version; empty fields are left out."""

    place: int
    id: str

    @staticmethod
    def record(placed: model.PlacedCase) -> dict[str, JsonValue]:
        """Returns the JSON of an item."""
        return {"place": placed.place, **record_of(placed.case)}


class ItemPage(BaseModel):
    """Some items of a version, in order."""

    version: int
    items: list[Item]
    next_after: int | None = Field(
        description="Pass it as `after` to get the next page; null on the last page."
    )

    @staticmethod
    def record(page: ItemsPage) -> dict[str, JsonValue]:
        """Returns the JSON of a page."""
        return {
            "version": page.version,
            "items": [Item.record(one) for one in page.items],
            "next_after": page.items[-1].place if page.more else None,
        }


@shape_of(CaseImportReport)
class Import(Schema):
    """The result of an import."""

    version: DatasetVersionReply = Field(
        description="The last version; not a new one where the file changes nothing."
    )
    first_errors: list[ItemError] = Field(description="At most 100.")


@shape_of(CaseColumn)
class ColumnReply(Schema):
    """A variable of a dataset's items: the JSON types of its values, and in how many items it is."""
