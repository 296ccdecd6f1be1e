"""Routes of the knowledge capability: documents, search, tables."""

from http import HTTPStatus
from typing import Annotated, Literal

import anyio
from fastapi import File, Form, Query, Request, Response, UploadFile
from pydantic import BaseModel, Field, StrictBool

from backend.composition.container import Container
from backend.errors import NotJson
from backend.http.dependencies import (
    JSON_ONLY,
    NUMERIC,
    ONE_FILE,
    Candor,
    Category,
    CategoryName,
    FreeText,
    Page,
    Reader,
    Router,
    ThingId,
    Writer,
    needs,
)
from backend.http.problems import documented
from backend.http.routes.conversations_imports import safe_name
from backend.http.runs import on_departure
from backend.processes.beside_requests import VECTORS, put
from backend.schemas.knowledge_schemas import (
    Categories,
    Document,
    DocumentPage,
    Removal,
    Results,
    TablePage,
    TableRows,
    Upload,
)
from backend.settings.group import MEGABYTE
from use_cases.kernel.errors import (
    InvalidInput,
    QueryFailed,
    QueryRefused,
    QueryTooExpensive,
    StorageBusy,
    StorageDamaged,
    TooLarge,
    TooManyQueries,
)
from use_cases.kernel.model import CategoryUnknown, Scope, page_of
from use_cases.knowledge.errors import (
    DocumentAmbiguous,
    DocumentNotFound,
    EmbedderMismatch,
    SourceBinary,
    SourceBroken,
    SourceEmpty,
    SourceTooCostly,
    SourceTooLarge,
    SourceUnreadable,
)
from use_cases.knowledge.manage_documents import Selection
from use_cases.knowledge.model import Change

router = Router(prefix="/knowledge", tags=["knowledge"])

_READING = needs(Scope.KNOWLEDGE_READ)
_WRITING = needs(Scope.KNOWLEDGE_WRITE)
_LONGEST_QUERY = 200_000  # of a pasted document, the beginning is searched for
_LONGEST_IN_ADDRESS = 4_000  # a server cuts connections off whose first lines are over 64 KiB
_LONGEST_SQL = 20_000
_MOST_RESULTS = 50


class SearchRequest(BaseModel):
    """A search, as a body."""

    query: FreeText = Field(max_length=_LONGEST_QUERY)
    category: CategoryName = None
    limit: Annotated[int, Field(ge=1, le=_MOST_RESULTS), NUMERIC] | None = None
    explain: StrictBool = False


class SqlRequest(BaseModel):
    """A read-only query on the loaded tables."""

    query: str = Field(min_length=1, max_length=_LONGEST_SQL)


@router.get("/documents", dependencies=[_READING], responses=documented(StorageDamaged))
async def list_documents(candor: Candor, page: Page, category: Category = None) -> DocumentPage:
    """The stored documents, by name."""
    found = await candor.knowledge.manage_documents.list(
        category=category, limit=page.limit, offset=page.offset
    )
    return DocumentPage.of_page(found, limit=page.limit, offset=page.offset)


@router.get("/categories", dependencies=[_READING], responses=documented(StorageDamaged))
async def list_categories(candor: Candor) -> Categories:
    """The categories that a question can be limited to, with the number of their documents."""
    return Categories.of(await candor.knowledge.manage_documents.count())


@router.get(
    "/documents/{document_id}",
    dependencies=[_READING],
    responses=documented(DocumentNotFound, DocumentAmbiguous),
)
async def show_document(
    document_id: ThingId,
    candor: Candor,
    include: Annotated[
        Literal["text"] | None, Query(description="`text` adds the stored text.")
    ] = None,
    version_id: Annotated[
        int | None, Query(ge=0, le=2**53, description="The version a citation names.")
    ] = None,
) -> Document:
    """One stored document."""
    shown = await candor.knowledge.manage_documents.show(document_id, version_id=version_id)
    named = {"version_id": shown.version_id, "text": shown.text if include else None}
    return Document.of(shown.document).model_copy(update=named)


