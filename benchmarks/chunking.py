"""How large passages should be: what is found of the evidence, and how much is read for it.

    python -m benchmarks.chunking FOLDER [--vectors] [--cache FOLDER] [--k 5]

FOLDER holds `docs.jsonl` (id, text) and `queries.jsonl` (text, corpus, spans with start_index and
end_index): questions whose evidence is known to the character. For each way of cutting, the best k
passages of all documents are taken, and their characters compared with the evidence:

    recall     share of the evidence's characters inside them
    precision  share of their characters that are evidence
    IoU        evidence inside them / (evidence or inside them)

averaged over questions; `span` is what is matched and cited, `reading` what a model would be given
(overlapping readings are counted once). Lanes: full text (FTS5, BM25), vectors (the local model,
with --vectors: some minutes for each way of cutting), and both fused by reciprocal rank, k = 60.
"""

import argparse
import asyncio
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol, TypeAlias, cast

import apsw
import numpy as np
from numpy.typing import NDArray

from backend.settings.settings import load_settings
from benchmarks.machine import machine
from services.documents.text import parse_text
from services.embeddings.local import LocalEmbedder
from services.index.terms import expression, index_text, search_terms
from use_cases.kernel.model import Span
from use_cases.knowledge.chunking import cut
from use_cases.knowledge.model import ChunkPolicy

DEPTH = 100
RRF_K = 60
STRUCTURE_SIZES = (300, 400, 600, 800, 1000, 1200)
READINGS = (1200, 1600, 2000, 2400)
FIXED = ((400, 0), (800, 0), (800, 200), (1200, 0), (1200, 300))
VECTOR_STRUCTURES = (400, 600, 800, 1000)
VECTOR_FIXED = ((800, 0), (1200, 0))

Vectors: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Question:
    """A question and its evidence in one document."""

    text: str
    document: str
    spans: Sequence[Span]


@dataclass(frozen=True, slots=True)
class Piece:
    """A passage of a document: what is matched, and what is read, for each size of reading."""

    document: str
    text: str
    span: Span
    readings: Mapping[int, Span]


@dataclass(frozen=True, slots=True)
class Figures:
    """Means over all questions."""

    recall: float
    precision: float
    iou: float
    characters: float


def documents(folder: Path) -> Mapping[str, str]:
    """Text by document id."""
    return {str(row["id"]): str(row["text"]) for row in _lines(folder / "docs.jsonl")}


def questions(folder: Path) -> Sequence[Question]:
    """All questions with their evidence."""
    found: list[Question] = []
    for row in _lines(folder / "queries.jsonl"):
        spans = cast("list[dict[str, int]]", row["spans"])
        evidence = [Span(span["start_index"], span["end_index"]) for span in spans]
        found.append(Question(str(row["text"]), str(row["corpus"]), evidence))
    return found


def by_structure(texts: Mapping[str, str], size: int) -> Sequence[Piece]:
    """Cut as Candor does; the passages do not depend on the size of the reading."""
    pieces: list[Piece] = []
    for name, text in texts.items():
        parsed = parse_text(text)
        sizes = [size, *(reading for reading in READINGS if reading > size)]
        cuts = {reading: cut(parsed, ChunkPolicy(size, reading)) for reading in sizes}
        for number, draft in enumerate(cuts[size]):
            readings = {reading: drafts[number].reading for reading, drafts in cuts.items()}
            pieces.append(Piece(name, draft.span.cut(text), draft.span, readings))
    return pieces


def fixed(texts: Mapping[str, str], size: int, overlap: int) -> Sequence[Piece]:
    """Cut every `size` characters, wherever that is."""
    pieces: list[Piece] = []
    for name, text in texts.items():
        for start in range(0, max(len(text) - overlap, 1), size - overlap):
            span = Span(start, min(start + size, len(text)))
            pieces.append(Piece(name, span.cut(text), span, {}))
    return pieces


def full_text(pieces: Sequence[Piece], asked: Sequence[Question]) -> Iterator[Sequence[int]]:
    """The ranking of each question by BM25."""
    database = cast("_Database", apsw.Connection(":memory:"))
    database.execute(
        "CREATE VIRTUAL TABLE p USING fts5(title, heading, body, tokenize='porter unicode61')"
    )
    rows = ((number, "", "", index_text(piece.text)) for number, piece in enumerate(pieces))
    database.executemany("INSERT INTO p(rowid, title, heading, body) VALUES (?, ?, ?, ?)", rows)
    for question in asked:
        found = database.execute(
            "SELECT rowid FROM p WHERE p MATCH ? ORDER BY rank LIMIT ?",
            (expression(search_terms(question.text), None), DEPTH),
        )
        yield [row[0] for row in found]


def by_vectors(vectors: Vectors, asked: Vectors) -> Iterator[Sequence[int]]:
    """The ranking of each question by cosine."""
    for similarity in asked @ vectors.T:
        yield [int(index) for index in np.argsort(-similarity, kind="stable")[:DEPTH]]


