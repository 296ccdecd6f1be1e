"""PostgreSQL beside SQLite over the same synthetic documents: searches, processes, ingestion, jobs, bytes.

    python -m benchmarks.scale postgresql+psycopg://user@host/empty-database [PASSAGES...] [--queries N] [--seconds S]
        [--copies N]

For each size (20000 unless given) the documents, questions and token vectors of `benchmarks.search_speed` are
stored in both libraries as `candor move` does, ten documents in a transaction. The database must be empty, and every
table in it is dropped at the end; both databases together take some 20 kB a passage. The graph of the vectors is made
after they are stored, and the postings are put in order, as the guide to several machines says. Lane by lane, every question is asked of both in turn, so that other work on the machine hits
both alike, and no lane finds what another one left in the caches. recall@10: of the vectors against the nearest of all, of BM25 against SQLite's. Beside the vectors, the same statement by the driver alone: no thread, no pool.

With `--copies` the server's rows are then copied until it holds N times as many passages, each with a vector of its
own, and it is asked the same questions again: the words are spread as before, and so is what a question has to read.

Then 1, 2 and 4 processes ask whole searches for `--seconds` at once. Ingestion is the embedding of one stored upload by
`CompleteVectors`, as servers and workers do it, in 1 and 3 processes, with an embedder that answers after 5 ms a text
and needs no processor: how far workers share out what a provider embeds. Jobs: 2,000 items whose work does nothing,
10 at once, by one process. CPU is that of our processes; PostgreSQL's own comes beside it.
"""

import argparse
import asyncio
import json
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias, cast

import numpy as np
import psycopg
import sqlalchemy as sa

from benchmarks import jobs
from benchmarks.machine import machine
from benchmarks.search_speed import GivenEmbedder, GivenTokens, Timings
from benchmarks.synthetic import (
    DIMENSIONS,
    PER_DOCUMENT,
    CheapEmbedder,
    Question,
    World,
    document,
    unit,
)
from services.index.document_shelf import DocumentCopy
from services.index.postgresql.binary_values import BinaryCursor, send_binary, sent
from services.index.postgresql.knowledge_server import SEARCHING, KnowledgeServer, ServerConnection
from services.index.postgresql.postings import BLOCK
from services.index.postgresql.server_lanes import ServerLanes
from services.index.postgresql.server_library import ServerLibrary, neighbours_index
from services.index.sqlite.database import KnowledgeDatabase
from services.index.sqlite.file_lanes import SqliteLanes
from services.index.sqlite.file_library import SqliteLibrary
from use_cases.kernel.fusion import Candidate
from use_cases.kernel.model import PassageVectors
from use_cases.knowledge.complete_vectors import CompleteVectors
from use_cases.knowledge.hybrid_search import SearchKnowledge
from use_cases.knowledge.model import ChunkPolicy, IndexIdentity, RetrievalPolicy
from use_cases.knowledge.prepare_document import identity_of
from use_cases.knowledge.token_matches import MatchTokens

_IDENTITY = IndexIdentity("benchmark", DIMENSIONS, "benchmark")
_ONE, _WHOLE = ", one category", "whole search"
_NAMES = ("vectors", f"vectors{_ONE}", "BM25", f"BM25{_ONE}", _WHOLE)
_AT_ONCE = 10_000
_PROCESSES = (1, 2, 4)
_WORKERS = (1, 3)
_ITEMS = 2_000
_WAITING = 3_000  # passages of one upload
_CATEGORY = "policies"
_HALF = f"halfvec({DIMENSIONS})"
_NEAREST = (
    "SELECT passage_id, embedding <#> %(vector)s::vector FROM candor_vectors"
    f" ORDER BY embedding::{_HALF} <#> (SELECT %(vector)s::vector::{_HALF})"
    f" LIMIT {RetrievalPolicy().vector_search_limit}"
).encode()
_TRIGGERS = (
    "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
    " AND prorettype = 'trigger'::regtype"
)
Lanes: TypeAlias = SqliteLanes | ServerLanes
_Found: TypeAlias = Sequence[Candidate]


