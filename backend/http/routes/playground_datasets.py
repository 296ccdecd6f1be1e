"""Routes of the playground: datasets, their versions and items, import and export."""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import fields
from http import HTTPStatus
from typing import Annotated, Literal

import anyio
from fastapi import File, Path, Query, Request, Response, UploadFile
from fastapi.responses import StreamingResponse
from pydantic import Field, JsonValue

from backend.http.dependencies import (
    JSON_ONLY,
    ONE_FILE,
    Author,
    Candor,
    FreeText,
    Moment,
    Router,
    StrictBody,
    ThingId,
)
from backend.http.playground_request import StatedChanges
from backend.http.problems import WRITING, documented
from backend.http.routes.conversations_imports import safe_name
from backend.http.runs import on_departure
from backend.schemas.playground_schemas import (
    ColumnReply,
    DatasetPage,
    DatasetReply,
    DatasetVersionPage,
    Import,
    Item,
    ItemChanges,
    ItemPage,
    NewItemBody,
)
from use_cases.kernel.citations.sources import Outcome
from use_cases.kernel.errors import Conflict, InvalidInput, StorageBusy, TooLarge
from use_cases.kernel.identity.errors import ScopeMissing
from use_cases.kernel.prompts.prompt_registry import PromptChanged
from use_cases.kernel.targets import AnswerFilter, Judgement
from use_cases.playground.collect_questions import MOST_QUESTIONS
from use_cases.playground.errors import (
    DatasetNotFound,
    DatasetUnreadable,
    PromptCaseNotFound,
    SchemaInvalid,
)
from use_cases.playground.import_cases import CaseImportReport, ImportMode
from use_cases.playground.manage_datasets import LARGEST_PAGE
from use_cases.playground.ports import CaseFormat

router = Router(prefix="/api/v1", tags=["datasets"])

_MEDIA = {
    CaseFormat.CSV: "text/csv; charset=utf-8",
    CaseFormat.JSONL: "application/x-ndjson",
    CaseFormat.JSON: "application/json",
    CaseFormat.YAML: "application/yaml",
}
_WRITES = (DatasetNotFound, PromptChanged, *WRITING)

Skip = Annotated[int, Query(ge=0, le=1_000_000, description="The number to skip.")]
Most = Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="The most to return.")]
Version = Annotated[int | None, Query(ge=0, le=2**53, description="Without it the last version.")]
Key = Annotated[str, Path(min_length=1, max_length=2000, description="The item's id.")]


class NewDataset(StrictBody):
    """A dataset to make."""

    name: FreeText = Field(min_length=1, max_length=255)
    description: FreeText = Field(default="", max_length=10_000)
    use_case_id: str | None = Field(default=None, max_length=128)


class DatasetChanges(StatedChanges):
    """The fields to change; others stay."""

    description: FreeText | None = Field(default=None, max_length=10_000)
    revision: int | None = Field(
        default=None, ge=1, description="The one that was seen; without it the last change wins."
    )


class ItemsSchema(StrictBody):
    """The JSON Schema of a dataset's items."""

    schema_: dict[str, JsonValue] | None = Field(
        alias="schema", description="JSON Schema (draft 7); null: items are not validated."
    )


class ShownSchema(ItemsSchema):
    """The JSON Schema of a dataset's items, and whether it is a person's."""

    edited: bool = Field(description="False: inferred from the items, and nothing is validated.")


_Text = Annotated[FreeText | None, Field(max_length=500)]


class QuestionSelection(StrictBody):
    """Selection of recorded questions that become a dataset; all that is given must hold."""

    name: FreeText = Field(min_length=1, max_length=255)
    ids: list[Annotated[str, Field(max_length=128)]] | None = Field(
        default=None, min_length=1, max_length=1000, description="The ids of the answers."
    )
    since: Moment | None = None
    until: Moment | None = Field(default=None, description="Asked before then.")
    feedback: Judgement | Literal["any"] = Field(
        default="any", description="What a person said of the answer; `none`: nothing."
    )
    outcome: Outcome | None = None
    model: _Text = Field(default=None, description="Such as `openai:gpt-4.1-mini`.")
    prompt_version: _Text = Field(default=None, description="Such as `chat-1-3249ce9c`.")
    document: _Text = Field(default=None, description="Id or name of a document that it cites.")
    text: _Text = Field(default=None, description="Stands in the question or the answer.")
    target: Literal["chat", "advice"] | None = Field(
        default=None, description="Only those that it answered; without it all."
    )
    limit: int = Field(default=1000, ge=1, le=MOST_QUESTIONS)

    def wanted(self) -> AnswerFilter:
        """Returns the filter."""
        names = [each.name for each in fields(AnswerFilter) if each.name != "feedback"]
        feedback = None if self.feedback == "any" else self.feedback
        return AnswerFilter(**{name: getattr(self, name) for name in names}, feedback=feedback)


