"""The commands of a conversation: lines that begin with a slash.

A line that begins with two is a question that begins with one; a text of several lines is a
question. A command's result goes to stdout, its messages to stderr.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import ClassVar, Protocol, TypeAlias

from backend.cli.chat.answer_view import show_sources
from backend.cli.chat.chat_conversation import ChatConversation
from backend.cli.chat.chat_selection import (
    MODES,
    begin_in,
    chat_table,
    find_chat,
    parse_mode,
    show_messages,
)
from backend.cli.terminal import terminal
from use_cases.chat.model import Chat
from use_cases.kernel.model import LOCAL

_LISTED = 10
_NOTHING = "This chat has no question yet."
_ALL = "all"


class Confirmation(Protocol):
    """Asks the user before data is lost."""

    async def confirm(self, question: str) -> bool:
        """Returns True if the user answers yes."""
        ...


Run: TypeAlias = Callable[["Commands", str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Command:
    """A command's usage, its summary in a line, and its function."""

    usage: str
    summary: str
    run: Run

    @property
    def name(self) -> str:
        """The first word of the usage."""
        return self.usage.split(" ", 1)[0]


def is_command(line: str) -> bool:
    """Returns whether a line is a command rather than a question."""
    return line.startswith("/") and not line.startswith("//") and "\n" not in line


def command_of(line: str) -> str | None:
    """Returns the name of the command that a line begins with; None for any other line."""
    name = line.partition(" ")[0]
    return name if name.lower() in {command.name for command in Commands.ALL} else None


def parse_question(line: str) -> str:
    """Returns the question in a line that is no command."""
    return line[1:] if line.startswith("//") and "\n" not in line else line


