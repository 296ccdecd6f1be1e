"""What every implementation of the port `Responses` does with feedback: the fake, and the store on SQLite."""

from dataclasses import replace
from datetime import datetime

import anyio
import pytest

from services.store.responses import SqlResponses
from services.store.store import Store
from tests.contracts.keeping import ANNA, BORIS, at_minute
from tests.contracts.test_responses import ALL, given
from tests.fakes.responses import InMemoryResponses
from use_cases.advice.errors import FeedbackKeyReused, ResponseNotFound
from use_cases.advice.model import Feedback, JudgedBy, OutcomeState
from use_cases.advice.ports import FeedbackResult, Responses
from use_cases.kernel.errors import Conflict
from use_cases.kernel.model import LOCAL

pytestmark = pytest.mark.anyio

RIGHT, WRONG, VOID, PENDING = (
    OutcomeState.RIGHT,
    OutcomeState.WRONG,
    OutcomeState.VOID,
    OutcomeState.PENDING,
)
InForce = tuple[OutcomeState, bool | None, str | None, datetime | None]


def told(
    number: int,
    outcome: OutcomeState | None = None,
    *,
    helpful: bool | None = None,
    notes: str | None = None,
    key: str | None = None,
    judge: JudgedBy = JudgedBy.PERSON,
) -> Feedback:
    """The feedback `fb_NUMBER`, told that many minutes after noon."""
    return Feedback(
        feedback_id=f"fb_{number}",
        response_id="resp_1",
        outcome=outcome,
        created_at=at_minute(number),
        judge=judge,
        helpful=helpful,
        notes=notes,
        key=key,
    )


def superseded(feedback: Feedback, minute: int) -> Feedback:
    return replace(feedback, superseded_at=at_minute(minute))


async def in_force(responses: Responses) -> InForce:
    """Outcome, helpfulness, notes and moment of the response; the same for who lists and scores."""
    one = await responses.response(ANNA, "resp_1")
    (listed,) = await responses.responses(ANNA, ALL)
    assert listed == one
    (scored,) = await responses.scored(ANNA, ALL)
    assert (scored.outcome, scored.feedback_at) == (one.outcome, one.feedback_at)
    return one.outcome, one.helpful, one.feedback_notes, one.feedback_at


