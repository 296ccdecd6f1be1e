"""An embedder that keeps the vectors of documents in a file, between runs of a benchmark.

Promises: the vectors are the inner embedder's own; a question is never taken from the file, so that
the time of a question is the product's. Leaves to others: what is embedded.
"""

import hashlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from use_cases.kernel.model import PassageVectors, Vector
from use_cases.kernel.ports import Embedder


class VectorCache:
    """The port `Embedder` over another one, with a SQLite file of vectors by their text."""

    def __init__(self, inner: Embedder, file: Path) -> None:
        self._inner = inner
        file.parent.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(file)
        self._database.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector)")

    @property
    def id(self) -> str:
        """The inner embedder's name."""
        return self._inner.id

    @property
    def dimensions(self) -> int:
        """The length of its vectors."""
        return self._inner.dimensions

    async def embed_documents(self, texts: Sequence[str]) -> Sequence[Vector]:
        """Return one vector per text; only those of new texts are computed."""
        return [one.vector for one in await self.embed_passages(texts)]

    async def embed_passages(self, texts: Sequence[str]) -> Sequence[PassageVectors]:
        """Return what the index stores of each text; only that of new texts is computed."""
        keys = [hashlib.sha256(f"{self.id}\0passage\0{text}".encode()).digest() for text in texts]
        stored = {key: self._stored(key) for key in keys}
        new = {key: text for key, text in zip(keys, texts, strict=True) if stored[key] is None}
        made = await self._inner.embed_passages(list(new.values()))
        joined = {key: one.vector + one.tokens for key, one in zip(new, made, strict=True)}
        with self._database:
            self._database.executemany(
                "INSERT OR IGNORE INTO vectors VALUES (?, ?)", joined.items()
            )
        length = 4 * self.dimensions
        contents = [stored[key] or joined[key] for key in keys]
        return [PassageVectors(content[:length], content[length:]) for content in contents]

    async def embed_query(self, text: str) -> Vector:
        """Return the inner embedder's vector of a question."""
        return await self._inner.embed_query(text)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _stored(self, key: bytes) -> Vector | None:
        row = self._database.execute("SELECT vector FROM vectors WHERE key = ?", [key]).fetchone()
        return None if row is None else bytes(row[0])
