"""Conversations that are imported for a model to read.

Promises: one that is too long for the model is not stored before the person accepts that it is
summarised; then its summary is begun, unless it has one of what is stored. What the summary needs is
checked before anything is stored. Leaves to others: the import; making the summary, in the background.
"""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace

from use_cases.conversations.errors import SummaryNotFound
from use_cases.conversations.model import (
    ConversationStored,
    ImportChoice,
    ImportEvent,
    ImportOutcome,
    ModelLimit,
    SummaryBegun,
)
from use_cases.conversations.summarise_conversations import SummariseConversations
from use_cases.kernel.model import Caller
from use_cases.kernel.runs.cancellation import closing
from use_cases.kernel.runs.completion import context_window

RESERVED_TOKENS = 4_000
"""The tokens of a model's room that are kept for its instructions and its reply."""


class ImportForModel:
    """Measures what is imported, and begins the summaries of what is too long."""

    def __init__(self, *, summarise_conversations: SummariseConversations) -> None:
        self._summarise = summarise_conversations

    async def choice(
        self, caller: Caller, choice: ImportChoice, model: str, *, accepted: bool
    ) -> ImportChoice:
        """Returns the choice with the limit of a model, `provider:name`; without one where it is not
        known.

        `accepted`: what is longer is summarised. Raises then what `SummariseConversations.create` raises
        for every conversation.
        """
        tokens = await asyncio.to_thread(context_window, model)  # the first time it reads the list
        if tokens is None:
            return choice
        if accepted:
            await self._summarise.require(caller)
        room = max(0, tokens - RESERVED_TOKENS)
        return replace(choice, limit=ModelLimit(model=model, tokens=room, accepted=accepted))

    async def summarising(
        self, caller: Caller, events: AsyncGenerator[ImportEvent]
    ) -> AsyncGenerator[ImportEvent]:
        """Returns the events of an import, and `SummaryBegun` behind each conversation that is
        summarised.
        """
        async with closing(events):
            async for event in events:
                yield event
                if isinstance(event, ConversationStored) and await self._lacks(caller, event):
                    run = await self._summarise.create(caller, event.stored.chat_id, queued=True)
                    yield SummaryBegun(run.spec.chat_id, run.job_id)

    async def _lacks(self, caller: Caller, event: ConversationStored) -> bool:
        """Returns true if a conversation is too long, and has no summary of what is stored now."""
        if not event.too_long or event.stored.outcome is not ImportOutcome.UNCHANGED:
            return event.too_long
        try:
            found, _ = await self._summarise.summary(caller, event.stored.chat_id)
        except SummaryNotFound:
            return True
        return not found.shown