def fused(*lanes: Sequence[int]) -> Sequence[int]:
    """Reciprocal rank fusion with equal weights."""
    scores: dict[int, float] = {}
    for lane in lanes:
        for rank, number in enumerate(lane, start=1):
            scores[number] = scores.get(number, 0.0) + 1 / (RRF_K + rank)
    return sorted(scores, key=lambda number: -scores[number])


def figures(
    pieces: Sequence[Piece],
    asked: Sequence[Question],
    rankings: Sequence[Sequence[int]],
    best: int,
    part: Callable[[Piece], Span],
) -> Figures:
    """How the best passages of each question compare with its evidence."""
    rows: list[tuple[float, float, float, float]] = []
    for question, ranking in zip(asked, rankings, strict=True):
        evidence = set[tuple[str, int]]()
        for span in question.spans:
            evidence |= _characters(question.document, span)
        shown = set[tuple[str, int]]()
        for number in islice(ranking, best):
            shown |= _characters(pieces[number].document, part(pieces[number]))
        both, either = len(evidence & shown), len(evidence | shown)
        rows.append((both / len(evidence), both / max(len(shown), 1), both / either, len(shown)))
    recall, precision, iou, characters = (
        sum(column) / len(rows) for column in zip(*rows, strict=True)
    )
    return Figures(recall, precision, iou, characters)


class _Database(Protocol):
    """What is used of apsw, whose own annotations are partly unknown."""

    def execute(self, statement: str, bindings: Sequence[object] = ()) -> Iterator[tuple[int]]: ...

    def executemany(self, statement: str, rows: Iterator[Sequence[object]]) -> object: ...


class Embeddings:
    """Vectors of the local model, kept in a folder between runs."""

    def __init__(self, cache: Path) -> None:
        cache.mkdir(parents=True, exist_ok=True)
        self._cache = cache
        self._embedder = LocalEmbedder(load_settings().models_path)

    def of(self, texts: Sequence[str]) -> Vectors:
        """One unit vector a row."""
        key = hashlib.sha256("\0".join(texts).encode()).hexdigest()[:24]
        path = self._cache / f"chunking-{key}.npy"
        if not path.exists():
            rows = asyncio.run(self._embedder.embed_documents(texts))
            np.save(path, np.frombuffer(b"".join(rows), dtype="<f4").reshape(len(texts), -1))
        return cast("Vectors", np.load(path))


def main() -> None:
    """Print the tables."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--vectors", action="store_true", help="measure vectors and fusion too")
    arguments.add_argument("--cache", type=Path, default=Path("var/benchmarks"))
    arguments.add_argument("--k", type=int, default=5, help="passages for each question")
    given = arguments.parse_args()
    folder, best = cast("Path", given.folder), cast("int", given.k)
    texts, asked = documents(folder), questions(folder)
    embeddings = Embeddings(cast("Path", given.cache)) if given.vectors else None
    print(f"{len(texts)} documents, {len(asked)} questions, k={best}; {machine()}\n")
    print("| cut | passages | mean length | lane | part | recall | precision | IoU | characters |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, pieces, with_vectors in _ways(texts):
        _report(name, pieces, asked, best, embeddings if with_vectors else None)


def _ways(texts: Mapping[str, str]) -> Iterator[tuple[str, Sequence[Piece], bool]]:
    for size in STRUCTURE_SIZES:
        yield f"structure {size}", by_structure(texts, size), size in VECTOR_STRUCTURES
    for size, overlap in FIXED:
        name = f"fixed {size}" + (f" overlap {overlap}" if overlap else "")
        yield name, fixed(texts, size, overlap), (size, overlap) in VECTOR_FIXED


def _report(
    name: str,
    pieces: Sequence[Piece],
    asked: Sequence[Question],
    best: int,
    embeddings: Embeddings | None,
) -> None:
    lanes = {"BM25": list(full_text(pieces, asked))}
    if embeddings is not None:
        vectors = embeddings.of([piece.text for piece in pieces])
        questions_ = embeddings.of([question.text for question in asked])
        lanes["vectors"] = list(by_vectors(vectors, questions_))
        pairs = zip(lanes["BM25"], lanes["vectors"], strict=True)
        lanes["fused"] = [fused(*pair) for pair in pairs]
    mean = sum(len(piece.text) for piece in pieces) / len(pieces)
    for lane, rankings in lanes.items():
        parts: dict[str, Callable[[Piece], Span]] = {"span": lambda piece: piece.span}
        for reading in pieces[0].readings:
            if lane == "fused" or embeddings is None:
                parts[f"reading {reading}"] = lambda piece, size=reading: piece.readings[size]
        for part, of in parts.items():
            row = figures(pieces, asked, rankings, best, of)
            print(
                f"| {name} | {len(pieces):,} | {mean:.0f} | {lane} | {part} | {row.recall:.3f} "
                f"| {row.precision:.3f} | {row.iou:.3f} | {row.characters:,.0f} |",
                flush=True,
            )


def _characters(document: str, span: Span) -> set[tuple[str, int]]:
    return {(document, offset) for offset in range(span.start, span.end)}


def _lines(path: Path) -> Iterator[Mapping[str, object]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield cast("dict[str, object]", json.loads(line))


if __name__ == "__main__":
    main()
