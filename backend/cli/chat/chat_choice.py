"""The selection of a chat, and the table of chats."""

from collections.abc import Sequence
from datetime import datetime

from backend.cli.terminal import terminal
from backend.composition.container import Container
from use_cases.chat.errors import ChatNotFound
from use_cases.chat.model import Chat
from use_cases.kernel.model import LOCAL

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
        (name, local_time(chat.updated_at), chat.title)
        for name, chat in zip(names, chats, strict=True)
    ]
    return terminal.columns(("#" if numbered else "ID", "LAST USED", "TITLE"), rows)


def local_time(when: datetime) -> str:
    """Return a time in the local time zone."""
    return f"{when.astimezone():%Y-%m-%d %H:%M}"
