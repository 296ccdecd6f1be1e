"""What is decided about one document before it is embedded and saved: pure functions of values.

Promises: the same bytes, sidecar, place and policy give the same `PreparedDocument` in every run,
so that the content hash alone decides whether a source must be done again. Leaves reading to the
ports, cutting to `chunking`, vectors and saving to `indexing`.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from urllib.parse import unquote

from use_cases.kernel.model import Authority, DateOrigin
from use_cases.knowledge.chunking import SEPARATOR, cut
from use_cases.knowledge.model import (
    BlockKind,
    ChunkPolicy,
    IndexIdentity,
    ParsedDocument,
    PreparedDocument,
    SourceFile,
)
from use_cases.knowledge.ports import Embedder

FOLDER_CATEGORIES = frozenset({"domain", "policies", "runbooks"})
"""Folder names that are categories by themselves."""

GENERAL = "general"
"""The category of a document that neither says nor shows another."""

_TEXT_ONLY = ":text-only"
_KEY_VERSION = b"2"  # raise it when the same bytes should be stored differently


def prepare(
    source: SourceFile,
    content: bytes,
    parsed: ParsedDocument,
    *,
    chunks: ChunkPolicy,
    category: str | None = None,
    sidecar: bytes | None = None,
    original: bytes | None = None,
) -> PreparedDocument:
    """Everything that will be stored of a document, still without vectors.

    `category` is what the person who ingests asked for; it wins over what the document states.
    """
    stated = parsed.stated
    return PreparedDocument(
        uri=source.uri,
        name=source.name,
        root=root_of(source),
        title=title_of(source.name, parsed),
        category=category_of(source, parsed, category),
        updated=stated.updated or source.modified,
        date_origin=DateOrigin.STATED if stated.updated else source.date_origin,
        authority=Authority.NORMAL if stated.authority is None else stated.authority,
        superseded_by=stated.superseded_by,
        media_type=parsed.media_type,
        content_hash=content_key(source, content, sidecar, category, chunks),
        text=parsed.text,
        passages=cut(parsed, chunks) if parsed.passages is None else parsed.passages,
        vectors=(),
        tables=parsed.tables,
        original=original,
    )


def title_of(name: str, parsed: ParsedDocument) -> str:
    """The stated title, else the first heading of level 1, else the file's name made readable."""
    if parsed.stated.title:
        return parsed.stated.title
    for block in parsed.blocks:
        if block.kind is BlockKind.HEADING and block.level == 1 and block.heading:
            return block.heading
    words = PurePosixPath(name).stem.replace("-", " ").replace("_", " ").split()
    readable = " ".join(words)
    return readable[:1].upper() + readable[1:] or name


def category_of(source: SourceFile, parsed: ParsedDocument, asked: str | None) -> str:
    """What was asked for, else what the document states, else what its folder shows, else general."""
    return asked or parsed.stated.category or _place(source) or GENERAL


def asked_category(source: SourceFile, parsed: ParsedDocument, stored: str) -> str | None:
    """What must have been asked for, so that this document was stored in the category `stored`."""
    return None if category_of(source, parsed, None) == stored else stored


def root_of(source: SourceFile) -> str:
    """The URI of the folder that `name` is counted from, with a slash at its end."""
    return source.uri.rsplit("/", len(PurePosixPath(source.name).parts))[0] + "/"


def content_key(
    source: SourceFile,
    content: bytes,
    sidecar: bytes | None,
    category: str | None,
    chunks: ChunkPolicy,
) -> str:
    """SHA-256 over all that decides what is stored: bytes, sidecar, category by hand or place, chunker.

    The embedder is not in it: an index holds one (`IndexIdentity`), and a change of it empties
    all keys. Neither are the name and the file's date: to touch or to move a root is no change.
    """
    place = category or _place(source) or ""
    digest = hashlib.sha256()
    for part in (
        _KEY_VERSION,
        content,
        sidecar or b"",
        place.encode(errors="surrogatepass"),
        chunks.version.encode(),
    ):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


def text_only(document: PreparedDocument) -> PreparedDocument:
    """The document to be stored without vectors, and known as such by its key."""
    return replace(document, vectors=(), content_hash=document.content_hash + _TEXT_ONLY)


def is_current(stored: str, key: str, *, embedding: bool) -> bool:
    """Whether what is stored under the key `stored` is as good as a new run would make it.

    Without an embedder at hand (`embedding` false) stored text is enough, and stored vectors are
    kept; with one, a document that has none is done again.
    """
    return stored == key or (not embedding and stored == key + _TEXT_ONLY)


def is_incomplete(stored: str) -> bool:
    """Whether a stored document still waits for its vectors: stored without, or index reset."""
    return not stored or stored.endswith(_TEXT_ONLY)


def identity_of(embedder: Embedder | None, chunks: ChunkPolicy) -> IndexIdentity:
    """What an index is built with by these two; without an embedder its name is empty."""
    if embedder is None:
        return IndexIdentity(embedder="", dimensions=0, chunker=chunks.version)
    return IndexIdentity(embedder.id, embedder.dimensions, chunks.version)


def embedding_texts(document: PreparedDocument) -> Sequence[str]:
    """What is embedded for each passage, in order."""
    return [
        embedding_text(document.title, passage.section, passage.span.cut(document.text))
        for passage in document.passages
    ]


def embedding_text(title: str, section: str, text: str) -> str:
    """A passage as it is embedded: its title and headings above it, since few passages name their topic."""
    return f"{_heading(title, section)}\n{text}"


def _heading(title: str, section: str) -> str:
    if not section:
        return title
    # A document's own first heading is often its title: once is enough.
    if f"{section}{SEPARATOR}".startswith(f"{title}{SEPARATOR}"):
        return section
    return f"{title}{SEPARATOR}{section}"


def _place(source: SourceFile) -> str | None:
    """The category shown by the first folder below the root, or by the root folder itself."""
    parts = PurePosixPath(source.name).parts
    above = unquote(root_of(source)).rstrip("/").rsplit("/", 1)[-1]
    for folder in (*parts[:-1][:1], above):
        if folder.lower() in FOLDER_CATEGORIES:
            return folder.lower()
    return None
