"""The loaded tables and the stored documents: list them, show one, query or remove some.

Promises: a removed document leaves nothing behind (`Library.remove`), and its source stays
untouched; an ambiguous name selects no document.
Leaves to others: paging beyond limit and offset, and presentation.

Promises: the port receives a non-empty statement of bounded size.
Leaves to others: the statement's permissions (the port `StructuredData`), and presentation.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from use_cases.kernel.errors import InvalidInput, QueryFailed, QueryTooExpensive
from use_cases.kernel.model import Caller, Page, Rows, Table, require_category
from use_cases.kernel.ports import StructuredData
from use_cases.knowledge.errors import DocumentNotFound
from use_cases.knowledge.model import DocumentSummary, LibraryStatistics
from use_cases.knowledge.ports import Library, Sources

_PAGE = 1000


@dataclass(frozen=True, slots=True)
class DocumentText:
    """A stored document with the text of one of its versions."""

    document: DocumentSummary
    version_id: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """A selection of documents: by name, by every given filter, or all.

    `names` are ids or exact names; `folder` is a path on this machine, which need not exist.
    """

    names: Sequence[str] = ()
    folder: str | None = None
    category: str | None = None
    everything: bool = False


class ManageDocuments:
    """The stored documents. A removal first selects (`select`, without a change), then removes."""

    def __init__(self, *, library: Library, sources: Sources) -> None:
        self._library = library
        self._sources = sources

    async def list(
        self, *, category: str | None = None, limit: int = 50, offset: int = 0
    ) -> Page[DocumentSummary]:
        """Returns at most `limit` documents by name after the first `offset`; None is every category."""
        return await self._library.documents(category=category, limit=limit, offset=offset)

    async def show(self, document: str, *, version_id: int | None = None) -> DocumentText:
        """Returns the document with this id or name, with its current text or a citation's.

        Offsets of citations refer to exactly this text. Raises `DocumentNotFound` and
        `DocumentAmbiguous`.
        """
        summary = await self._library.document(document)
        version = summary.ref.version_id if version_id is None else version_id
        return DocumentText(
            summary, version, await self._library.text(summary.ref.document_id, version)
        )

    async def count(self) -> LibraryStatistics:
        """Returns the library's counts, with those of each category."""
        return await self._library.statistics()

    async def select(self, selection: Selection) -> Sequence[DocumentSummary]:
        """Returns the selected documents, each once.

        Raises `InvalidInput` for an empty or contradictory selection, `DocumentNotFound` when a name
        or a folder has no document, `DocumentAmbiguous` and `CategoryUnknown`.
        """
        filtered = selection.folder is not None or selection.category is not None
        kinds = [bool(selection.names), filtered, selection.everything]
        if kinds.count(True) != 1:
            raise InvalidInput(
                "Nothing says which documents to remove."
                if not any(kinds)
                else "Names, filters and `all` cannot be combined.",
                hint="Name documents, or give a folder, a category or both, or ask for all.",
            )
        if selection.folder == "":  # an unset variable, not the current folder
            raise InvalidInput("The path of the folder is empty.", hint="Name the folder.")
        if selection.names:
            named = [await self._library.document(name) for name in selection.names]
            return list({one.ref.document_id: one for one in named}.values())
        if selection.category is not None:
            statistics = await self._library.statistics()
            require_category(selection.category, list(statistics.categories))
        return await self._filter(selection)

    async def remove(
        self, documents: Sequence[DocumentSummary]
    ) -> AsyncGenerator[DocumentSummary, None]:
        """Removes each document in its own transaction, and yields it.

        After a cancellation or a storage error the other documents are still stored: the same
        selection then selects those.
        """
        for summary in documents:
            with suppress(DocumentNotFound):  # another process removed it first
                await self._library.remove(summary.ref.document_id)
            yield summary

    async def _filter(self, selection: Selection) -> Sequence[DocumentSummary]:
        found = await self._all(selection.category)
        if selection.folder is None:
            return found
        own = self._sources.root_uri(selection.folder)
        below = own.rstrip("/") + "/"
        kept = [one for one in found if one.uri == own or one.uri.startswith(below)]
        if not kept:
            raise DocumentNotFound(
                f"No such document is from {selection.folder!r} or below it.",
                hint="`candor documents show DOCUMENT` says where a document is from (`uri`).",
            )
        return kept

    async def _all(self, category: str | None) -> Sequence[DocumentSummary]:
        found: list[DocumentSummary] = []
        while True:
            page = await self._library.documents(category=category, limit=_PAGE, offset=len(found))
            found += page
            if not page.more:
                return found


MAX_STATEMENT_CHARACTERS = 10_000


class ReadTables:
    """The use cases that list and query the loaded tables."""

    def __init__(self, *, data: StructuredData) -> None:
        self._data = data

    async def list(self) -> Sequence[Table]:
        """Returns the tables by name, with columns, sizes and documents."""
        return await self._data.tables()

    async def query(self, sql: str, *, caller: Caller) -> Rows:
        """Returns the rows of one read-only statement.

        Raises `QueryFailed` (also for an empty statement), `QueryRefused`, `QueryTooExpensive` (also
        for one that is too long) or `TooManyQueries`.
        """
        if not sql.strip():
            raise QueryFailed("The query is empty.", hint="Write one SELECT statement.")
        if len(sql) > MAX_STATEMENT_CHARACTERS:
            raise QueryTooExpensive(
                f"The query is longer than {MAX_STATEMENT_CHARACTERS:,} characters.",
                hint="Use a join or a range instead of a long list.",
            )
        return await self._data.for_caller(caller).query(sql)