class FeedbackContract:
    """The suite, on the store unless a subclass says otherwise."""

    @pytest.fixture
    def empty(self, store: Store) -> Responses:
        return SqlResponses(store)

    @pytest.fixture
    async def responses(self, empty: Responses) -> Responses:
        """With one response of Anna's."""
        await empty.keep(given("resp_1"))
        return empty

    async def test_until_it_is_judged_a_response_is_pending(self, responses: Responses) -> None:
        assert await in_force(responses) == (PENDING, None, None, None)
        assert await responses.feedback(ANNA, "resp_1") == ()

    @pytest.mark.parametrize("outcome", [RIGHT, WRONG, VOID])
    async def test_a_judgement_is_in_force_at_once(
        self, responses: Responses, outcome: OutcomeState
    ) -> None:
        full = told(1, outcome, helpful=False, notes="Zürich 🏈", key="k1", judge=JudgedBy.PROFILE)
        assert await responses.judge(ANNA, full) == FeedbackResult(full, outcome)
        assert await in_force(responses) == (outcome, False, "Zürich 🏈", at_minute(1))
        assert await responses.feedback(ANNA, "resp_1") == (full,)

    async def test_nothing_but_the_judgement_changes(self, responses: Responses) -> None:
        await responses.judge(ANNA, told(1, RIGHT, helpful=True))
        found = await responses.response(ANNA, "resp_1")
        assert found == replace(
            given("resp_1"), outcome=RIGHT, helpful=True, feedback_at=at_minute(1)
        )

    async def test_a_later_judgement_supersedes_and_history_stays(
        self, responses: Responses
    ) -> None:
        first, second, third = told(1, RIGHT), told(2, WRONG), told(3, VOID)
        await responses.judge(ANNA, first)
        kept = await responses.judge(ANNA, second)
        assert kept == FeedbackResult(second, WRONG, superseded=superseded(first, 2))
        kept = await responses.judge(ANNA, third)
        assert kept == FeedbackResult(third, VOID, superseded=superseded(second, 3))
        assert await in_force(responses) == (VOID, None, None, at_minute(3))
        history = (superseded(first, 2), superseded(second, 3), third)
        assert await responses.feedback(ANNA, "resp_1") == history

    async def test_one_can_come_back_to_an_earlier_judgement(self, responses: Responses) -> None:
        for number, outcome in enumerate((RIGHT, WRONG, RIGHT), 1):
            kept = await responses.judge(ANNA, told(number, outcome))
            assert not kept.repeated
        assert await in_force(responses) == (RIGHT, None, None, at_minute(3))
        assert len(await responses.feedback(ANNA, "resp_1")) == 3

    async def test_the_same_judgement_again_changes_nothing(self, responses: Responses) -> None:
        first = told(1, RIGHT, helpful=True, notes="Good.")
        await responses.judge(ANNA, first)
        for again in (told(2, RIGHT), told(3, RIGHT, helpful=True), told(4, RIGHT, notes="Good.")):
            assert await responses.judge(ANNA, again) == FeedbackResult(first, RIGHT, repeated=True)
        assert await in_force(responses) == (RIGHT, True, "Good.", at_minute(1))
        assert await responses.feedback(ANNA, "resp_1") == (first,)

    async def test_the_same_judgement_may_newly_tell_helpfulness_and_notes(
        self, responses: Responses
    ) -> None:
        first, second = told(1, RIGHT), told(2, RIGHT, helpful=False, notes="Too long.")
        await responses.judge(ANNA, first)
        assert await responses.judge(ANNA, second) == FeedbackResult(second, RIGHT)
        assert await in_force(responses) == (RIGHT, False, "Too long.", at_minute(1))
        assert await responses.feedback(ANNA, "resp_1") == (first, second)

    async def test_all_that_stood_is_superseded_and_the_first_was_in_force(
        self, responses: Responses
    ) -> None:
        first, second, third = told(1, RIGHT), told(2, RIGHT, helpful=True), told(3, WRONG)
        await responses.judge(ANNA, first)
        await responses.judge(ANNA, second)
        kept = await responses.judge(ANNA, third)
        assert kept.superseded == superseded(first, 3)
        history = (superseded(first, 3), superseded(second, 3), third)
        assert await responses.feedback(ANNA, "resp_1") == history
        assert await in_force(responses) == (WRONG, True, None, at_minute(3))

    async def test_helpfulness_alone_leaves_the_outcome(self, responses: Responses) -> None:
        await responses.judge(ANNA, told(1, helpful=True))
        assert await in_force(responses) == (PENDING, True, None, None)
        await responses.judge(ANNA, told(2, WRONG))
        kept = await responses.judge(ANNA, told(3, helpful=False, notes="No."))
        assert kept == FeedbackResult(told(3, helpful=False, notes="No."), WRONG)
        assert await in_force(responses) == (WRONG, False, "No.", at_minute(2))
        history = [row.superseded_at for row in await responses.feedback(ANNA, "resp_1")]
        assert history == [None, None, None]

    async def test_the_same_helpfulness_again_changes_nothing(self, responses: Responses) -> None:
        await responses.judge(ANNA, told(1, helpful=True))
        kept = await responses.judge(ANNA, told(2, helpful=True))
        assert kept == FeedbackResult(told(1, helpful=True), PENDING, repeated=True)
        assert len(await responses.feedback(ANNA, "resp_1")) == 1

    async def test_what_the_tables_tell_does_not_take_the_place_of_a_persons_words(
        self, responses: Responses
    ) -> None:
        await responses.judge(ANNA, told(1, helpful=True, notes="Good."))
        by_tables = told(2, RIGHT, notes="12 to 3", judge=JudgedBy.PROFILE)
        await responses.judge(ANNA, by_tables)
        assert await in_force(responses) == (RIGHT, True, "Good.", at_minute(2))
        assert (await responses.feedback(ANNA, "resp_1"))[1] == by_tables

    async def test_a_first_judgement_keeps_earlier_notes_and_a_later_one_drops_them(
        self, responses: Responses
    ) -> None:
        await responses.judge(ANNA, told(1, notes="Waiting."))
        await responses.judge(ANNA, told(2, RIGHT))
        assert await in_force(responses) == (RIGHT, None, "Waiting.", at_minute(2))
        await responses.judge(ANNA, told(3, WRONG))
        assert await in_force(responses) == (WRONG, None, None, at_minute(3))
        await responses.judge(ANNA, told(4, VOID, notes="Called off."))
        assert await in_force(responses) == (VOID, None, "Called off.", at_minute(4))

    async def test_a_key_makes_a_repeated_sending_the_same_feedback(
        self, responses: Responses
    ) -> None:
        first = told(1, RIGHT, helpful=True, key="k")
        await responses.judge(ANNA, first)
        again = replace(first, feedback_id="fb_2", created_at=at_minute(2))
        assert await responses.judge(ANNA, again) == FeedbackResult(first, RIGHT, repeated=True)
        assert await responses.feedback(ANNA, "resp_1") == (first,)

    async def test_a_late_repetition_does_not_bring_a_superseded_judgement_back(
        self, responses: Responses
    ) -> None:
        first, second = told(1, RIGHT, key="a"), told(2, RIGHT, key="b")
        await responses.judge(ANNA, first)
        assert await responses.judge(ANNA, second) == FeedbackResult(second, RIGHT, repeated=True)
        await responses.judge(ANNA, told(3, WRONG, key="c"))
        for number, late in ((4, first), (5, second)):
            again = replace(late, feedback_id=f"fb_{number}", created_at=at_minute(number))
            kept = await responses.judge(ANNA, again)
            assert kept == FeedbackResult(superseded(late, 3), WRONG, repeated=True)
        assert await in_force(responses) == (WRONG, None, None, at_minute(3))

    @pytest.mark.parametrize(
        "other",
        [
            told(2, WRONG, key="k"),
            told(2, key="k", helpful=True),
            told(2, RIGHT, key="k", helpful=True),
            told(2, RIGHT, key="k", notes="More."),
            told(2, RIGHT, key="k", judge=JudgedBy.PROFILE),
        ],
    )
    async def test_a_key_with_other_content_is_refused_and_changes_nothing(
        self, responses: Responses, other: Feedback
    ) -> None:
        await responses.judge(ANNA, told(1, RIGHT, key="k"))
        with pytest.raises(FeedbackKeyReused, match="'k'"):
            await responses.judge(ANNA, other)
        assert await in_force(responses) == (RIGHT, None, None, at_minute(1))
        assert await responses.feedback(ANNA, "resp_1") == (told(1, RIGHT, key="k"),)

    async def test_keys_belong_to_a_response(self, responses: Responses) -> None:
        await responses.keep(given("resp_2"))
        await responses.judge(ANNA, told(1, RIGHT, key="k"))
        other = replace(told(2, WRONG, key="k"), response_id="resp_2")
        assert await responses.judge(ANNA, other) == FeedbackResult(other, WRONG)
        assert (await responses.response(ANNA, "resp_1")).outcome is RIGHT

    async def test_a_taken_id_is_refused_and_changes_nothing(self, responses: Responses) -> None:
        await responses.judge(ANNA, told(1, RIGHT))
        with pytest.raises(Conflict, match="fb_1"):
            await responses.judge(ANNA, replace(told(1, WRONG), created_at=at_minute(2)))
        assert await in_force(responses) == (RIGHT, None, None, at_minute(1))
        assert await responses.feedback(ANNA, "resp_1") == (told(1, RIGHT),)

    async def test_an_unknown_or_another_persons_response_cannot_be_judged(
        self, responses: Responses
    ) -> None:
        with pytest.raises(ResponseNotFound, match="nowhere"):
            await responses.judge(ANNA, replace(told(1, RIGHT), response_id="nowhere"))
        with pytest.raises(ResponseNotFound, match="resp_1"):
            await responses.judge(BORIS, told(1, RIGHT))
        assert await in_force(responses) == (PENDING, None, None, None)

    async def test_who_owns_all_judges_everyones_responses(self, responses: Responses) -> None:
        await responses.judge(LOCAL, told(1, RIGHT))
        assert await in_force(responses) == (RIGHT, None, None, at_minute(1))

    async def test_judgements_that_come_at_once_leave_one_in_force(
        self, responses: Responses
    ) -> None:
        async with anyio.create_task_group() as group:
            for number in range(1, 9):
                outcome = RIGHT if number % 2 else WRONG
                group.start_soon(responses.judge, ANNA, told(number, outcome))
        rows = await responses.feedback(ANNA, "resp_1")
        standing = [row for row in rows if row.superseded_at is None]
        assert [row.outcome for row in standing] == [(await in_force(responses))[0]]

    async def test_a_key_that_is_sent_many_times_at_once_is_kept_once(
        self, responses: Responses
    ) -> None:
        kept: list[FeedbackResult] = []

        async def send(number: int) -> None:
            same = replace(told(number, RIGHT, key="k"), created_at=at_minute(0))
            kept.append(await responses.judge(ANNA, same))

        async with anyio.create_task_group() as group:
            for number in range(8):
                group.start_soon(send, number)
        assert sorted(one.repeated for one in kept) == [False] + [True] * 7
        assert len({one.feedback.feedback_id for one in kept}) == 1
        assert len(await responses.feedback(ANNA, "resp_1")) == 1


class TestInMemoryFeedback(FeedbackContract):
    @pytest.fixture
    def empty(self) -> Responses:
        return InMemoryResponses()


class TestSqliteFeedback(FeedbackContract):
    pass