@router.get("/datasets", responses=documented())
async def list_datasets(
    candor: Candor,
    caller: Author,
    use_case_id: Annotated[str | None, Query(max_length=128)] = None,
    skip: Skip = 0,
    limit: Most = 100,
) -> DatasetPage:
    """Your datasets, the newest first."""
    found = await candor.playground.manage_datasets.list(
        caller, case_id=use_case_id, skip=skip, limit=limit
    )
    return DatasetPage.of(datasets=list(found), total=found.total, skip=skip, limit=limit)


@router.post(
    "/datasets",
    status_code=HTTPStatus.CREATED,
    dependencies=[JSON_ONLY],
    responses=documented(InvalidInput, PromptCaseNotFound, *WRITING),
)
async def create_dataset(candor: Candor, caller: Author, new: NewDataset) -> DatasetReply:
    """Make a dataset without items."""
    if new.use_case_id is not None:
        await candor.playground.manage_projects.case(caller, new.use_case_id)
    made = await candor.playground.manage_datasets.create(
        caller, new.name, description=new.description, case_id=new.use_case_id
    )
    return DatasetReply.of(made)


@router.post(
    "/datasets-from-answers",
    status_code=HTTPStatus.CREATED,
    dependencies=[JSON_ONLY],
    responses=documented(InvalidInput, ScopeMissing, *WRITING),
)
async def collect_questions(
    candor: Candor, caller: Author, wanted: QuestionSelection
) -> DatasetReply:
    """Collect your recorded questions in the dataset of this name, a new one where there is none.

    The key also needs the scope of their target.
    """
    made = await candor.playground.collect_questions.run(
        caller,
        wanted.name,
        wanted.wanted(),
        target=wanted.target,
        limit=wanted.limit,
    )
    return DatasetReply.of(made)


@router.get("/datasets/{dataset_id}", responses=documented(DatasetNotFound))
async def show_dataset(dataset_id: ThingId, candor: Candor, caller: Author) -> DatasetReply:
    """One dataset."""
    return DatasetReply.of(await candor.playground.manage_datasets.show(caller, dataset_id))


@router.patch("/datasets/{dataset_id}", dependencies=[JSON_ONLY], responses=documented(*_WRITES))
async def change_dataset(
    dataset_id: ThingId, candor: Candor, caller: Author, to: DatasetChanges
) -> DatasetReply:
    """Change its name or description."""
    changed = await candor.playground.manage_datasets.change(
        caller, dataset_id, name=to.name, description=to.description, revision=to.revision
    )
    return DatasetReply.of(changed)


@router.delete(
    "/datasets/{dataset_id}",
    status_code=HTTPStatus.NO_CONTENT,
    responses=documented(DatasetNotFound, StorageBusy),
)
async def delete_dataset(dataset_id: ThingId, candor: Candor, caller: Author) -> None:
    """Hide a dataset; evaluations keep the versions that they used."""
    await candor.playground.manage_datasets.delete(caller, dataset_id)


@router.get("/datasets/{dataset_id}/versions", responses=documented(DatasetNotFound))
async def list_versions(
    dataset_id: ThingId, candor: Candor, caller: Author, skip: Skip = 0, limit: Most = 100
) -> DatasetVersionPage:
    """Its versions, the newest first."""
    found = await candor.playground.manage_datasets.versions(
        caller, dataset_id, skip=skip, limit=limit
    )
    return DatasetVersionPage.of(versions=list(found), more=found.more, skip=skip, limit=limit)


@router.get(
    "/datasets/{dataset_id}/items", response_model=ItemPage, responses=documented(DatasetNotFound)
)
async def list_items(
    dataset_id: ThingId,
    candor: Candor,
    caller: Author,
    version: Version = None,
    after: Annotated[int, Query(ge=-1, le=2**53, description="The place before the page.")] = -1,
    limit: Most = 100,
) -> Response:
    """The items of a version, in order."""
    page = await candor.playground.manage_datasets.items(
        caller, dataset_id, version=version, after=after, limit=limit
    )
    return _json(ItemPage.record(page))


@router.post(
    "/datasets/{dataset_id}/items",
    response_model=Item,
    status_code=HTTPStatus.CREATED,
    dependencies=[JSON_ONLY],
    responses=documented(*_WRITES, Conflict, InvalidInput, SchemaInvalid),
)
async def add_item(
    dataset_id: ThingId, candor: Candor, caller: Author, new: NewItemBody
) -> Response:
    """Add an item, as a new version."""
    placed, _ = await candor.playground.manage_datasets.add_item(caller, dataset_id, new.given())
    return _json(Item.record(placed), HTTPStatus.CREATED)


@router.get(
    "/datasets/{dataset_id}/items/{key:path}",
    response_model=Item,
    responses=documented(DatasetNotFound),
)
async def show_item(dataset_id: ThingId, key: Key, candor: Candor, caller: Author) -> Response:
    """One item of the last version."""
    return _json(Item.record(await candor.playground.manage_datasets.item(caller, dataset_id, key)))


