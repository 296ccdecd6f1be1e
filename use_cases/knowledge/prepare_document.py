"""The preparation of a document before it is embedded and saved: pure functions of values.

Promises: the same bytes, sidecar, place and policy give the same `PreparedDocument` in every run, so
the content hash alone decides whether a source must be processed again. Leaves to others: reading
(the ports), cutting (`chunking`), vectors and saving (`indexing`).
"""

import hashlib
import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from urllib.parse import unquote

from use_cases.kernel.model import SEPARATOR, Authority, DateOrigin
from use_cases.kernel.ports import Embedder
from use_cases.knowledge.chunking import cut
from use_cases.knowledge.errors import SourceTooLarge
from use_cases.knowledge.model import (
    BlockKind,
    ChunkPolicy,
    IndexIdentity,
    ParsedDocument,
    PassageDraft,
    PreparedDocument,
    SourceFile,
)

FOLDER_CATEGORIES = frozenset({"domain", "policies", "runbooks"})
"""The folder names that are categories by themselves."""

GENERAL = "general"
"""The category of a document without a stated one or a folder's."""

MOST_PASSAGES = 50_000
"""The bound of a document: the vectors of more would take the local model half an hour."""

_WORD = re.compile(r"[^\W_]")  # a letter or a digit, of any script

_KEY_VERSION = b"3"  # raise it when the same bytes shall be stored differently


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
    """Prepares a document for storage, without vectors.

    `category` is the requested one; it overrides the stated one. Raises `SourceTooLarge` for more than
    `MOST_PASSAGES`.
    """
    stated = parsed.stated
    passages = cut(parsed, chunks) if parsed.passages is None else parsed.passages
    kept = [one for one in passages if _WORD.search(parsed.text, one.span.start, one.span.end)]
    _require_bound(source.name, kept)
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
        passages=kept,
        vectors=(),
        noise=len(passages) - len(kept),
        tables=parsed.tables,
        original=original,
    )


def _require_bound(name: str, passages: Sequence[PassageDraft]) -> None:
    if len(passages) > MOST_PASSAGES:
        raise SourceTooLarge(
            f"{name} has {len(passages):,} passages; a document may have {MOST_PASSAGES:,}.",
            hint="Split it into several files. What was stored under its name before is still there.",
        )


def title_of(name: str, parsed: ParsedDocument) -> str:
    """Returns the stated title, else the first heading of level 1, else a readable file name."""
    if parsed.stated.title:
        return parsed.stated.title
    for block in parsed.blocks:
        if block.kind is BlockKind.HEADING and block.level == 1 and block.heading:
            return block.heading
    words = PurePosixPath(name).stem.replace("-", " ").replace("_", " ").split()
    readable = " ".join(words)
    return readable[:1].upper() + readable[1:] or name


def category_of(source: SourceFile, parsed: ParsedDocument, requested: str | None) -> str:
    """Returns the requested category, else the stated one, else the folder's, else general."""
    return requested or parsed.stated.category or _place(source) or GENERAL


def requested_category(source: SourceFile, parsed: ParsedDocument, stored: str) -> str | None:
    """Returns the category that must have been requested, given the stored one; None for none."""
    return None if category_of(source, parsed, None) == stored else stored


def root_of(source: SourceFile) -> str:
    """Returns the URI of the folder that `name` is relative to, with a slash at its end."""
    return source.uri.rsplit("/", len(PurePosixPath(source.name).parts))[0] + "/"


def content_key(
    source: SourceFile,
    content: bytes,
    sidecar: bytes | None,
    category: str | None,
    chunks: ChunkPolicy,
) -> str:
    """Returns the SHA-256 of bytes, sidecar, category by request or place, and chunker.

    It excludes the embedder, because an index has one (`IndexIdentity`), and its change clears all
    keys; and name and date, because to touch a file or to move a root is no change.
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


def identity_of(embedder: Embedder | None, chunks: ChunkPolicy) -> IndexIdentity:
    """Returns the identity of an index by these two; without an embedder its name is empty."""
    if embedder is None:
        return IndexIdentity(embedder="", dimensions=0, chunker=chunks.version)
    return IndexIdentity(embedder.id, embedder.dimensions, chunks.version)


def embedding_texts(document: PreparedDocument) -> Sequence[str]:
    """Returns the text to embed for each passage, in order."""
    return [
        embedding_text(document.title, passage.section, passage.span.cut(document.text))
        for passage in document.passages
    ]


def embedding_text(title: str, section: str, text: str) -> str:
    """Returns a passage below its title and headings, since few passages name their topic."""
    return f"{_heading(title, section)}\n{text}"


def _heading(title: str, section: str) -> str:
    if not section:
        return title
    # A document's first heading is often its title: once is enough.
    if f"{section}{SEPARATOR}".startswith(f"{title}{SEPARATOR}"):
        return section
    return f"{title}{SEPARATOR}{section}"


def _place(source: SourceFile) -> str | None:
    """Returns the category by the first folder below the root, or by the root folder itself."""
    parts = PurePosixPath(source.name).parts
    above = unquote(root_of(source)).rstrip("/").rsplit("/", 1)[-1]
    for folder in (*parts[:-1][:1], above):
        if folder.lower() in FOLDER_CATEGORIES:
            return folder.lower()
    return None
