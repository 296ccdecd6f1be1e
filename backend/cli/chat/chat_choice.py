"""The selection of a chat, and the table of chats."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import typer

from backend.cli.terminal import terminal
from backend.composition.container import Container
from use_cases.chat.errors import ChatNotFound
from use_cases.chat.model import Chat, Mode, Within
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
    """Return the chat with this id, or the one used last. Raises `ChatNotFound`."""
    if named != LAST:
        return await candor.chat.manage_chats.show(LOCAL, named)
    found = await candor.chat.manage_chats.list(LOCAL, limit=1)
    if not found:
        raise ChatNotFound("There are no chats yet.", hint="Start one with: candor chat")
    return found[0]


def chat_table(chats: Sequence[Chat], *, numbered: bool = False) -> str:
    """Return one line for each chat, with its title, which may be of any width, at the end."""
    names = [str(place) if numbered else chat.chat_id for place, chat in enumerate(chats, 1)]
    rows = [
        (name, local_time(chat.updated_at), chat.mode, chat.title)
        for name, chat in zip(names, chats, strict=True)
    ]
    return terminal.columns(("#" if numbered else "ID", "LAST USED", "MODE", "TITLE"), rows)


def parse_mode(named: str) -> Mode:
    """Return the mode of this name. Raises `InvalidInput`."""
    try:
        return Mode(named.lower())
    except ValueError:
        raise InvalidInput(
            f"{named[:40]!r} is no mode of a chat.", hint=f"Use one of: {', '.join(Mode)}."
        ) from None


def local_time(when: datetime) -> str:
    """Return a time in the local time zone."""
    return f"{when.astimezone():%Y-%m-%d %H:%M}"
