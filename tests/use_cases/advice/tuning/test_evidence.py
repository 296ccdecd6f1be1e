"""What counts as evidence, and what is left out under which name."""

from datetime import timedelta

from tests.use_cases.advice.tuning.outcomes import LONG_AGO, NOW, fitted, scored, version
from use_cases.advice.model import OutcomeState
from use_cases.advice.tuning.guards import new_since, one_per_event, select_evidence
from use_cases.advice.tuning.tuning_report import Exclusion

DAY = timedelta(days=1)


def test_only_settled_right_and_wrong_count() -> None:
    rows = [
        scored("right", 8_000),
        scored("wrong", 8_000, OutcomeState.WRONG),
        scored("pending", 8_000, OutcomeState.PENDING),
        scored("void", 8_000, OutcomeState.VOID),
        scored("undated", 8_000, feedback_at=None),
        scored("just told", 8_000, feedback_at=NOW - DAY + timedelta(seconds=1)),
        scored("a day old", 8_000, feedback_at=NOW - DAY),
    ]
    found = select_evidence(rows, NOW - DAY)
    assert {row.response_id for row in found.rows} == {"right", "wrong", "a day old"}
    assert found.excluded == {
        Exclusion.PENDING: 1,
        Exclusion.VOID: 1,
        Exclusion.UNDATED: 1,
        Exclusion.RECENT: 1,
    }


def test_of_one_event_the_first_advice_counts() -> None:
    rows = [
        scored("second", 9_000, event="game", created_at=LONG_AGO + DAY),
        scored("first", 6_000, event="game"),
        scored("other", 7_000, event="match"),
        scored("alone", 7_000),
    ]
    kept = one_per_event(select_evidence(rows, NOW).rows)
    assert {row.response_id for row in kept} == {"first", "other", "alone"}


def test_new_outcomes_are_those_that_the_run_before_could_not_see() -> None:
    before = version(fitted(0.1, 0.9))  # ten days ago, when feedback of eleven days ago was settled
    told = [
        scored("seen", 8_000, feedback_at=NOW - 11 * DAY),
        scored("unsettled then", 8_000, feedback_at=NOW - 11 * DAY + timedelta(seconds=1)),
        scored("later", 8_000, feedback_at=NOW - 3 * DAY),
        scored("same event", 8_000, event="e", feedback_at=NOW - 3 * DAY),
        scored("same event again", 8_000, event="e", feedback_at=NOW - 3 * DAY),
    ]
    assert new_since(told, before) == 3
    assert new_since(told, None) is None
