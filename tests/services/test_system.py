"""Time-sorted ids under odd clocks, in threads, and by their layout."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from services.system import SystemClock, TimeSortedIds
from tests.fakes.clock import FixedClock


def test_the_first_ten_characters_are_the_milliseconds() -> None:
    # The example of the ULID specification: 1469918176385 ms are 01ARYZ6S41.
    moment = datetime(2016, 7, 30, 22, 36, 16, 385000, tzinfo=UTC)
    made = TimeSortedIds(clock=FixedClock(moment)).new("ans")
    assert re.fullmatch("ans_01ARYZ6S41[0-9A-HJKMNP-TV-Z]{16}", made)


def test_ids_of_one_millisecond_count_up() -> None:
    ids = TimeSortedIds(clock=FixedClock())
    made = [ids.new("ans") for _ in range(100)]
    assert made == sorted(set(made))


def test_a_clock_that_goes_back_does_not_break_the_order() -> None:
    clock = FixedClock()
    ids = TimeSortedIds(clock=clock)
    first = ids.new("ans")
    clock.move(-3600)
    second = ids.new("ans")
    clock.move(7200)
    assert first < second < ids.new("ans")


def test_a_full_random_part_carries_into_the_milliseconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def all_ones(bits: int) -> int:
        return 2**bits - 1

    monkeypatch.setattr("secrets.randbits", all_ones)
    ids = TimeSortedIds(clock=FixedClock())
    first, second = ids.new("ans"), ids.new("ans")
    assert first.endswith("ZZZZZZZZZZZZZZZZ")
    assert second.endswith("0000000000000000")
    assert first < second


def test_two_makers_do_not_make_the_same() -> None:
    clock = FixedClock()
    assert TimeSortedIds(clock=clock).new("ans") != TimeSortedIds(clock=clock).new("ans")


def test_threads_share_one_maker() -> None:
    ids = TimeSortedIds(clock=SystemClock())
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(ids.new, ["ans"] * 2000))
    assert len(set(made)) == 2000
