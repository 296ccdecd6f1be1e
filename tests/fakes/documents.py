"""Prepared documents for tests: one call, and only what a test is about is said."""

from collections.abc import Sequence
from datetime import date

from use_cases.kernel.model import Authority, DateOrigin, PassageVectors, Span, Vector
from use_cases.kernel.ports import Embedder
from use_cases.knowledge.model import IndexIdentity, PassageDraft, PreparedDocument, TableData

CHUNKER = "test-1"


def a_document(
    name: str,
    text: str,
    *,
    title: str = "",
    section: str = "",
    category: str = "general",
    vectors: Sequence[Vector] = (),
    tables: Sequence[TableData] = (),
    original: bytes | None = None,
    content_hash: str = "",
    owner: str = "",
    updated: date = date(2026, 3, 4),
) -> PreparedDocument:
    """One passage per line; each reads the whole text."""
    drafts: list[PassageDraft] = []
    start = 0
    for line in text.split("\n"):
        span = Span(start, start + len(line))
        drafts.append(PassageDraft(len(drafts), span, Span(0, len(text)), section, page=1))
        start = span.end + 1
    return PreparedDocument(
        uri=f"file:///docs/{name}",
        name=name,
        root="file:///docs/",
        title=title or name,
        category=category,
        updated=updated,
        date_origin=DateOrigin.STATED,
        authority=Authority.OFFICIAL,
        superseded_by=None,
        media_type="text/markdown",
        content_hash=content_hash or f"hash of {title} {category} {text}",
        text=text,
        passages=drafts,
        vectors=[PassageVectors(vector) for vector in vectors],
        tables=tables,
        original=original,
        owner=owner,
    )


def identity_of(embedder: Embedder | None) -> IndexIdentity:
    """What an index is built with."""
    if embedder is None:
        return IndexIdentity("", 0, CHUNKER)
    return IndexIdentity(embedder.id, embedder.dimensions, CHUNKER)
