"""Datasets, one noun: make, find, change and hide them, read their versions, edit single items.

Promises: a version never changes; an edited item is a new version; an item that is added or edited
meets the dataset's schema. Leaves to others: files (`import_cases.py`, `export_cases.py`).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO

from pydantic import JsonValue

from use_cases.kernel.errors import Conflict, InvalidInput
from use_cases.kernel.model import Caller, Page, require_limit
from use_cases.kernel.ports import Clock, Ids
from use_cases.kernel.text.plain_text import storable
from use_cases.playground.case_form import record_of
from use_cases.playground.errors import DatasetNotFound, SchemaInvalid
from use_cases.playground.model import Case, Dataset, DatasetVersion, PlacedCase
from use_cases.playground.ports import Datasets, EvalFiles, ItemError, Schemas, VersionDraft

LARGEST_PAGE = 1000
_LONGEST_NAME = 255
_LONGEST_SCHEMA = 200_000


@dataclass(frozen=True, slots=True)
class ItemsPage:
    """Items of a version, in order; `more`: others come after them."""

    version: int
    items: Sequence[PlacedCase]
    more: bool


class ManageDatasets:
    """The caller's datasets."""

    def __init__(
        self, *, datasets: Datasets, eval_files: EvalFiles, schemas: Schemas, clock: Clock, ids: Ids
    ) -> None:
        self._datasets = datasets
        self._files = eval_files
        self._schemas = schemas
        self._clock = clock
        self._ids = ids

    async def list(
        self, caller: Caller, *, case_id: str | None = None, skip: int = 0, limit: int = 100
    ) -> Page[Dataset]:
        """Returns the newest first. Raises `InvalidInput` for the limit."""
        require_limit(limit, LARGEST_PAGE)
        return await self._datasets.datasets(caller, case_id=case_id, skip=skip, limit=limit)

    async def show(self, caller: Caller, dataset_id: str) -> Dataset:
        """Returns one dataset. Raises `DatasetNotFound`."""
        return await self._datasets.dataset(caller, dataset_id)

    async def create(
        self,
        caller: Caller,
        name: str,
        *,
        description: str = "",
        case_id: str | None = None,
        schema: Mapping[str, JsonValue] | None = None,
    ) -> Dataset:
        """Returns a new dataset without items. Raises `InvalidInput`, `SchemaInvalid`."""
        now = self._clock.now()
        dataset = Dataset(
            dataset_id=self._ids.new("ds"),
            user_id=caller.user_id,
            name=_checked_name(name),
            created_at=now,
            updated_at=now,
            description=description,
            case_id=case_id,
            schema=None if schema is None else self._checked_schema(schema),
        )
        await self._datasets.add(dataset)
        return dataset

    async def named(self, caller: Caller, name: str) -> Dataset:
        """Returns the caller's newest dataset of this name; a new one where there is none."""
        wanted, skip, more = _checked_name(name), 0, True
        while more:
            page = await self.list(caller, skip=skip, limit=LARGEST_PAGE)
            for one in page:
                if one.name == wanted and one.user_id == caller.user_id:
                    return one
            skip, more = skip + len(page), page.more
        return await self.create(caller, name)

    async def change(
        self,
        caller: Caller,
        dataset_id: str,
        *,
        name: str | None = None,
        description: str | None = None,
        revision: int | None = None,
    ) -> Dataset:
        """Changes what is given. Raises `PromptChanged` unless it still has the `revision` that is
        given.
        """
        dataset = await self._datasets.dataset(caller, dataset_id)
        changed = replace(
            dataset,
            name=dataset.name if name is None else _checked_name(name),
            description=dataset.description if description is None else description,
            updated_at=self._clock.now(),
        )
        return await self._datasets.change(
            changed, dataset.revision if revision is None else revision
        )

    async def set_schema(
        self, caller: Caller, dataset_id: str, schema: Mapping[str, JsonValue] | None
    ) -> Dataset:
        """Validates items by this JSON Schema from now on; None: by none. Raises `SchemaInvalid`."""
        dataset = await self._datasets.dataset(caller, dataset_id)
        checked = None if schema is None else self._checked_schema(schema)
        changed = replace(dataset, schema=checked, updated_at=self._clock.now())
        return await self._datasets.change(changed, dataset.revision)

    async def delete(self, caller: Caller, dataset_id: str) -> None:
        """Hides it; evaluations keep its versions. Raises `DatasetNotFound`."""
        await self._datasets.delete(caller, dataset_id, self._clock.now())

    async def versions(
        self, caller: Caller, dataset_id: str, *, skip: int = 0, limit: int = 100
    ) -> Page[DatasetVersion]:
        """Returns the newest first. Raises `DatasetNotFound`."""
        require_limit(limit, LARGEST_PAGE)
        await self._datasets.dataset(caller, dataset_id)
        return await self._datasets.versions(dataset_id, skip=skip, limit=limit)

    async def items(
        self,
        caller: Caller,
        dataset_id: str,
        *,
        version: int | None = None,
        after: int = -1,
        limit: int = 100,
    ) -> ItemsPage:
        """Returns the items of a version (None: the last one) after a place. Raises `DatasetNotFound`."""
        require_limit(limit, LARGEST_PAGE)
        number = await version_number(self._datasets, caller, dataset_id, version)
        found = await self._datasets.items(dataset_id, number, after=after, limit=limit + 1)
        return ItemsPage(number, found[:limit], len(found) > limit)

    async def item(self, caller: Caller, dataset_id: str, key: str) -> PlacedCase:
        """Returns one item of the last version. Raises `DatasetNotFound`."""
        dataset = await self._datasets.dataset(caller, dataset_id)
        return await self._item(dataset, key)

    async def add_item(
        self, caller: Caller, dataset_id: str, record: Mapping[str, JsonValue]
    ) -> tuple[PlacedCase, DatasetVersion]:
        """Adds an item, as a new version. Its key is its id, else made of its variables.

        Raises `DatasetNotFound`, `InvalidInput` for what is no case or violates the schema, and
        `Conflict` where the key is there.
        """
        dataset = await self._datasets.dataset(caller, dataset_id)
        case = self._read(dataset, record)
        if await self._datasets.named(dataset_id, dataset.version, [case.key]):
            raise Conflict(f"There is an item {case.key[:100]!r} already.")
        draft = await self._datasets.begin_version(dataset_id, keep=True)
        placed = PlacedCase(draft.end, case)
        await self._datasets.put(draft, [placed])
        return placed, await self._publish(caller, draft, f"item {case.key[:60]} added")

    async def edit_item(
        self, caller: Caller, dataset_id: str, key: str, changes: Mapping[str, JsonValue]
    ) -> tuple[PlacedCase, DatasetVersion]:
        """Changes the given fields of an item, as a new version; it keeps its key and place.

        Raises `DatasetNotFound`, and `InvalidInput` for what is no case or violates the schema.
        """
        dataset = await self._datasets.dataset(caller, dataset_id)
        before = await self._item(dataset, key)
        case = self._read(dataset, {**record_of(before.case), **changes, "id": key})
        draft = await self._datasets.begin_version(dataset_id, keep=True)
        placed = PlacedCase(before.place, case)
        await self._datasets.put(draft, [placed])
        return placed, await self._publish(caller, draft, f"item {key[:60]} edited")

    async def remove_item(self, caller: Caller, dataset_id: str, key: str) -> DatasetVersion:
        """Leaves an item out, as a new version. Raises `DatasetNotFound`."""
        dataset = await self._datasets.dataset(caller, dataset_id)
        await self._item(dataset, key)
        draft = await self._datasets.begin_version(dataset_id, keep=True)
        await self._datasets.remove(draft, [key])
        return await self._publish(caller, draft, f"item {key[:60]} removed")

    async def _item(self, dataset: Dataset, key: str) -> PlacedCase:
        found = await self._datasets.named(dataset.dataset_id, dataset.version, [key])
        if key not in found:
            raise DatasetNotFound(f"{dataset.dataset_id} has no item {key[:100]!r}.")
        return found[key]

    async def _publish(self, caller: Caller, draft: VersionDraft, note: str) -> DatasetVersion:
        return await self._datasets.publish(
            draft, author=caller.user_id, now=self._clock.now(), note=note
        )

    def _read(self, dataset: Dataset, record: Mapping[str, JsonValue]) -> Case:
        """Reads an item as a file's line is read."""
        fault = None if dataset.schema is None else self._schemas.checker(dataset.schema)
        line = BytesIO(json.dumps(record).encode())
        match next(iter(self._files.cases("item.jsonl", line, fault))):
            case ItemError(message=message):
                raise InvalidInput(f"The item cannot be used: {message}")
            case found:
                return found

    def _checked_schema(self, schema: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        written = json.dumps(schema, ensure_ascii=False)
        if len(written) > _LONGEST_SCHEMA or storable(written) != written:
            raise SchemaInvalid(
                f"A schema has at most {_LONGEST_SCHEMA:,} characters, and no half of one."
            )
        self._schemas.checker(schema)
        return schema


async def version_number(
    datasets: Datasets, caller: Caller, dataset_id: str, version: int | None
) -> int:
    """Returns the number of a version that is there; None means the last one, 0 before the first.

    Raises `DatasetNotFound`.
    """
    dataset = await datasets.dataset(caller, dataset_id)
    number = dataset.version if version is None else version
    if not 0 <= number <= dataset.version:
        raise DatasetNotFound(f"There is no version {number} of {dataset_id}.")
    return number


async def kept_items(
    datasets: Datasets, draft: VersionDraft, cases: Sequence[Case]
) -> Mapping[str, PlacedCase]:
    """Returns the items with the keys of these cases that the draft keeps from the version before."""
    if not draft.keep:
        return {}
    keys = [case.key for case in cases]
    return await datasets.named(draft.dataset_id, draft.number - 1, keys)


def _checked_name(name: str) -> str:
    cleaned = " ".join(name.split())
    if not 1 <= len(cleaned) <= _LONGEST_NAME:
        raise InvalidInput(f"A name has 1 to {_LONGEST_NAME} characters.")
    return cleaned
