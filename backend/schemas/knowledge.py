"""Documents, passages, tables and rows as JSON.

Offsets count Unicode characters of the stored text of the named version; end excluded.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Self

from pydantic import BaseModel, Field

from backend.schemas.schema import Schema, attribute
from use_cases.kernel.model import (
    Hit,
    Scalar,
    SearchResult,
    Table,
)
from use_cases.kernel.page import Page
from use_cases.knowledge.model import DocumentSummary


class Document(BaseModel):
    """A stored document."""

    id: str
    name: str = Field(description="Path below the ingested folder, or the uploaded file's name.")
    title: str
    category: str
    updated: date
    date_origin: str = Field(description="The origin of the date: stated, git, file or upload.")
    authority: str = Field(
        description="The authority of the document, from superseded to official."
    )
    superseded_by: str | None
    version_id: int = Field(description="The current version, or the one whose text was asked for.")
    versions: int = Field(description="How many versions of its text are stored.")
    media_type: str
    characters: int
    passages: int
    uri: str
    ingested_at: datetime
    text: str | None = Field(default=None, description="The stored text, where it was asked for.")

    @classmethod
    def of(
        cls, summary: DocumentSummary, text: str | None = None, version_id: int | None = None
    ) -> Self:
        """From what the library says of it."""
        ref = summary.ref
        return cls(
            id=ref.document_id,
            name=ref.name,
            title=ref.title,
            category=ref.category,
            updated=ref.updated,
            date_origin=ref.date_origin,
            authority=ref.authority.name.lower(),
            superseded_by=ref.superseded_by,
            version_id=ref.version_id if version_id is None else version_id,
            versions=summary.versions,
            media_type=summary.media_type,
            characters=summary.characters,
            passages=summary.passages,
            uri=summary.uri,
            ingested_at=summary.ingested_at,
            text=text,
        )


class DocumentPage(BaseModel):
    """Some of the stored documents, by name."""

    documents: list[Document]
    limit: int
    offset: int
    next_offset: int | None = Field(
        description="The offset of the next page; null on the last page."
    )

    @classmethod
    def of(cls, page: Page[DocumentSummary], *, limit: int, offset: int) -> Self:
        """From a page of at most `limit`, after the first `offset`."""
        return cls(
            documents=[Document.of(summary) for summary in page],
            limit=limit,
            offset=offset,
            next_offset=offset + limit if page.more else None,
        )


class RemovedDocument(Schema):
    """Which document was removed."""

    id: str = attribute("ref.document_id")
    name: str = attribute("ref.name")


class Removal(BaseModel):
    """The documents that were removed."""

    removed: list[RemovedDocument]

    @classmethod
    def of(cls, documents: Sequence[DocumentSummary]) -> Self:
        """From what the library said of them before."""
        return cls(removed=[RemovedDocument.of(one) for one in documents])


class Upload(BaseModel):
    """The document as it is stored now, and what the upload changed."""

    change: str = Field(description="added, changed or unchanged.")
    document: Document
    notice: str | None = Field(description="A notice about the document, such as missing vectors.")


class Lane(Schema):
    """What one way of searching said of a passage."""

    rank: int = Field(description="Its place in this lane, from 1.")
    score: float = Field(description="The lane's own score; higher is better.")
    contribution: float = Field(description="Its share of the fused score.")


class Lanes(Schema):
    """Why a result stands where it stands."""

    vector: Lane | None
    bm25: Lane | None
    name: Lane | None
    tokens: Lane | None
    rerank: Lane | None


class Result(BaseModel):
    """A passage that a search found."""

    rank: int
    score: float
    document: str = Field(description="The document's name.")
    document_id: str
    version_id: int
    title: str
    category: str
    section: str = Field(description="The headings above the passage, joined by ` › `.")
    date: date
    page: int | None
    start: int
    end: int
    text: str = Field(description="The passage: the version's characters from start to end.")
    context: str = Field(description="The section around it, as a model reads it.")
    authority: str = Field(description="How much its document's word weighs.")
    superseded: bool = Field(description="Whether another version of its document is in force.")
    superseded_by: str | None = Field(
        description="That version, by the name of its document; null where it is not known."
    )
    lanes: Lanes | None = Field(default=None, description="The account, with explain.")

    @classmethod
    def of(cls, rank: int, hit: Hit, *, explain: bool) -> Self:
        """The `rank`-th hit of a search."""
        passage, ref = hit.passage, hit.passage.document
        return cls(
            rank=rank,
            score=hit.score,
            document=ref.name,
            document_id=ref.document_id,
            version_id=ref.version_id,
            title=ref.title,
            category=ref.category,
            section=passage.section,
            date=ref.updated,
            page=passage.page,
            start=passage.span.start,
            end=passage.span.end,
            text=passage.text,
            context=passage.reading_text,
            authority=ref.authority.name.lower(),
            superseded=hit.superseded,
            superseded_by=hit.replaced_by.name if hit.replaced_by else ref.superseded_by,
            lanes=Lanes.of(hit) if explain else None,
        )


class Results(BaseModel):
    """What a search found, best first."""

    query: str
    results: list[Result]
    notices: list[str] = Field(description="Notices about the search.")

    @classmethod
    def of(cls, found: SearchResult, *, explain: bool) -> Self:
        """From a search's result."""
        return cls(
            query=found.query,
            results=[
                Result.of(rank, hit, explain=explain) for rank, hit in enumerate(found.hits, 1)
            ],
            notices=list(found.notices),
        )


class TableColumn(Schema):
    """A column of a loaded table."""

    name: str
    original: str = Field(description="Its name in the file.")
    type: str
    description: str


class LoadedTable(Schema):
    """A loaded table."""

    name: str
    title: str
    description: str
    rows: int = attribute("row_count")
    document: str = attribute("document.name")
    document_id: str = attribute("document.document_id")
    columns: list[TableColumn]


class TablePage(BaseModel):
    """Some of the loaded tables, by name."""

    tables: list[LoadedTable]
    limit: int
    offset: int
    next_offset: int | None = Field(
        description="The offset of the next page; null on the last page."
    )

    @classmethod
    def of(cls, tables: Sequence[Table], *, limit: int, offset: int) -> Self:
        """A page of all tables."""
        return cls(
            tables=[LoadedTable.of(table) for table in tables[offset : offset + limit]],
            limit=limit,
            offset=offset,
            next_offset=offset + limit if len(tables) > offset + limit else None,
        )


class TableRows(Schema):
    """The rows of one read-only query."""

    sql: str
    columns: list[str]
    rows: list[list[Scalar]]
    truncated: bool = Field(description="Whether there were more rows, or more data, than allowed.")
    limit: int
    tables: list[str] = attribute("table_names", "The loaded tables that the query read.")
