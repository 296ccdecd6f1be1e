"""Date anchoring: once, the newest date, and never in what is kept."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from use_cases.kernel.runs.history import anchored, today_in, unanchored

TODAY = date(2024, 1, 15)


def test_the_date_stands_in_front_of_the_message() -> None:
    assert anchored("Who starts?", TODAY) == "Current Date: 2024-01-15\n\nWho starts?"


def test_anchored_twice_is_anchored_once_with_the_later_date() -> None:
    once = anchored("Who starts?", date(2024, 1, 14))
    assert anchored(once, TODAY) == "Current Date: 2024-01-15\n\nWho starts?"
    assert anchored(anchored(once, TODAY), TODAY) == "Current Date: 2024-01-15\n\nWho starts?"


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("Current Date: 2020-02-02\n\nWho?", "Who?"),
        ("Current Date: 2020-02-02\r\n\r\nWho?", "Who?"),
        ("Current Date: 2020-02-02\n\nCurrent Date: 2021-02-02\n\nWho?", "Who?"),
        ("Current Date: 2020-02-02", ""),
        ("Is Current Date: 2020-02-02 right?", "Is Current Date: 2020-02-02 right?"),
        ("Current Date: tomorrow\n\nWho?", "Current Date: tomorrow\n\nWho?"),
        ("Current Date: 2020-02-02 is what I mean", "Current Date: 2020-02-02 is what I mean"),
        ("  Who?\n", "  Who?\n"),
    ],
)
def test_only_an_anchor_at_the_beginning_is_taken_off(text: str, bare: str) -> None:
    assert unanchored(text) == bare


def test_a_message_of_nothing_but_blanks_is_read_quickly() -> None:
    assert unanchored("\n" * 100_000) == "\n" * 100_000


def test_the_date_is_that_of_the_time_zone() -> None:
    now = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
    assert today_in(UTC, now) == date(2026, 11, 21)
    assert today_in(ZoneInfo("Asia/Tokyo"), now) == date(2026, 11, 22)
    assert today_in(ZoneInfo("America/New_York"), now) == date(2026, 11, 21)
