"""Pages of a database are overwritten: that is said, and never taken for a fault of ours."""

import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest

from services.store.chats import SqlChats
from services.store.store import Store
from services.store.stored_answers import SqlAnswers
from services.store.transcript import SqlTranscript
from tests.contracts.keeping import record
from tests.contracts.test_answers import ANNA, BARE, given
from tests.faults.parts import CheapEmbedder, Index, ingested, write_documents
from tests.faults.test_store_while_serving import Model, served
from tests.thoroughness import sample
from use_cases.kernel.errors import StorageDamaged

pytestmark = pytest.mark.anyio

PAGE = 4096


def overwrite(path: Path, seed: int, *, zeros: bool) -> None:
    """One page, but never the first."""
    drawn = random.Random(seed)
    content = bytearray(path.read_bytes())
    page = drawn.randrange(1, len(content) // PAGE)
    content[page * PAGE : (page + 1) * PAGE] = bytes(PAGE) if zeros else drawn.randbytes(PAGE)
    path.write_bytes(bytes(content))


@pytest.mark.exhaustive
@pytest.mark.parametrize("zeros", [False, True], ids=["random", "zeros"])
@pytest.mark.parametrize("seed", sample(range(12), 3))
async def test_a_damaged_page_of_the_index_is_read_around_or_said(
    tmp_path: Path, seed: int, zeros: bool
) -> None:
    root, path = tmp_path / "documents", tmp_path / "index.sqlite"
    write_documents(root, 30)
    await ingested(path, root)
    overwrite(path, seed, zeros=zeros)
    index, embedder = Index.at(path), CheapEmbedder()
    vector = await embedder.embed_query("pump")

    async def shown() -> None:
        for found in await index.library.documents():
            await index.library.text(found.ref.document_id, found.ref.version_id)

    async def searched() -> None:
        nearest = await index.lanes.nearest(vector, limit=20)
        matching = await index.lanes.matching("pump valve", limit=20)
        await index.lanes.passages([one.passage_id for one in (*nearest, *matching)])

    async def stored() -> None:
        write_documents(root, 40)
        async for _ in index.ingest(embedder).stream(str(root)):
            pass

    async def removed() -> None:
        for found in await index.library.documents():
            await index.library.remove(found.ref.document_id)

    for work in (shown, searched, stored, removed):
        await sound_or_damaged(work)
    await index.database.close()


@pytest.mark.exhaustive
@pytest.mark.parametrize("zeros", [False, True], ids=["random", "zeros"])
@pytest.mark.parametrize("seed", sample(range(12), 3))
async def test_a_damaged_page_of_the_store_is_read_around_or_said(
    tmp_path: Path, seed: int, zeros: bool
) -> None:
    path = tmp_path / "candor.sqlite"
    store = Store(path)
    await record(SqlTranscript(store), BARE)
    await store.close()
    overwrite(path, seed, zeros=zeros)
    answers, chats, transcript = SqlAnswers(store), SqlChats(store), SqlTranscript(store)

    async def listed() -> None:
        await answers.answers(ANNA)

    async def chatted() -> None:
        for chat in await chats.chats(ANNA, limit=10):
            await chats.messages(ANNA, chat.chat_id, limit=10)

    async def recorded() -> None:
        await record(transcript, given("ans_2"))

    for work in (listed, chatted, recorded):
        await sound_or_damaged(work)
    await store.close()


async def sound_or_damaged(work: Callable[[], Awaitable[None]]) -> None:
    """It ends well, or says that this file (or one record of it) is damaged, and no other error."""
    with suppress(StorageDamaged):
        await work()


def test_over_http_a_damaged_file_is_said_without_its_folder(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "knowledge.sqlite").write_bytes(b"My diary.\n" * 500)
    with served(tmp_path, Model()) as client:
        refused = client.get("/knowledge/documents")
        health = client.get("/health")
    assert (refused.status_code, refused.json()["code"]) == (503, "storage_damaged")
    assert "candor doctor" in refused.json()["hint"]
    assert health.status_code == 503
    assert str(tmp_path) not in refused.text + health.text
