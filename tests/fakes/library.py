"""Stored documents in memory."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count, zip_longest
from time import monotonic

from use_cases.kernel.model import DocumentRef, Page, Passage, PassageVectors, page_of
from use_cases.knowledge.errors import (
    DimensionMismatch,
    DocumentAmbiguous,
    DocumentNotFound,
    EmbedderMismatch,
)
from use_cases.knowledge.model import (
    Change,
    DocumentSummary,
    Fingerprint,
    IndexIdentity,
    LibraryStatistics,
    PreparedDocument,
    Saved,
    UnembeddedPassage,
    WaitingDocument,
)

INGESTED = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Stored:
    """One document: its current version prepared, all versions' texts, its passages' ids and vectors."""

    ref: DocumentRef
    prepared: PreparedDocument
    content_hash: str
    versions: Mapping[int, str]
    passage_ids: Sequence[int]
    vectors: Sequence[PassageVectors | None]


@dataclass(slots=True)
class MemoryLibrary:
    """Port `Library`. `stored` is by document id; `MemoryLanes` reads it."""

    stored: dict[str, Stored] = field(default_factory=dict[str, Stored])
    identity: IndexIdentity | None = None
    prepared: IndexIdentity | None = None
    numbers: "count[int]" = field(default_factory=lambda: count(1))
    refused: set[int] = field(default_factory=set[int])
    claims: dict[int, tuple[str, float]] = field(default_factory=dict[int, tuple[str, float]])
    """Until when each passage is whose."""

    async def prepare(self, identity: IndexIdentity) -> None:
        """Take this identity, or refuse it."""
        old = self.identity
        completes = old and not old.embedder and old.chunker == identity.chunker
        if old is None or not self.stored or (completes and identity.embedder):
            self.identity = identity
        else:
            _require(old, identity)
        self.prepared = identity

    async def reset(self, identity: IndexIdentity) -> None:
        """Drop vectors and content hashes, take this identity."""
        self.identity = self.prepared = identity
        self.refused.clear()
        for key, found in self.stored.items():
            self.stored[key] = replace(found, content_hash="", vectors=())

    async def fingerprints(self, uri_prefix: str) -> Mapping[str, Fingerprint]:
        """By URI."""
        return {
            found.prepared.uri: Fingerprint(found.ref.document_id, found.content_hash)
            for found in self.stored.values()
            if found.prepared.uri.startswith(uri_prefix)
        }

    async def save(self, document: PreparedDocument) -> Saved:
        """Add or replace."""
        if self.prepared is not None:
            _require(self.identity, self.prepared)
        self._check(document)
        old = next((o for o in self.stored.values() if o.prepared.uri == document.uri), None)
        if old and old.content_hash == document.content_hash:
            return Saved(old.ref, Change.UNCHANGED)
        document_id = old.ref.document_id if old else f"doc_{next(self.numbers)}"
        versions = dict(old.versions) if old else {}
        known = [number for number, text in versions.items() if text == document.text]
        version_id = known[0] if known else next(self.numbers)
        versions[version_id] = document.text
        kept = {}
        if old and old.ref.title == document.title:
            pairs = zip(passages_of(old).values(), old.vectors, strict=False)
            kept = {(one.section, one.text): vector for one, vector in pairs}
        carried = [kept.get((o.section, o.span.cut(document.text))) for o in document.passages]
        self.stored[document_id] = Stored(
            ref=_ref(document_id, version_id, document),
            prepared=document,
            content_hash=document.content_hash,
            versions=versions,
            passage_ids=[next(self.numbers) for _ in document.passages],
            vectors=document.vectors or (carried if any(carried) else ()),
        )
        change = Change.CHANGED if old else Change.ADDED
        return Saved(self.stored[document_id].ref, change)

    async def waiting(self, holder: str = "") -> Sequence[WaitingDocument]:
        """Those with a passage that waits, and that no other holder has claimed."""
        found = [
            WaitingDocument(key, one.prepared.owner, max(one.passage_ids), self._is_lost(one))
            for key, one in self.stored.items()
            if any(self._holder(each) in ("", holder) for each in self._lacking(one))
        ]
        return sorted(found, key=lambda one: -one.newest)

    async def claim(
        self, document_id: str, holder: str, *, limit: int, seconds: float
    ) -> Sequence[UnembeddedPassage]:
        """Those stored without one, and not claimed."""
        found = self.stored.get(document_id)
        if found is None:
            return []
        free = [one for one in self._lacking(found) if not self._holder(one)]
        free.sort(key=lambda one: one.passage_id not in self.claims)
        until = monotonic() + seconds
        self.claims |= {one.passage_id: (holder, until) for one in free[:limit]}
        return [
            UnembeddedPassage(
                one.passage_id, found.ref.name, found.ref.title, one.section, one.text
            )
            for one in free[:limit]
        ]

    async def keep_claims(self, holder: str, seconds: float) -> None:
        """From now on."""
        for one, (held_by, _) in self.claims.items():
            if held_by == holder:
                self.claims[one] = holder, monotonic() + seconds

    async def release_claims(self, holder: str, passage_ids: Collection[int] | None = None) -> None:
        """These or all."""
        for one, (held_by, _) in [*self.claims.items()]:
            if held_by == holder and (passage_ids is None or one in passage_ids):
                del self.claims[one]

    async def is_claimed(self) -> bool:
        """One that has not run out."""
        return any(until > monotonic() for _, until in self.claims.values())

    def _holder(self, passage: Passage) -> str:
        holder, until = self.claims.get(passage.passage_id, ("", 0))
        return holder if until > monotonic() else ""

    def _is_lost(self, found: Stored) -> bool:
        return any(
            one.passage_id in self.claims and not self._holder(one) for one in self._lacking(found)
        )

    async def add_vectors(self, vectors: Mapping[int, PassageVectors]) -> int:
        """In the places of passages that are still there and have none."""
        if self.prepared is not None:
            _require(self.identity, self.prepared)
        self._check_lengths(vectors.values())
        added = 0
        for key, found in self.stored.items():
            held = [*found.vectors] or [None] * len(found.passage_ids)
            for place, passage_id in enumerate(found.passage_ids):
                if passage_id in vectors and not held[place]:
                    held[place] = vectors[passage_id]
                    added += 1
            if any(held):
                self.stored[key] = replace(found, vectors=held)
        return added

    async def refuse(self, passage_ids: Sequence[int]) -> None:
        """Noted by id."""
        there = {one for found in self.stored.values() for one in found.passage_ids}
        self.refused |= there & set(passage_ids)

    async def forget_refusals(self) -> None:
        """None is noted."""
        self.refused.clear()

    async def table_names(self, document_id: str) -> Sequence[str]:
        """Those they were prepared with, or with the id where a document before has one so called."""
        taken: set[str] = set()
        for key, found in self.stored.items():
            wanted = [table.name for table in found.prepared.tables]
            if key == document_id:
                return sorted(f"{name}_{key}" if name in taken else name for name in wanted)
            taken.update(wanted)
        return ()

    async def original(self, document_id: str) -> bytes | None:
        """The kept bytes."""
        return self._found(document_id).prepared.original

    async def remove(self, document_id: str) -> None:
        """Forget it."""
        self._found(document_id)
        del self.stored[document_id]

    async def documents(
        self, *, category: str | None = None, limit: int = 50, offset: int = 0
    ) -> Page[DocumentSummary]:
        """Ordered by name."""
        kept = [
            found
            for found in self.stored.values()
            if category is None or same_category(found.ref.category, category)
        ]
        kept.sort(key=lambda found: (found.ref.name, found.ref.document_id))
        return page_of([self._summary(found) for found in kept[offset:]], limit)

    async def document(self, document_id: str) -> DocumentSummary:
        """By id, else by name."""
        if document_id in self.stored:
            return self._summary(self.stored[document_id])
        by_name = [f for f in self.stored.values() if f.ref.name == document_id]
        if len(by_name) > 1:
            ids = ", ".join(found.ref.document_id for found in by_name)
            raise DocumentAmbiguous(f"Several documents are named {document_id!r}: {ids}.")
        return self._summary(by_name[0] if by_name else self._found(document_id))

    async def text(self, document_id: str, version_id: int) -> str:
        """Of any version."""
        found = self.stored.get(document_id)
        if found is None or version_id not in found.versions:
            raise DocumentNotFound(f"{document_id} has no stored version {version_id}.")
        return found.versions[version_id]

    async def statistics(self) -> LibraryStatistics:
        """Counted anew each time."""
        categories: dict[str, int] = {}
        for found in self.stored.values():
            categories[found.ref.category] = categories.get(found.ref.category, 0) + 1
        return LibraryStatistics(
            documents=len(self.stored),
            passages=sum(len(found.passage_ids) for found in self.stored.values()),
            vectors=sum(bool(one) for found in self.stored.values() for one in found.vectors),
            tables=sum(len(found.prepared.tables) for found in self.stored.values()),
            categories=categories,
            identity=self.identity,
            refused=len(self.refused & {i for o in self.stored.values() for i in o.passage_ids}),
        )

    def _lacking(self, found: Stored) -> list[Passage]:
        """The passages that wait, where there is an embedder."""
        if self.identity is None or not self.identity.dimensions:
            return []
        return [
            one
            for one, vector in zip_longest(passages_of(found).values(), found.vectors)
            if not vector and one.passage_id not in self.refused
        ]

    def _summary(self, found: Stored) -> DocumentSummary:
        return DocumentSummary(
            ref=found.ref,
            uri=found.prepared.uri,
            media_type=found.prepared.media_type,
            characters=len(found.prepared.text),
            passages=len(found.passage_ids),
            versions=len(found.versions),
            ingested_at=INGESTED,
            vectors=sum(bool(one) for one in found.vectors),
            waiting=len(self._lacking(found)),
        )

    def _found(self, document_id: str) -> Stored:
        if document_id not in self.stored:
            raise DocumentNotFound(f"No document has the id {document_id!r}.")
        return self.stored[document_id]

    def _check(self, document: PreparedDocument) -> None:
        if document.vectors and len(document.vectors) != len(document.passages):
            raise DimensionMismatch("Each passage needs a vector.")
        self._check_lengths(document.vectors)

    def _check_lengths(self, vectors: Iterable[PassageVectors | None]) -> None:
        dimensions = self.identity.dimensions if self.identity else 0
        if any(one and len(one.vector) != 4 * dimensions for one in vectors):
            raise DimensionMismatch(f"The index holds vectors of {dimensions} components.")


def same_category(one: str, other: str) -> bool:
    """Neither case nor the space around counts."""
    return one.strip().casefold() == other.strip().casefold()


def passages_of(found: Stored) -> Mapping[int, Passage]:
    """Its passages with their texts, by id."""
    text = found.prepared.text
    return {
        passage_id: Passage(
            passage_id=passage_id,
            document=found.ref,
            section=draft.section,
            page=draft.page,
            span=draft.span,
            text=draft.span.cut(text),
            reading=draft.reading,
            reading_text=draft.reading.cut(text),
        )
        for passage_id, draft in zip(found.passage_ids, found.prepared.passages, strict=True)
    }


def _require(stored: IndexIdentity | None, given: IndexIdentity) -> None:
    if stored == given or (stored and not given.embedder and stored.chunker == given.chunker):
        return
    raise EmbedderMismatch(f"The index was built with {stored}; this is {given}.")


def _ref(document_id: str, version_id: int, document: PreparedDocument) -> DocumentRef:
    return DocumentRef(
        document_id=document_id,
        version_id=version_id,
        name=document.name,
        title=document.title,
        category=document.category,
        updated=document.updated,
        date_origin=document.date_origin,
        authority=document.authority,
        superseded_by=document.superseded_by,
    )