async def build(
    libraries: Sequence[SqliteLibrary | ServerLibrary], size: int, queries: int
) -> tuple[Sequence[Question], Sequence[float]]:
    """Save everything in each library; the questions, and the seconds that each took."""
    world, tokens = World(size), GivenTokens(0)
    shelves = [library.shelf() for library in libraries]
    waiting = list[DocumentCopy]()
    asked = set(world.random.choice(size, min(queries, size), replace=False))
    questions: list[Question] = []
    seconds = [0.0 for _ in libraries]
    start = 0
    for vectors in world.blocks(size, _AT_ONCE):
        for block in np.split(vectors, range(PER_DOCUMENT, len(vectors), PER_DOCUMENT)):
            passages = [world.passage() for _ in block]
            held = [
                PassageVectors(row.tobytes(), tokens.blobs[(start + place) % len(tokens.blobs)])
                for place, row in enumerate(block)
            ]
            made = replace(document(start, passages, block), vectors=held)
            waiting.append(DocumentCopy(made, 0, "2026-01-01T00:00:00+00:00", [], [], _IDENTITY))
            if len(waiting) == shelves[0].batch or start + len(block) == size:
                for at, shelf in enumerate(shelves):
                    began = time.perf_counter()
                    await shelf.put(waiting)
                    seconds[at] += time.perf_counter() - began
                waiting.clear()
            questions += [
                world.question(passage, block[offset])
                for offset, passage in enumerate(passages)
                if start + offset in asked
            ]
            start += len(block)
        print(f"  {start} of {size} saved", file=sys.stderr, flush=True)
    return questions, seconds


class Side:
    """One of the two databases, and the time that each lane took in it."""

    def __init__(self, lanes: Lanes) -> None:
        self._lanes = lanes
        self._embedder = GivenEmbedder()
        matches = MatchTokens(lanes=lanes, vocabulary=lanes, token_embedder=GivenTokens(0))
        self._search = SearchKnowledge(lanes=lanes, embedder=self._embedder, matches=matches)
        self.timings = {name: Timings(name) for name in _NAMES}

    async def ask(self, lane: str, question: Question) -> _Found:
        """What one lane finds; what the whole search finds is not compared."""
        depth, lanes = RetrievalPolicy().vector_search_limit, self._lanes
        category = _CATEGORY if lane.endswith(_ONE) else None
        began = time.perf_counter()
        if lane == _WHOLE:
            found: _Found = await self.search(question)
        elif lane.startswith("BM25"):
            found = await lanes.matching(question.text, limit=depth, category=category)
        else:
            found = await lanes.nearest(question.vector, limit=depth, category=category)
            if len(found) < depth:
                raise SystemExit(f"A search for vectors found {len(found)} of {depth}.")
        self.timings[lane].milliseconds.append((time.perf_counter() - began) * 1000)
        return found

    async def search(self, question: Question) -> _Found:
        """The whole search."""
        self._embedder.vector = question.vector
        await self._search.search(question.text)
        return ()


async def compare(
    file: Side, side: Side, server: KnowledgeServer, address: str, asked: Sequence[Question]
) -> None:
    """Ask every question of each in turn, lane by lane, and of the bare driver; print the table."""
    print("| lane | SQLite p50 / p95 ms | PostgreSQL p50 / p95 ms | ratio | recall@10 |")
    print("|---|---|---|---|---|")
    for name in _NAMES:
        pairs = [(await file.ask(name, one), await side.ask(name, one)) for one in asked]
        if name.startswith("vectors"):
            best = [await nearest(server, name, question) for question in asked]
        else:
            best = [_ten(found) for found, _ in pairs]
        recalls = [_recall(ten, found) for ten, (_, found) in zip(best, pairs, strict=True)]
        recall = "" if name == _WHOLE else f"{np.mean(recalls):.4f}"
        one, other = file.timings[name], side.timings[name]
        times = (
            " / ".join(f"{each:.2f}" for each in np.percentile(timed.milliseconds, [50, 95]))
            for timed in (one, other)
        )
        print(f"| {name} | {' | '.join(times)} | {other.p50 / one.p50:.2f} | {recall} |")
    place = sa.make_url(address).set(drivername="postgresql")
    driver, beside = Timings("driver"), file.timings[_NAMES[0]].p50
    with psycopg.connect(
        place.render_as_string(hide_password=False),
        autocommit=True,
        cursor_factory=BinaryCursor,
        options=SEARCHING,
    ) as at:
        send_binary(at, None)
        for question in asked:
            await file.ask(_NAMES[0], question)
            driver.milliseconds.append(ask_driver(at, question))
    p50, p95 = np.percentile(driver.milliseconds, [50, 95])
    print(f"| vectors, the driver alone | | {p50:.2f} / {p95:.2f} | {p50 / beside:.2f} | |")


