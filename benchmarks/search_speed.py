"""How long a search takes, part by part, beside a plain numpy product over the same vectors.

    python -m benchmarks.search_speed [PASSAGES...] [--queries N] [--vectors FILE.npy] [--folder DIR | --keep DIR]

For each size (1000, 10000 and 100000 unless given) a knowledge base is built through the library
from synthetic text (Zipf-distributed words, half of them function words, 130 to a passage) and
synthetic vectors (200 topics, documents of 10 passages, 384 dimensions, a spectrum falling as
i^-0.5 in a random basis, a common direction), or from the first rows of a matrix of real
embeddings. Questions have 12 words of one passage, half of them function words, and a vector near
it. Every way is timed in turn, question by question, so that other work on the machine hits
all alike; but the product first, for all questions, because BLAS's threads run on for a while after
it, on the core that the second lane of a search needs. Lanes are asked as deep as the product asks
them; recall@10 is against the exact product. Each passage has 100 token vectors (random ones), of
which the best 30 are compared with the 12 of each question. Memory is measured in a process that only opens the knowledge base and searches.
Everything is written below `--folder` (a temporary folder) and deleted; `--keep` leaves the knowledge base of each
size in a folder of its own, and asks the one that is there instead of building it anew.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar, cast

import anyio.to_thread
import numpy as np
from numpy.typing import NDArray

from benchmarks.machine import machine
from benchmarks.synthetic import (
    DIMENSIONS,
    PER_DOCUMENT,
    Matrix,
    Question,
    World,
    document,
    unit,
)
from services.embeddings.vectors import compare as compare_tokens
from services.embeddings.vectors import nearest as nearest_tokens
from services.embeddings.vectors import pack_tokens
from services.index.sqlite.database import KnowledgeDatabase
from services.index.sqlite.file_lanes import SqliteLanes
from services.index.sqlite.file_library import SqliteLibrary
from use_cases.kernel.model import PassageVectors, Vector
from use_cases.knowledge.hybrid_search import SearchKnowledge
from use_cases.knowledge.model import ComparedTokens, IndexIdentity, RetrievalPolicy
from use_cases.knowledge.token_matches import MatchTokens

T = TypeVar("T")
_TOKENS = 100  # of a passage: a full one of English prose has 80 to 110
_QUESTIONS = "questions.json"  # written last, so that a folder with it is whole
_BLOBS = 64  # different passages' token vectors


@dataclass(slots=True)
class Timings:
    """Milliseconds of one way of asking."""

    name: str
    milliseconds: list[float] = field(default_factory=list[float])

    def __str__(self) -> str:
        p50, p95 = np.percentile(self.milliseconds, [50, 95])
        return f"| {self.name} | {p50:.2f} | {p95:.2f} |"

    @property
    def p50(self) -> float:
        """The median."""
        return float(np.median(self.milliseconds))


class GivenEmbedder:
    """Port `Embedder` that returns the vector it was given: the model is measured elsewhere."""

    vector: Vector = b""
    id = "benchmark"
    dimensions = DIMENSIONS

    async def embed_documents(self, texts: Sequence[str]) -> Sequence[Vector]:
        """The same vector for every text."""
        return [self.vector for _ in texts]

    async def embed_passages(self, texts: Sequence[str]) -> Sequence[PassageVectors]:
        """The same vector for every text, alone."""
        return [PassageVectors(self.vector) for _ in texts]

    async def embed_query(self, text: str) -> Vector:
        """The given vector."""
        return self.vector


class GivenTokens:
    """Port `TokenEmbedder`: token vectors of its own, compared by the product's code."""

    def __init__(self, seed: int) -> None:
        states = np.random.default_rng(seed).standard_normal((_BLOBS, _TOKENS, DIMENSIONS))
        self._states = states.astype(np.float32)
        places = [(6 * place, 6 * place + 5) for place in range(_TOKENS)]
        self.blobs = [pack_tokens(rows, places) for rows in self._states]

    async def question_words(self, question: str) -> Sequence[str]:
        """The words, but for the question mark."""
        return question.rstrip("?").split()

    async def compare_tokens(
        self, question: str, stored: Sequence[bytes]
    ) -> Sequence[ComparedTokens | None]:
        """Compare the first token of some passages with the stored ones."""
        return await anyio.to_thread.run_sync(compare_tokens, self._asked(question), stored)

    async def nearest_tokens(
        self, question: str, stored: Sequence[bytes]
    ) -> Sequence[Sequence[float] | None]:
        """Compare the same tokens; the best cosines alone."""
        return await anyio.to_thread.run_sync(nearest_tokens, self._asked(question), stored)

    def _asked(self, question: str) -> Matrix:
        return unit(self._states[: len(question.split()), 0])


