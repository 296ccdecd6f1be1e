"""A chat of 2,000 messages: what must hold on every database; a subclass provides `store`."""

from sqlalchemy import Connection, insert, text

from services.store.chats import CHATS, MESSAGES, SqlChats, conversations, messages
from services.store.people import users
from services.store.store import Store
from services.store.stored_answers import ANSWERS, answers
from services.store.transcript import SqlTranscript
from tests.contracts.keeping import ANNA, answer_to, at_minute, message_of, opening
from use_cases.chat.model import Chat, Message, Role
from use_cases.chat.questions import Opened
from use_cases.kernel.model import Caller

TURNS = 1000
CHAT = Chat(
    chat_id="chat_long",
    user_id="anna",
    title="Long",
    created_at=at_minute(0),
    updated_at=at_minute(TURNS),
)


async def make_long_chat(store: Store, seen: str = "[]") -> None:
    """Questions 0 to 999, each under the answer before; `seen` is what the model saw of the last 60."""

    def fill(connection: Connection) -> None:
        connection.execute(insert(users), {"user_id": "anna", "created_at": at_minute(0)})
        connection.execute(insert(conversations), CHATS.values(CHAT))
        said = [row for number in range(TURNS) for row in _turn(number, seen)]
        connection.execute(insert(messages), said)
        given = [ANSWERS.values(answer_to(_opened(n), f"{n:04}")) for n in range(TURNS)]
        connection.execute(insert(answers), given)
        last = f"ans_{TURNS - 1:04}"
        connection.execute(text("UPDATE conversations SET leaf_id = :leaf"), {"leaf": last})

    await store.write(fill)


def _opened(number: int) -> Opened:
    return Opened(CHAT, _question(number), ())


def _question(number: int) -> Message:
    return Message(
        message_id=f"msg_{number:04}",
        chat_id=CHAT.chat_id,
        parent_id=f"ans_{number - 1:04}" if number else None,
        role=Role.USER,
        text=f"{number}?",
        created_at=at_minute(number),
    )


def _turn(number: int, seen: str) -> list[dict[str, object]]:
    answer = message_of(answer_to(_opened(number), f"{number:04}"), _question(number))
    return [
        {**MESSAGES.values(_question(number)), "model_messages": None},
        {
            **MESSAGES.values(answer),
            "model_messages": seen if number >= TURNS - 60 else "[]",
        },
    ]


class LongChatContract:
    """The suite."""

    async def test_the_newest_turns_are_read_and_the_others_counted(self, store: Store) -> None:
        await make_long_chat(store)
        opened = await SqlTranscript(store).open(ANNA, opening("next", chat=CHAT))
        assert len(opened.past) == 200
        assert (opened.past[0].question, opened.past[-1].question) == ("800?", "999?")
        assert {turn.model_messages for turn in opened.past} == {"[]"}
        assert opened.earlier == 800

    async def test_what_the_model_saw_is_read_as_far_as_a_budget_can_reach(
        self, store: Store
    ) -> None:
        await make_long_chat(store, seen="x" * 100_000)
        opened = await SqlTranscript(store).open(ANNA, opening("next", chat=CHAT))
        known = [turn.question for turn in opened.past if turn.model_messages is not None]
        assert known == [f"{number}?" for number in range(960, 1000)]
        assert opened.past[0].answer == "So."

    async def test_the_whole_chat_is_read_page_by_page(self, store: Store) -> None:
        await make_long_chat(store)
        chats = SqlChats(store)
        newest = await chats.messages(ANNA, "chat_long", limit=1000)
        oldest = await chats.messages(ANNA, "chat_long", limit=1000, before=newest[0].message_id)
        whole = [*oldest, *newest]
        assert [message.parent_id for message in whole[1:]] == [m.message_id for m in whole[:-1]]
        assert (whole[0].text, whole[-2].text, len(whole)) == ("0?", "999?", 2000)

    async def test_a_long_chat_is_deleted_with_every_row(self, store: Store) -> None:
        await make_long_chat(store)
        await SqlTranscript(store).open(Caller("boris"), opening("other"))
        await SqlChats(store).delete(ANNA, "chat_long")
        assert await _counts(store) == {"conversations": 1, "messages": 1, "answers": 0}

    async def test_a_user_is_deleted_with_every_row(self, store: Store) -> None:
        await make_long_chat(store)
        await store.write(lambda connection: connection.execute(text("DELETE FROM users")))
        assert await _counts(store) == {"conversations": 0, "messages": 0, "answers": 0}


async def _counts(store: Store) -> dict[str, int]:
    def count(connection: Connection) -> dict[str, int]:
        tables = ("conversations", "messages", "answers")
        return {
            name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()
            for name in tables
        }

    return await store.read(count)
