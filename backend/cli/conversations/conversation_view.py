"""Conversations and their messages, for the terminal."""

from collections import Counter

from backend.cli.terminal import terminal
from backend.schemas.conversations import (
    ConversationPageReply,
    ConversationReply,
    ConversationTreeReply,
    MessageReply,
)
from use_cases.conversations.model import HERE
from use_cases.kernel.citations.sources import UNSOURCED, Outcome
from use_cases.kernel.statistics.figures import counted


def show_page(page: ConversationPageReply) -> None:
    """Write a table to stdout."""
    if not page.conversations:
        terminal.talk("There are no conversations; `candor import FILE` brings some.")
        return
    rows = [
        (one.id, f"{one.updated_at:%Y-%m-%d %H:%M}", one.source or HERE, terminal.line(one.title))
        for one in page.conversations
    ]
    terminal.data(terminal.columns(("ID", "UPDATED", "SOURCE", "TITLE"), rows))
    if page.next_before is not None:
        terminal.talk(f"There are more; add --before {page.next_before}")


def show_tree(tree: ConversationTreeReply, *, every: bool) -> None:
    """Write messages with their ids to stdout, and to stderr what is not among them."""
    branches = Counter(one.parent_id for one in tree.messages)
    shown = [one for one in tree.messages if every or (one.is_shown and one.is_said)]
    for one in shown:
        label = f"({UNSOURCED})\n" if one.outcome is Outcome.UNSOURCED else ""
        terminal.data(f"{_heading(one, branches[one.parent_id])}\n{one.content}\n{label}")
    terminal.talk(_about(tree))
    if left_out := len(tree.messages) - len(shown):
        terminal.talk(
            f"{counted(left_out, 'message')} of other branches or hidden; --all shows all."
        )


def _heading(one: MessageReply, branches: int) -> str:
    about = [
        one.role.value,
        terminal.line(one.model),
        f"{one.created_at:%Y-%m-%d %H:%M}" if one.created_at else "",
        f"hidden: {one.hidden.value}" if one.hidden and not one.is_said else "",
        "" if one.is_complete else "interrupted",
        f"one of {branches} branches" if branches > 1 else "",
        one.id,
    ]
    return "── " + " · ".join(filter(None, about))


def _about(one: ConversationReply) -> str:
    about = [terminal.line(one.title), one.source or HERE, one.mode, one.url or "", one.id]
    return " · ".join(filter(None, about))
