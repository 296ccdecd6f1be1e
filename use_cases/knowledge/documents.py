"""The stored documents, one noun: list them, show one with its text, remove some.

Promises: a removed document leaves nothing behind (`Library.remove`), and its source is not
touched; a name that several documents have stands for none of them. Leaves paging beyond limit and
offset, and how a document is shown, to the doors.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from use_cases.kernel.categories import require_category
from use_cases.kernel.errors import InvalidInput
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
    """Which documents are meant: those that are named, or those that fit every filter, or all.

    `names` are ids or exact names; `folder` is a path on this machine, which need not exist any
    more.
    """

    names: Sequence[str] = ()
    folder: str | None = None
    category: str | None = None
    everything: bool = False


class ManageDocuments:
    """The stored documents. To remove some: first `chosen`, which changes nothing, then `remove`."""

    def __init__(self, *, library: Library, sources: Sources) -> None:
        self._library = library
        self._sources = sources

    async def list(
        self, *, category: str | None = None, limit: int = 50, offset: int = 0
    ) -> Sequence[DocumentSummary]:
        """The documents by name, `limit` of them after the first `offset`; all categories if None."""
        return await self._library.documents(category=category, limit=limit, offset=offset)

    async def show(self, document: str, *, version_id: int | None = None) -> DocumentText:
        """The document with this id or name, and its text: the current one, or that of a citation.

        Offsets in citations count into exactly this text. Raises `DocumentNotFound` and
        `DocumentAmbiguous`.
        """
        summary = await self._library.document(document)
        version = summary.ref.version_id if version_id is None else version_id
        return DocumentText(summary, version, await self._library.text(version))

    async def count(self) -> LibraryStatistics:
        """How many there are, of which categories."""
        return await self._library.statistics()

    async def chosen(self, selection: Selection) -> Sequence[DocumentSummary]:
        """The documents that are meant, each once.

        Raises `InvalidInput` when nothing is selected or the selection contradicts itself,
        `DocumentNotFound` when a name or a folder has no document, `DocumentAmbiguous` and
        `CategoryUnknown`.
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
        if selection.folder == "":  # an unset variable, and not the current folder
            raise InvalidInput("The path of the folder is empty.", hint="Name the folder.")
        if selection.names:
            named = [await self._library.document(name) for name in selection.names]
            return list({one.ref.document_id: one for one in named}.values())
        if selection.category is not None:
            held = await self._library.statistics()
            require_category(selection.category, list(held.categories))
        return await self._filtered(selection)

    async def remove(
        self, documents: Sequence[DocumentSummary]
    ) -> AsyncGenerator[DocumentSummary, None]:
        """Each document when it is removed, one transaction for each.

        After a stop in the middle, or an error of the storage, the other documents are stored as
        they were: the same selection then means those.
        """
        for summary in documents:
            with suppress(DocumentNotFound):  # another process was faster: it is gone as wanted
                await self._library.remove(summary.ref.document_id)
            yield summary

    async def _filtered(self, selection: Selection) -> Sequence[DocumentSummary]:
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
        while len(found) % _PAGE == 0:
            page = await self._library.documents(category=category, limit=_PAGE, offset=len(found))
            if not page:
                break
            found += page
        return found
