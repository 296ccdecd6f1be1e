"""The stored documents, one noun: list them, show one with its text, remove one.

Promises: a removed document leaves nothing behind (`Library.remove`). Leaves paging beyond limit
and offset, and how a document is shown, to the doors.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from use_cases.knowledge.model import DocumentSummary
from use_cases.knowledge.ports import Library


@dataclass(frozen=True, slots=True)
class DocumentText:
    """A stored document with the text of one of its versions."""

    document: DocumentSummary
    version_id: int
    text: str


class ListDocuments:
    """Lists what is stored."""

    def __init__(self, *, library: Library) -> None:
        self._library = library

    async def run(
        self, *, category: str | None = None, limit: int = 50, offset: int = 0
    ) -> Sequence[DocumentSummary]:
        """The documents by name, `limit` of them after the first `offset`; all categories if None."""
        return await self._library.documents(category=category, limit=limit, offset=offset)


class ShowDocument:
    """Shows a document as it was quoted."""

    def __init__(self, *, library: Library) -> None:
        self._library = library

    async def run(self, document: str, *, version_id: int | None = None) -> DocumentText:
        """The document with this id or name, and its text: the current one, or that of a citation.

        Offsets in citations count into exactly this text. Raises `DocumentNotFound`.
        """
        summary = await self._library.document(document)
        version = summary.ref.version_id if version_id is None else version_id
        return DocumentText(summary, version, await self._library.text(version))


class RemoveDocument:
    """Removes a document from the library; its source is not touched."""

    def __init__(self, *, library: Library) -> None:
        self._library = library

    async def run(self, document: str) -> DocumentSummary:
        """Remove the document with this id or name and tell which it was. Raises `DocumentNotFound`."""
        summary = await self._library.document(document)
        await self._library.remove(summary.ref.document_id)
        return summary
