"""Knowledge of an older Candor: brought into the form of today when it is opened, whole or not at all.

A file of version 1 has vectors of floats; it and version 2 have no families of documents.
"""

# ruff: noqa: ASYNC240  (nothing else waits for the event loop of these tests)

from dataclasses import replace
from pathlib import Path

import apsw
import numpy as np
import pytest

from services.index.postgresql import postings
from services.index.postgresql.knowledge_server import KnowledgeServer
from services.index.postgresql.server_lanes import ServerLanes
from services.index.postgresql.server_library import ServerLibrary
from services.index.relations import Value
from services.index.sqlite import database as module
from services.index.sqlite.connection import Connection, Values
from services.index.sqlite.database import KnowledgeDatabase
from services.index.sqlite.file_lanes import SqliteLanes
from services.index.sqlite.file_library import SqliteLibrary
from services.index.sqlite.vector_table import rewrite_vectors
from tests.fakes.documents import a_document
from tests.postgres import knowledge_server, needs_any_server
from use_cases.kernel.errors import StorageReadOnly
from use_cases.kernel.model import PassageVectors
from use_cases.knowledge.model import IndexIdentity

pytestmark = pytest.mark.anyio

DIMENSIONS = 16
LINES = 300
"""More than a chunk of the table."""

_ROWS = np.random.default_rng(7).standard_normal((2 * LINES, DIMENSIONS))
ROWS = (_ROWS / np.linalg.norm(_ROWS, axis=1, keepdims=True)).astype("<f4")

WITHOUT_FAMILIES = (
    "DROP INDEX candor_documents_by_family; ALTER TABLE candor_documents DROP COLUMN family"
)
# As the versions before made and filled it.
FORMER = f"""
{WITHOUT_FAMILIES};
DROP TABLE candor_vectors;
CREATE VIRTUAL TABLE candor_vectors USING vec0(passage_id INTEGER PRIMARY KEY,
 category TEXT PARTITION KEY, embedding FLOAT[{DIMENSIONS}] DISTANCE_METRIC=L2, chunk_size=256);
PRAGMA user_version = 1
"""
INSERT = "INSERT INTO candor_vectors (passage_id, category, embedding) VALUES (?, ?, ?)"


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    """A file with the second of two documents; the first was removed, with the chunks of its vectors."""
    path = tmp_path / "knowledge.sqlite"
    database = KnowledgeDatabase(path)
    library = SqliteLibrary(database)
    await library.prepare(IndexIdentity("test", DIMENSIONS, "c"))
    text = "\n".join(f"line {number}" for number in range(LINES))
    for name, rows in (("a.md", ROWS[:LINES]), ("b.md", ROWS[LINES:])):
        held = [PassageVectors(row.tobytes(), b"tokens") for row in rows]
        await library.save(replace(a_document(name, text, category=name), vectors=held))
    await library.remove((await library.document("a.md")).ref.document_id)
    await database.close()
    writer = Connection(path.as_uri(), apsw.SQLITE_OPEN_READWRITE)
    writer.execute(FORMER)
    for start, category in ((0, "a.md"), (LINES, "b.md")):
        rows = [(start + at + 1, category, ROWS[start + at].tobytes()) for at in range(LINES)]
        writer.execute_many(INSERT, rows)
    writer.execute("DELETE FROM candor_vectors WHERE category = 'a.md'")
    writer.close()
    return path


def raw(path: Path) -> Connection:
    return Connection(path.as_uri(), apsw.SQLITE_OPEN_READWRITE)


async def require_all(path: Path) -> None:
    """Every passage is found by its own vector, in its category, with its tokens; nothing else is there."""
    database = KnowledgeDatabase(path)
    lanes = SqliteLanes(database, in_memory=False)
    for at in (LINES, LINES + 255, 2 * LINES - 1):
        for category in (None, "b.md"):
            found = await lanes.nearest(ROWS[at].tobytes(), limit=2, category=category)
            assert found[0].passage_id == at + 1
            assert found[0].score == pytest.approx(1, abs=1e-3)
            assert found[1].score == pytest.approx(
                np.partition(ROWS[LINES:] @ ROWS[at], -2)[-2], abs=2e-3
            )
    assert not await lanes.nearest(ROWS[0].tobytes(), limit=2, category="a.md")
    assert len(await lanes.tokens(range(2 * LINES + 1))) == LINES
    library = SqliteLibrary(database)
    text = "\n".join(f"line {number}" for number in range(1, LINES))
    await library.save(a_document("b.md", text, category="b.md"))
    assert (await library.statistics()).vectors == LINES - 1  # they were kept
    await library.remove((await library.document("b.md")).ref.document_id)
    assert not await database.read(
        lambda connection: connection.number("SELECT count(*) FROM candor_vectors_rowids")
    )
    await database.close()


