"""The search over conversations at a terminal: brings them up to date, searches, and shows what is found.

What an older version of Candor has imported is read anew, and what has changed is indexed. Words of everything are indexed first, and vectors where few are missing; many are left to a server, or
to `candor search --index`.
"""

from contextlib import aclosing
from dataclasses import dataclass

from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.doctor.databases import sqlite_file
from backend.schemas.conversations_schemas import ConversationResults, FoundContent
from use_cases.conversations.model import HERE, ConversationStored
from use_cases.conversations.search.model import IndexGaps, SearchFilter
from use_cases.kernel.errors import Unavailable
from use_cases.kernel.model import LOCAL
from use_cases.kernel.statistics.figures import counted

_FEW = 64
"""The passages whose vectors a search waits for."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A search: the text, which texts, how many."""

    text: str
    only: SearchFilter
    limit: int


def are_stored(candor: Container) -> bool:
    """Returns whether there may be conversations: looking into a database takes its time."""
    file = sqlite_file(candor.settings.store_url)
    return file is None or file.exists()


async def read_anew(candor: Container) -> None:
    """Reads conversations that an older version has imported, so that they gain what this one sees."""
    if not are_stored(candor):
        return
    count = 0
    async with aclosing(candor.conversations.read_anew.reparse(LOCAL)) as events:
        async for event in events:
            count += isinstance(event, ConversationStored)
    if count:
        terminal.talk(f"{counted(count, 'conversation')} of an older version: read anew.")


async def find(candor: Container, wanted: Wanted) -> ConversationResults:
    """Searches all conversations on this machine."""
    await read_anew(candor)
    try:
        async with aclosing(candor.conversations.index_conversations.complete()) as states:
            async for state in states:
                if not state.conversations and state.passages > _FEW:
                    break
    except Unavailable:
        pass  # without an embedder; the search has a notice about it
    found = await candor.conversations.search_conversations.search(
        LOCAL, wanted.text, wanted.only, limit=wanted.limit
    )
    return ConversationResults.of_search(found)


async def complete_index(candor: Container) -> None:
    """Indexes everything, and shows how far it is. Raises the embedder's errors."""
    await read_anew(candor)
    state = IndexGaps(0, 0)
    async with aclosing(candor.conversations.index_conversations.complete()) as states:
        async for state in states:
            if state.conversations or state.passages:
                terminal.talk(_left(state))
    if state.passages:
        terminal.talk("There is no embedder: conversations are found by their words alone.")
    terminal.talk("The index of conversations is up to date.")


def _left(state: IndexGaps) -> str:
    if state.conversations:
        return f"{counted(state.conversations, 'conversation')} to index."
    return f"{counted(state.passages, 'passage')} without a vector."


def show_conversations(found: ConversationResults, *, first: int = 1) -> None:
    """Shows the results, numbered from `first`, and the notices."""
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
    """Returns `conversation chat_01… · chatgpt · assistant · 2026-03-14 · branch msg_01…`."""
    parts = [
        f"conversation {one.conversation_id}",
        "" if one.source == HERE else one.source,
        one.role or "",
        one.created_at.date().isoformat(),
        "" if one.branch == "shown" else f"branch {one.branch}",
    ]
    return " · ".join(part for part in parts if part)
