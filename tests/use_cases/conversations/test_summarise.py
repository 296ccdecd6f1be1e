"""Summaries as runs: in parts, resumed, by another service, and beside what a person wrote."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import pytest

from backend.composition.container import Container
from backend.settings.settings import Settings
from tests.contracts.keeping import ANNA, BORIS
from tests.contracts.test_imports import TREE, conversation, ready, said
from tests.fakes.candor import quick_candor
from tests.fakes.clock import FixedClock
from tests.templates import migrated_store
from tests.use_cases.playground.evaluations.evaluating import AnsweringModels
from use_cases.conversations.errors import (
    AttachmentNotFound,
    ConversationNotFound,
    SummariserRefused,
    SummaryInvalid,
    SummaryNotFound,
)
from use_cases.conversations.model import (
    ConversationSummary,
    FileSummary,
    ImportedMessage,
    Spoken,
    SummaryMethod,
    SummaryRun,
)
from use_cases.conversations.ports import Summariser
from use_cases.conversations.summarise_conversations import (
    PART_CHARACTERS,
    SummariseConversations,
    parts_of,
)
from use_cases.kernel.errors import CandorError, UpstreamFailed
from use_cases.kernel.identity.admission import Budget
from use_cases.kernel.identity.errors import BudgetSpent
from use_cases.kernel.jobs.model import JobState
from use_cases.kernel.model import Caller, Scope
from use_cases.kernel.runs.model_calls import Pause

pytestmark = pytest.mark.anyio

MODEL = "openai:gpt-4o-mini"
PARTS = 4
LONG = tuple(
    said(f"m{n}", f"m{n - 1}" if n else None, f"Part {n}. " + "word " * 2300) for n in range(PARTS)
)


@dataclass
class ScriptedSummariser:
    """Port `Summariser`: it says these things, one after the other, when it is polled."""

    says: list[str | CandorError | None]
    submitted: list[Sequence[Spoken]] = field(default_factory=list[Sequence[Spoken]])

    async def submit(self, messages: Sequence[Spoken]) -> str:
        self.submitted.append(messages)
        return f"job-{len(self.submitted)}"

    async def poll(self, external_id: str, messages: int) -> str | None:
        assert (external_id, messages) == ("job-1", len(self.submitted[0]))
        found = self.says.pop(0)
        if isinstance(found, CandorError):
            raise found
        return found


@dataclass(frozen=True)
class Desk:
    candor: Container
    summarise: SummariseConversations
    clock: FixedClock

    async def stored(self, messages: tuple[ImportedMessage, ...] = TREE, last: str = "a3") -> str:
        """A conversation of Anna's."""
        put = self.candor.conversations.imports.put
        return (await put(ANNA, ready(conversation(messages, last)))).chat_id

    async def made(self, chat_id: str, model: str | None = None) -> ConversationSummary:
        """Its summary, after a run to the end."""
        run = await self.summarise.create(ANNA, chat_id, model=model)
        ended = await self.summarise.run(ANNA, run.job_id)
        assert ended.state is JobState.COMPLETED, ended
        return (await self.summarise.summary(ANNA, chat_id))[0]

    async def attached(self, text: str) -> str:
        """A file of a conversation of Anna's."""
        add = self.candor.conversations.manage_attachments.add
        made = await add(ANNA, await self.stored(), "a.txt", BytesIO(text.encode()))
        return made.attachment.file_id

    async def of_file(self, file_id: str, model: str | None = None) -> FileSummary | None:
        """Its summary, after a run to the end."""
        run = await self.summarise.create_for_file(ANNA, file_id, model=model)
        ended = await self.summarise.run(ANNA, run.job_id)
        assert (ended.state, ended.spec.file_id) == (JobState.COMPLETED, file_id), ended
        return (await self.summarise.file(ANNA, file_id))[0].summary


