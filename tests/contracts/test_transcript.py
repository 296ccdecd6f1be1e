"""The promises of the port `Transcript`, of the fake and of the store."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import anyio
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
from use_cases.chat.errors import AnswerNotFound, ChatBusy, ChatNotFound, MessageNotFound
from use_cases.chat.model import Chat, Message, Role
from use_cases.kernel.errors import Conflict
from use_cases.kernel.model import LOCAL
from use_cases.kernel.runs.record import PastTurn

pytestmark = pytest.mark.anyio

MINUTE = timedelta(minutes=1)


async def shown(kept: Kept, chat: Chat) -> Sequence[str]:
    messages = await kept.chats.messages(ANNA, chat.chat_id)
    return [message.message_id for message in messages]


class TranscriptContract:
    """The suite, on the store unless a subclass says otherwise."""

    @pytest.fixture
    def kept(self, store: Store) -> Kept:
        return kept_in(store)

    async def test_a_first_question_makes_its_chat(self, kept: Kept) -> None:
        begin = opening("1", own="tab-1", text="How often?", client_id="c1", minute=3)
        opened = await kept.transcript.open(ANNA, begin)
        assert opened.chat == Chat(
            chat_id="chat_1",
            user_id="anna",
            title="About 1",
            created_at=at_minute(3),
            updated_at=at_minute(3),
            client_id="tab-1",
        )
        assert opened.question == Message(
            message_id="msg_1",
            chat_id="chat_1",
            parent_id=None,
            role=Role.USER,
            text="How often?",
            created_at=at_minute(3),
            client_id="c1",
        )
        assert (opened.past, opened.earlier) == ((), 0)
        assert await kept.chats.chat(ANNA, "chat_1") == opened.chat
        assert await kept.chats.messages(ANNA, "chat_1") == (opened.question,)

    async def test_the_next_question_goes_under_the_last_answer(self, kept: Kept) -> None:
        first = await turn(kept, opening("1", text="How often?"), text="Every day.")
        begin = opening("2", chat=first.chat, text="Really?", minute=1)
        second = await kept.transcript.open(ANNA, begin)
        assert second.question.parent_id == "ans_1"
        assert second.past == (PastTurn("How often?", "Every day.", '["what the model saw of 1"]'),)
        assert second.chat == replace(first.chat, updated_at=at_minute(1))
        assert await shown(kept, first.chat) == ["msg_1", "ans_1", "msg_2"]

    async def test_turns_of_another_program_are_kept_where_the_question_keeps_them(
        self, kept: Kept
    ) -> None:
        begin = opening("1", text="And now?", minute=3)
        told = (PastTurn("How?", "So.", '["so"]'), PastTurn("Why?", "Thus.", '["thus"]'))
        question = replace(begin.question, earlier=told, keeps=True)
        opened = await kept.transcript.open(ANNA, replace(begin, question=question))
        assert opened.past == told
        found = await kept.chats.messages(ANNA, "chat_1")
        assert [(one.role, one.text) for one in found] == [
            (Role.USER, "How?"),
            (Role.ASSISTANT, "So."),
            (Role.USER, "Why?"),
            (Role.ASSISTANT, "Thus."),
            (Role.USER, "And now?"),
        ]
        next_one = opening("2", chat=opened.chat, minute=4)
        question = replace(next_one.question, earlier=told, keeps=True)
        again = await kept.transcript.open(ANNA, replace(next_one, question=question))
        assert again.past == (*told, PastTurn("And now?", None, None))

    async def test_they_are_not_stored_by_themselves(self, kept: Kept) -> None:
        begin = opening("1")
        question = replace(begin.question, earlier=(PastTurn("How?", "So.", '["so"]'),))
        opened = await kept.transcript.open(ANNA, replace(begin, question=question))
        assert opened.past == ()
        assert await shown(kept, opened.chat) == ["msg_1"]

    async def test_a_question_without_an_answer_is_a_turn_of_its_own(self, kept: Kept) -> None:
        lost = await kept.transcript.open(ANNA, opening("1", text="lost?"))
        await turn(kept, opening("2", chat=lost.chat, text="and this?"), text="Yes.")
        third = await kept.transcript.open(ANNA, opening("3", chat=lost.chat))
        assert third.past == (
            PastTurn("lost?", None, None),
            PastTurn("and this?", "Yes.", '["what the model saw of 2"]'),
        )
        fourth = await kept.transcript.open(ANNA, opening("4", chat=lost.chat, text="!"))
        assert fourth.past[2:] == (PastTurn("?", None, None),)

    async def test_asking_again_gives_the_last_question_and_what_was_before_it(
        self, kept: Kept
    ) -> None:
        first = await turn(kept, opening("1"))
        second = await turn(kept, opening("2", chat=first.chat))
        again = await kept.transcript.open(ANNA, opening("x", chat=first.chat, text=None, minute=5))
        assert again.question == second.question
        assert [past.answer for past in again.past] == ["So."]
        assert again.chat.updated_at == at_minute(5)
        assert await shown(kept, first.chat) == ["msg_1", "ans_1", "msg_2"]

    @pytest.mark.parametrize("at", ["msg_1", "c1", "ans_1"])
    async def test_any_question_can_be_asked_again_by_itself_or_its_answer(
        self, kept: Kept, at: str
    ) -> None:
        first = await turn(kept, opening("1", client_id="c1"))
        await turn(kept, opening("2", chat=first.chat))
        again = opening("x", chat=first.chat, text=None, at=at)
        opened = await turn(kept, again, name="again")
        assert (opened.question, opened.past) == (first.question, ())
        assert await shown(kept, first.chat) == ["msg_1", "ans_again"]

    @pytest.mark.parametrize("after", ["ans_1", "msg_2", "c2"])
    async def test_a_question_goes_on_from_any_message(self, kept: Kept, after: str) -> None:
        first = await turn(kept, opening("1"))
        await turn(kept, opening("2", chat=first.chat, client_id="c2"))
        await turn(kept, opening("3", chat=first.chat))
        opened = await turn(kept, opening("4", chat=first.chat, after=after))
        before = ["msg_1", "ans_1", *(["msg_2"] if after != "ans_1" else [])]
        assert opened.question.parent_id == before[-1]
        assert await shown(kept, first.chat) == [*before, "msg_4", "ans_4"]

    async def test_a_question_after_no_message_changes_nothing(self, kept: Kept) -> None:
        first = await turn(kept, opening("1"))
        other = await turn(kept, opening("2"))
        for chat in (first.chat, None):
            with pytest.raises(MessageNotFound, match="ans_2"):
                await kept.transcript.open(ANNA, opening("3", chat=chat, after="ans_2"))
        assert await shown(kept, first.chat) == ["msg_1", "ans_1"]
        assert await kept.chats.chats(ANNA) == (other.chat, first.chat)

    @pytest.mark.parametrize("at", ["msg_2", "c2", "ans_2"])
    async def test_a_question_takes_the_place_of_another_on_a_branch_of_its_own(
        self, kept: Kept, at: str
    ) -> None:
        first = await turn(kept, opening("1"))
        await turn(kept, opening("2", chat=first.chat, client_id="c2"))
        await turn(kept, opening("3", chat=first.chat))
        changed = await turn(kept, opening("4", chat=first.chat, at=at, text="Other?"))
        assert changed.question.parent_id == "ans_1"
        assert len(changed.past) == 1
        assert await shown(kept, first.chat) == ["msg_1", "ans_1", "msg_4", "ans_4"]

    async def test_the_first_question_can_be_replaced(self, kept: Kept) -> None:
        first = await turn(kept, opening("1"))
        changed = await turn(kept, opening("2", chat=first.chat, at="msg_1", text="Other?"))
        assert (changed.question.parent_id, changed.past) == (None, ())
        assert await shown(kept, first.chat) == ["msg_2", "ans_2"]

    async def test_a_repeated_question_is_kept_once(self, kept: Kept) -> None:
        first = await turn(kept, opening("1", client_id="c1"))
        await turn(kept, opening("2", chat=first.chat))
        begin = opening("3", chat=first.chat, client_id="c1")
        repeated = await turn(kept, begin, name="again")
        assert (repeated.question, repeated.past) == (first.question, ())
        assert await shown(kept, first.chat) == ["msg_1", "ans_again"]

    async def test_another_text_is_another_question_whatever_its_client_id(
        self, kept: Kept
    ) -> None:
        first = await turn(kept, opening("1", client_id="c1"))
        other = await turn(kept, opening("2", chat=first.chat, client_id="c1", text="Other?"))
        assert other.question.message_id == "msg_2"
        assert await shown(kept, first.chat) == ["msg_1", "ans_1", "msg_2", "ans_2"]

    async def test_the_same_text_without_a_client_id_is_asked_twice(self, kept: Kept) -> None:
        first = await turn(kept, opening("1"))
        second = await turn(kept, opening("2", chat=first.chat))
        assert second.question.message_id == "msg_2"

    async def test_a_client_id_means_nothing_in_another_chat(self, kept: Kept) -> None:
        await turn(kept, opening("1", client_id="c1"))
        other = await turn(kept, opening("2", client_id="c1"))
        assert other.question.message_id == "msg_2"
        assert other.chat.chat_id == "chat_2"

    async def test_of_several_with_one_client_id_the_newest_is_meant(self, kept: Kept) -> None:
        first = await turn(kept, opening("1", client_id="c1", text="a"))
        edit = opening("2", chat=first.chat, client_id="c1", text="b", at="c1", minute=1)
        await turn(kept, edit)
        again = opening("x", chat=first.chat, text=None, at="c1", minute=2)
        assert (await kept.transcript.open(ANNA, again)).question.text == "b"

    async def test_a_messages_own_id_goes_before_a_client_id(self, kept: Kept) -> None:
        first = await turn(kept, opening("1"))
        await turn(kept, opening("2", chat=first.chat, client_id="msg_1", minute=1))
        again = opening("x", chat=first.chat, text=None, at="msg_1", minute=2)
        assert (await kept.transcript.open(ANNA, again)).question == first.question

    @pytest.mark.parametrize("text", [None, "Other?"])
    async def test_a_message_of_another_chat_is_not_found_and_nothing_is_kept(
        self, kept: Kept, text: str | None
    ) -> None:
        mine = await turn(kept, opening("1"))
        await turn(kept, opening("2"))
        wrong = opening("3", chat=mine.chat, text=text, at="ans_2", minute=9)
        with pytest.raises(MessageNotFound):
            await kept.transcript.open(ANNA, wrong)
        assert await kept.chats.chat(ANNA, "chat_1") == mine.chat
        assert await shown(kept, mine.chat) == ["msg_1", "ans_1"]

    async def test_a_new_chat_has_nothing_to_ask_again_and_is_not_made(self, kept: Kept) -> None:
        with pytest.raises(MessageNotFound):
            await kept.transcript.open(ANNA, opening("1", text=None))
        assert await kept.chats.chats(ANNA) == ()

    async def test_a_frontends_own_id_has_one_chat_even_when_opened_twice(self, kept: Kept) -> None:
        first = await turn(kept, opening("1", own="tab"))
        second = await kept.transcript.open(ANNA, opening("2", own="tab", minute=1))
        assert second.chat == replace(first.chat, updated_at=at_minute(1))
        assert second.question.parent_id == "ans_1"
        assert len(await kept.chats.chats(ANNA)) == 1

    async def test_a_frontends_own_id_is_each_persons_own(self, kept: Kept) -> None:
        await turn(kept, opening("1", own="tab"))
        other = await turn(kept, opening("2", own="tab"), caller=BORIS)
        assert (other.chat.chat_id, other.chat.user_id) == ("chat_2", "boris")

    async def test_chats_without_a_frontends_id_are_each_their_own(self, kept: Kept) -> None:
        await turn(kept, opening("1"))
        assert (await turn(kept, opening("2"))).chat.chat_id == "chat_2"

    async def test_a_chat_is_held_until_its_answer_is_kept(self, kept: Kept) -> None:
        first = await kept.transcript.open(ANNA, opening("1", holding=MINUTE))
        with pytest.raises(ChatBusy):
            await kept.transcript.open(ANNA, opening("2", chat=first.chat))
        assert await shown(kept, first.chat) == ["msg_1"]
        other = await kept.transcript.open(ANNA, opening("3", holding=MINUTE))
        assert other.chat.chat_id == "chat_3"
        answer = answer_to(first, "1")
        await kept.transcript.close(ANNA, answer, message_of(answer, first.question), lambda: "[]")
        await kept.transcript.open(ANNA, opening("2", chat=first.chat))
        assert await shown(kept, first.chat) == ["msg_1", "ans_1", "msg_2"]

    async def test_a_chat_that_a_frontend_named_is_held_before_it_knows_its_id(
        self, kept: Kept
    ) -> None:
        await kept.transcript.open(ANNA, opening("1", own="tab", holding=MINUTE))
        with pytest.raises(ChatBusy):
            await kept.transcript.open(ANNA, opening("2", own="tab"))
        await kept.transcript.open(BORIS, opening("3", own="tab"))

    async def test_a_chat_is_free_when_its_lease_has_ended_and_its_turn_has_lost_it(
        self, kept: Kept
    ) -> None:
        first = await kept.transcript.open(ANNA, opening("1", holding=MINUTE))
        later = opening("2", chat=first.chat, minute=1, holding=MINUTE)
        assert (await kept.transcript.open(ANNA, later)).question.parent_id == "msg_1"
        assert set(await kept.leases.kept(["ans_1", "ans_2"])) == {"ans_2"}

    async def test_of_turns_that_begin_at_once_in_one_chat_one_begins(self, kept: Kept) -> None:
        first = await turn(kept, opening("0"))
        busy: list[int] = []

        async def begin(number: int) -> None:
            try:
                one = opening(str(number), chat=first.chat, holding=MINUTE)
                await kept.transcript.open(ANNA, one)
            except ChatBusy:
                busy.append(number)

        async with anyio.create_task_group() as group:
            for number in range(1, 6):
                group.start_soon(begin, number)
        assert len(busy) == 4
        assert len(await shown(kept, first.chat)) == 3

    async def test_turns_that_begin_at_once_are_one_chat_and_one_line(self, kept: Kept) -> None:
        async def begin(number: int) -> None:
            await kept.transcript.open(ANNA, opening(str(number), own="tab", text=f"{number}?"))

        async with anyio.create_task_group() as group:
            for number in range(5):
                group.start_soon(begin, number)
        (chat,) = await kept.chats.chats(ANNA)
        assert sorted(await shown(kept, chat)) == ["msg_0", "msg_1", "msg_2", "msg_3", "msg_4"]

    async def test_a_deleted_chat_cannot_be_gone_on_with(self, kept: Kept) -> None:
        first = await turn(kept, opening("1"))
        await kept.chats.delete(ANNA, "chat_1")
        with pytest.raises(ChatNotFound):
            await kept.transcript.open(ANNA, opening("2", chat=first.chat))
        assert await kept.chats.chats(ANNA) == ()

    async def test_another_persons_chat_cannot_be_gone_on_with(self, kept: Kept) -> None:
        first = await turn(kept, opening("1"))
        with pytest.raises(ChatNotFound):
            await kept.transcript.open(BORIS, opening("2", chat=first.chat))
        await turn(kept, opening("2", chat=first.chat), caller=LOCAL)
        assert await shown(kept, first.chat) == ["msg_1", "ans_1", "msg_2", "ans_2"]

    async def test_ids_that_are_taken_are_a_conflict_and_change_nothing(self, kept: Kept) -> None:
        first = await turn(kept, opening("1"))
        with pytest.raises(Conflict, match="chat_1"):
            await kept.transcript.open(BORIS, opening("1"))
        other = replace(opening("2"), message_id="msg_1")
        with pytest.raises(Conflict, match="msg_1"):
            await kept.transcript.open(BORIS, other)
        assert await kept.chats.chats(BORIS) == ()
        assert await shown(kept, first.chat) == ["msg_1", "ans_1"]

    async def test_an_answer_is_the_last_message_shown_and_moves_its_chat(self, kept: Kept) -> None:
        opened = await kept.transcript.open(ANNA, opening("1"))
        answer = answer_to(opened, "1", minute=7)
        message = message_of(answer, opened.question)
        await kept.transcript.close(ANNA, answer, message, lambda: "[]")
        assert (await kept.chats.chat(ANNA, "chat_1")).updated_at == at_minute(7)
        assert await kept.chats.messages(ANNA, "chat_1") == (opened.question, message)
        assert await kept.answers.answer(ANNA, "ans_1") == answer

    async def test_an_answer_to_a_deleted_chat_is_not_kept(self, kept: Kept) -> None:
        opened = await kept.transcript.open(ANNA, opening("1"))
        answer = answer_to(opened, "1")
        await kept.chats.delete(ANNA, "chat_1")
        with pytest.raises(ChatNotFound):
            await kept.transcript.close(
                ANNA, answer, message_of(answer, opened.question), lambda: "[]"
            )
        with pytest.raises(AnswerNotFound):
            await kept.answers.answer(ANNA, "ans_1")
        assert await kept.chats.chats(ANNA) == ()

    async def test_an_answer_cannot_be_put_into_another_persons_chat(self, kept: Kept) -> None:
        opened = await kept.transcript.open(ANNA, opening("1"))
        answer = answer_to(opened, "1")
        with pytest.raises(ChatNotFound):
            await kept.transcript.close(
                BORIS, answer, message_of(answer, opened.question), lambda: "[]"
            )
        assert await shown(kept, opened.chat) == ["msg_1"]

    @pytest.mark.parametrize("taken", ["ans_1", "msg_2"])
    async def test_an_answers_id_that_is_taken_is_a_conflict_and_changes_nothing(
        self, kept: Kept, taken: str
    ) -> None:
        first = await turn(kept, opening("1"))
        second = await kept.transcript.open(ANNA, opening("2", chat=first.chat))
        answer = replace(answer_to(second, "2", minute=9), answer_id=taken)
        with pytest.raises(Conflict, match=taken):
            await kept.transcript.close(
                ANNA, answer, message_of(answer, second.question), lambda: "[]"
            )
        assert await kept.chats.chat(ANNA, "chat_1") == second.chat
        assert await shown(kept, first.chat) == ["msg_1", "ans_1", "msg_2"]
        assert len(await kept.answers.answers(ANNA)) == 1

    async def test_the_turns_of_another_branch_are_not_given(self, kept: Kept) -> None:
        first = await turn(kept, opening("1", text="old?"))
        await turn(kept, opening("2", chat=first.chat, text="dropped?"))
        await turn(kept, opening("3", chat=first.chat, text="taken?", at="msg_2"))
        fourth = await kept.transcript.open(ANNA, opening("4", chat=first.chat))
        assert [past.question for past in fourth.past] == ["old?", "taken?"]


class TestInMemoryTranscript(TranscriptContract):
    @pytest.fixture
    def kept(self) -> Kept:
        return kept_in_memory()


class TestSqliteTranscript(TranscriptContract):
    pass
