"""Both lanes in memory: an exact scan, and counted words."""

import re
import struct
from collections.abc import Iterator, Mapping, Sequence

from tests.fakes.library import MemoryLibrary, Stored, passages_of, same_category
from use_cases.kernel.fusion import Candidate
from use_cases.kernel.model import DocumentRef, Passage, Vector
from use_cases.kernel.ports import DocumentFrequencies
from use_cases.kernel.text.words import content
from use_cases.knowledge.errors import DimensionMismatch
from use_cases.knowledge.model import IndexExtent, Nearest


class MemoryLanes:
    """Ports `Lanes` and `Vocabulary` over a `MemoryLibrary`.

    Full text is scored by the share of the query's content words a passage holds, titles doubled:
    no BM25, but the same passages are found.
    """

    def __init__(self, library: MemoryLibrary) -> None:
        self._library = library

    async def extent(self) -> IndexExtent:
        """Counted anew each time."""
        counted = await self._library.statistics()
        identity = self._library.identity if self._library.stored else None
        return IndexExtent(identity, counted.passages, counted.passages - counted.vectors)

    async def nearest(self, vector: Vector, *, limit: int, category: str | None = None) -> Nearest:
        """By cosine of unit vectors."""
        identity, extent = self._library.identity, await self.extent()
        if identity is None or not identity.dimensions:
            return Nearest((), extent=extent)
        if len(vector) != 4 * identity.dimensions:
            raise DimensionMismatch(f"The index holds {identity.dimensions} components.")
        asked = _numbers(vector)
        scored = [
            Candidate(
                passage_id, sum(a * b for a, b in zip(asked, _numbers(other.vector), strict=True))
            )
            for found in self._documents(category)
            for passage_id, other in zip(found.passage_ids, found.vectors, strict=False)
            if other is not None
        ]
        return Nearest(_best(scored, limit), extent=extent)

    async def matching(
        self, query: str, *, limit: int, category: str | None = None
    ) -> Sequence[Candidate]:
        """By shared content words."""
        asked = set(content(query))
        scored = [
            Candidate(passage_id, shared / len(asked))
            for found in self._documents(category)
            for passage_id, passage in passages_of(found).items()
            if asked and (shared := _shared(asked, passage))
        ]
        return _best(scored, limit)

    async def naming(
        self, query: str, *, limit: int, category: str | None = None
    ) -> Sequence[Candidate]:
        """By identifiers held as they are written."""
        names = [name.lower() for name in re.findall(r"[A-Za-z]+-\d+", query)]
        scored = [
            Candidate(passage_id, 1.0)
            for found in self._documents(category)
            for passage_id, passage in passages_of(found).items()
            if any(name in passage.text.lower() for name in names)
        ]
        return _best(scored, limit)

    async def in_readings(
        self, passage_ids: Sequence[int]
    ) -> Mapping[int, Sequence[tuple[Passage, bytes]]]:
        """Those of the same document that overlap its reading."""
        wanted = set(passage_ids)
        tokens = await self.tokens(
            [one for found in self._library.stored.values() for one in passages_of(found)]
        )
        return {
            passage_id: [
                (one, tokens.get(one.passage_id, b""))
                for one in passages_of(found).values()
                if one.span.start < passage.reading.end and one.span.end > passage.reading.start
            ]
            for found in self._library.stored.values()
            for passage_id, passage in passages_of(found).items()
            if passage_id in wanted
        }

    async def tokens(self, passage_ids: Sequence[int]) -> Mapping[int, bytes]:
        """Those that the library was given."""
        return {
            passage_id: one.tokens
            for found in self._library.stored.values()
            for passage_id, one in zip(found.passage_ids, found.vectors, strict=False)
            if passage_id in set(passage_ids) and one is not None and one.tokens
        }

    async def categories(self) -> Sequence[str]:
        """One spelling of each."""
        held = sorted((found.ref.category for found in self._library.stored.values()), reverse=True)
        return sorted({category.strip().casefold(): category for category in held}.values())

    async def within(self, document: str, *, category: str | None = None) -> Sequence[int]:
        """Those of the one stored under this id or name."""
        found = [
            one
            for one in self._documents(category)
            if document in (one.ref.document_id, one.ref.name)
        ]
        return [passage_id for one in found[:1] for passage_id in passages_of(one)]

    async def passages(self, passage_ids: Sequence[int]) -> Mapping[int, Passage]:
        """Those that exist."""
        wanted = set(passage_ids)
        return {
            passage_id: passage
            for found in self._library.stored.values()
            for passage_id, passage in passages_of(found).items()
            if passage_id in wanted
        }

    async def with_documents(
        self, passage_ids: Sequence[int], beside: Sequence[int]
    ) -> tuple[Mapping[int, Passage], Sequence[DocumentRef]]:
        """Those that exist, and the documents that have one of them."""
        wanted = {*passage_ids, *beside}
        documents = [
            found.ref
            for found in self._library.stored.values()
            if wanted & passages_of(found).keys()
        ]
        return await self.passages(passage_ids), documents

    async def document_frequencies(self, words: Sequence[str]) -> DocumentFrequencies:
        """The share of passages that hold each word, by stem."""
        held = [_words(p) for f in self._library.stored.values() for p in passages_of(f).values()]
        shares = {
            word: sum(set(content(word)) <= one for one in held) / len(held) if held else 0.0
            for word in words
        }
        return DocumentFrequencies(shares, len(held))

    def _documents(self, category: str | None) -> Iterator[Stored]:
        for found in self._library.stored.values():
            if category is None or same_category(found.ref.category, category):
                yield found


def _words(passage: Passage) -> set[str]:
    return set(content(f"{passage.document.title}\n{passage.section}\n{passage.text}"))


def _shared(asked: set[str], passage: Passage) -> int:
    return len(asked & _words(passage)) + len(asked & set(content(passage.document.title)))


def _best(scored: list[Candidate], limit: int) -> Sequence[Candidate]:
    return sorted(scored, key=lambda found: (-found.score, found.passage_id))[: max(limit, 0)]


def _numbers(vector: Vector) -> tuple[float, ...]:
    return struct.unpack(f"<{len(vector) // 4}f", vector)
