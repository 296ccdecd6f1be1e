"""Documents of every kind, moved to another database and back: stopped on the way, and equal in the end."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from services.index.document_shelf import DocumentCopy
from services.index.postgresql.server_library import ServerLibrary
from services.index.sqlite.database import KnowledgeDatabase
from services.index.sqlite.file_library import SqliteLibrary
from tests.fakes.documents import a_document, identity_of
from tests.fakes.embedder import WordEmbedder
from tests.postgres import knowledge_server, needs_any_server
from use_cases.kernel.errors import InvalidInput
from use_cases.kernel.model import Column, ColumnType, PassageVectors
from use_cases.kernel.moving import Moved, MoveEverything, Shelf
from use_cases.knowledge.model import TableData

pytestmark = pytest.mark.anyio

EMBEDDER = WordEmbedder(dimensions=8)
PRICES = TableData(
    name="prices",
    title="Prices",
    description="",
    columns=[
        Column("item", "Item", ColumnType.TEXT),
        Column("euro", "€", ColumnType.REAL),
        Column("sold", "Sold", ColumnType.BOOLEAN),
    ],
    rows=[("tea", 2.5, True), ("cake", None, False)],
)


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[SqliteLibrary]:
    database = KnowledgeDatabase(tmp_path / "home.sqlite")
    library = SqliteLibrary(database)
    await library.prepare(identity_of(EMBEDDER))
    for text in ("old words\nof it", "new words\nof it"):
        vectors = await EMBEDDER.embed_documents(text.split("\n"))
        await library.save(a_document("a.md", text, vectors=vectors, owner="ada"))
    half = a_document("b.md", "one\ntwo\nthree", original=b"\0raw", category="Runbooks")
    some = [PassageVectors(await EMBEDDER.embed_query("one"), b"tokens"), None, None]
    ref = (await library.save(replace(half, vectors=some))).ref
    waiting = await library.claim(ref.document_id, "one", limit=9, seconds=0)
    await library.refuse([waiting[0].passage_id])
    await library.save(a_document("prices.csv", "tea", tables=[PRICES]))
    yield library
    await database.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=needs_any_server)])
async def away(
    request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[SqliteLibrary | ServerLibrary]:
    if request.param == "postgresql":
        async with knowledge_server() as server:
            yield ServerLibrary(server)
        return
    database = KnowledgeDatabase(tmp_path / "away.sqlite")
    yield SqliteLibrary(database)
    await database.close()


class Killed(Exception):
    """The process ended here."""


class KilledShelf:
    """A shelf whose process ends after one piece."""

    name = "documents"
    batch = 1

    def __init__(self, shelf: Shelf[DocumentCopy]) -> None:
        self.inventory = shelf.inventory
        self.take = shelf.take
        self._put = shelf.put
        self._left = 1

    async def put(self, pieces: Sequence[DocumentCopy]) -> None:
        if not self._left:
            raise Killed
        self._left -= 1
        await self._put(pieces)


def _say_nothing(name: str, carried: int, of: int) -> None:
    """Who watches the test?"""


def everything(shelf: Shelf[DocumentCopy]) -> MoveEverything:
    return MoveEverything(shelves=[shelf], folder_files=None, kept_files=lambda: shelf)


async def moved(source: Shelf[DocumentCopy], target: Shelf[DocumentCopy]) -> Sequence[Moved]:
    return await everything(source).to(everything(target), _say_nothing)


async def test_a_move_that_was_killed_goes_on_and_its_way_back_is_equal(
    home: SqliteLibrary, away: SqliteLibrary | ServerLibrary, tmp_path: Path
) -> None:
    before = await home.shelf().inventory()
    with pytest.raises(Killed):
        await moved(KilledShelf(home.shelf()), KilledShelf(away.shelf()))
    assert len(await away.references()) == 1
    [done] = await moved(home.shelf(), away.shelf())
    assert (done.pieces, done.carried) == (3, 2)
    assert await home.shelf().inventory() == before
    assert list(await away.documents()) == list(await home.documents())
    assert await away.statistics() == await home.statistics()
    waits = [one.document_id for one in await home.waiting()]
    assert [one.document_id for one in await away.waiting()] == waits
    old = await home.document("a.md")
    assert (await away.document("a.md")).versions == 2
    assert await away.original((await away.document("b.md")).ref.document_id) == b"\0raw"
    assert await away.table_names((await away.document("prices.csv")).ref.document_id) == ["prices"]

    database = KnowledgeDatabase(tmp_path / "back.sqlite")
    back = SqliteLibrary(database)
    await moved(away.shelf(), back.shelf())
    assert await back.shelf().inventory() == before
    assert await back.document(old.ref.document_id) == old
    await database.close()


async def test_vectors_arrive_as_a_file_keeps_them(
    away: SqliteLibrary | ServerLibrary, tmp_path: Path
) -> None:
    rows = np.random.default_rng(1).standard_normal((2, EMBEDDER.dimensions))
    vectors = [
        row.tobytes() for row in (rows / np.linalg.norm(rows, axis=1)[:, None]).astype("<f4")
    ]
    await away.prepare(identity_of(EMBEDDER))
    await away.save(a_document("a.md", "one\ntwo", vectors=vectors))
    database = KnowledgeDatabase(tmp_path / "back.sqlite")
    back = SqliteLibrary(database)
    await moved(away.shelf(), back.shelf())
    assert await back.shelf().inventory() == await away.shelf().inventory()
    await database.close()


async def test_a_place_that_holds_other_things_is_left_as_it_is(
    home: SqliteLibrary, away: SqliteLibrary | ServerLibrary
) -> None:
    await away.prepare(identity_of(EMBEDDER))
    await away.save(a_document("mine.md", "mine"))
    with pytest.raises(InvalidInput):
        await moved(home.shelf(), away.shelf())
    assert len(await away.references()) == 1
