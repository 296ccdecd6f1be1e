"""The promises of the port `Chats`, of the fake and of the store."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from services.store.store import Store
from tests.contracts.keeping import (
    ANNA,
    BORIS,
    Kept,
    answer_to,
    at_minute,
    kept_in,
    kept_in_memory,
    message_of,
    opening,
    turn,
)
from use_cases.chat.errors import AnswerNotFound, ChatNotFound, MessageNotFound
from use_cases.chat.model import (
    Mode,
    Part,
    ShownReasoning,
    ShownReplacement,
    ShownText,
    ShownTool,
    StepBegun,
)
from use_cases.kernel.model import LOCAL, Caller

pytestmark = pytest.mark.anyio

PARTS: Sequence[Part] = (
    StepBegun(),
    ShownReasoning("Where could that stand?"),
    ShownTool("call_1", "search_knowledge_base", '{"query": "Zürich"}', "[1] …"),
    ShownTool("call_2", "lookup_structured_data", "{}", "no such column", failed=True),
    ShownTool("call_3", "search_knowledge_base", "{}"),
    StepBegun(),
    ShownText("Up to 220 CHF, I believe"),
    ShownReplacement("I can't find this.", "uncited"),
)


async def ids(
    kept: Kept,
    caller: Caller = ANNA,
    *,
    user_id: str | None = None,
    limit: int = 50,
    before: str | None = None,
) -> Sequence[str]:
    page = await kept.chats.chats(caller, user_id=user_id, limit=limit, before=before)
    return [chat.chat_id for chat in page]


async def page_of(kept: Kept, limit: int = 200, before: str | None = None) -> Sequence[str]:
    page = await kept.chats.messages(ANNA, "chat_1", limit=limit, before=before)
    return [message.message_id for message in page]


async def three_turns(kept: Kept) -> None:
    """One chat, six messages, all of one moment."""
    opened = await turn(kept, opening("1", client_id="c1"))
    for name in ("2", "3"):
        begin = opening(name, chat=opened.chat, client_id=f"c{name}")
        await turn(kept, begin)


class ChatsContract:
    """The suite, on the store unless a subclass says otherwise."""

    @pytest.fixture
    def kept(self, store: Store) -> Kept:
        return kept_in(store)

    @pytest.mark.parametrize("chat_id", ["chat_1", "tab"])
    async def test_a_chat_is_found_by_its_own_id_and_by_its_frontends(
        self, kept: Kept, chat_id: str
    ) -> None:
        opened = await turn(kept, opening("1", own="tab"))
        assert await kept.chats.chat(ANNA, chat_id) == opened.chat

    @pytest.mark.parametrize("chat_id", ["chat_1", "tab", "nowhere"])
    async def test_another_persons_chat_is_as_absent_as_none(
        self, kept: Kept, chat_id: str
    ) -> None:
        await turn(kept, opening("1", own="tab"))
        for asking in (
            kept.chats.chat(BORIS, chat_id),
            kept.chats.messages(BORIS, chat_id),
            kept.chats.chats(BORIS, before=chat_id),
            kept.chats.change(BORIS, chat_id, title="Mine", mode=None),
            kept.chats.delete(BORIS, chat_id),
        ):
            with pytest.raises(ChatNotFound, match=chat_id):
                await asking
        assert (await kept.chats.chat(ANNA, "chat_1")).title == "About 1"

    async def test_a_frontends_id_that_is_anothers_chat_id_means_ones_own_chat(
        self, kept: Kept
    ) -> None:
        await turn(kept, replace(opening("1"), new_chat="tab"))
        await turn(kept, opening("2", own="tab"), caller=BORIS)
        assert (await kept.chats.chat(BORIS, "tab")).chat_id == "chat_2"
        assert (await kept.chats.chat(ANNA, "tab")).chat_id == "tab"
        assert (await kept.chats.chat(LOCAL, "tab")).chat_id == "tab"

    async def test_who_owns_all_finds_every_chat_their_own_first(self, kept: Kept) -> None:
        await turn(kept, opening("1", own="tab", minute=1))
        await turn(kept, opening("2", own="tab", minute=2), caller=BORIS)
        owner = Caller("anna", owns_all=True)
        assert (await kept.chats.chat(owner, "tab")).chat_id == "chat_1"
        assert (await kept.chats.chat(LOCAL, "tab")).chat_id == "chat_2"
        assert (await kept.chats.chat(LOCAL, "chat_1")).user_id == "anna"
        assert await ids(kept, LOCAL) == ["chat_2", "chat_1"]

    async def test_the_last_used_comes_first(self, kept: Kept) -> None:
        first = await turn(kept, opening("1", minute=1))
        await turn(kept, opening("2", minute=2))
        await turn(kept, opening("3"))
        assert await ids(kept) == ["chat_2", "chat_1", "chat_3"]
        await turn(kept, opening("4", chat=first.chat, minute=4))
        assert await ids(kept) == ["chat_1", "chat_2", "chat_3"]

    async def test_a_message_names_all_that_stand_in_its_place(self, kept: Kept) -> None:
        opened = await turn(kept, opening("1", client_id="c1", minute=1))
        await turn(kept, opening("2", chat=opened.chat, at="msg_1", minute=2))
        page = await kept.chats.messages(ANNA, "chat_1")
        assert [list(one.siblings) for one in page] == [["msg_1", "msg_2"], ["ans_2"]]

    async def test_a_page_of_chats_may_go_on_from_a_frontends_id(self, kept: Kept) -> None:
        for number in range(3):
            await turn(kept, opening(str(number), own=f"tab-{number}", minute=number))
        assert await ids(kept, limit=1, before="tab-2") == ["chat_1"]

    async def test_a_list_can_be_one_users_but_never_shows_more_than_one_owns(
        self, kept: Kept
    ) -> None:
        await turn(kept, opening("1"))
        await turn(kept, opening("2", minute=1), caller=BORIS)
        assert await ids(kept, LOCAL, user_id="anna") == ["chat_1"]
        assert await ids(kept, LOCAL, user_id="anna", before="chat_2") == ["chat_1"]
        assert await ids(kept, LOCAL, user_id="nobody") == []
        assert await ids(kept, ANNA, user_id="anna") == ["chat_1"]
        assert await ids(kept, ANNA, user_id="boris") == []

    async def test_messages_come_back_as_they_were_kept(self, kept: Kept) -> None:
        opened = await kept.transcript.open(ANNA, opening("1", client_id="c1", minute=1))
        answer = answer_to(opened, "1", text="Zürich 東京 🚂", minute=2)
        message = message_of(answer, opened.question, PARTS)
        await kept.transcript.close(ANNA, answer, message, lambda: "[]")
        assert await kept.chats.messages(ANNA, "chat_1") == (opened.question, message)

    async def test_the_last_messages_are_a_page_oldest_first(self, kept: Kept) -> None:
        await three_turns(kept)
        assert await page_of(kept) == ["msg_1", "ans_1", "msg_2", "ans_2", "msg_3", "ans_3"]
        assert await page_of(kept, limit=2) == ["msg_3", "ans_3"]
        assert await page_of(kept, limit=1) == ["ans_3"]

    @pytest.mark.parametrize("before", ["msg_3", "c3"])
    async def test_pages_of_messages_go_back_to_the_first(self, kept: Kept, before: str) -> None:
        await three_turns(kept)
        assert await page_of(kept, limit=3, before=before) == ["ans_1", "msg_2", "ans_2"]
        assert await page_of(kept, limit=3, before="ans_1") == ["msg_1"]
        assert await page_of(kept, limit=3, before="msg_1") == []

    async def test_two_hundred_messages_are_a_page_unless_told(self, kept: Kept) -> None:
        opened = await turn(kept, opening("0"))
        for number in range(1, 101):
            opened = await turn(kept, opening(str(number), chat=opened.chat))
        page = await kept.chats.messages(ANNA, "chat_0")
        assert (len(page), page[0].message_id) == (200, "msg_1")

    @pytest.mark.parametrize("before", ["msg_2", "c2", "msg_9", "nowhere"])
    async def test_a_message_off_the_shown_branch_is_no_place_to_go_on_from(
        self, kept: Kept, before: str
    ) -> None:
        opened = await turn(kept, opening("1"))
        await turn(kept, opening("2", chat=opened.chat, client_id="c2"))
        await turn(kept, opening("3", chat=opened.chat, at="msg_2", text="Other?"))
        await turn(kept, opening("9"))
        with pytest.raises(MessageNotFound, match=before):
            await page_of(kept, before=before)

    async def test_a_chat_gets_another_title_and_keeps_its_place(self, kept: Kept) -> None:
        opened = await turn(kept, opening("1", own="tab"))
        await turn(kept, opening("2", minute=1))
        renamed = replace(opened.chat, title="Hotels — Zürich")
        assert await kept.chats.change(ANNA, "tab", title=renamed.title, mode=None) == renamed
        assert await kept.chats.chat(ANNA, "chat_1") == renamed
        assert await ids(kept) == ["chat_2", "chat_1"]

    async def test_a_chat_begins_grounded_or_as_its_question_says(self, kept: Kept) -> None:
        usual = await turn(kept, opening("1"))
        chosen = await turn(kept, opening("2", mode=Mode.OPEN))
        assert (usual.chat.mode, chosen.chat.mode) == (Mode.GROUNDED, Mode.OPEN)
        assert (await kept.chats.chat(ANNA, "chat_2")).mode is Mode.OPEN

    async def test_a_chat_changes_its_mode_by_a_change_and_by_a_question(self, kept: Kept) -> None:
        opened = await turn(kept, opening("1"))
        changed = await kept.chats.change(ANNA, "chat_1", title=None, mode=Mode.OPEN)
        assert changed == await kept.chats.chat(ANNA, "chat_1")
        assert (changed.mode, changed.title) == (Mode.OPEN, "About 1")
        again = await turn(kept, opening("2", chat=opened.chat))
        assert again.chat.mode is Mode.OPEN
        back = opening("3", chat=changed, mode=Mode.GROUNDED)
        assert (await turn(kept, back)).chat.mode is Mode.GROUNDED
        assert (await kept.chats.chat(ANNA, "chat_1")).mode is Mode.GROUNDED

    @pytest.mark.parametrize("chat_id", ["chat_1", "tab"])
    async def test_a_deleted_chat_leaves_nothing_and_takes_nothing_else(
        self, kept: Kept, chat_id: str
    ) -> None:
        opened = await turn(kept, opening("1", own="tab"))
        await turn(kept, opening("x", chat=opened.chat, text=None), name="again")
        await turn(kept, opening("2"))
        await kept.chats.delete(ANNA, chat_id)
        assert await ids(kept) == ["chat_2"]
        assert [answer.answer_id for answer in await kept.answers.answers(ANNA)] == ["ans_2"]
        for gone in ("ans_1", "ans_again"):
            with pytest.raises(AnswerNotFound):
                await kept.answers.answer(ANNA, gone)
        with pytest.raises(ChatNotFound):
            await kept.chats.messages(ANNA, "chat_1")
        with pytest.raises(ChatNotFound):
            await kept.chats.delete(ANNA, chat_id)

    async def test_the_ids_of_a_deleted_chat_are_free_again(self, kept: Kept) -> None:
        await turn(kept, opening("1", own="tab", client_id="c1"))
        await kept.chats.delete(ANNA, "tab")
        again = await turn(kept, opening("1", own="tab", client_id="c1", minute=1))
        assert again.chat.created_at == at_minute(1)
        assert await page_of(kept) == ["msg_1", "ans_1"]


class TestInMemoryChats(ChatsContract):
    @pytest.fixture
    def kept(self) -> Kept:
        return kept_in_memory()


class TestSqliteChats(ChatsContract):
    pass
