"""Sign bits against the exact product, and the stored vectors against sqlite-vec's own answer."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from services.index.sqlite import bits
from services.index.sqlite.connection import Connection, Row
from services.index.sqlite.database import KnowledgeDatabase
from services.index.sqlite.file_lanes import SqliteLanes
from services.index.sqlite.file_library import SqliteLibrary
from services.index.sqlite.stored_passages import stored_vectors
from tests.fakes.documents import a_document
from use_cases.kernel.model import Vector
from use_cases.knowledge.model import IndexIdentity

pytestmark = pytest.mark.anyio


def unit(count: int, dimensions: int, seed: int) -> NDArray[np.float32]:
    rows = np.random.default_rng(seed).standard_normal((count, dimensions))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def as_bytes(rows: NDArray[np.float32]) -> list[Vector]:
    return [row.tobytes() for row in rows]


def test_bits_are_the_signs_padded_to_words() -> None:
    vector = np.array([1, -1, 0.5, 0, -2, 3, 4, -5, 6], dtype="<f4").tobytes()
    assert bits.pack([vector]) == bytes([0b10100110, 0b10000000, 0, 0, 0, 0, 0, 0])
    assert bits.pack([]) == b""


@pytest.mark.parametrize("dimensions", [64, 100, 384])
def test_the_nearest_is_among_the_candidates(dimensions: int) -> None:
    rows = unit(3000, dimensions, 1)
    ids = np.arange(1, 3001, dtype="<i8")
    held = bits.unpack(7, dimensions, [("", ids.tobytes(), bits.pack(as_bytes(rows)))])
    for index in (0, 17, 2999):
        found = held.candidates(rows[index].tobytes(), limit=50, coarse=300, category=None)
        assert len(found) == 50
        assert index + 1 in found


def test_candidates_are_of_the_category_asked_for() -> None:
    rows = unit(40, 64, 2)
    ids = np.arange(40, dtype="<i8")
    packed = bits.pack(as_bytes(rows))
    stored = [
        ("a", ids[:30].tobytes(), packed[: 30 * 8]),
        ("b", ids[30:].tobytes(), packed[30 * 8 :]),
    ]
    held = bits.unpack(1, 64, stored)
    asked = rows[0].tobytes()
    found = held.candidates(asked, limit=5, coarse=8, category="b")
    assert len(found) == 5
    assert all(number >= 30 for number in found)
    assert len(held.candidates(asked, limit=5, coarse=8, category="c")) == 0


def test_no_vectors_have_no_candidates() -> None:
    held = bits.unpack(1, 64, [])
    asked = unit(1, 64, 3)[0].tobytes()
    assert len(held.candidates(asked, limit=5, coarse=8, category=None)) == 0


async def test_the_bits_find_what_the_table_finds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = unit(2600, 256, 4)
    database = KnowledgeDatabase(tmp_path / "knowledge.sqlite")
    library = SqliteLibrary(database)
    await library.prepare(IndexIdentity("test", 256, "c"))
    for start in range(0, 2600, 100):
        text = "\n".join(map(str, range(start, start + 100)))
        block = as_bytes(rows[start : start + 100])
        category = "even" if start % 200 == 0 else "odd"
        await library.save(a_document(f"{start}.md", text, category=category, vectors=block))
    lanes = SqliteLanes(database, in_memory=False)
    agreed = 0
    for index in range(0, 2600, 130):
        asked = rows[index].tobytes()
        for category in (None, "odd"):
            one = await lanes.nearest(asked, limit=10, category=category)
            with monkeypatch.context() as patch:
                patch.setattr("services.index.sqlite.file_lanes.SMALL", 2600)
                other = await lanes.nearest(asked, limit=10, category=category)
            agreed += len({c.passage_id for c in one} & {c.passage_id for c in other})
            assert abs(one[0].score - other[0].score) < 1e-5
    assert agreed >= 0.97 * 400  # random directions are the hardest there are for signs

    def both(connection: Connection) -> tuple[list[Row], dict[int, bytes]]:
        wanted = list(range(1, 2601, 7))
        ids, vectors = stored_vectors(connection, [*wanted, 99_999], 256)
        table = connection.rows("SELECT passage_id, embedding FROM candor_vectors")
        return [row for row in table if row[0] in wanted], dict(zip(ids, vectors, strict=True))

    table, read = await database.read(both)
    assert {row[0]: row[1] for row in table} == read
    assert len(read) == 372
    await database.close()


async def test_short_vectors_are_compared_exactly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Three signs tell eight directions apart: too few to choose candidates by.
    monkeypatch.setattr("services.index.sqlite.file_lanes.SMALL", 0)
    rows = unit(400, 3, 5)
    database = KnowledgeDatabase(tmp_path / "knowledge.sqlite")
    library = SqliteLibrary(database)
    await library.prepare(IndexIdentity("test", 3, "c"))
    text = "\n".join(map(str, range(400)))
    await library.save(a_document("a.md", text, vectors=as_bytes(rows)))
    held = SqliteLanes(database, in_memory=True)
    for index in (0, 200, 399):
        best = (await held.nearest(rows[index].tobytes(), limit=1))[0]
        assert best.passage_id == index + 1
        assert abs(best.score - 1) < 1e-5
    await database.close()
