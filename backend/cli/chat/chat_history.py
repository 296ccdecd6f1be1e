"""The earlier messages of a chat."""

from collections.abc import Sequence

from backend.cli.chat.chat_choice import local_time
from backend.cli.chat.chat_conversation import ChatConversation
from backend.cli.terminal import terminal
from backend.composition.container import Container
from use_cases.chat.model import Chat, Message, Outcome, Role
from use_cases.kernel.citations.sources import UNSOURCED
from use_cases.kernel.model import LOCAL

_SHOWN = 100
_LAST = 4


async def show_messages(candor: Container, chat: Chat, *, last: int = _SHOWN) -> Sequence[Message]:
    """Show the last messages, oldest first, with a note if there are earlier ones; return those
    shown.
    """
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
    """Continue in a chat: show its title and its last messages."""
    about = f"last used {local_time(chat.updated_at)} · {chat.mode} · {chat.chat_id}"
    terminal.talk(f"{chat.title} · {about}\n")
    messages = await show_messages(conversation.candor, chat, last=_LAST)
    answers = [message.answer for message in messages if message.answer is not None]
    conversation.begin_anew(chat, answers[-1] if answers else None)
