"""Documents, passages, tables and rows as JSON.

Offsets count Unicode characters of the stored text of the named version; end excluded.
"""

from datetime import date as day
from typing import Annotated, Self, cast

from pydantic import BeforeValidator, Field

from backend.schemas.json_shape import OffsetPage, Schema, attribute, shape_of
from use_cases.kernel.model import Authority, Column, DocumentRef, Rows, SearchResult, Table
from use_cases.knowledge.model import DocumentState, DocumentSummary

AuthorityName = Annotated[str, BeforeValidator(lambda found: cast("Authority", found).name.lower())]


@shape_of(DocumentRef, at="ref", omit=["said"], id="document_id")
@shape_of(DocumentSummary, omit=["ref", "waiting"])
class Document(Schema):
    """A stored document."""

    name: str = attribute(
        "ref.name", "Path below the ingested folder, or the uploaded file's name."
    )
    date_origin: str = attribute(
        "ref.date_origin", "The origin of the date: stated, git, file or upload."
    )
    authority: AuthorityName = attribute(
        "ref.authority", "The authority of the document, from superseded to official."
    )
    version_id: int = attribute(
        "ref.version_id", "The current version, or the one whose text was asked for."
    )
    versions: int = Field(description="How many versions of its text are stored.")
    vectors: int = Field(description="How many of its passages have a vector.")
    state: DocumentState = Field(
        description="Ready: all passages have vectors; embedding: some are still to come, and words find"
        " it meanwhile; words: no more will come, and words find it."
    )
    text: str | None = Field(default=None, description="The stored text, where it was asked for.")


class DocumentPage(OffsetPage):
    """Some of the stored documents, by name."""

    documents: list[Document]


class Categories(Schema):
    """The categories of the stored documents."""

    categories: dict[str, int] = Field(description="How many documents each has, by its name.")


class RemovedDocument(Schema):
    """The removed document."""

    id: str = attribute("ref.document_id")
    name: str = attribute("ref.name")


class Removal(Schema):
    """The documents that were removed."""

    removed: list[RemovedDocument]


class Upload(Schema):
    """The document as it is stored now, and what the upload changed."""

    change: str = Field(description="added, changed or unchanged.")
    document: Document
    notice: str | None = Field(description="A notice about the document, such as a renamed table.")


class Lane(Schema):
    """Rank and score of a passage in one way of searching."""

    rank: int = Field(description="Its place in this lane, from 1.")
    score: float = Field(description="The lane's own score; higher is better.")
    contribution: float = Field(description="Its share of the fused score.")


class LanesReply(Schema):
    """Why a result stands where it stands."""

    vector: Lane | None
    bm25: Lane | None
    name: Lane | None
    tokens: Lane | None
    rerank: Lane | None


class Result(Schema):
    """A passage that a search found."""

    rank: int
    score: float
    document: str = attribute("passage.document.name", "The document's name.")
    document_id: str = attribute("passage.document.document_id")
    version_id: int = attribute("passage.document.version_id")
    title: str = attribute("passage.document.title")
    category: str = attribute("passage.document.category")
    section: str = attribute("passage.section", "The headings above the passage, joined by ` › `.")
    date: day = attribute("passage.document.updated")
    page: int | None = attribute("passage.page")
    start: int = attribute("passage.span.start")
    end: int = attribute("passage.span.end")
    text: str = attribute(
        "passage.text", "The passage: the version's characters from start to end."
    )
    context: str = attribute("passage.reading_text", "The section around it, as a model reads it.")
    authority: AuthorityName = attribute(
        "passage.document.authority", "How much its document's word weighs."
    )
    superseded: bool = Field(description="Whether another version of its document is in force.")
    superseded_by: str | None = Field(
        description="That version, by the name of its document; null where it is not known."
    )
    lanes: LanesReply | None = Field(default=None, description="The account, with explain.")


class Results(Schema):
    """Results of a search, best first."""

    query: str
    results: list[Result]
    notices: list[str] = Field(description="Notices about the search.")

    @classmethod
    def of_search(cls, found: SearchResult, *, explain: bool) -> Self:
        """Reads it from a search's result."""
        results = [
            Result.of(hit, rank=rank, lanes=hit if explain else None)
            for rank, hit in enumerate(found.hits, 1)
        ]
        return cls.of(found, results=results)


@shape_of(Column)
class TableColumn(Schema):
    """A column of a loaded table."""

    original: str = Field(description="Its name in the file.")
    type: str


@shape_of(Table, rows="row_count")
class LoadedTable(Schema):
    """A loaded table."""

    document: str = attribute("document.name")
    document_id: str = attribute("document.document_id")
    columns: list[TableColumn]


class TablePage(OffsetPage):
    """Some of the loaded tables, by name."""

    tables: list[LoadedTable]


@shape_of(Rows)
class TableRows(Schema):
    """The rows of one read-only query."""

    truncated: bool = Field(description="Whether there were more rows, or more data, than allowed.")
    tables: list[str] = attribute("table_names", "The loaded tables that the query read.")