def ask_driver(at: "psycopg.Connection[Any]", question: Question) -> float:
    """Ask for the nearest vectors in this thread, without a look at what the library is; the milliseconds."""
    began = time.perf_counter()
    at.execute(_NEAREST, {"vector": sent(question.vector)}).fetchall()
    return (time.perf_counter() - began) * 1000


async def nearest(server: KnowledgeServer, lane: str, question: Question) -> set[int]:
    """The ten nearest passages of all, compared one by one."""
    where = f" WHERE category_key = '{_CATEGORY}'" if lane.endswith(_ONE) else ""
    exactly = (
        f"SELECT passage_id FROM candor_vectors{where} ORDER BY embedding <#> :vector::vector"
        " LIMIT 10"
    )
    find = partial(ServerConnection.rows, sql=exactly, values={"vector": sent(question.vector)})
    return {cast("int", one) for (one,) in await server.read(find)}


def _ten(found: _Found) -> set[int]:
    return {one.passage_id for one in found[:10]}


def _recall(best: set[int], found: _Found) -> float:
    return len(best & _ten(found)) / 10


_OTHERS = {
    "number": "number + {number}",
    "document": "document + {number}",
    "document_id": "document_id || '-{copy}'",
    "uri": "uri || '-{copy}'",
    "name": "name || '-{copy}'",
    "family": "family || '-{copy}'",
    "version_id": "version_id + {copy}",
    "passage_id": "passage_id + {passage}",
    "block": "block + {block}",
}
"""What another row is in a copy of a row; the rest is the same."""
_COPIED = (
    ("candor_documents", "number"),
    ("candor_versions", "document"),
    ("candor_passages", "passage_id"),
    ("candor_postings", "block"),
    ("candor_tokens", "passage_id"),
)


def copy_rows(address: str, size: int, questions: int, copies: int) -> None:
    """Copy all rows of the server so often, each passage with a vector of its own."""
    place = sa.make_url(address).set(drivername="postgresql")
    with psycopg.connect(place.render_as_string(hide_password=False)) as at:
        at.execute("DROP INDEX candor_vectors_by_direction")
        [last] = at.execute("SELECT max(number) FROM candor_documents").fetchall()
        passages = at.execute(
            "SELECT passage_id, category_key FROM candor_vectors ORDER BY 1"
        ).fetchall()
        blocks = 1 + passages[-1][0] // BLOCK
        bases = {
            "number": last[0],
            "document": last[0],
            "passage_id": passages[-1][0],
            "block": blocks - 1,
        }
        world = World(size)
        world.random.choice(
            size, questions, replace=False
        )  # as `build`, so that all are of one kind
        # The first ones may be those of the rows themselves.
        vectors = world.blocks((copies + 1) * len(passages), len(passages))
        for copy, made in enumerate(islice(vectors, 1, None), 1):
            moved = {
                "copy": copy,
                "number": copy * last[0],
                "passage": copy * blocks * BLOCK,
                "block": copy * blocks,
            }
            for table, key in _COPIED:
                names = at.execute(
                    "SELECT column_name FROM information_schema.columns WHERE table_name = %s"
                    " AND table_schema = 'public' ORDER BY ordinal_position",
                    (table,),
                ).fetchall()
                others = [_OTHERS.get(name, str(name)).format(**moved) for (name,) in names]
                at.execute(
                    f"INSERT INTO {table} ({', '.join(name for (name,) in names)}) OVERRIDING SYSTEM VALUE"
                    f" SELECT {', '.join(others)} FROM {table} WHERE {key} <= {bases[key]}".encode()
                )
            with at.cursor().copy("COPY candor_vectors FROM STDIN") as rows:
                for (passage_id, category), vector in zip(passages, made, strict=True):
                    rows.write_row(
                        (passage_id + moved["passage"], category, json.dumps(vector.tolist()))
                    )
            print(f"  {copy} of {copies} copied", file=sys.stderr, flush=True)
        at.execute("UPDATE candor_terms SET passages = passages * %s", (copies + 1,))
        at.execute("UPDATE candor_meta SET value = gen_random_uuid() WHERE key = 'made'")


