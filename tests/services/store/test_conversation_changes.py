"""The log of changed conversations, and an index that follows it: on two files, by several processes."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, delete, func, select, text

from services.index.postgresql.server_conversations import ServerConversationIndex
from services.index.sqlite.file_conversations import SqliteConversationIndex
from services.store.searchable_conversations import (
    SqlSearchableConversations,
    conversation_changes,
)
from services.store.store import Store
from tests.contracts.keeping import ANNA, BORIS, at_minute, opening, turn
from tests.contracts.test_attachments import ATTACHMENT
from tests.contracts.test_imports import conversation, ready
from tests.contracts.test_project_drafts import conversation as a_conversation
from tests.contracts.test_project_drafts import message, project, reply, version
from tests.contracts.test_searchable_conversations import Shelf, shelf_in
from tests.fakes.clock import FixedClock
from tests.postgres import conversation_index, needs_any_server, store_on_server
from tests.templates import migrated_store
from tests.use_cases.conversations.search.conversations_made_up import NOON
from use_cases.conversations.search.index_conversations import IndexConversations
from use_cases.conversations.search.search_conversations import SearchConversations
from use_cases.kernel.model import Caller

pytestmark = pytest.mark.anyio


@dataclass
class Process:
    """What one process has open: the store, the index, and the search over them."""

    store: Store
    index: SqliteConversationIndex | ServerConversationIndex

    def __post_init__(self) -> None:
        self.searchable = SqlSearchableConversations(self.store)
        self.indexing = IndexConversations(
            searchable=self.searchable, conversation_index=self.index, embedder=None
        )
        self.searching = SearchConversations(
            searchable=self.searchable,
            index_conversations=self.indexing,
            conversation_index=self.index,
            embedder=None,
            clock=FixedClock(NOON),
        )

    @property
    def shelf(self) -> Shelf:
        """The writers."""
        return shelf_in(self.store)

    async def found(self, query: str, caller: Caller = ANNA) -> list[str]:
        """The conversations that are found."""
        page = await self.searching.search(caller, query)
        return sorted({one.conversation.chat_id for one in page.results})

    async def close(self) -> None:
        """End it."""
        await self.index.close()
        await self.store.close()


def process_in(folder: Path) -> Process:
    """A process over the files of a folder."""
    path = folder / "candor.sqlite"
    store = Store(path if path.exists() else migrated_store(path))
    return Process(store, SqliteConversationIndex(folder / "index.sqlite", in_memory=True))


@pytest.fixture
async def process(tmp_path: Path) -> AsyncIterator[Process]:
    one = process_in(tmp_path)
    yield one
    await one.close()


async def changed(process: Process, since: str) -> tuple[str, set[str]]:
    """The next mark, and what has changed since the last one."""
    found = await process.searchable.changes(since)
    assert found.chat_ids is not None
    return found.mark, set(found.chat_ids)


async def test_everything_that_search_depends_on_is_logged(process: Process) -> None:
    shelf = process.shelf
    mark = (await process.searchable.changes(None)).mark
    assert await changed(process, mark) == (mark, set())
    put = await shelf.desk.imports.put(ANNA, ready(conversation()))
    made_of = await a_conversation(shelf.drafting)
    mark, found = await changed(process, mark)
    assert found == {put.chat_id, "chat_1"}
    await shelf.drafting.drafts.save(ANNA, version("1"), made_of)
    mark, found = await changed(process, mark)
    assert found == {"chat_1"}
    opened = await shelf.drafting.transcript.open(ANNA, message("1"))
    await shelf.drafting.transcript.close(reply("1", opened), "msg_d1", "[]", None)
    mark, found = await changed(process, mark)
    assert found == {"chat_1"}
    file = replace(ATTACHMENT, chat_id="chat_1")
    await shelf.attachments.announce(file.key, at_minute(99))
    await shelf.attachments.add(file, "What it says.", at_minute(30))
    mark, found = await changed(process, mark)
    assert found == {file.chat_id}
    begun, _ = await shelf.drafting.drafts.begin_project(ANNA, project())
    mark, _ = await changed(process, mark)
    await shelf.drafting.drafts.finish_project(begun, NOON)
    mark, found = await changed(process, mark)
    assert found == {"chat_1"}
    await shelf.desk.conversations.rename(ANNA, put.chat_id, "Mine")
    mark, found = await changed(process, mark)
    assert found == {put.chat_id}
    await shelf.desk.conversations.remove(ANNA, put.chat_id)
    mark, found = await changed(process, mark)
    assert found == {put.chat_id}
    assert await changed(process, mark) == (mark, set())


async def test_a_search_reads_no_conversation_that_it_does_not_find(process: Process) -> None:
    for number, word in enumerate(("apple", "grape", "lemon", "mango", "olive"), start=1):
        await turn(process.shelf.desk.kept, opening(str(number), text=word))
    assert await process.found("lemon") == ["chat_3"]
    read = list[set[str] | None]()
    heads = process.searchable.heads

    async def noting(caller: Caller, chat_ids: set[str] | None = None) -> object:
        read.append(chat_ids)
        return await heads(caller, chat_ids)

    process.searchable.heads = noting  # pyright: ignore[reportAttributeAccessIssue]
    assert await process.found("mango") == ["chat_4"]
    assert read == [{"chat_4"}]
    await turn(process.shelf.desk.kept, opening("9", text="cherry"))
    assert await process.found("cherry") == ["chat_9"]
    assert read[1:] == [{"chat_9"}, ["chat_9"], {"chat_9"}]


async def test_what_one_process_stores_or_removes_the_other_finds_or_not(
    process: Process, tmp_path: Path
) -> None:
    other = process_in(tmp_path)
    for number, word in enumerate(("apple", "grape", "lemon"), start=1):
        await turn(other.shelf.desk.kept, opening(str(number), text=f"common {word}"))
        assert await process.found(word) == [f"chat_{number}"]
    await turn(other.shelf.desk.kept, opening("7", text="common"), caller=BORIS)
    await other.shelf.desk.conversations.remove(ANNA, "chat_2")
    assert await process.found("common") == await other.found("common") == ["chat_1", "chat_3"]
    assert await process.found("common", BORIS) == ["chat_7"]
    await other.close()


async def test_an_index_that_was_not_looked_at_for_long_is_compared_as_a_whole(
    process: Process,
) -> None:
    await turn(process.shelf.desk.kept, opening("1", text="apple"))
    assert await process.found("apple") == ["chat_1"]
    await turn(process.shelf.desk.kept, opening("2", text="grape"))
    most = (
        conversation_changes.c.change_id
        < select(func.max(conversation_changes.c.change_id)).scalar_subquery()
    )
    await process.store.write(lambda c: c.execute(delete(conversation_changes).where(most)))
    assert await process.found("grape") == ["chat_2"]


async def test_the_log_keeps_a_bounded_number_of_changes(process: Process) -> None:
    await turn(process.shelf.desk.kept, opening("1", text="apple"))
    again = text("UPDATE conversations SET title = title || '!' WHERE chat_id = 'chat_1'")
    far = text("UPDATE conversation_changes SET change_id = change_id + 20000")
    await process.store.write(lambda c: c.execute(far))
    await process.store.write(lambda c: c.execute(again))
    counted = select(func.count()).select_from(conversation_changes)
    first = select(func.min(conversation_changes.c.change_id))
    last = select(func.max(conversation_changes.c.change_id))
    await process.store.write(
        lambda c: c.execute(
            text(
                "UPDATE conversation_changes SET change_id = 1 WHERE change_id = "
                "(SELECT min(change_id) FROM conversation_changes)"
            )
        )
    )
    assert await process.store.read(lambda c: c.scalar(first)) == 1
    await process.store.write(lambda c: c.execute(again))
    assert (await process.store.read(lambda c: c.scalar(first)) or 0) > 20_000
    assert (await process.store.read(lambda c: c.scalar(last)) or 0) > 20_000
    assert (await process.store.read(lambda c: c.scalar(counted)) or 0) < 20


@pytest.mark.parametrize("restored", ["candor.sqlite", "index.sqlite", "both"])
async def test_a_data_folder_that_was_restored_is_searched_as_it_is_now(
    tmp_path: Path, restored: str
) -> None:
    kept, now = tmp_path / "kept", tmp_path / "now"
    now.mkdir()
    process = process_in(now)
    await turn(process.shelf.desk.kept, opening("1", text="apple"))
    assert await process.found("apple") == ["chat_1"]
    await process.close()
    shutil.copytree(now, kept)
    process = process_in(now)
    await turn(process.shelf.desk.kept, opening("2", text="grape"))
    assert await process.found("grape") == ["chat_2"]
    await process.close()
    for name in ("candor.sqlite", "index.sqlite"):
        if restored in (name, "both"):
            shutil.copy(kept / name, now / name)
    process = process_in(now)
    # As many changes as were lost: their numbers are those of the lost ones.
    await turn(process.shelf.desk.kept, opening("3", text="lemon"))
    assert await process.found("lemon") == ["chat_3"]
    assert await process.found("apple") == ["chat_1"]
    assert await process.found("grape") == (["chat_2"] if restored == "index.sqlite" else [])
    await process.close()


@needs_any_server
async def test_a_server_finds_also_what_is_committed_after_a_look() -> None:
    async with store_on_server() as (address, store), conversation_index() as index:
        process = Process(store, index)
        kept, conversations = process.shelf.desk.kept, process.shelf.desk.conversations
        assert (await process.searchable.changes("1:other")).chat_ids is None
        await turn(kept, opening("1", text="apple"))
        assert await process.found("apple") == ["chat_1"]
        await turn(kept, opening("2", text="grape"))
        engine = create_engine(address)
        with engine.connect() as late:
            late.execute(text("UPDATE conversations SET title = 'Late' WHERE chat_id = 'chat_1'"))
            await turn(kept, opening("3", text="lemon"))
            assert await process.found("grape") == ["chat_2"]
            assert await process.found("lemon") == ["chat_3"]
            mark = (await process.searchable.changes(None)).mark
            late.commit()
        engine.dispose()
        # Others write in the same server meanwhile, so more may be named.
        mark, found = await changed(process, mark)
        assert found >= {"chat_1", "chat_3"}
        assert await process.found("late") == ["chat_1"]
        await conversations.remove(ANNA, "chat_2")
        assert (await changed(process, mark))[1] >= {"chat_2"}
        assert await process.found("grape") == []
        of_another_server = text(
            "UPDATE conversation_changes SET token = '9' WHERE chat_id = 'chat_3'"
        )
        await store.write(lambda c: c.execute(of_another_server))
        assert "chat_3" not in (await changed(process, mark))[1]
        far = text("UPDATE conversation_changes SET change_id = change_id - 20000")
        await store.write(lambda c: c.execute(far))
        for _ in range(100):
            await conversations.rename(ANNA, "chat_3", "Again")
        counted = select(func.count()).select_from(conversation_changes)
        assert (await store.read(lambda c: c.scalar(counted)) or 0) <= 100


async def test_an_index_of_an_older_candor_is_brought_up_to_date(process: Process) -> None:
    await turn(process.shelf.desk.kept, opening("1", text="apple"))
    assert await process.found("apple") == ["chat_1"]
    old = (
        "DROP TABLE candor_pending; DROP TABLE candor_named; DROP TABLE candor_titles;"
        " DROP TABLE candor_addresses; DROP INDEX candor_documents_by_category;"
        " DELETE FROM candor_meta WHERE key = 'mark'; UPDATE candor_documents SET content_hash = 'old'"
    )
    await process.index._database.write(lambda c: c.execute(old))  # pyright: ignore[reportPrivateUsage]
    assert await process.found("apple") == ["chat_1"]
    assert await process.found("About") == ["chat_1"]
    await process.shelf.desk.conversations.remove(ANNA, "chat_1")
    assert await process.found("apple") == []