@router.patch(
    "/datasets/{dataset_id}/items/{key:path}",
    response_model=Item,
    dependencies=[JSON_ONLY],
    responses=documented(*_WRITES, InvalidInput, SchemaInvalid),
)
async def edit_item(
    dataset_id: ThingId, key: Key, candor: Candor, caller: Author, to: ItemChanges
) -> Response:
    """Change the given fields of an item, as a new version; null empties one."""
    placed, _ = await candor.playground.manage_datasets.edit_item(
        caller, dataset_id, key, to.given()
    )
    return _json(Item.record(placed))


@router.delete(
    "/datasets/{dataset_id}/items/{key:path}",
    status_code=HTTPStatus.NO_CONTENT,
    responses=documented(DatasetNotFound, PromptChanged, StorageBusy),
)
async def remove_item(dataset_id: ThingId, key: Key, candor: Candor, caller: Author) -> None:
    """Leave an item out, as a new version."""
    await candor.playground.manage_datasets.remove_item(caller, dataset_id, key)


@router.post(
    "/datasets/{dataset_id}/import",
    dependencies=[ONE_FILE],
    responses=documented(
        DatasetNotFound, DatasetUnreadable, PromptChanged, SchemaInvalid, TooLarge, StorageBusy
    ),
)
async def import_cases(
    dataset_id: ThingId,
    candor: Candor,
    caller: Author,
    request: Request,
    file: Annotated[
        UploadFile, File(description="CSV, TSV, JSONL, JSON or YAML, by the end of its name.")
    ],
    mode: Annotated[
        ImportMode,
        Query(
            description="`append` adds to the items that are there; an item whose id is there is replaced."
        ),
    ] = ImportMode.REPLACE,
) -> Import:
    """Import a file as the next version. Faulty lines are reported, the others imported."""
    report: CaseImportReport | None = None
    stream = candor.playground.import_cases.stream(
        caller, dataset_id, safe_name(file.filename), file.file, mode=mode
    )
    with anyio.CancelScope() as importing, on_departure(request.receive, importing.cancel):
        async with aclosing(stream) as steps:
            async for step in steps:
                if isinstance(step, CaseImportReport):
                    report = step
    if report is None:
        raise InvalidInput("The connection was closed before the file was imported.")
    return Import.of(report)


@router.get(
    "/datasets/{dataset_id}/export",
    response_class=StreamingResponse,
    responses={
        HTTPStatus.OK: {
            "description": "The file.",
            "content": {media.partition(";")[0]: {} for media in _MEDIA.values()},
        },
        **documented(DatasetNotFound),
    },
)
async def export_cases(
    dataset_id: ThingId,
    candor: Candor,
    caller: Author,
    form: Annotated[CaseFormat, Query(alias="format")] = CaseFormat.JSONL,
    version: Version = None,
) -> StreamingResponse:
    """A version as a file that an import reads again."""
    pieces = candor.playground.export_cases.stream(caller, dataset_id, form, version=version)
    first = await anext(pieces, b"")  # raises here, before the status is sent

    async def whole() -> AsyncGenerator[bytes]:
        async with aclosing(pieces):
            yield first
            async for piece in pieces:
                yield piece

    name = f'attachment; filename="{dataset_id}.{form.value}"'
    return StreamingResponse(
        whole(), media_type=_MEDIA[form], headers={"Content-Disposition": name}
    )


@router.get("/datasets/{dataset_id}/columns", responses=documented(DatasetNotFound))
async def list_columns(
    dataset_id: ThingId, candor: Candor, caller: Author, version: Version = None
) -> list[ColumnReply]:
    """The variables of a version's items, with the types of their values."""
    found = await candor.playground.export_cases.columns(caller, dataset_id, version=version)
    return [ColumnReply.of(each) for each in found]


@router.get("/datasets/{dataset_id}/schema", responses=documented(DatasetNotFound))
async def show_schema(dataset_id: ThingId, candor: Candor, caller: Author) -> ShownSchema:
    """The JSON Schema of its items: the edited one, else the one that they fit."""
    found = await candor.playground.export_cases.schema(caller, dataset_id)
    return ShownSchema(schema=dict(found.schema), edited=found.edited)


@router.put(
    "/datasets/{dataset_id}/schema",
    dependencies=[JSON_ONLY],
    responses=documented(*_WRITES, SchemaInvalid),
)
async def set_schema(
    dataset_id: ThingId, candor: Candor, caller: Author, to: ItemsSchema
) -> DatasetReply:
    """Validate items by this JSON Schema from now on; those that are there are left as they are."""
    return DatasetReply.of(
        await candor.playground.manage_datasets.set_schema(caller, dataset_id, to.schema_)
    )


def _json(record: JsonValue, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """Returns JSON in ASCII: half a surrogate pair, which a cell may hold, has no other form."""
    return Response(json.dumps(record), status, media_type="application/json")