async def ask_again(server: KnowledgeServer, before: Side, asked: Sequence[Question]) -> None:
    """Print the times of the server's lanes now, beside those of before."""
    side, recalls = Side(ServerLanes(server)), list[float]()
    print("\n| lane | p50 / p95 ms | p50 of before | ratio |\n|---|---|---|---|")
    for name in _NAMES:
        found = [await side.ask(name, question) for question in asked]
        if name == _NAMES[0]:
            best = [await nearest(server, name, question) for question in asked]
            recalls = list(map(_recall, best, found))
        now, then = side.timings[name], before.timings[name]
        p50, p95 = np.percentile(now.milliseconds, [50, 95])
        print(f"| {name} | {p50:.2f} / {p95:.2f} | {then.p50:.2f} | {p50 / then.p50:.2f} |")
    print(f"recall@10 of the vectors: {np.mean(recalls):.4f}\n")


@asynccontextmanager
async def lanes_at(place: str) -> AsyncGenerator[Lanes]:
    """The lanes of a file, or of a server."""
    database = KnowledgeServer(place) if "://" in place else KnowledgeDatabase(Path(place))
    try:
        if isinstance(database, KnowledgeServer):
            yield ServerLanes(database)
        else:
            yield SqliteLanes(database, in_memory=True)
    finally:
        await database.close()


@asynccontextmanager
async def library_at(place: str) -> AsyncGenerator[SqliteLibrary | ServerLibrary]:
    """The library of a file, or of a server."""
    database = KnowledgeServer(place) if "://" in place else KnowledgeDatabase(Path(place))
    try:
        if isinstance(database, KnowledgeServer):
            yield ServerLibrary(database)
        else:
            yield SqliteLibrary(database)
    finally:
        await database.close()


async def ask_for(place: str, asked: Sequence[Question], seconds: float) -> None:
    """Ask whole searches one after another from the moment a line comes; print what was done."""
    async with lanes_at(place) as lanes:
        side = Side(lanes)
        await side.search(asked[0])
        _begin_together()
        count, began, processor = 0, time.perf_counter(), time.process_time()
        while time.perf_counter() < began + seconds:
            await side.search(asked[count % len(asked)])
            count += 1
        _say(count, time.perf_counter() - began, time.process_time() - processor)


class ElsewhereEmbedder(CheapEmbedder):
    """As a provider's: 5 ms a text, and the same little processor for each."""

    async def embed_passages(self, texts: Sequence[str]) -> Sequence[PassageVectors]:
        """After a while."""
        self._texts += len(texts)
        await asyncio.sleep(0.005 * len(texts))
        made = unit(self._random.standard_normal((len(texts), DIMENSIONS), np.float32))
        return [PassageVectors(each.tobytes()) for each in made]

    def __init__(self) -> None:
        self._texts = 0
        self._random = np.random.default_rng()

    @property
    def texts(self) -> int:
        """How many it has embedded."""
        return self._texts