async def build(folder: Path, vectors: Matrix, world: World, queries: int) -> Sequence[Question]:
    """Save everything through the library; the questions to ask."""
    database = KnowledgeDatabase(folder / "knowledge.sqlite")
    library = SqliteLibrary(database)
    await library.prepare(IndexIdentity("benchmark", DIMENSIONS, "benchmark"))
    tokens = GivenTokens(0)
    asked = set(world.random.choice(len(vectors), min(queries, len(vectors)), replace=False))
    questions: list[Question] = []
    for start in range(0, len(vectors), PER_DOCUMENT):
        block = vectors[start : start + PER_DOCUMENT]
        passages = [world.passage() for _ in block]
        made = document(start, passages, block)
        held = [
            PassageVectors(row.tobytes(), tokens.blobs[(start + place) % _BLOBS])
            for place, row in enumerate(block)
        ]
        await library.save(replace(made, vectors=held))
        for offset, passage in enumerate(passages):
            if start + offset in asked:
                questions.append(world.question(passage, block[offset]))
    await database.close()
    return questions


async def compare(folder: Path, vectors: Matrix, questions: Sequence[Question]) -> None:
    """Ask every question every way; print the table."""
    database = KnowledgeDatabase(folder / "knowledge.sqlite")
    held = SqliteLanes(database, in_memory=True)
    embedder = GivenEmbedder()
    matches = MatchTokens(lanes=held, vocabulary=held, token_embedder=GivenTokens(0))
    # Lanes of its own, or it would find the words of the question where the lane has just read them.
    whole = SqliteLanes(database, in_memory=True)
    search = SearchKnowledge(
        lanes=whole,
        embedder=embedder,
        matches=MatchTokens(lanes=whole, vocabulary=whole, token_embedder=GivenTokens(0)),
    )
    depth = RetrievalPolicy().vector_search_limit
    started = time.perf_counter()
    await held.nearest(questions[0].vector, limit=depth)
    loaded = time.perf_counter() - started
    await whole.nearest(questions[0].vector, limit=depth)
    ways = [
        Timings(name)
        for name in (
            "numpy product, float32, top 100",
            "vector lane, sign bits in memory",
            "vector lane, sign bits, one category",
            "BM25 lane",
            "BM25 lane, one category",
            "texts of 5 passages",
            "30 passages by tokens",
            "whole search (5 passages, sign bits)",
        )
    ]
    recalled = list[float]()
    exact = [
        await _timed(ways[0], lambda v=question.vector: _product(vectors, v, depth))
        for question in questions
    ]
    for question, best in zip(questions, exact, strict=True):
        embedder.vector = question.vector
        vector, text = question.vector, question.text
        found = await _timed(ways[1], lambda v=vector: held.nearest(v, limit=depth))
        await _timed(ways[2], lambda v=vector: held.nearest(v, limit=depth, category="policies"))
        await _timed(ways[3], lambda t=text: held.matching(t, limit=depth))
        await _timed(ways[4], lambda t=text: held.matching(t, limit=depth, category="policies"))
        shown = [candidate.passage_id for candidate in found[:5]]
        await _timed(ways[5], lambda ids=shown: held.passages(ids))
        best_ids = [
            candidate.passage_id for candidate in found[: RetrievalPolicy().rescored_passages]
        ]
        await _timed(ways[6], lambda t=text, ids=best_ids: matches.scores(t, ids))
        await _timed(ways[7], lambda t=text: search.search(t))
        top = {candidate.passage_id - 1 for candidate in found[:10]}
        recalled.append(len(top & set(best[:10].tolist())) / 10)
    await database.close()
    print(f"\n{len(vectors)} passages, {len(questions)} questions\n")
    print("| way | p50 ms | p95 ms |\n|---|---|---|")
    print("\n".join(map(str, ways)))
    print(f"\nsign bits against the product: {ways[1].p50 / ways[0].p50:.2f} of its time,", end=" ")
    print(f"recall@10 {np.mean(recalled):.4f}; loaded in {loaded * 1000:.0f} ms")
    parts = ways[1].p50 + ways[3].p50 + ways[5].p50 + ways[6].p50
    print(f"whole search against the sum of its parts: {ways[7].p50 / parts:.2f}")