@asynccontextmanager
async def desk(
    folder: Path,
    models: AnsweringModels | None = None,
    summariser: Summariser | None = None,
    pause: Pause | None = None,
) -> AsyncGenerator[Desk]:
    file = folder / "candor.sqlite"
    if not file.exists():
        migrated_store(file)
    settings = Settings.model_construct(data_dir=folder)
    async with quick_candor(settings, models=models) as candor:
        candor.clock = clock = FixedClock()
        candor.conversations.summariser = summariser

        async def passes(seconds: float) -> None:
            clock.move(seconds)

        summarise = SummariseConversations(
            job_runner=candor.job_runner,
            conversations=candor.conversations.conversations,
            attachments=candor.conversations.attachments,
            summaries=candor.conversations.summaries,
            summariser=summariser,
            models=candor.models,
            prompt_registry=candor.prompt_registry,
            key_account=candor.key_account,
            entropy=candor.entropy,
            clock=clock,
            pause=pause or passes,
        )
        yield Desk(candor, summarise, clock)


async def test_a_model_gets_what_was_shown_and_its_text_is_the_summary(tmp_path: Path) -> None:
    models = AnsweringModels({MODEL: lambda text: " Daily. "})
    async with desk(tmp_path, models) as summaries:
        chat_id = await summaries.stored()
        made = await summaries.made(chat_id)
    assert (made.shown, made.method, made.model) == ("Daily.", SummaryMethod.MODEL, MODEL)
    assert made.messages == 5
    [(_, asked)] = models.asked
    assert "user: How often?\n\nassistant: Every\n\nassistant: day.\n\nuser: Really?" in asked
    assert "You are kind" not in asked
    assert "Thinking" not in asked
    assert "BEGIN conversation" in asked


async def test_a_long_conversation_is_summarised_in_parts(tmp_path: Path) -> None:
    models = AnsweringModels({MODEL: lambda text: "All." if "BEGIN conv" in text else "A part."})
    async with desk(tmp_path, models) as summaries:
        made = await summaries.made(await summaries.stored(LONG, "m3"))
    assert made.shown == "All."
    assert len(models.asked) == 5
    assert models.asked[-1][1].count("summary: A part.") == 4


async def test_without_a_model_the_summary_is_of_the_conversations_own_words(
    tmp_path: Path,
) -> None:
    async with desk(tmp_path) as summaries:
        made = await summaries.made(await summaries.stored())
    assert made.method is SummaryMethod.EXTRACTIVE
    assert made.model == "offline:extractive"
    assert made.shown.startswith("- assistant: NUL")


async def test_what_a_person_wrote_is_never_replaced(tmp_path: Path) -> None:
    async with desk(tmp_path, AnsweringModels({MODEL: lambda text: "Made."})) as summaries:
        chat_id = await summaries.stored()
        edited = await summaries.summarise.edit(ANNA, chat_id, " My own. ")
        assert (edited.shown, edited.edited_at) == ("My own.", summaries.clock.now())
        made = await summaries.made(chat_id)
        assert (made.shown, made.text) == ("My own.", "Made.")
        assert (await summaries.summarise.edit(ANNA, chat_id, "Better.")).text == "Made."
        for text in ("", " \0 ", "x" * 20_001):
            with pytest.raises(SummaryInvalid):
                await summaries.summarise.edit(ANNA, chat_id, text)


async def test_anothers_conversation_has_no_summary(tmp_path: Path) -> None:
    async with desk(tmp_path) as summaries:
        chat_id = await summaries.stored()
        run = await summaries.summarise.create(ANNA, chat_id)
        for call in (
            summaries.summarise.summary(BORIS, chat_id),
            summaries.summarise.edit(BORIS, chat_id, "x"),
            summaries.summarise.create(BORIS, chat_id),
        ):
            with pytest.raises(ConversationNotFound):
                await call
        with pytest.raises(CandorError, match=run.job_id):
            await summaries.summarise.show(BORIS, run.job_id)


async def test_a_conversation_without_a_summary_or_text_says_so(tmp_path: Path) -> None:
    async with desk(tmp_path) as summaries:
        chat_id = await summaries.stored((said("q", None, " "),), "q")
        with pytest.raises(SummaryNotFound):
            await summaries.summarise.summary(ANNA, chat_id)
        with pytest.raises(SummaryInvalid, match="no text"):
            await summaries.summarise.create(ANNA, chat_id)


async def test_a_second_wish_gets_the_run_that_is_waiting(tmp_path: Path) -> None:
    async with desk(tmp_path) as summaries:
        chat_id = await summaries.stored()
        first = await summaries.summarise.create(ANNA, chat_id, queued=True)
        assert await summaries.summarise.create(ANNA, chat_id) == first
        await summaries.summarise.run(ANNA, first.job_id)
        assert (await summaries.summarise.create(ANNA, chat_id)).job_id != first.job_id