@router.post(
    "/documents",
    dependencies=[_WRITING, ONE_FILE],
    status_code=HTTPStatus.CREATED,
    responses={
        HTTPStatus.OK: {"model": Upload, "description": "Unchanged, or replaced."},
        **documented(
            TooLarge,
            SourceTooLarge,
            SourceBinary,
            SourceBroken,
            SourceEmpty,
            SourceTooCostly,
            SourceUnreadable,
            EmbedderMismatch,
            StorageBusy,
        ),
    },
)
async def upload_document(
    candor: Candor,
    writer: Writer,
    request: Request,
    response: Response,
    file: Annotated[
        UploadFile, File(description="The document; its type is detected from its content.")
    ],
    category: Annotated[str | None, Form(max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")] = None,
) -> Upload:
    """Store a document, or replace the uploaded one of the same name.

    The answer comes when its words find it. Its passages get their vectors afterwards: the `state` of the
    document goes from `embedding` to `ready`, and `vectors` counts up to `passages`.
    """
    content = await sent_content(file, candor.settings.max_upload_mb)
    done = None
    with anyio.CancelScope() as storing, on_departure(request.receive, storing.cancel):
        done = await candor.knowledge.upload.run(
            safe_name(file.filename),
            content,
            category=category or None,
            owner=writer.user_id,
        )
    if done is None:
        raise InvalidInput("The connection was closed before the document was stored.")
    if done.document.waiting:
        await put(candor, VECTORS)
    if done.change is not Change.ADDED:
        response.status_code = HTTPStatus.OK
    return Upload.of(done)


@router.delete(
    "/documents/{document_id}",
    dependencies=[_WRITING],
    status_code=HTTPStatus.NO_CONTENT,
    responses=documented(DocumentNotFound, DocumentAmbiguous, StorageBusy),
)
async def remove_document(document_id: ThingId, candor: Candor) -> None:
    """Remove a document with its versions, passages and tables; its source is not touched."""
    await _removed(candor, Selection(names=[document_id]))


@router.delete(
    "/documents", dependencies=[_WRITING], responses=documented(CategoryUnknown, StorageBusy)
)
async def remove_documents(
    candor: Candor,
    category: Category = None,
    everything: Annotated[
        bool, Query(alias="all", description="Remove every document, without a `category`.")
    ] = False,
) -> Removal:
    """Remove all documents of a category, or all there are. One of the two must be said.

    Each document is removed whole. When the request breaks off, the same one removes the rest.
    """
    return await _removed(candor, Selection(category=category or None, everything=everything))


@router.get(
    "/search", dependencies=[_READING], responses=documented(CategoryUnknown, EmbedderMismatch)
)
async def search(
    candor: Candor,
    query: Annotated[
        FreeText,
        Query(max_length=_LONGEST_IN_ADDRESS, description="Any text; longer ones go in a body."),
    ],
    category: Category = None,
    limit: Annotated[int | None, Query(ge=1, le=_MOST_RESULTS)] = None,
    explain: Annotated[bool, Query(description="Explain how each result got its rank.")] = False,
) -> Results:
    """The best passages for a text. The query stands in the address, and so in access logs."""
    found = await candor.knowledge.search.search(query, category=category, limit=limit)
    return Results.of_search(found, explain=explain)


@router.post(
    "/search",
    dependencies=[_READING, JSON_ONLY],
    responses=documented(CategoryUnknown, EmbedderMismatch, NotJson, TooLarge),
)
async def search_by_body(candor: Candor, request: SearchRequest) -> Results:
    """The best passages for a text, with the query in the body."""
    found = await candor.knowledge.search.search(
        request.query, category=request.category, limit=request.limit
    )
    return Results.of_search(found, explain=request.explain)


@router.get("/tables", dependencies=[_READING], responses=documented(StorageDamaged))
async def list_tables(candor: Candor, page: Page) -> TablePage:
    """The loaded tables with their columns, by name."""
    tables = await candor.knowledge.read_tables.list()
    return TablePage.of_page(
        page_of(tables[page.offset :], page.limit), limit=page.limit, offset=page.offset
    )


@router.post(
    "/sql",
    dependencies=[JSON_ONLY],
    responses=documented(
        QueryRefused, QueryFailed, QueryTooExpensive, TooManyQueries, NotJson, TooLarge
    ),
)
async def query_tables(candor: Candor, reader: Reader, request: SqlRequest) -> TableRows:
    """The rows of one read-only SELECT over the loaded tables."""
    return TableRows.of(await candor.knowledge.read_tables.query(request.query, caller=reader))


async def _removed(candor: Container, selection: Selection) -> Removal:
    documents = await candor.knowledge.manage_documents.select(selection)
    return Removal.of(
        removed=[one async for one in candor.knowledge.manage_documents.remove(documents)]
    )


async def sent_content(file: UploadFile, limit_mb: float) -> bytes:
    """Returns the whole file. The request's length was bounded before; this bounds the file itself."""
    limit = int(limit_mb * MEGABYTE)
    content = await file.read(limit + 1)
    if len(content) > limit:
        raise TooLarge(
            f"The file is larger than {limit_mb:g} MiB.", hint="Split it, or raise MAX_UPLOAD_MB."
        )
    return content
