"""What the store does for chat's port `SaidMessages`, on SQLite."""

from dataclasses import dataclass
from datetime import date

import pytest

from services.store.said_messages import SqlSaidMessages
from services.store.store import Store
from tests.contracts.keeping import ANNA, BORIS, opening, turn
from tests.contracts.test_imports import Desk, conversation, desk_in, ready
from use_cases.chat.model import Mode
from use_cases.kernel.model import LOCAL, Passage, Said

pytestmark = pytest.mark.anyio


@dataclass
class Heard:
    """The port, and what fills its store."""

    messages: SqlSaidMessages
    desk: Desk


def told(passages: list[Passage]) -> list[tuple[str, Said | None]]:
    return [(one.reading_text, one.document.said) for one in passages]


class SaidMessagesContract:
    """The suite, on the store unless a subclass says otherwise."""

    @pytest.fixture
    def heard(self, store: Store) -> Heard:
        return Heard(SqlSaidMessages(store), desk_in(store))

    async def test_a_branch_has_its_shown_messages_with_who_said_them(self, heard: Heard) -> None:
        put = await heard.desk.imports.put(ANNA, ready(conversation()))
        chat = await heard.desk.kept.chats.chat(ANNA, put.chat_id)
        first = await turn(heard.desk.kept, opening("1", chat=chat, minute=90))
        assert first.question.parent_id
        branch = await heard.messages.branch("ans_1")
        person = Said("user", source="chatgpt")
        assistant = Said("assistant", "gpt-4o", "chatgpt")
        assert told(list(branch.newest))[:4] == [
            ("How often?", person),
            ("Every", assistant),
            ("day.", assistant),
            ("Really?", person),
        ]
        assert told(list(branch.newest))[5:] == [
            ("?", Said("user")),
            ("So.", Said("assistant", "offline:extractive")),
        ]
        assert (branch.imported, len(branch.ids)) == (5, 7)
        names = [one.document.document_id for one in branch.newest]
        assert sorted(names, key=lambda name: branch.ids[name]) == names
        document = branch.newest[0].document
        assert (document.name, document.title) == (put.chat_id, "Cleaning")
        assert document.updated == date(2026, 3, 14)
        assert document.attribution == "said by you on 2026-03-14, not verified"

    async def test_another_persons_messages_and_hidden_ones_are_left_out(
        self, heard: Heard
    ) -> None:
        put = await heard.desk.imports.put(ANNA, ready(conversation()))
        tree = await heard.desk.conversations.tree(ANNA, put.chat_id)
        ids = [one.message.message_id for one in tree.messages]
        shown = {one.reading_text for one in await heard.messages.messages(ANNA, ids)}
        assert {"How often?", "Every", "day.", "Really?", "Sure?"} < shown
        assert not {"You are kind.", "Thinking", "result"} & shown
        assert await heard.messages.messages(BORIS, ids) == []
        assert len(await heard.messages.messages(LOCAL, ids)) == len(shown)
        assert await heard.messages.messages(ANNA, ["msg_none"]) == []

    async def test_an_imported_chat_is_open_whenever_it_was_imported(self, heard: Heard) -> None:
        put = await heard.desk.imports.put(ANNA, ready(conversation()))
        chats = heard.desk.kept.chats
        assert (await chats.chat(ANNA, put.chat_id)).mode is Mode.OPEN
        assert [one.mode for one in await chats.chats(ANNA)] == [Mode.OPEN]
        changed = await chats.change(ANNA, put.chat_id, title=None, mode=Mode.GROUNDED)
        assert changed.mode is Mode.GROUNDED
        await heard.desk.imports.put(ANNA, ready(conversation(), "d2"))
        assert (await chats.chat(ANNA, put.chat_id)).mode is Mode.GROUNDED


class TestOnSqlite(SaidMessagesContract):
    pass
