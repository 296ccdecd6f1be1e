"""What every implementation of the port `Answers` does: the fake, and the store on SQLite.

`tests/services/store/test_postgres.py` runs the same suite on a PostgreSQL server.
"""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest

from tests.contracts.keeping import (
    ANNA,
    BORIS,
    NOON,
    Kept,
    kept_in_file,
    kept_in_memory,
    record,
)
from use_cases.chat.errors import AnswerNotFound
from use_cases.chat.model import Answer
from use_cases.chat.ports import Answers
from use_cases.kernel.citations.sources import Outcome, Quote, Source, SourceKind, ToolCall
from use_cases.kernel.model import LOCAL, Authority, Caller, DateOrigin, DocumentRef, Span

pytestmark = pytest.mark.anyio

DOCUMENT = DocumentRef(
    document_id="doc_7",
    version_id=3,
    name="policies/travel.md",
    title="Travel",
    category="policies",
    updated=date(2026, 2, 1),
    date_origin=DateOrigin.STATED,
    authority=Authority.OFFICIAL,
)
FULL = Answer(
    answer_id="ans_full",
    chat_id="chat_full",
    user_id="anna",
    question="How much is a night in Zürich — 180 or 220?",
    category="policies",
    text="Up to 220 CHF a night [1], 14 of 20 trips stayed below [2].",
    outcome=Outcome.CONFLICT,
    sources=(
        Source(
            number=1,
            kind=SourceKind.PASSAGE,
            document=DOCUMENT,
            section="Hotels › Switzerland",
            page=4,
            quotes=(Quote(Span(0, 25), Span(812, 851), "up to 220 CHF a night", 0.75, weak=False),),
        ),
        Source(
            number=2,
            kind=SourceKind.QUERY,
            document=replace(DOCUMENT, document_id="doc_8", superseded_by="doc_9"),
            section="",
            page=None,
            quotes=(Quote(Span(26, 58), None, "n = 14", 0.1, weak=True),),
            sql="SELECT count(*) AS n FROM trips WHERE night < 220",
        ),
    ),
    tool_calls=(
        ToolCall("search_knowledge_base", '{"query": "hotel"}', "[1] …"),
        ToolCall("lookup_structured_data", "{}", "no such column", failed=True),
    ),
    model="openai:gpt-4.1-mini",
    prompt_version="chat-3",
    input_tokens=1834,
    output_tokens=0,
    cost=Decimal("0.000123456789012345678901"),
    latency_ms=2150,
    created_at=datetime(2026, 3, 14, 12, 0, 0, 123456, tzinfo=UTC),
    interrupted=True,
    notices=("The search ran without vectors.",),
)
BARE = Answer(
    answer_id="ans_bare",
    chat_id="chat_bare",
    user_id="anna",
    question="?",
    category=None,
    text="",
    outcome=Outcome.NOT_FOUND,
    sources=(),
    tool_calls=(),
    model="offline:extractive",
    prompt_version="chat-3",
    input_tokens=None,
    output_tokens=None,
    cost=None,
    latency_ms=0,
    created_at=NOON,
)


def given(answer_id: str, caller: Caller = ANNA, *, minute: int = 0) -> Answer:
    moment = NOON + timedelta(minutes=minute)
    return replace(
        BARE,
        answer_id=answer_id,
        chat_id=f"chat_of_{answer_id}",
        user_id=caller.user_id,
        created_at=moment,
    )


async def ids(
    answers: Answers, caller: Caller = ANNA, *, limit: int = 50, before: str | None = None
) -> list[str]:
    page = await answers.answers(caller, limit=limit, before=before)
    return [answer.answer_id for answer in page]


