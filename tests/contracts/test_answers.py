"""The promises of the port `Answers`, of the fake and of the store."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from services.store.store import Store
from tests.contracts.keeping import (
    ANNA,
    BORIS,
    NOON,
    Kept,
    kept_in,
    kept_in_memory,
    record,
)
from use_cases.chat.errors import AnswerNotFound
from use_cases.chat.model import Answer, AnswerFacts, Feedback
from use_cases.chat.ports import Answers
from use_cases.kernel.citations.sources import Outcome, Quote, Source, SourceKind, ToolCall
from use_cases.kernel.model import Authority, Caller, DateOrigin, DocumentRef, Door, Span
from use_cases.kernel.targets import AnswerFilter, Judgement

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
    door=Door.MCP,
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
    """The suite, on the store unless a subclass says otherwise."""

    @pytest.fixture
    def kept(self, store: Store) -> Kept:
        return kept_in(store)

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

    async def test_the_last_feedback_on_an_answer_is_in_force(
        self, kept: Kept, answers: Answers
    ) -> None:
        await record(kept.transcript, FULL)
        await record(kept.transcript, BARE)
        said = Feedback(
            right=False, notes="Not \U0001f600 so.", expected="90 days", expected_document="a.md"
        )
        judged = await answers.judge(ANNA, FULL.answer_id, said)
        assert judged == replace(
            FULL,
            right=False,
            feedback_notes="Not \U0001f600 so.",
            expected="90 days",
            expected_document="a.md",
        )
        assert await answers.answer(ANNA, FULL.answer_id) == judged
        assert (await answers.judge(ANNA, FULL.answer_id, Feedback(right=True))).right is True
        assert await answers.judge(ANNA, FULL.answer_id, Feedback(right=None)) == FULL
        for caller, answer_id in ((BORIS, FULL.answer_id), (ANNA, "ans_of_nobody")):
            with pytest.raises(AnswerNotFound):
                await answers.judge(caller, answer_id, Feedback(right=True))
        assert list(await answers.answers(ANNA)) == [FULL, BARE]

    @pytest.mark.parametrize(
        ("wanted", "found"),
        [
            (AnswerFilter(), ["ans_full", "ans_late", "ans_bare"]),
            (AnswerFilter(ids=["ans_bare", "ans_full", "ans_b"]), ["ans_full", "ans_bare"]),
            (AnswerFilter(outcome=Outcome.CONFLICT), ["ans_full"]),
            (AnswerFilter(feedback=Judgement.WRONG), ["ans_bare"]),
            (AnswerFilter(feedback=Judgement.RIGHT), ["ans_late"]),
            (AnswerFilter(feedback=Judgement.NONE), ["ans_full"]),
            (AnswerFilter(model="openai:gpt-4.1-mini"), ["ans_full"]),
            (AnswerFilter(prompt_version="chat-4"), ["ans_late"]),
            (AnswerFilter(document="doc_8"), ["ans_full"]),
            (AnswerFilter(document="policies/travel.md"), ["ans_full"]),
            (AnswerFilter(document='Zürich "_%".md'), ["ans_late"]),
            (AnswerFilter(document="policies"), []),
            (AnswerFilter(since=NOON + timedelta(minutes=1)), ["ans_full", "ans_late"]),
            (AnswerFilter(until=NOON + timedelta(minutes=1)), ["ans_bare"]),
            (AnswerFilter(text="ZüRICH — 180"), ["ans_full"]),
            (AnswerFilter(text="20 TRIPS"), ["ans_full"]),
            (AnswerFilter(text="100%_"), ["ans_late"]),
            (AnswerFilter(text="100a"), []),
            (AnswerFilter(outcome=Outcome.CONFLICT, prompt_version="chat-4"), []),
        ],
    )
    async def test_answers_are_filtered(
        self, kept: Kept, answers: Answers, wanted: AnswerFilter, found: list[str]
    ) -> None:
        late = replace(
            given("ans_late", minute=1),
            prompt_version="chat-4",
            text="100%_ [1]",
            sources=(
                replace(
                    FULL.sources[0],
                    document=replace(DOCUMENT, document_id="doc_1", name='Zürich "_%".md'),
                ),
            ),
        )
        full = replace(FULL, created_at=NOON + timedelta(minutes=2))
        for each in (full, late, BARE, given("ans_b", BORIS)):
            await record(kept.transcript, each)
        await answers.judge(ANNA, "ans_bare", Feedback(right=False))
        await answers.judge(ANNA, "ans_late", Feedback(right=True))
        assert [each.answer_id for each in await answers.answers(ANNA, wanted)] == found
        assert len(await answers.facts(ANNA, wanted, limit=10)) == len(found)

    async def test_a_page_of_filtered_answers_goes_on_where_it_ended(
        self, kept: Kept, answers: Answers
    ) -> None:
        for number in range(4):
            outcome = Outcome.REFUSED if number % 2 else Outcome.ANSWERED
            await record(
                kept.transcript, replace(given(f"ans_{number}", minute=number), outcome=outcome)
            )
        wanted = AnswerFilter(outcome=Outcome.REFUSED)
        first = await answers.answers(ANNA, wanted, limit=1)
        assert ([each.answer_id for each in first], first.more) == (["ans_3"], True)
        rest = await answers.answers(ANNA, wanted, limit=1, before="ans_3")
        assert ([each.answer_id for each in rest], rest.more) == (["ans_1"], False)

    async def test_the_facts_of_an_answer_are_its_figures_and_what_it_cites(
        self, kept: Kept, answers: Answers
    ) -> None:
        await record(kept.transcript, FULL)
        await record(kept.transcript, BARE)
        page = await answers.facts(ANNA, AnswerFilter(), limit=1)
        assert page.more
        assert list(page) == [
            AnswerFacts(
                model="openai:gpt-4.1-mini",
                prompt_version="chat-3",
                outcome=Outcome.CONFLICT,
                right=None,
                input_tokens=1834,
                output_tokens=0,
                cost=FULL.cost,
                latency_ms=2150,
                cited={"doc_7": "policies/travel.md", "doc_8": "policies/travel.md"},
            )
        ]
        assert list(await answers.facts(BORIS, AnswerFilter(), limit=1)) == []

    async def test_every_outcome_can_be_kept(self, kept: Kept, answers: Answers) -> None:
        for outcome in Outcome:
            kind = f"ans_{outcome}"
            await record(kept.transcript, replace(given(kind), outcome=outcome))
            assert (await answers.answer(ANNA, kind)).outcome is outcome

    async def test_a_moment_is_the_same_moment_whatever_its_time_zone(
        self, kept: Kept, answers: Answers
    ) -> None:
        tokyo = timezone(timedelta(hours=9))
        at_noon = datetime(2026, 3, 14, 21, 0, tzinfo=tokyo)
        await record(kept.transcript, replace(BARE, created_at=at_noon))
        found = await answers.answer(ANNA, "ans_bare")
        assert found.created_at == NOON
        assert found.created_at.tzinfo is not None


class TestInMemoryAnswers(AnswersContract):
    @pytest.fixture
    def kept(self) -> Kept:
        return kept_in_memory()


class TestSqliteAnswers(AnswersContract):
    pass