async def test_a_run_whose_conversation_was_deleted_is_cancelled(tmp_path: Path) -> None:
    async with desk(tmp_path) as summaries:
        chat_id = await summaries.stored()
        run = await summaries.summarise.create(ANNA, chat_id, queued=True)
        await summaries.candor.conversations.manage_conversations.remove(ANNA, chat_id)
        assert (await summaries.summarise.run(ANNA, run.job_id)).state is JobState.CANCELLED
        assert await summaries.summarise.abandoned() == []


async def test_a_model_that_fails_leaves_the_reason(tmp_path: Path) -> None:
    async with desk(tmp_path, AnsweringModels({MODEL: lambda text: ""})) as summaries:
        chat_id = await summaries.stored()
        run = await summaries.summarise.create(ANNA, chat_id)
        ended = await summaries.summarise.run(ANNA, run.job_id)
        assert "empty summary" in ended.reason
        found, newest = await summaries.summarise.summary(ANNA, chat_id)
        assert found.shown == ""
        assert newest is not None
        assert "empty summary" in newest.reason


async def test_another_service_is_polled_until_it_is_done(tmp_path: Path) -> None:
    summariser = ScriptedSummariser([None, UpstreamFailed("It sleeps."), None, "From outside."])
    async with desk(tmp_path, summariser=summariser) as summaries:
        began = summaries.clock.now()
        made = await summaries.made(await summaries.stored())
        assert (made.shown, made.method) == ("From outside.", SummaryMethod.EXTERNAL)
        assert (summaries.clock.now() - began).total_seconds() == 3 * 5
    assert len(summariser.submitted) == 1


async def test_another_services_job_is_polled_on_after_a_restart(tmp_path: Path) -> None:
    summariser = ScriptedSummariser([None, "From outside."])

    class EndedError(BaseException):
        """The process is gone."""

    async def ends(seconds: float) -> None:
        raise EndedError

    async with desk(tmp_path, summariser=summariser, pause=ends) as summaries:
        chat_id = await summaries.stored()
        run = await summaries.summarise.create(ANNA, chat_id)
        with pytest.raises(EndedError):
            await summaries.summarise.run(ANNA, run.job_id)
    async with desk(tmp_path, summariser=summariser) as summaries:
        await summaries.summarise.run(ANNA, run.job_id)
        found, _ = await summaries.summarise.summary(ANNA, chat_id)
        assert found.shown == "From outside."
    assert len(summariser.submitted) == 1


async def test_another_service_is_waited_for_a_hundred_minutes(tmp_path: Path) -> None:
    summariser = ScriptedSummariser([None] * 1201)
    async with desk(tmp_path, summariser=summariser) as summaries:
        chat_id = await summaries.stored()
        run = await summaries.summarise.create(ANNA, chat_id)
        assert "100 minutes" in (await summaries.summarise.run(ANNA, run.job_id)).reason
    assert summariser.says == []


async def test_a_service_that_refuses_ends_the_run(tmp_path: Path) -> None:
    summariser = ScriptedSummariser([SummariserRefused("The token is wrong.")])
    async with desk(tmp_path, summariser=summariser) as summaries:
        chat_id = await summaries.stored()
        run = await summaries.summarise.create(ANNA, chat_id)
        ended = await summaries.summarise.run(ANNA, run.job_id)
        assert ended.reason == "summariser_refused: The token is wrong."


async def test_a_run_whose_key_has_used_up_its_day_is_interrupted(tmp_path: Path) -> None:
    models = AnsweringModels({MODEL: lambda text: "A part."})
    async with desk(tmp_path, models) as summaries:
        manage = summaries.candor.identity.manage_keys
        made = await manage.create("anna", label="x", scopes=tuple(Scope), budget=Budget(tokens=1))
        chat_id = await summaries.stored(LONG, "m3")
        run = await summaries.summarise.create(made.key.caller, chat_id)
        with pytest.raises(BudgetSpent):
            await summaries.summarise.run(ANNA, run.job_id)
        ended = await summaries.summarise.show(ANNA, run.job_id)
    assert ended.state is JobState.INTERRUPTED
    assert ended.reason.startswith("budget_spent: ")
    assert models.asked  # the parts are asked for at once, so that it is not known how many were
    assert not any("BEGIN conversation" in asked for _, asked in models.asked)


