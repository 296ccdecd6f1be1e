"""What the store does for the ports `Summaries` and `MemoryTexts`, on SQLite."""

from dataclasses import dataclass, replace

import pytest

from services.store.jobs import SqlJobs
from services.store.store import Store
from services.store.stored_conversations import SqlMemoryTexts, SqlSummaries
from tests.contracts.keeping import ANNA, BORIS, HOSTILE, NOON, STORED, at_minute
from tests.contracts.test_jobs import JOB
from tests.fakes.clock import FixedClock
from tests.use_cases.conversations.attaching import make_conversations, remove_conversation
from use_cases.conversations.errors import ConversationNotFound
from use_cases.conversations.model import (
    ConversationSummary,
    RememberedText,
    Submission,
    SummaryMethod,
)
from use_cases.conversations.ports import Summaries
from use_cases.conversations.recall import MemoryTexts
from use_cases.kernel.jobs.model import Jobs

pytestmark = pytest.mark.anyio

MADE = ConversationSummary(
    chat_id="chat_anna",
    run_id="job_1",
    text=HOSTILE,
    method=SummaryMethod.MODEL,
    model="openai:gpt-4.1-mini",
    messages=5,
    made_at=NOON,
)
VECTOR = bytes(range(256))


@dataclass(frozen=True, slots=True)
class Summed:
    """The ports over one store, with a conversation of each of two people and a run."""

    store: Store
    summaries: Summaries
    memories: MemoryTexts
    jobs: Jobs


async def made(summed: Summed, text: str = HOSTILE) -> None:
    """A summary of Anna's conversation."""
    await summed.summaries.begin(ANNA, "chat_anna", "job_1")
    await summed.summaries.keep(replace(MADE, text=text))


class SummariesContract:
    """The suite, on the store unless a subclass says otherwise."""

    @pytest.fixture
    async def summed(self, store: Store) -> Summed:
        await make_conversations(store)
        jobs = SqlJobs(store, clock=FixedClock(NOON))
        await jobs.add(replace(JOB, job_id="job_1"))
        return Summed(store, SqlSummaries(store), SqlMemoryTexts(store), jobs)

    async def test_a_summary_is_read_as_it_was_made(self, summed: Summed) -> None:
        assert await summed.summaries.summary(ANNA, "chat_anna") is None
        await summed.summaries.begin(ANNA, "chat_anna", "job_1")
        begun = ConversationSummary(chat_id="chat_anna", run_id="job_1")
        assert await summed.summaries.summary(ANNA, "chat_anna") == begun
        await summed.summaries.keep(MADE)
        assert await summed.summaries.summary(ANNA, "chat_anna") == replace(MADE, text=STORED)

    async def test_an_edit_stays_whatever_is_made(self, summed: Summed) -> None:
        edited = await summed.summaries.edit(ANNA, "chat_anna", "Mine.", at_minute(1))
        assert (edited.shown, edited.text, edited.edited_at) == ("Mine.", "", at_minute(1))
        await made(summed)
        found = await summed.summaries.summary(ANNA, "chat_anna")
        assert found == replace(MADE, text=STORED, edited="Mine.", edited_at=at_minute(1))

    async def test_another_persons_conversation_has_none(self, summed: Summed) -> None:
        await made(summed)
        with pytest.raises(ConversationNotFound, match="chat_anna"):
            await summed.summaries.summary(BORIS, "chat_anna")
        with pytest.raises(ConversationNotFound):
            await summed.summaries.begin(BORIS, "chat_anna", "job_2")
        with pytest.raises(ConversationNotFound):
            await summed.summaries.edit(BORIS, "chat_anna", "His.", NOON)
        assert await summed.summaries.summary(ANNA, "chat_anna") == replace(MADE, text=STORED)

    async def test_what_is_made_of_a_removed_conversation_is_dropped(self, summed: Summed) -> None:
        await made(summed)
        await remove_conversation(summed.store, "chat_anna")
        await summed.summaries.keep(MADE)
        with pytest.raises(ConversationNotFound):
            await summed.summaries.summary(ANNA, "chat_anna")

    async def test_a_run_knows_what_it_waits_for_until_it_is_removed(self, summed: Summed) -> None:
        assert await summed.summaries.submission("job_1") is None
        await summed.summaries.submit("job_1", Submission("7", NOON))
        assert await summed.summaries.submission("job_1") == Submission("7", NOON)
        await summed.jobs.remove(ANNA, "job_1")
        assert await summed.summaries.submission("job_1") is None

    async def test_shown_summaries_are_remembered_with_their_vectors(self, summed: Summed) -> None:
        assert await summed.memories.texts("anna", "fake") == []
        await made(summed, "Made.")
        bare = RememberedText(memory_id="chat_anna", text="Made.", created_at=NOON, vector=None)
        assert await summed.memories.texts("anna", "fake") == [bare]
        for _ in range(2):
            await summed.memories.keep("fake", {"chat_anna": ("Made.", VECTOR), "gone": ("", b"")})
        assert await summed.memories.texts("anna", "fake") == [replace(bare, vector=VECTOR)]
        assert await summed.memories.texts("anna", "other") == [bare]
        assert await summed.memories.texts("boris", "fake") == []
        await summed.summaries.edit(ANNA, "chat_anna", "Mine.", at_minute(1))
        mine = replace(bare, text="Mine.", created_at=at_minute(1))
        assert await summed.memories.texts("anna", "fake") == [mine]
        await remove_conversation(summed.store, "chat_anna")
        assert await summed.memories.texts("anna", "fake") == []


class TestSqliteSummaries(SummariesContract):
    pass