async def embed_at(place: str) -> None:
    """Embed what waits from the moment a line comes; print what was done."""
    async with library_at(place) as library:
        embedder = ElsewhereEmbedder()
        vectors = CompleteVectors(library=library, embedder=embedder, chunks=ChunkPolicy())
        await vectors.missing()
        _begin_together()
        began, processor = time.perf_counter(), time.process_time()
        async for _ in vectors.stream(shared=True):
            pass
        _say(embedder.texts, time.perf_counter() - began, time.process_time() - processor)


def _begin_together() -> None:
    print("ready", flush=True)
    sys.stdin.readline()


def _say(count: int, seconds: float, processor: float) -> None:
    print(json.dumps([count, seconds, processor]), flush=True)


def together(count: int, *arguments: str) -> tuple[int, float, float]:
    """Run so many processes of this program at once; how much they did, in how long, and their CPU seconds."""
    command = [sys.executable, "-m", "benchmarks.scale", *arguments]
    started = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(count)
    ]
    for each in started:
        if each.stdout is None or each.stdout.readline() != "ready\n":
            raise SystemExit("A process did not begin.")
    for each in started:
        if each.stdin is not None:
            each.stdin.write("\n")
            each.stdin.flush()
    said = [json.loads(each.communicate()[0]) for each in started]
    done, seconds, processor = zip(*said, strict=True)
    return sum(done), max(seconds), sum(processor)


async def print_processes(places: Sequence[str], questions: Path, seconds: float) -> None:
    """Print the questions a second."""
    sides = ("PostgreSQL", "SQLite")[len(places) - 1 :: -1]
    print(f"\n| processes |{''.join(f' {one} questions/s, CPU ms |' for one in sides)}")
    print("|---|" + "---|" * len(sides))
    for count in _PROCESSES:
        cells = list[str]()
        for place in places:
            asking = ("--ask", place, "--questions", str(questions), "--seconds", str(seconds))
            done, took, cpu = await asyncio.to_thread(together, count, *asking)
            cells.append(f"{done / took:.1f}, {1000 * cpu / done:.1f}")
        print(f"| {count} | {' | '.join(cells)} |", flush=True)


async def print_ingestion(places: Sequence[str]) -> None:
    """Print the passages a second that workers embed; a file's are one process's."""
    print(
        "\n| database | workers | passages/s | CPU ms a passage | texts embedded twice |\n|---|---|---|---|---|"
    )
    world = World(1)
    for name, place in zip(("SQLite", "PostgreSQL"), places, strict=True):
        async with library_at(place) as library:
            await library.prepare(identity_of(CheapEmbedder(), ChunkPolicy()))
            for run, count in enumerate(_WORKERS if name == "PostgreSQL" else _WORKERS[:1]):
                passages = [world.passage() for _ in range(_WAITING)]
                block = np.zeros((_WAITING, DIMENSIONS), np.float32)
                await library.save(replace(document(run, passages, block), vectors=[]))
                counted = await library.statistics()
                waiting = counted.passages - counted.vectors
                done, took, cpu = await asyncio.to_thread(together, count, "--embed", place)
                left = await library.statistics()
                if left.passages > left.vectors:
                    raise SystemExit(f"{left.passages - left.vectors} passages have no vector.")
                print(
                    f"| {name} | {count} | {waiting / took:.0f} | {1000 * cpu / done:.2f} | {done - waiting} |",
                    flush=True,
                )


async def print_jobs(places: Sequence[str]) -> None:
    """Print what an item costs."""
    print("\n| database | items/s | CPU ms an item |\n|---|---|---|")
    for name, place in zip(("SQLite", "PostgreSQL"), places, strict=True):
        found = await jobs.measured(_ITEMS, 10, place if "://" in place else Path(place))
        each = 1000 * found["cpu"] / _ITEMS
        print(f"| {name} | {_ITEMS / found['wall']:.0f} | {each:.2f} |", flush=True)


async def settle(server: KnowledgeServer) -> float:
    """Make the graph of the vectors, put the postings in order, and count everything; the seconds of the graph."""
    began = time.perf_counter()
    await server.write(lambda at: at.execute(neighbours_index(DIMENSIONS)))
    seconds = time.perf_counter() - began
    await server.write(lambda at: at.execute("CLUSTER candor_postings USING candor_postings_pkey"))
    await server.write(lambda at: at.execute("ANALYZE"))
    return seconds