async def _product(vectors: Matrix, vector: Vector, depth: int) -> NDArray[np.intp]:
    scores = vectors @ np.frombuffer(vector, "<f4")
    depth = min(depth, len(scores) - 1)
    best = np.argpartition(-scores, depth)[:depth]
    return best[np.argsort(-scores[best])]


async def _timed(timings: Timings, work: Callable[[], Awaitable[T]]) -> T:
    started = time.perf_counter()
    result = await work()
    timings.milliseconds.append((time.perf_counter() - started) * 1000)
    return result


def kept_questions(folder: Path) -> Sequence[Question]:
    """The questions that were made with the knowledge base of a folder."""
    pairs = cast("list[tuple[str, str]]", json.loads((folder / _QUESTIONS).read_text()))
    return [Question(text, bytes.fromhex(vector)) for text, vector in pairs]


async def remember(folder: Path) -> None:
    """Open the knowledge base as a server does, ask, print this process's memory."""
    questions = kept_questions(folder)
    database = KnowledgeDatabase(folder / "knowledge.sqlite")
    embedder = GivenEmbedder()
    lanes = SqliteLanes(database, in_memory=True)
    matches = MatchTokens(lanes=lanes, vocabulary=lanes, token_embedder=GivenTokens(0))
    search = SearchKnowledge(lanes=lanes, embedder=embedder, matches=matches)
    before = _status_megabytes("RssAnon")
    for question in questions:
        embedder.vector = question.vector
        await search.search(question.text)
    after = _status_megabytes("RssAnon")
    await database.close()
    peak = _status_megabytes("VmHWM")
    print(
        f"memory of a process that only searches: {after:.0f} MB of its own ({before:.0f} before"
        f" the first search); peak {peak:.0f} MB with the pages of the file that the system maps"
    )


def _status_megabytes(name: str) -> float:
    # Not getrusage: its maximum begins with the memory of the process that started this one.
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    return 0.0


def measure(folder: Path, size: int, queries: int, real: Path | None) -> None:
    """Build and measure one size."""
    world = World(size)
    vectors = unit(cast("Matrix", np.load(real))[:size]) if real else world.vectors(size)
    if not (folder / _QUESTIONS).exists():
        (folder / "knowledge.sqlite").unlink(missing_ok=True)
        started = time.perf_counter()
        made = asyncio.run(build(folder, vectors, world, queries))
        built = time.perf_counter() - started
        print(f"saved in {built:.0f} s ({len(vectors) / built:.0f} passages/s)")
        pairs = [(question.text, question.vector.hex()) for question in made]
        (folder / _QUESTIONS).write_text(json.dumps(pairs))
    asyncio.run(compare(folder, vectors, kept_questions(folder)[:queries]))
    print(f"the file has {(folder / 'knowledge.sqlite').stat().st_size / 1e6:.0f} MB")
    command = [sys.executable, "-m", "benchmarks.search_speed", "--remember", str(folder)]
    subprocess.run(command, check=True)


def main() -> None:
    """Read the arguments, measure each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[1_000, 10_000, 100_000])
    parser.add_argument("--queries", type=int, default=100)
    parser.add_argument("--vectors", type=Path, default=None)
    parser.add_argument("--folder", type=Path, default=None)
    parser.add_argument("--keep", type=Path, default=None)
    parser.add_argument("--remember", type=Path, default=None, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.remember:
        asyncio.run(remember(cast("Path", arguments.remember)))
        return
    print(machine())
    queries, real = cast("int", arguments.queries), cast("Path | None", arguments.vectors)
    kept = cast("Path | None", arguments.keep)
    for size in cast("list[int]", arguments.sizes):
        if kept is not None:
            (kept / str(size)).mkdir(parents=True, exist_ok=True)
            measure(kept / str(size), size, queries, real)
            continue
        with tempfile.TemporaryDirectory(dir=cast("Path | None", arguments.folder)) as temporary:
            measure(Path(temporary), size, queries, real)


if __name__ == "__main__":
    main()