async def test_a_former_file_is_rewritten_and_becomes_smaller(path: Path) -> None:
    before = path.stat().st_size
    await require_all(path)
    writer = raw(path)
    assert writer.number("PRAGMA user_version") == module.VERSION
    writer.close()
    assert path.stat().st_size < before


async def test_a_rewriting_that_was_ended_leaves_the_former_file(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(connection: Connection) -> None:
        rewrite_vectors(connection)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(module, "rewrite_vectors", killed)
        with pytest.raises(KeyboardInterrupt):
            await SqliteLibrary(KnowledgeDatabase(path)).statistics()
    writer = raw(path)
    assert writer.number("PRAGMA user_version") == 1
    vectors = writer.rows("SELECT passage_id, embedding FROM candor_vectors")
    assert vectors == [(1 + at, ROWS[at].tobytes()) for at in range(LINES, 2 * LINES)]
    writer.close()
    await require_all(path)


async def test_where_there_is_no_room_to_shrink_it_stays_as_large(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute = Connection.execute

    def full(self: Connection, sql: str, values: Values = ()) -> None:
        if "VACUUM" in sql:
            raise apsw.FullError("disk full")
        execute(self, sql, values)

    monkeypatch.setattr(Connection, "execute", full)
    await require_all(path)


async def test_one_that_cannot_be_written_says_so(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_writable(path: Path) -> bool:
        return False

    monkeypatch.setattr(module, "_is_writable", is_writable)
    with pytest.raises(StorageReadOnly, match="older Candor"):
        await SqliteLibrary(KnowledgeDatabase(path)).statistics()


async def test_a_file_without_families_gets_them(tmp_path: Path) -> None:
    path = tmp_path / "knowledge.sqlite"
    database = KnowledgeDatabase(path)
    await SqliteLibrary(database).save(a_document("leave-v3.md", "text"))
    await database.close()
    writer = raw(path)
    writer.execute(f"{WITHOUT_FAMILIES}; PRAGMA user_version = 2")
    writer.close()
    await SqliteLibrary(database).save(a_document("leave-v4.md", "text"))
    assert await families(database) == ["/leave", "/leave"]
    await database.close()


@needs_any_server
async def test_tables_without_families_get_them_and_what_an_older_server_stores_does_later() -> (
    None
):
    async with knowledge_server() as server:
        await ServerLibrary(server).save(a_document("leave-v3.md", "text"))
        await server.write(
            lambda at: at.execute(
                f"{WITHOUT_FAMILIES}; UPDATE candor_meta SET value = '2' WHERE key = 'version'"
            )
        )
        for _ in range(2):
            await server.close()
            assert await families(server) == ["/leave"]
            await server.write(lambda at: at.execute("UPDATE candor_documents SET family = NULL"))


@needs_any_server
async def test_postings_of_single_blocks_are_read_and_removed_beside_those_of_several(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(postings, "BLOCK", 2)
    async with knowledge_server() as server:
        library, lanes = ServerLibrary(server), ServerLanes(server)

        async def found_and_values() -> tuple[int, int]:
            values = "SELECT count(*) FROM candor_postings WHERE term = 'pump'"
            found = await lanes.matching("pump", limit=100)
            return len({one.passage_id for one in found}), await server.read(
                lambda at: at.number(values)
            )

        for name, together in (("before.md", 1), ("now.md", 4)):
            monkeypatch.setattr(postings, "_TOGETHER", together)
            await library.save(a_document(name, "\n".join(["pump"] * 5)))
        # Passages 1 to 5 in blocks of two; 6 and 7 with the first of them, 8 to 10 apart.
        assert await found_and_values() == (10, 4)
        await library.remove((await library.document("before.md")).ref.document_id)
        assert await found_and_values() == (5, 2)
        await library.remove((await library.document("now.md")).ref.document_id)
        assert await found_and_values() == (0, 0)


async def families(database: KnowledgeDatabase | KnowledgeServer) -> list[Value]:
    rows = await database.read(lambda at: at.rows("SELECT family FROM candor_documents"))
    return [family for (family,) in rows]
