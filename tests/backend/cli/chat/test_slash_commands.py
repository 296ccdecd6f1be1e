"""What begins with a slash: every command over a real conversation, without the terminal around it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from backend.cli.chat.chat_conversation import ChatConversation
from backend.cli.chat.slash_commands import Commands, is_command, parse_question
from backend.cli.terminal.terminal import Interrupts
from backend.settings.settings import load_settings
from tests.backend.cli.chat.test_ask import Scripted
from tests.backend.cli.conftest import Candor
from tests.fakes.candor import quick_candor
from use_cases.chat.errors import ChatNotFound, TitleInvalid
from use_cases.chat.model import Answer
from use_cases.kernel.errors import CandorError
from use_cases.kernel.model import CategoryUnknown

pytestmark = pytest.mark.anyio


class Person:
    """Says yes or no to everything."""

    def __init__(self, *, yes: bool) -> None:
        self.yes = yes
        self.asked: list[str] = []

    async def confirm(self, question: str) -> bool:
        self.asked.append(question)
        return self.yes


class Room:
    """A conversation with its commands, and what was written since the last look."""

    def __init__(self, conversation: ChatConversation, capture: pytest.CaptureFixture[str]) -> None:
        self.conversation = conversation
        self.person = Person(yes=True)
        self.commands = Commands(conversation, self.person, self._again)
        self.retried: list[Answer | CandorError | None] = []
        self._capture = capture

    async def _again(self) -> None:
        self.retried.append(await self.conversation.retry())

    async def ask(self, text: str) -> Answer:
        answer = await self.conversation.ask(text)
        assert isinstance(answer, Answer)
        return answer

    async def obey(self, line: str) -> str:
        self._capture.readouterr()
        await self.commands.obey(line)
        written = self._capture.readouterr()
        return written.out + written.err


@pytest.fixture
async def room(filled: Candor, capsys: pytest.CaptureFixture[str]) -> AsyncIterator[Room]:
    models = Scripted("Passwords must be rotated every 90 days. [1]")
    async with quick_candor(load_settings(), models=models) as candor:
        conversation = ChatConversation(
            candor=candor, interrupts=Interrupts(), live=False, model=None, category=None
        )
        yield Room(conversation, capsys)


@pytest.mark.parametrize(
    ("line", "command", "question"),
    [
        ("/help", True, None),
        ("//etc/hosts", False, "/etc/hosts"),
        ("a / b", False, "a / b"),
        ("/etc/hosts\nsays", False, "/etc/hosts\nsays"),
        ("//two\nlines", False, "//two\nlines"),
    ],
)
def test_a_slash_is_for_the_program_and_two_are_for_the_model(
    line: str, command: bool, question: str | None
) -> None:
    assert is_command(line) is command
    if question is not None:
        assert parse_question(line) == question


async def test_an_unknown_command_is_told_with_what_was_meant(room: Room) -> None:
    assert "Unknown command /surces. Did you mean /sources?" in await room.obey("/surces")
    assert "Unknown command /xyzzy. /help lists them." in await room.obey("/xyzzy now")


async def test_help_names_every_command(room: Room) -> None:
    said = await room.obey("/help")
    assert [command.name for command in Commands.ALL if command.name not in said] == []


@pytest.mark.parametrize("line", ["/history", "/title x", "/delete", "/retry"])
async def test_where_nothing_was_asked_there_is_nothing_to_do(room: Room, line: str) -> None:
    assert await room.obey(line) == "This chat has no question yet.\n"
    assert room.retried == []
    assert room.person.asked == []


async def test_sources_are_shown_with_whole_quotes(room: Room) -> None:
    assert await room.obey("/sources") == "This chat has no answer yet.\n"
    await room.ask("How often?")
    said = await room.obey("/sources")
    assert "[1] Password policy — " in said
    assert "    “Passwords must be rotated every 90 days.”\n" in said


async def test_a_model_is_named_for_the_next_questions(room: Room) -> None:
    assert await room.obey("/model") == "Model: scripted\n"
    assert await room.obey("/model another") == "Model: another\n"
    assert (await room.ask("How often?")).model == "another"


async def test_a_category_is_one_that_there_is_and_all_is_none(room: Room) -> None:
    known = "(there are: general, policies, runbooks)"
    assert await room.obey("/category") == f"Category: all {known}\n"
    assert await room.obey("/category policies") == f"Category: policies {known}\n"
    with pytest.raises(CategoryUnknown, match="There are: general, policies, runbooks"):
        await room.obey("/category recipes")
    assert (await room.ask("How often?")).category == "policies"
    assert await room.obey("/category RUNBOOKS ") == f"Category: RUNBOOKS {known}\n"
    await room.obey("/category all")
    assert room.conversation.category is None


async def test_history_shows_what_was_said(room: Room) -> None:
    await room.ask("How often?\nExactly")
    await room.ask("And why?")
    answer = "Passwords must be rotated every 90 days. [1]\n"
    assert await room.obey("/history") == (
        f"> How often?\n… Exactly\n{answer}\n> And why?\n{answer}"
    )


async def test_a_title_can_be_read_and_changed(room: Room) -> None:
    await room.ask("How often?")
    assert await room.obey("/title") == "Title: How often?\n"
    assert await room.obey("/title Rotation  漢字") == "Title: Rotation 漢字\n"
    with pytest.raises(TitleInvalid):
        await room.obey(f"/title {'x' * 201}")


async def test_a_new_chat_begins_with_the_next_question(room: Room) -> None:
    first = await room.ask("How often?")
    await room.obey("/new")
    assert (await room.ask("How often?")).chat_id != first.chat_id


async def test_another_chat_is_resumed_by_its_place_its_id_or_as_the_last(room: Room) -> None:
    assert await room.obey("/resume") == "There are no chats yet.\n"
    first = await room.ask("The first?")
    await room.obey("/new")
    second = await room.ask("The second?")
    listed = await room.obey("/resume")
    assert listed.splitlines()[1].startswith("1  20")
    assert listed.splitlines()[1].endswith("The second?")
    said = await room.obey("/resume 2")
    assert "> The first?\nPasswords must be rotated every 90 days. [1]\n" in said
    assert (await room.ask("On?")).chat_id == first.chat_id
    await room.obey(f"/resume {second.chat_id}")
    assert room.conversation.answer is not None
    assert room.conversation.answer.answer_id == second.answer_id
    await room.obey("/resume last")
    assert room.conversation.chat is not None
    assert room.conversation.chat.chat_id == first.chat_id
    with pytest.raises(ChatNotFound):
        await room.obey("/resume 3")


async def test_retry_puts_another_answer_in_the_place_of_the_last(room: Room) -> None:
    first = await room.ask("How often?")
    await room.obey("/retry")
    [again] = room.retried
    assert isinstance(again, Answer)
    assert again.answer_id != first.answer_id
    assert (await room.obey("/history")).count("How often?") == 1


async def test_a_chat_is_deleted_when_the_person_says_yes(room: Room, tmp_path: Path) -> None:
    await room.ask("How often?")
    room.person.yes = False
    assert await room.obey("/delete") == "Nothing was deleted.\n"
    assert room.person.asked == ["Delete “How often?” and its answers permanently?"]
    room.person.yes = True
    assert "Deleted." in await room.obey("/delete")
    assert await room.obey("/resume") == "There are no chats yet.\n"
    assert await room.obey("/sources") == "This chat has no answer yet.\n"


async def test_quit_leaves(room: Room) -> None:
    await room.obey("/QUIT")
    assert room.commands.left
