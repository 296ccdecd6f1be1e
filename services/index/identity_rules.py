"""What every knowledge database decides alike: ids from content, and which identity and vectors fit. Pure."""

import hashlib
from collections.abc import Callable, Iterable

from use_cases.kernel.model import Vector
from use_cases.kernel.text.plain_text import storable
from use_cases.knowledge.errors import DimensionMismatch, EmbedderMismatch
from use_cases.knowledge.model import IndexIdentity, PreparedDocument

_RESERVED = ("candor_", "sqlite_", "loaded_tables", "pragma_", "fts5", "vec0", "json_", "temp")
_VERSION_BITS = 53  # the exact range of a JSON number


def id_of(uri: str) -> str:
    """Returns the id of the document with this URI."""
    return "doc_" + hashlib.sha256(uri.encode()).hexdigest()[:20]


def version_of(document_id: str, text: str) -> int:
    """Returns the id of the version of a document with this text."""
    digest = hashlib.sha256(f"{document_id}\0{text}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> (64 - _VERSION_BITS)


def free_name(wanted: str, document_id: str, is_taken: Callable[[str], bool]) -> str:
    """Returns the name of a loaded table, which no other and nothing of SQLite's or ours has."""
    name = storable(wanted)
    if name.lower().startswith(_RESERVED):
        name = f"t_{name}"
    digest = hashlib.sha256(document_id.encode()).hexdigest()
    suffixed = (f"{name}_{digest[:length]}" for length in (6, 12, 64))
    return next(free for free in (name, *suffixed) if not is_taken(free))


def require_length(vectors: Iterable[Vector], dimensions: int) -> None:
    """Raises `DimensionMismatch` for a vector of another length."""
    for vector in vectors:
        if len(vector) != 4 * dimensions or not dimensions:
            raise DimensionMismatch(
                f"A vector has {len(vector) // 4} components; the index holds {dimensions}."
            )


def require_vectors(document: PreparedDocument, dimensions: int) -> None:
    """Raises `DimensionMismatch` where the vectors are not one of this length for each passage."""
    if document.vectors and len(document.vectors) != len(document.passages):
        raise DimensionMismatch(
            f"{len(document.vectors)} vectors were given for {len(document.passages)} passages."
        )
    require_length((one.vector for one in document.vectors if one is not None), dimensions)


def is_completion(stored: IndexIdentity, given: IndexIdentity) -> bool:
    """Returns whether the first real embedder replaces none."""
    return not stored.embedder and bool(given.embedder) and stored.chunker == given.chunker


def require_identity(stored: IndexIdentity | None, given: IndexIdentity) -> None:
    """Raises `EmbedderMismatch` where the stored identity is not the given one."""
    fits = stored is not None and (
        stored == given or (not given.embedder and stored.chunker == given.chunker)
    )
    if not fits:
        raise EmbedderMismatch(
            f"The index was built with {_describe(stored)}; this is {_describe(given)}."
        )


def _describe(identity: IndexIdentity | None) -> str:
    if identity is None:
        return "nothing yet"
    embedder = identity.embedder or "no embedder"
    return f"{embedder} ({identity.dimensions} dimensions) and chunks {identity.chunker}"