async def measure(address: str, size: int, queries: int, seconds: float, copies: int) -> None:
    """Build, measure and clear one size."""
    with tempfile.TemporaryDirectory() as temporary:
        database = KnowledgeDatabase(Path(temporary) / "knowledge.sqlite")
        server = KnowledgeServer(address)
        places = str(database.path), address
        libraries = SqliteLibrary(database), ServerLibrary(server)
        for each in libraries:
            await each.prepare(_IDENTITY)
        try:
            await server.write(lambda at: at.execute("DROP INDEX candor_vectors_by_direction"))
            questions, saved = await build(libraries, size, queries)
            graph = await settle(server)
            print(f"\n{size} passages, {len(questions)} questions\n")
            file, held = database.path.stat().st_size, await server.read(_bytes)
            print(f"saved in {saved[0]:.0f} s and {saved[1]:.0f} s, the graph in {graph:.0f} s")
            print(f"{file / size / 1000:.1f} kB and {held / size / 1000:.1f} kB a passage\n")
            sides = Side(SqliteLanes(database, in_memory=True)), Side(ServerLanes(server))
            await compare(*sides, server, address, questions)
            asked = Path(temporary) / "questions.pickle"
            asked.write_bytes(pickle.dumps(questions))
            await print_processes(places, asked, seconds)
            if copies > 1:
                await asyncio.to_thread(copy_rows, address, size, len(questions), copies - 1)
                graph, held = await settle(server), await server.read(_bytes)
                print(f"\n{copies * size} passages: the graph in {graph:.0f} s,", end=" ")
                print(f"{held / size / copies / 1000:.1f} kB a passage")
                await ask_again(server, sides[1], questions)
                await print_processes(places[1:], asked, seconds)
        finally:
            await server.close()
            await database.close()
            await asyncio.to_thread(clear, address)


async def measure_work(address: str) -> None:
    """Measure ingestion and jobs, each in empty databases."""
    with tempfile.TemporaryDirectory() as temporary:
        try:
            await print_ingestion((str(Path(temporary) / "knowledge.sqlite"), address))
            await print_jobs((str(Path(temporary) / "candor.sqlite"), address))
        finally:
            await asyncio.to_thread(clear, address)


def _bytes(connection: ServerConnection) -> int:
    return connection.number(
        "SELECT sum(pg_total_relation_size(oid))::bigint FROM pg_class WHERE relkind = 'r'"
        " AND relnamespace = 'public'::regnamespace"
    )


def clear(address: str) -> None:
    """Drop every table, and what is called where one changes."""
    engine = sa.create_engine(sa.make_url(address).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        for name in sa.inspect(connection).get_table_names():
            connection.exec_driver_sql(f"DROP TABLE {name} CASCADE")
        for name in connection.exec_driver_sql(_TRIGGERS).scalars().all():
            connection.exec_driver_sql(f"DROP FUNCTION {name}")
    engine.dispose()


def main() -> None:
    """Read the arguments, measure each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address", nargs="?", default="")
    parser.add_argument("sizes", nargs="*", type=int, default=[20_000])
    parser.add_argument("--queries", type=int, default=100)
    parser.add_argument("--copies", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=10)
    for hidden in ("--ask", "--embed", "--questions"):
        parser.add_argument(hidden, default="", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    seconds = cast("float", arguments.seconds)
    if place := cast("str", arguments.ask):
        questions = pickle.loads(Path(arguments.questions).read_bytes())
        asyncio.run(ask_for(place, questions, seconds))
        return
    if place := cast("str", arguments.embed):
        asyncio.run(embed_at(place))
        return
    print(machine())
    address, queries = cast("str", arguments.address), cast("int", arguments.queries)
    copies = cast("int", arguments.copies)
    for size in cast("list[int]", arguments.sizes):
        asyncio.run(measure(address, size, queries, seconds, copies))
    asyncio.run(measure_work(address))


if __name__ == "__main__":
    main()
