"""Synthetic documents, passages, vectors and questions for the measurements of speed; the same for the same seed."""

import random
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from use_cases.kernel.model import Authority, DateOrigin, PassageVectors, Span, Vector
from use_cases.kernel.text.words import FUNCTION_WORDS
from use_cases.knowledge.model import PassageDraft, PreparedDocument

DIMENSIONS = 384
PER_DOCUMENT = 10
WORDS = 130
_PER_FOLDER = 500
_ROWS = 100_000
Matrix: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Question:
    """Words and a vector."""

    text: str
    vector: Vector


class World:
    """Synthetic passages: text and vectors, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        function = np.array(sorted(FUNCTION_WORDS))
        content = np.array([_pseudo_word(number) for number in range(50_000)])
        self._function = function, _zipf(len(function), 2.7)
        # Shifted so that the commonest content word stands in a quarter of the passages.
        self._content = content, _zipf(len(content), 30)

    def vectors(self, count: int) -> Matrix:
        """Unit vectors, 10 neighbours at a time."""
        found = np.empty((count, DIMENSIONS), np.float32)
        for place, block in enumerate(self.blocks(count, _ROWS)):
            found[place * _ROWS : place * _ROWS + len(block)] = block
        return found

    def blocks(self, count: int, at_once: int) -> Iterator[Matrix]:
        """The same for any number of them: so many at a time, whole documents."""
        normal = self.random.standard_normal
        basis = np.linalg.qr(normal((DIMENSIONS, DIMENSIONS)))[0]
        scale = np.arange(1, DIMENSIONS + 1) ** -0.5
        common = normal(DIMENSIONS) * scale * 0.5
        topics = normal((200, DIMENSIONS)) * scale
        for start in range(0, count, at_once):
            here = min(at_once, count - start)
            documents = -(-here // PER_DOCUMENT)
            topic = topics[self.random.integers(0, 200, documents)]
            document = topic + normal((documents, DIMENSIONS)) * scale * 0.7
            rows = np.repeat(document, PER_DOCUMENT, axis=0)[:here]
            yield unit((rows + normal((here, DIMENSIONS)) * scale * 0.6 + common) @ basis)

    def passage(self, words: int = WORDS) -> list[str]:
        """Function words and content words in turn."""
        pairs = [
            table[np.searchsorted(shares, self.random.random(words // 2) * shares[-1])]
            for table, shares in (self._function, self._content)
        ]
        return [str(word) for pair in zip(*pairs, strict=True) for word in pair]

    def question(self, passage: Sequence[str], vector: Matrix) -> Question:
        """12 words of a passage, half of them content; its vector and a little noise."""
        content = sorted(set(passage[1::2]))
        asked = self.random.choice(content, 6, replace=False)
        noise = self.random.standard_normal(DIMENSIONS) * 0.4 / np.sqrt(DIMENSIONS)
        words = [str(word) for pair in zip(passage[0:12:2], asked, strict=True) for word in pair]
        return Question(" ".join(words) + "?", unit((vector + noise)[None, :])[0].tobytes())


def _pseudo_word(number: int) -> str:
    syllables = ("ka", "lo", "mi", "tur", "ven", "dra", "sol", "pex", "gri", "zan", "bo", "hul")
    word = ""
    rest = number + 1
    while rest:
        rest, digit = divmod(rest, len(syllables))
        word += syllables[digit]
    return word


def _zipf(count: int, shift: float) -> NDArray[np.float64]:
    shares = 1 / (np.arange(count) + shift)
    return np.cumsum(shares / shares.sum())


def unit(rows: NDArray[np.float64] | Matrix) -> Matrix:
    """Each row at length 1."""
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def document(number: int, passages: Sequence[Sequence[str]], block: Matrix) -> PreparedDocument:
    """Passages as one document ready to be saved."""
    text, drafts = "", list[PassageDraft]()
    for ordinal, passage in enumerate(passages):
        span = Span(len(text), len(text) + len(" ".join(passage)))
        text += " ".join(passage) + "\n"
        drafts.append(PassageDraft(ordinal, span, span, ""))
    return PreparedDocument(
        uri=f"test:///{number}",
        name=str(number),
        root="test:///",
        title=" ".join(passages[0][1:6:2]),
        category=("domain", "policies", "runbooks")[number // PER_DOCUMENT % 3],
        updated=date(2026, 1, 1),
        date_origin=DateOrigin.FILE,
        authority=Authority.NORMAL,
        superseded_by=None,
        media_type="text/plain",
        content_hash="1",
        text=text,
        passages=drafts,
        vectors=[PassageVectors(row.tobytes()) for row in block],
    )


class CheapEmbedder:
    """Port `Embedder`: vectors drawn from a checksum of the text, so that all else is measured."""

    id = "cheap"
    dimensions = 384

    async def embed_documents(self, texts: Sequence[str]) -> Sequence[Vector]:
        """One unit vector per text."""
        return [self._vector(text) for text in texts]

    async def embed_passages(self, texts: Sequence[str]) -> Sequence[PassageVectors]:
        """Vectors alone."""
        return [PassageVectors(self._vector(text)) for text in texts]

    async def embed_query(self, text: str) -> Vector:
        """As a document."""
        return self._vector(text)

    def _vector(self, text: str) -> Vector:
        drawn = np.random.default_rng(zlib.crc32(text.encode())).standard_normal(self.dimensions)
        return (drawn / np.linalg.norm(drawn)).astype("<f4").tobytes()


def write_documents(folder: Path, passages: int) -> None:
    """Markdown files of ten sections, each one passage of some 90 words."""
    drawn = random.Random(1)
    words = [
        "".join(drawn.choices("abcdefghijklmnoprstuvw", k=drawn.randint(2, 9)))
        for _ in range(5_000)
    ]
    for number in range(passages // 10):
        place = folder / f"part-{number // _PER_FOLDER}"
        place.mkdir(parents=True, exist_ok=True)
        sections = (
            f"## {' '.join(drawn.choices(words, k=3))}\n\n{' '.join(drawn.choices(words, k=90))}.\n"
            for _ in range(10)
        )
        (place / f"page-{number}.md").write_text(f"# Page {number}\n\n" + "\n".join(sections))