class Commands:
    """Executes the commands of one conversation."""

    ALL: ClassVar[Sequence[Command]]

    def __init__(
        self,
        conversation: ChatConversation,
        person: Confirmation,
        again: Callable[[], Awaitable[None]],
    ) -> None:
        self.left = False
        """True if the user wants to leave."""
        self._conversation = conversation
        self._person = person
        self._again = again
        self._listed: Sequence[Chat] = ()

    async def obey(self, line: str) -> None:
        """Executes a command, or reports an unknown one. Raises `CandorError`."""
        name, _, argument = line.partition(" ")
        for command in self.ALL:
            if command.name == name.lower():
                await command.run(self, argument.strip())
                return
        names = [command.name for command in self.ALL]
        close = get_close_matches(name.lower(), names, n=1)
        meant = f" Did you mean {close[0]}?" if close else " /help lists them."
        terminal.talk(
            f"Unknown command {name}.{meant} To ask a question that starts with a slash, type two: /{name}"
        )

    async def help(self, _argument: str) -> None:
        """Shows all commands, and the keys."""
        width = max(len(command.usage) for command in self.ALL)
        for command in self.ALL:
            terminal.talk_labelled(f"  {command.usage.ljust(width)}  {command.summary}")
        terminal.talk(
            "\nEnter sends the question. A line that ends with \\ continues on the next line, and so does "
            'text between """.\n'
            "Ctrl-C stops an answer or clears the line; Ctrl-C twice, or Ctrl-D, leaves.\n"
            "To ask a question that starts with a slash, type two: //etc/hosts says what?"
        )

    async def sources(self, _argument: str) -> None:
        """Shows the quotes of the last answer in full."""
        answer = self._conversation.answer
        if answer is None:
            terminal.talk("This chat has no answer yet.")
        elif not answer.sources:
            terminal.talk("The last answer has no sources.")
        else:
            show_sources(answer.sources, whole=True)

    async def model(self, name: str) -> None:
        """Sets the model of the next questions, or shows it."""
        models = self._conversation.candor.check_models
        if name:
            models.name(name)  # an error now, rather than at the next question
            self._conversation.model = name
        named = self._conversation.model
        names = [models.name(named)] if named else models.candidates(await models.default())
        terminal.talk(f"Model: {','.join(names)}")

    async def category(self, name: str) -> None:
        """Restricts the next questions to one category, or to none."""
        talk = self._conversation
        categories = (await talk.candor.knowledge.manage_documents.count()).categories
        known = ", ".join(sorted(categories)) or "none yet"
        if name and name != _ALL:
            await talk.candor.knowledge.search.require_category(name)
        if name:
            talk.category = None if name == _ALL else name
        terminal.talk(f"Category: {talk.category or _ALL} (there are: {known})")

    async def history(self, _argument: str) -> None:
        """Shows the messages of this chat."""
        chat = self._conversation.chat
        if chat is None:
            terminal.talk(_NOTHING)
        else:
            await show_messages(self._conversation.candor, chat)

    async def title(self, text: str) -> None:
        """Renames this chat, or shows its title."""
        talk = self._conversation
        if talk.chat is None:
            terminal.talk(_NOTHING)
            return
        if text:
            manage = talk.candor.chat.manage_chats
            talk.chat = await manage.change(LOCAL, talk.chat.chat_id, title=text)
        terminal.talk(f"Title: {talk.chat.title}")

    async def mode(self, named: str) -> None:
        """Sets the mode of this chat, or shows it."""
        talk = self._conversation
        if named:
            await talk.set_mode(parse_mode(named))
        mode = talk.mode
        terminal.talk(f"Mode: {mode} ({MODES[mode]})")

    async def new(self, _argument: str) -> None:
        """Starts a new chat with the next question."""
        self._conversation.begin_anew()
        terminal.talk("The next question starts a new chat.")

    async def resume(self, named: str) -> None:
        """Continues another chat, or lists them."""
        candor = self._conversation.candor
        if not named:
            self._listed = await candor.chat.manage_chats.list(LOCAL, limit=_LISTED)
            if not self._listed:
                terminal.talk("There are no chats yet.")
                return
            terminal.data(chat_table(self._listed, numbered=True))
            terminal.talk("Continue one of them with /resume and its number.")
            return
        if named.isdecimal() and 1 <= int(named) <= len(self._listed):
            named = self._listed[int(named) - 1].chat_id
        await begin_in(self._conversation, await find_chat(candor, named))

    async def retry(self, _argument: str) -> None:
        """Answers the last question again."""
        if self._conversation.can_retry:
            await self._again()
        else:
            terminal.talk(_NOTHING)

    async def delete(self, _argument: str) -> None:
        """Deletes this chat with its messages."""
        talk = self._conversation
        if talk.chat is None:
            terminal.talk(_NOTHING)
        elif await self._person.confirm(f"Delete “{talk.chat.title}” and its answers permanently?"):
            await talk.candor.chat.manage_chats.delete(LOCAL, talk.chat.chat_id)
            talk.begin_anew()
            terminal.talk("Deleted. The next question starts a new chat.")
        else:
            terminal.talk("Nothing was deleted.")

    async def leave(self, _argument: str) -> None:
        """Ends the conversation."""
        self.left = True


Commands.ALL = (
    Command("/help", "show this help", Commands.help),
    Command("/sources", "show the sources of the last answer with whole quotes", Commands.sources),
    Command("/retry", "answer the last question again", Commands.retry),
    Command("/model [NAME]", "use another model, such as openai:gpt-4.1-mini", Commands.model),
    Command("/category [NAME]", "search one category only, or all", Commands.category),
    Command("/history", "show the messages of this chat", Commands.history),
    Command("/title [TEXT]", "rename this chat", Commands.title),
    Command(
        "/mode [MODE]",
        "grounded: only what a source supports; open: other text, too",
        Commands.mode,
    ),
    Command("/new", "start a new chat", Commands.new),
    Command("/resume [CHAT]", "continue another chat: its number, its id or last", Commands.resume),
    Command("/delete", "delete this chat", Commands.delete),
    Command("/quit", "leave", Commands.leave),
)