async def test_a_model_summarises_a_file_in_parts(tmp_path: Path) -> None:
    models = AnsweringModels({MODEL: lambda text: "All." if "BEGIN file" in text else "A part."})
    text = "Keys are rotated every ninety days. " * 700
    async with desk(tmp_path, models, ScriptedSummariser([])) as summaries:
        file_id = await summaries.attached(text)
        made = await summaries.of_file(file_id)
        assert made == FileSummary(text="All.", made_at=summaries.clock.now(), model=MODEL)
        assert made == await summaries.of_file(file_id)
    parts = -(-len(text) // PART_CHARACTERS)
    assert len(models.asked) == 2 * (parts + 1)
    assert "\nsummary: A part.\n\nsummary: A part." in models.asked[-1][1]


async def test_a_file_is_summarised_without_a_model_too(tmp_path: Path) -> None:
    async with desk(tmp_path) as summaries:
        file_id = await summaries.attached("Keys are rotated every ninety days.")
        made = await summaries.of_file(file_id)
    assert made is not None
    assert (made.text, made.model) == ("- Keys are rotated every ninety days.", "")


async def test_the_run_of_a_file_is_begun_once_and_says_why_it_failed(tmp_path: Path) -> None:
    async with desk(tmp_path, AnsweringModels({MODEL: lambda text: ""})) as summaries:
        file_id = await summaries.attached("Keys are rotated every ninety days.")
        run = await summaries.summarise.create_for_file(ANNA, file_id, queued=True)
        assert await summaries.summarise.create_for_file(ANNA, file_id) == run
        await summaries.summarise.run(ANNA, run.job_id)
        file, newest = await summaries.summarise.file(ANNA, file_id)
        assert file.summary is not None
        assert file.summary.model == ""
        assert newest is not None
        assert "empty summary" in newest.reason


async def test_who_sees_a_completed_run_sees_its_summary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(tmp_path) as summaries:
        show = summaries.summarise.show

        async def ends_meanwhile(caller: Caller, run_id: str) -> SummaryRun:
            monkeypatch.setattr(summaries.summarise, "show", show)
            await summaries.summarise.run(caller, run_id)
            return await show(caller, run_id)

        file_id = await summaries.attached("Keys are rotated every ninety days.")
        await summaries.summarise.create_for_file(ANNA, file_id, queued=True)
        made_at = summaries.clock.now()
        summaries.clock.move(60)
        monkeypatch.setattr(summaries.summarise, "show", ends_meanwhile)
        file, newest = await summaries.summarise.file(ANNA, file_id)
        assert newest is not None
        assert newest.state is JobState.COMPLETED
        assert file.summary is not None
        assert file.summary.made_at > made_at
        chat_id = await summaries.stored()
        await summaries.summarise.create(ANNA, chat_id, queued=True)
        monkeypatch.setattr(summaries.summarise, "show", ends_meanwhile)
        made, newest = await summaries.summarise.summary(ANNA, chat_id)
        assert newest is not None
        assert newest.state is JobState.COMPLETED
        assert made.shown


async def test_a_file_without_text_and_anothers_file_are_not_summarised(tmp_path: Path) -> None:
    async with desk(tmp_path) as summaries:
        blank = await summaries.attached("  ")
        with pytest.raises(SummaryInvalid, match="no text"):
            await summaries.summarise.create_for_file(ANNA, blank)
        file_id = await summaries.attached("One.")
        for call in (summaries.summarise.file, summaries.summarise.create_for_file):
            with pytest.raises(AttachmentNotFound):
                await call(BORIS, file_id)
        run = await summaries.summarise.create_for_file(ANNA, file_id, queued=True)
        await summaries.candor.conversations.manage_conversations.remove(ANNA, run.spec.chat_id)
        assert (await summaries.summarise.run(ANNA, run.job_id)).state is JobState.CANCELLED


def test_parts_hold_every_text_once_and_none_is_too_long() -> None:
    texts = [Spoken("user", "a" * 5_000), Spoken("assistant", "b" * 30_000)] * 3
    parts = parts_of([*texts, Spoken("user", "c")])
    assert all(len(part) <= PART_CHARACTERS for part in parts)
    joined = "".join(parts)
    assert (joined.count("a"), joined.count("b"), joined.count("c")) == (15_000 + 6, 90_000, 1)
