"""The promises of the port `Responses`, of the fake and of the store."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from services.store.responses import SqlResponses
from services.store.store import Store
from tests.contracts.keeping import ANNA, BORIS, NOON, at_minute
from tests.contracts.test_answers import FULL as ANSWER
from tests.fakes.responses import InMemoryResponses
from use_cases.advice.errors import ResponseNotFound
from use_cases.advice.model import (
    Advice,
    Alternative,
    BaseRate,
    Confidence,
    Freshness,
    OutcomeState,
    Response,
    ResponseFilter,
    Scored,
)
from use_cases.advice.ports import Responses
from use_cases.kernel.citations.sources import Outcome
from use_cases.kernel.errors import Conflict
from use_cases.kernel.model import LOCAL, Caller, Door

pytestmark = pytest.mark.anyio

ALL = ResponseFilter()
SURE = Confidence(7_000, 6_400, "likely", "Likely")
FULL = Response(
    response_id="resp_full",
    user_id="anna",
    profile="fantasy-nfl",
    profile_version="nfl-1a2b",
    prompt_type="short",
    prompt_version="advice-1",
    model="openai:gpt-4.1-mini",
    question="Start Amon-Ra St. Brown or Müller in week 10? 🏈",
    advice=Advice(
        main_advice="Start St. Brown [1].",
        reasoning="He is projected higher [1], and 14 of 20 such pairs held [2].",
        confidence=Confidence(
            8_500,
            6_123,
            "likely",
            "Likely",
            capped=True,
            version_id="cal_7",
            base_rate=BaseRate(110, 199),
        ),
        outcome=Outcome.CONFLICT,
        choice="Amon-Ra St. Brown",
        alternatives=(Alternative("Müller", "A harder opponent."), Alternative("Bench", "")),
        sources=ANSWER.sources,
    ),
    search_decision="mandatory",
    web_search_used=True,
    freshness=Freshness.UNVERIFIED,
    latency_ms=2150,
    created_at=datetime(2026, 3, 14, 12, 0, 0, 123456, tzinfo=UTC),
    event_key="fantasy-nfl:10:muller+st-brown",
    event_ends=date(2026, 3, 16),
    period=10,
    tool_calls=ANSWER.tool_calls,
    notices=("Fresh facts could not be had.",),
    input_tokens=1834,
    output_tokens=0,
    cost=Decimal("0.000123456789012345678901"),
    interrupted=True,
    door=Door.MCP,
    outcome=OutcomeState.WRONG,
    helpful=False,
    feedback_notes="Fumbled — twice.",
    feedback_at=datetime(2026, 3, 17, 9, 0, tzinfo=UTC),
)
BARE = Response(
    response_id="resp_bare",
    user_id="anna",
    profile="general",
    profile_version="general-1",
    prompt_type="default",
    prompt_version="advice-1",
    model="offline:adviser",
    question="?",
    advice=Advice(main_advice="", reasoning="", confidence=None, outcome=Outcome.NOT_FOUND),
    search_decision="default_no",
    web_search_used=False,
    freshness=Freshness.NOT_NEEDED,
    latency_ms=0,
    created_at=NOON,
)


def given(response_id: str, caller: Caller = ANNA, *, minute: int = 0) -> Response:
    """A response with a confidence."""
    return replace(
        BARE,
        response_id=response_id,
        user_id=caller.user_id,
        created_at=at_minute(minute),
        advice=Advice(main_advice="This one.", reasoning="It is.", confidence=SURE),
    )


async def ids(
    responses: Responses,
    caller: Caller = ANNA,
    wanted: ResponseFilter = ALL,
    *,
    limit: int = 20,
    before: str | None = None,
) -> list[str]:
    page = await responses.responses(caller, wanted, limit=limit, before=before)
    return [response.response_id for response in page]


class ResponsesContract:
    """The suite, on the store unless a subclass says otherwise."""

    @pytest.fixture
    def responses(self, store: Store) -> Responses:
        return SqlResponses(store)

    @pytest.mark.parametrize("response", [FULL, BARE], ids=["full", "bare"])
    async def test_a_response_comes_back_as_it_was_recorded(
        self, responses: Responses, response: Response
    ) -> None:
        await responses.keep(response)
        assert await responses.response(ANNA, response.response_id) == response
        page = await responses.responses(ANNA, ALL)
        assert (list(page), page.total) == ([response], 1)

    @pytest.mark.parametrize("stated", [0, 1, 3_000, 10_000])
    async def test_a_confidence_is_exactly_what_was_stated(
        self, responses: Responses, stated: int
    ) -> None:
        said = Confidence(stated, 10_000 - stated, "k", "p")
        await responses.keep(replace(BARE, advice=replace(BARE.advice, confidence=said)))
        assert (await responses.response(ANNA, "resp_bare")).advice.confidence == said

    async def test_an_id_is_given_once(self, responses: Responses) -> None:
        await responses.keep(given("resp_1"))
        for caller in (ANNA, BORIS):
            with pytest.raises(Conflict, match="resp_1"):
                await responses.keep(given("resp_1", caller, minute=1))
        assert await responses.response(LOCAL, "resp_1") == given("resp_1")

    async def test_a_page_tells_the_total(self, responses: Responses) -> None:
        for number in range(5):
            await responses.keep(given(f"resp_{number}", minute=number))
        page = await responses.responses(ANNA, ALL, limit=2, before="resp_3")
        assert ([response.response_id for response in page], page.total) == (
            ["resp_2", "resp_1"],
            5,
        )

    async def test_a_page_may_go_on_from_what_the_filter_leaves_out(
        self, responses: Responses
    ) -> None:
        for number in range(4):
            profile = "general" if number % 2 else "fantasy-nfl"
            await responses.keep(replace(given(f"resp_{number}", minute=number), profile=profile))
        general = ResponseFilter(profile="general")
        assert await ids(responses, ANNA, general, before="resp_2") == ["resp_1"]

    @pytest.mark.parametrize(
        ("wanted", "expected"),
        [
            (ResponseFilter(profile="fantasy-nfl"), ["full"]),
            (ResponseFilter(profile="fantasy"), []),
            (ResponseFilter(profile=""), []),
            (ResponseFilter(model="offline:adviser"), ["new", "old"]),
            (ResponseFilter(prompt_version="advice-2"), ["new"]),
            (ResponseFilter(outcome=OutcomeState.WRONG), ["full"]),
            (ResponseFilter(outcome=OutcomeState.PENDING), ["new", "old"]),
            (ResponseFilter(since=at_minute(2)), ["new", "full"]),
            (ResponseFilter(since=at_minute(3)), ["new"]),
            (ResponseFilter(since=at_minute(3), profile="fantasy-nfl"), []),
            (
                ResponseFilter(
                    since=datetime(2026, 3, 14, 21, 3, tzinfo=timezone(timedelta(hours=9)))
                ),
                ["new"],
            ),
        ],
    )
    async def test_a_filter_restricts_pages_their_total_and_what_is_scored(
        self, responses: Responses, wanted: ResponseFilter, expected: list[str]
    ) -> None:
        await responses.keep(given("old", minute=1))
        await responses.keep(replace(FULL, response_id="full", created_at=at_minute(2)))
        await responses.keep(replace(given("new", minute=3), prompt_version="advice-2"))
        page = await responses.responses(ANNA, wanted)
        assert [response.response_id for response in page] == expected
        assert page.total == len(expected)
        scored = await responses.scored(ANNA, wanted)
        assert [one.response_id for one in scored] == expected[::-1]

    async def test_scored_holds_what_statistics_need(self, responses: Responses) -> None:
        await responses.keep(FULL)
        assert await responses.scored(ANNA, ALL) == (
            Scored(
                response_id="resp_full",
                profile="fantasy-nfl",
                model="openai:gpt-4.1-mini",
                prompt_version="advice-1",
                web_search_used=True,
                stated=8_500,
                calibrated=6_123,
                outcome=OutcomeState.WRONG,
                created_at=FULL.created_at,
                event_key="fantasy-nfl:10:muller+st-brown",
                feedback_at=FULL.feedback_at,
            ),
        )

    async def test_what_states_no_confidence_is_not_scored(self, responses: Responses) -> None:
        await responses.keep(BARE)
        zero = replace(SURE, stated=0, calibrated=0)
        await responses.keep(
            replace(given("zero"), advice=Advice(main_advice="No.", reasoning="", confidence=zero))
        )
        assert [one.response_id for one in await responses.scored(ANNA, ALL)] == ["zero"]

    async def test_scores_and_feedback_are_their_owners(self, responses: Responses) -> None:
        await responses.keep(given("resp_1", BORIS))
        for name in ("resp_1", "nowhere"):
            with pytest.raises(ResponseNotFound, match=name):
                await responses.feedback(ANNA, name)
        assert await responses.scored(ANNA, ALL) == ()
        assert len(await responses.scored(LOCAL, ALL)) == 1


class TestInMemoryResponses(ResponsesContract):
    @pytest.fixture
    def responses(self) -> Responses:
        return InMemoryResponses()


class TestSqliteResponses(ResponsesContract):
    pass
