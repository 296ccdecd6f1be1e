"""Imports for a model: the room that is left for a conversation, and when a summary is begun."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.contracts.keeping import ANNA
from tests.use_cases.conversations.test_summarise import Desk, ScriptedSummariser, desk
from tests.use_cases.playground.evaluations.evaluating import AnsweringModels
from use_cases.conversations.import_conversations import RESERVED_TOKENS, ImportForModel
from use_cases.conversations.model import (
    ImportChoice,
    ImportEvent,
    ModelLimit,
    ModelLimitConflict,
    SummaryBegun,
)
from use_cases.kernel.errors import DefaultModelUnusable
from use_cases.kernel.jobs.model import JobState
from use_cases.kernel.ports import ResolvedModel

pytestmark = pytest.mark.anyio

GPT_4 = "openai:gpt-4"
"""It has room for 8,192 tokens."""
LIMIT = ModelLimit(model=GPT_4, tokens=8192 - RESERVED_TOKENS)
WORDS = "Keys are rotated. " * 1000
"""About 4,500 tokens."""


class NoModels(AnsweringModels):
    """Port `Models` whose default is a name that it does not know."""

    def resolve(self, name: str | None = None, *, trusted: bool = False) -> ResolvedModel:
        return super().resolve(name or "openai:gone", trusted=trusted)


def chat(*said: str) -> dict[str, object]:
    """A conversation as the plain form has it."""
    messages = [{"id": str(n), "role": "user", "content": text} for n, text in enumerate(said)]
    return {"format": "candor.conversation/1", "source": "notes", "id": "1", "messages": messages}


async def put(summaries: Desk, folder: Path, choice: ImportChoice, *said: str) -> list[ImportEvent]:
    """The events of an import between the first and the last."""
    file = folder / "chat.json"
    file.write_text(json.dumps(chat(*said)))
    importing = summaries.candor.conversations.import_conversations
    events = importing.stream(ANNA, str(file), choice)
    reading = ImportForModel(summarise_conversations=summaries.summarise)
    return [one async for one in reading.summarising(ANNA, events)][1:-1]


def names(events: Sequence[ImportEvent]) -> list[str]:
    return [type(one).__name__ for one in events]


async def test_the_limit_is_the_models_room_without_its_instructions_and_reply(
    tmp_path: Path,
) -> None:
    async with desk(tmp_path) as summaries:
        reading = ImportForModel(summarise_conversations=summaries.summarise)
        choice = ImportChoice(into="chat_1")
        found = await reading.choice(ANNA, choice, GPT_4, accepted=False)
        assert found == ImportChoice(into="chat_1", limit=LIMIT)
        assert await reading.choice(ANNA, choice, "openai:unheard-of", accepted=True) == choice


async def test_a_summary_is_begun_where_it_was_accepted_and_there_is_none(tmp_path: Path) -> None:
    async with desk(tmp_path) as summaries:
        reading = ImportForModel(summarise_conversations=summaries.summarise)
        asking = await reading.choice(ANNA, ImportChoice(), GPT_4, accepted=False)
        (conflict,) = await put(summaries, tmp_path, asking, WORDS)
        assert isinstance(conflict, ModelLimitConflict)
        accepting = await reading.choice(ANNA, ImportChoice(), GPT_4, accepted=True)
        stored, begun = await put(summaries, tmp_path, accepting, WORDS)
        assert isinstance(begun, SummaryBegun)
        assert names([stored]) == ["ConversationStored"]
        # The run that waits is the one of the same conversation.
        assert (await put(summaries, tmp_path, accepting, WORDS))[1] == begun
        made = await summaries.summarise.run(ANNA, begun.run_id)
        assert (made.state, made.spec.chat_id) == (JobState.COMPLETED, begun.chat_id)
        assert names(await put(summaries, tmp_path, accepting, WORDS)) == ["ConversationStored"]
        longer = await put(summaries, tmp_path, accepting, WORDS, "More.")
        assert names(longer) == ["ConversationStored", "SummaryBegun"]


async def test_what_fits_is_not_summarised(tmp_path: Path) -> None:
    async with desk(tmp_path) as summaries:
        reading = ImportForModel(summarise_conversations=summaries.summarise)
        accepting = await reading.choice(ANNA, ImportChoice(), GPT_4, accepted=True)
        assert names(await put(summaries, tmp_path, accepting, "Hi.")) == ["ConversationStored"]


async def test_a_summary_that_cannot_be_made_is_refused_before_the_import(tmp_path: Path) -> None:
    models = NoModels({})
    async with desk(tmp_path, models) as summaries:
        reading = ImportForModel(summarise_conversations=summaries.summarise)
        await reading.choice(ANNA, ImportChoice(), GPT_4, accepted=False)
        with pytest.raises(DefaultModelUnusable):
            await reading.choice(ANNA, ImportChoice(), GPT_4, accepted=True)
    async with desk(tmp_path, models, ScriptedSummariser([])) as summaries:
        reading = ImportForModel(summarise_conversations=summaries.summarise)
        await reading.choice(ANNA, ImportChoice(), GPT_4, accepted=True)