class AnswersContract:
    """The suite; a subclass provides the fixture `kept`, empty for each test."""

    @pytest.fixture
    def answers(self, kept: Kept) -> Answers:
        return kept.answers

    @pytest.mark.parametrize("answer", [FULL, BARE], ids=["full", "bare"])
    async def test_an_answer_comes_back_as_it_was_recorded(
        self, kept: Kept, answers: Answers, answer: Answer
    ) -> None:
        await record(kept.transcript, answer)
        assert await answers.answer(ANNA, answer.answer_id) == answer
        assert list(await answers.answers(ANNA)) == [answer]

    async def test_every_outcome_can_be_kept(self, kept: Kept, answers: Answers) -> None:
        for outcome in Outcome:
            kind = f"ans_{outcome}"
            await record(kept.transcript, replace(given(kind), outcome=outcome))
            assert (await answers.answer(ANNA, kind)).outcome is outcome

    async def test_a_cost_keeps_every_digit(self, kept: Kept, answers: Answers) -> None:
        await record(kept.transcript, FULL)
        found = await answers.answer(ANNA, "ans_full")
        assert str(found.cost) == "0.000123456789012345678901"

    async def test_a_moment_is_the_same_moment_whatever_its_time_zone(
        self, kept: Kept, answers: Answers
    ) -> None:
        tokyo = timezone(timedelta(hours=9))
        at_noon = datetime(2026, 3, 14, 21, 0, tzinfo=tokyo)
        await record(kept.transcript, replace(BARE, created_at=at_noon))
        found = await answers.answer(ANNA, "ans_bare")
        assert found.created_at == NOON
        assert found.created_at.tzinfo is not None

    async def test_the_newest_comes_first(self, kept: Kept, answers: Answers) -> None:
        for answer in (given("b", minute=1), given("a", minute=2), given("c", minute=0)):
            await record(kept.transcript, answer)
        assert await ids(answers) == ["a", "b", "c"]

    async def test_moments_in_different_time_zones_are_ordered_as_moments(
        self, kept: Kept, answers: Answers
    ) -> None:
        west = timezone(timedelta(hours=-8))
        late = replace(given("late"), created_at=datetime(2026, 3, 14, 11, 0, tzinfo=west))
        await record(kept.transcript, late)
        await record(kept.transcript, given("early"))
        assert await ids(answers) == ["late", "early"]

    async def test_answers_of_one_moment_are_ordered_by_id_as_code_points(
        self, kept: Kept, answers: Answers
    ) -> None:
        for name in ("ans_a", "ans_B", "ans_1", "ans-z"):
            await record(kept.transcript, given(name))
        assert await ids(answers) == ["ans_a", "ans_B", "ans_1", "ans-z"]

    async def test_pages_meet_without_gap_or_overlap(self, kept: Kept, answers: Answers) -> None:
        for number in range(5):
            await record(kept.transcript, given(f"ans_{number}", minute=number // 2))
        assert await ids(answers, limit=2) == ["ans_4", "ans_3"]
        assert await ids(answers, limit=2, before="ans_3") == ["ans_2", "ans_1"]
        assert await ids(answers, limit=2, before="ans_1") == ["ans_0"]
        assert await ids(answers, limit=2, before="ans_0") == []

    async def test_a_new_answer_does_not_shift_the_next_page(
        self, kept: Kept, answers: Answers
    ) -> None:
        for number in range(3):
            await record(kept.transcript, given(f"ans_{number}", minute=number))
        assert await ids(answers, limit=1) == ["ans_2"]
        await record(kept.transcript, given("ans_3", minute=3))
        assert await ids(answers, limit=1, before="ans_2") == ["ans_1"]

    async def test_fifty_answers_are_a_page_unless_told(self, kept: Kept, answers: Answers) -> None:
        for number in range(51):
            await record(kept.transcript, given(f"ans_{number:02}", minute=number))
        page = await answers.answers(ANNA)
        assert len(page) == 50
        assert page[-1].answer_id == "ans_01"

    async def test_another_persons_answer_is_not_there(self, kept: Kept, answers: Answers) -> None:
        await record(kept.transcript, given("ans_1", BORIS))
        with pytest.raises(AnswerNotFound, match="ans_1"):
            await answers.answer(ANNA, "ans_1")
        assert await ids(answers) == []
        assert await ids(answers, BORIS) == ["ans_1"]

    async def test_another_persons_answer_is_no_place_to_go_on_from(
        self, kept: Kept, answers: Answers
    ) -> None:
        await record(kept.transcript, given("ans_1", BORIS, minute=1))
        await record(kept.transcript, given("ans_0"))
        with pytest.raises(AnswerNotFound, match="ans_1"):
            await answers.answers(ANNA, before="ans_1")

    async def test_an_unknown_id_is_said_to_be_unknown(self, answers: Answers) -> None:
        with pytest.raises(AnswerNotFound, match="ans_nowhere"):
            await answers.answer(ANNA, "ans_nowhere")
        with pytest.raises(AnswerNotFound, match="ans_nowhere"):
            await answers.answers(ANNA, before="ans_nowhere")

    async def test_who_owns_all_sees_everyones_answers(self, kept: Kept, answers: Answers) -> None:
        await record(kept.transcript, given("ans_1", BORIS))
        await record(kept.transcript, given("ans_2", ANNA, minute=1))
        assert await ids(answers, LOCAL) == ["ans_2", "ans_1"]
        assert await ids(answers, LOCAL, before="ans_2") == ["ans_1"]
        assert (await answers.answer(LOCAL, "ans_1")).user_id == "boris"


class TestInMemoryAnswers(AnswersContract):
    @pytest.fixture
    def kept(self) -> Kept:
        return kept_in_memory()


class TestSqliteAnswers(AnswersContract):
    @pytest.fixture
    async def kept(self, tmp_path: Path) -> AsyncGenerator[Kept]:
        async with kept_in_file(tmp_path) as kept:
            yield kept
