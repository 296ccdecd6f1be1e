"""What is remembered of refused callers: their refusal until its time, and the pace of their answers."""

import pytest

from use_cases.kernel import refusals
from use_cases.kernel.errors import RateLimited
from use_cases.kernel.identity.errors import BudgetSpent, TooManyAnswers
from use_cases.kernel.refusals import Refusals


def repeated(kept: Refusals, name: str, now: float) -> float | None:
    """The seconds to wait; None where nothing is repeated."""
    try:
        kept.repeat(name, now)
    except RateLimited as error:
        return error.retry_after
    return None


def test_a_refusal_is_repeated_until_the_time_that_it_told() -> None:
    kept = Refusals()
    kept.keep("a", RateLimited("Too many.", hint="Wait.", retry_after=20), 100)
    assert [repeated(kept, "a", now) for now in (100, 105, 119.5, 120)] == [20, 15, 0.5, None]
    assert repeated(kept, "b", 100) is None


def test_it_is_the_same_error_each_time() -> None:
    kept = Refusals()
    kept.keep("a", BudgetSpent("All of it.", hint="Tomorrow.", retry_after=9), 0)
    with pytest.raises(BudgetSpent) as first:
        kept.repeat("a", 0)
    with pytest.raises(BudgetSpent) as second:
        kept.repeat("a", 0)
    assert first.value is not second.value  # each has a traceback of its own
    assert (second.value.detail, second.value.hint) == ("All of it.", "Tomorrow.")


def test_a_spent_budget_is_looked_at_again_after_a_minute() -> None:
    kept = Refusals()
    kept.keep("a", BudgetSpent("All of it.", retry_after=3600), 0)
    assert [repeated(kept, "a", now) for now in (59, 60)] == [3541, None]


def test_a_refusal_without_a_time_is_not_repeated() -> None:
    kept = Refusals()
    kept.keep("a", RateLimited("Too many."), 0)
    assert repeated(kept, "a", 0) is None


def test_a_refusal_is_forgotten_where_its_reason_is_gone() -> None:
    kept = Refusals()
    kept.keep("a", TooManyAnswers("Ten.", retry_after=2), 0)
    kept.keep("b", RateLimited("Too many.", retry_after=2), 0)
    for name in ("a", "b", "c"):
        kept.forget(name, TooManyAnswers)
    assert [repeated(kept, name, 0) for name in ("a", "b")] == [None, 2]


def test_ten_refusals_are_answered_at_once_and_then_a_hundred_a_second() -> None:
    kept = Refusals()
    delays = [round(kept.delay("a", 5.0), 6) for _ in range(14)]
    assert delays == [0.0] * 10 + [0.01, 0.02, 0.03, 0.04]
    assert kept.delay("b", 5.0) == 0.0
    assert round(kept.delay("a", 5.05), 6) == 0.0
    assert [round(kept.delay("a", 60.0), 6) for _ in range(11)] == [0.0] * 10 + [0.01]


def test_no_answer_is_held_back_for_longer_than_ten_seconds() -> None:
    kept = Refusals()
    assert max(kept.delay("a", 0.0) for _ in range(5000)) == pytest.approx(10.0)
    assert kept.delay("a", 10.0) == pytest.approx(0.01)


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusals, "MOST_REMEMBERED", 2)
    kept = Refusals()
    for name in ("a", "b", "a", "c"):
        kept.keep(name, RateLimited("Too many.", retry_after=9), 0)
    assert [repeated(kept, name, 0) for name in "abc"] == [9, None, 9]
    for name in "ab" * 10:
        kept.delay(name, 0.0)
    kept.delay("a", 0.0)
    kept.delay("c", 0.0)  # b is forgotten, and a is not
    assert kept.delay("a", 0.0) > 0.0
    assert kept.delay("b", 0.0) == 0.0
