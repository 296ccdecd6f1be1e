"""How long a search takes in PostgreSQL beside SQLite, lane by lane, over the same synthetic documents.

    python -m benchmarks.scale postgresql+psycopg://user@host/empty-database [PASSAGES...] [--queries N]

For each size (20000 unless given) the documents, questions and token vectors of `benchmarks.search_speed` are
saved through both libraries. The database must be empty, and every table in it is dropped at the end. The graph
of the vectors is made after they are stored. Every question is asked of both in turn, lane by lane, so that other
work on the machine hits both alike. recall@10: of the vectors against SQLite's exact table, of BM25 against
SQLite's.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias, TypeVar, cast

import numpy as np
import sqlalchemy as sa

from benchmarks.machine import machine
from benchmarks.search_speed import GivenEmbedder, GivenTokens, Timings
from benchmarks.synthetic import DIMENSIONS, PER_DOCUMENT, Question, World, document
from services.index.postgresql.knowledge_server import KnowledgeServer, ServerConnection
from services.index.postgresql.server_lanes import ServerLanes
from services.index.postgresql.server_library import ServerLibrary, neighbours_index
from services.index.sqlite.database import KnowledgeDatabase
from services.index.sqlite.file_lanes import SqliteLanes
from services.index.sqlite.file_library import SqliteLibrary
from use_cases.kernel.fusion import Candidate
from use_cases.kernel.model import PassageVectors
from use_cases.knowledge.hybrid_search import SearchKnowledge
from use_cases.knowledge.model import IndexIdentity, RetrievalPolicy
from use_cases.knowledge.token_matches import MatchTokens

T = TypeVar("T")
_IDENTITY = IndexIdentity("benchmark", DIMENSIONS, "benchmark")
_NAMES = ("vectors", "vectors, one category", "BM25", "BM25, one category", "whole search")
_Lanes: TypeAlias = SqliteLanes | ServerLanes
_Found: TypeAlias = Sequence[Candidate]


async def build(
    libraries: Sequence[SqliteLibrary | ServerLibrary], size: int, queries: int
) -> tuple[Sequence[Question], Sequence[float]]:
    """Save everything in each library; the questions, and the seconds that each took."""
    world, tokens = World(size), GivenTokens(0)
    vectors = world.vectors(size)
    asked = set(world.random.choice(size, min(queries, size), replace=False))
    questions: list[Question] = []
    seconds = [0.0 for _ in libraries]
    for start in range(0, size, PER_DOCUMENT):
        block = vectors[start : start + PER_DOCUMENT]
        passages = [world.passage() for _ in block]
        held = [
            PassageVectors(row.tobytes(), tokens.blobs[(start + place) % len(tokens.blobs)])
            for place, row in enumerate(block)
        ]
        made = replace(document(start, passages, block), vectors=held)
        for at, library in enumerate(libraries):
            began = time.perf_counter()
            await library.save(made)
            seconds[at] += time.perf_counter() - began
        questions += [
            world.question(passage, block[offset])
            for offset, passage in enumerate(passages)
            if start + offset in asked
        ]
    return questions, seconds


class Side:
    """One of the two databases, and the time that each lane took in it."""

    def __init__(self, lanes: _Lanes) -> None:
        self._lanes = lanes
        self._embedder = GivenEmbedder()
        matches = MatchTokens(lanes=lanes, vocabulary=lanes, token_embedder=GivenTokens(0))
        self._search = SearchKnowledge(lanes=lanes, embedder=self._embedder, matches=matches)
        self.timings = [Timings(name) for name in _NAMES]

    async def ask(self, question: Question) -> tuple[_Found, _Found]:
        """The nearest and the best matching passages."""
        depth, lanes = RetrievalPolicy().vector_search_limit, self._lanes
        self._embedder.vector = vector = question.vector
        text, category = question.text, "policies"
        near = await self._timed(0, lambda: lanes.nearest(vector, limit=depth))
        inside = await self._timed(1, lambda: lanes.nearest(vector, limit=depth, category=category))
        if len(inside) < depth:
            raise SystemExit(f"A filter found {len(inside)} of {depth}.")
        matching = await self._timed(2, lambda: lanes.matching(text, limit=depth))
        await self._timed(3, lambda: lanes.matching(text, limit=depth, category=category))
        await self._timed(4, lambda: self._search.search(text))
        return near, matching

    async def _timed(self, at: int, work: Callable[[], Awaitable[T]]) -> T:
        began = time.perf_counter()
        result = await work()
        self.timings[at].milliseconds.append((time.perf_counter() - began) * 1000)
        return result


async def compare(file: Side, server: Side, exact: SqliteLanes, asked: Sequence[Question]) -> None:
    """Ask every question of each in turn; print the table."""
    vectors: list[float] = []
    words: list[float] = []
    for question in asked:
        best = await exact.nearest(question.vector, limit=10)
        _, matching = await file.ask(question)
        near, matched = await server.ask(question)
        vectors.append(_shared(best, near))
        words.append(_shared(matching, matched))
    print("| lane | SQLite p50 ms | PostgreSQL p50 ms | ratio |\n|---|---|---|---|")
    for one, other in zip(file.timings, server.timings, strict=True):
        print(f"| {one.name} | {one.p50:.2f} | {other.p50:.2f} | {other.p50 / one.p50:.2f} |")
    print(f"\nrecall@10: vectors {np.mean(vectors):.4f}, BM25 {np.mean(words):.4f}")


def _shared(best: _Found, found: _Found) -> float:
    return len({one.passage_id for one in best[:10]} & {one.passage_id for one in found[:10]}) / 10


async def measure(address: str, size: int, queries: int) -> None:
    """Build, measure and clear one size."""
    with tempfile.TemporaryDirectory() as temporary:
        database = KnowledgeDatabase(Path(temporary) / "knowledge.sqlite")
        server = KnowledgeServer(address)
        libraries = SqliteLibrary(database), ServerLibrary(server)
        for each in libraries:
            await each.prepare(_IDENTITY)
        try:
            await server.write(lambda at: at.execute("DROP INDEX candor_vectors_by_direction"))
            questions, seconds = await build(libraries, size, queries)
            began = time.perf_counter()
            await server.write(lambda at: at.execute(neighbours_index(DIMENSIONS)))
            graph = time.perf_counter() - began
            await server.write(lambda at: at.execute("ANALYZE"))
            print(f"\n{size} passages, {len(questions)} questions\n")
            sides = Side(SqliteLanes(database, in_memory=True)), Side(ServerLanes(server))
            await compare(*sides, SqliteLanes(database, in_memory=False), questions)
            held = await server.read(_megabytes)
            file = database.path.stat().st_size / 1e6
            print(f"saved in {seconds[0]:.0f} s and {seconds[1]:.0f} s, the graph in {graph:.0f} s")
            print(f"{file:.0f} MB and {held:.0f} MB", flush=True)
        finally:
            await server.close()
            await database.close()
            await asyncio.to_thread(_clear, address)


def _megabytes(connection: ServerConnection) -> float:
    return connection.number("SELECT pg_database_size(current_database())") / 1e6


def _clear(address: str) -> None:
    engine = sa.create_engine(sa.make_url(address).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        for name in sa.inspect(connection).get_table_names():
            connection.exec_driver_sql(f"DROP TABLE {name} CASCADE")
    engine.dispose()


def main() -> None:
    """Read the arguments, measure each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address")
    parser.add_argument("sizes", nargs="*", type=int, default=[20_000])
    parser.add_argument("--queries", type=int, default=100)
    arguments = parser.parse_args()
    print(machine())
    address, queries = cast("str", arguments.address), cast("int", arguments.queries)
    for size in cast("list[int]", arguments.sizes):
        asyncio.run(measure(address, size, queries))


if __name__ == "__main__":
    main()
