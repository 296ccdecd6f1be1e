"""The selection of a chat, the table of chats, and the earlier messages of one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import typer

from backend.cli.chat.chat_conversation import ChatConversation
from backend.cli.terminal import terminal
from backend.composition.container import Container
from use_cases.chat.errors import ChatNotFound
from use_cases.chat.model import Chat, Message, Mode, Outcome, Role, Within
from use_cases.kernel.citations.sources import UNSOURCED
from use_cases.kernel.errors import InvalidInput
from use_cases.kernel.model import LOCAL

ChatMode = Annotated[
    Mode | None,
    typer.Option(
        "--mode",
        help="From this question on: grounded (a text without a source is withdrawn) or open (it stays, and is labelled). Unset: as the chat is.",
    ),
]
SearchedIn = Annotated[
    Within,
    typer.Option(
        "--in",
        metavar="PLACE",
        help="Answer from documents, from conversations (yours; not verified) or from both.",
    ),
]
MODES = {
    Mode.GROUNDED: "a text without a source is withdrawn",
    Mode.OPEN: "a text without a source stays, and is labelled",
}
LAST = "last"
"""The name of the chat that was used last."""


async def find_chat(candor: Container, named: str) -> Chat:
    """Returns the chat with this id, or the one used last. Raises `ChatNotFound`."""
    if named != LAST:
        return await candor.chat.manage_chats.show(LOCAL, named)
    found = await candor.chat.manage_chats.list(LOCAL, limit=1)
    if not found:
        raise ChatNotFound("There are no chats yet.", hint="Start one with: candor chat")
    return found[0]


def chat_table(chats: Sequence[Chat], *, numbered: bool = False) -> str:
    """Returns one line for each chat, with its title, which may be of any width, at the end."""
    names = [str(place) if numbered else chat.chat_id for place, chat in enumerate(chats, 1)]
    rows = [
        (name, local_time(chat.updated_at), chat.mode, chat.title)
        for name, chat in zip(names, chats, strict=True)
    ]
    return terminal.columns(("#" if numbered else "ID", "LAST USED", "MODE", "TITLE"), rows)


def parse_mode(named: str) -> Mode:
    """Returns the mode of this name. Raises `InvalidInput`."""
    try:
        return Mode(named.lower())
    except ValueError:
        raise InvalidInput(
            f"{named[:40]!r} is no mode of a chat.", hint=f"Use one of: {', '.join(Mode)}."
        ) from None


def local_time(when: datetime) -> str:
    """Returns a time in the local time zone."""
    return f"{when.astimezone():%Y-%m-%d %H:%M}"


_SHOWN = 100
_LAST = 4


async def show_messages(candor: Container, chat: Chat, *, last: int = _SHOWN) -> Sequence[Message]:
    """Shows the last messages, oldest first, with a note if there are earlier ones; returns those shown."""
    messages = await candor.chat.manage_chats.read(LOCAL, chat.chat_id, limit=last)
    if messages.more:
        terminal.talk("… (earlier messages are not shown)")
    for place, message in enumerate(messages):
        asked = message.role is Role.USER
        if asked and place:
            terminal.data("")
        terminal.data("> " + message.text.replace("\n", "\n… ") if asked else message.text)
        if message.answer is not None and message.answer.outcome is Outcome.UNSOURCED:
            terminal.data(f"({UNSOURCED})")
        if message.answer is not None and message.answer.interrupted:
            terminal.data("(stopped here)")
    terminal.flush()
    return messages


async def begin_in(conversation: ChatConversation, chat: Chat) -> None:
    """Continues in a chat: show its title and its last messages."""
    about = f"last used {local_time(chat.updated_at)} · {chat.mode} · {chat.chat_id}"
    terminal.talk(f"{chat.title} · {about}\n")
    messages = await show_messages(conversation.candor, chat, last=_LAST)
    answers = [message.answer for message in messages if message.answer is not None]
    conversation.begin_anew(chat, answers[-1] if answers else None)
