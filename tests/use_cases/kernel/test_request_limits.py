"""A bucket in memory: its waits, its bound, and that callers do not share one."""

import pytest

from use_cases.kernel.errors import RateLimited
from use_cases.kernel.request_limits import MOST_REMEMBERED, RateLimit


def taken(limit: RateLimit, who: str, moments: list[float]) -> list[float]:
    """For each moment 0 where it was let in, else the seconds to wait."""
    waits: list[float] = []
    for moment in moments:
        try:
            limit.take(who, moment)
        except RateLimited as error:
            waits.append(round(error.retry_after or -1, 6))
        else:
            waits.append(0)
    return waits


def test_a_minutes_requests_may_come_at_once_and_come_back_evenly() -> None:
    limit = RateLimit(3)
    assert taken(limit, "a", [0, 0, 0, 0, 5, 20, 20, 40, 41]) == [0, 0, 0, 20, 15, 0, 20, 0, 19]


def test_who_waits_as_told_is_let_in() -> None:
    limit = RateLimit(7)
    assert taken(limit, "a", [0.0] * 7) == [0.0] * 7
    (wait,) = taken(limit, "a", [0.1])
    assert taken(limit, "a", [0.1 + wait]) == [0]


def test_after_a_minute_of_silence_all_of_it_is_back() -> None:
    limit = RateLimit(2)
    assert taken(limit, "a", [0, 0, 60, 60, 60]) == [0, 0, 0, 0, 30]


def test_many_small_steps_do_not_add_up_to_a_refusal() -> None:
    limit = RateLimit(60)
    assert sum(taken(limit, "a", [float(second) for second in range(5000)])) == 0


def test_callers_do_not_share_a_limit() -> None:
    limit = RateLimit(1)
    assert taken(limit, "a", [0, 0]) == [0, 60]
    assert taken(limit, "b", [0]) == [0]


def test_zero_is_no_limit() -> None:
    limit = RateLimit(0)
    assert taken(limit, "a", [0.0] * 10_000) == [0.0] * 10_000
    assert len(limit) == 0


def test_memory_is_bounded_and_who_was_heard_lately_is_remembered() -> None:
    limit = RateLimit(2)
    limit.take("first", 0)
    for number in range(MOST_REMEMBERED - 1):
        limit.take(f"other-{number}", 0)
    limit.take("first", 0)
    limit.take("one more", 0)
    assert len(limit) == MOST_REMEMBERED
    with pytest.raises(RateLimited):
        limit.take("first", 0)
