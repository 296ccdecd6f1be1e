"""A part of a stored document: from a place in its text, or a section.

Promises: what is returned is exactly the characters of the version at `span`, at most as many as asked
for, and states where the rest begins.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from use_cases.kernel.errors import InvalidInput
from use_cases.kernel.model import SEPARATOR, DocumentRef, Hit, Span
from use_cases.kernel.ports import Search
from use_cases.knowledge.errors import DocumentNotFound
from use_cases.knowledge.ports import Library

_MOST_PASSAGES = 1000
_MOST_NAMED = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentPart:
    """Characters of a version; `next_start` is where the rest begins, None at the end.

    `characters` counts those of the whole version.
    """

    document: DocumentRef
    version_id: int
    section: str | None
    span: Span
    characters: int
    next_start: int | None
    text: str


class ReadDocument:
    """Reads documents in parts."""

    def __init__(self, *, library: Library, search: Search) -> None:
        self._library = library
        self._search = search

    async def run(
        self,
        document: str,
        *,
        most: int,
        version_id: int | None = None,
        section: str | None = None,
        start: int = 0,
        end: int | None = None,
    ) -> DocumentPart:
        """Returns at most `most` characters from `start` (to `end`) of the document with this id or name.

        A `section` of the current version begins and ends at its own place, and `start` goes on within it.
        Raises `InvalidInput`, `DocumentNotFound` (also for a section) and `DocumentAmbiguous`.
        """
        found = (await self._library.document(document)).ref
        version = found.version_id if version_id is None else version_id
        if section is not None and version != found.version_id:
            raise InvalidInput(
                "Sections are known of the current version only.",
                hint="Leave out the version, or read by start and end.",
            )
        text = await self._library.text(found.document_id, version)
        whole = Span(0, len(text) if end is None else min(end, len(text)))
        if section is not None:
            place = await self._section(found, section)
            whole = Span(place.start, min(place.end, whole.end))
        begin = min(max(start, whole.start), whole.end)
        span = Span(begin, min(begin + most, whole.end))
        return DocumentPart(
            document=found,
            version_id=version,
            section=section,
            span=span,
            characters=len(text),
            next_start=span.end if span.end < whole.end else None,
            text=span.cut(text),
        )

    async def _section(self, document: DocumentRef, section: str) -> Span:
        """Returns the place of a section with those below it, by its heading or its whole path."""
        wanted = section.strip().casefold()
        result = await self._search.search(
            section, document=document.document_id, limit=_MOST_PASSAGES
        )
        hits = [hit for hit in result.hits if _is_within(hit, wanted)]
        if not hits:
            raise DocumentNotFound(
                f"{document.name} has no section {section!r}. Its sections: {_named(result.hits)}.",
                hint="Name one of them, or leave out the section.",
            )
        spans = [hit.passage.span for hit in hits]
        return Span(min(one.start for one in spans), max(one.end for one in spans))


def _is_within(hit: Hit, wanted: str) -> bool:
    path = hit.passage.section.casefold()
    return wanted in path.split(SEPARATOR) or f"{path}{SEPARATOR}".startswith(
        f"{wanted}{SEPARATOR}"
    )


def _named(hits: Sequence[Hit]) -> str:
    places = {hit.passage.section: hit.passage.span.start for hit in hits if hit.passage.section}
    names = sorted(places, key=places.__getitem__)
    rest = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return "; ".join(names[:_MOST_NAMED]) + rest or "none"
