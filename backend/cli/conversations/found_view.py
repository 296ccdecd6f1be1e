"""What a search found in conversations, on a terminal."""

from backend.cli.terminal import terminal
from backend.schemas.conversations_search import ConversationResults, FoundContent

_HERE = "candor"


def show_conversations(found: ConversationResults, *, first: int = 1) -> None:
    """Show the results, numbered from `first`, and the notices."""
    for number, one in enumerate(found.results, first):
        terminal.data(f"{number}. {one.conversation_title or one.conversation_id}")
        terminal.data(f"   {_place(one)}")
        if one.message_id is not None:
            terminal.data(f"   {one.content_snippet}")
        terminal.data("")
    more = found.total_count - len(found.results)
    if more > 0:
        terminal.talk(f"{more} more in conversations; --limit shows more.")
    for notice in found.notices:
        terminal.talk(f"note: {notice}")


def _place(one: FoundContent) -> str:
    """Return `conversation chat_01… · chatgpt · assistant · 2026-03-14 · branch msg_01…`."""
    parts = [
        f"conversation {one.conversation_id}",
        "" if one.source == _HERE else one.source,
        one.role or "",
        one.created_at.date().isoformat(),
        "" if one.branch == "shown" else f"branch {one.branch}",
    ]
    return " · ".join(part for part in parts if part)
