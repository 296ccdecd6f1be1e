"""Threads that compute in slices: how many at once, and in which order."""

import math
import threading
from concurrent.futures import ThreadPoolExecutor

from services.tables.time_slices import TimeSlices


def test_no_more_compute_at_once_than_there_are_places() -> None:
    slices = TimeSlices(2)
    lock = threading.Lock()
    running: set[int] = set()
    most: list[int] = []

    def compute(number: int) -> None:
        with slices.computing() as mine:
            for _ in range(3):
                with lock:
                    running.add(number)
                    most.append(len(running))
                    running.remove(number)
                mine.check(math.inf)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(compute, range(8)))

    assert len(most) == 24
    assert max(most) <= 2


def test_one_that_waits_goes_on_after_a_slice_of_the_one_before() -> None:
    slices = TimeSlices(1)
    happened: list[str] = []

    def short() -> None:
        with slices.computing():
            happened.append("short")

    with slices.computing() as long:
        other = threading.Thread(target=short)
        other.start()
        while not happened:  # the short one may not have begun to wait
            long.check(math.inf)
        happened.append("long")
    other.join()

    assert happened == ["short", "long"]


def test_a_slice_that_is_not_over_is_not_paused() -> None:
    with TimeSlices(1).computing() as mine:
        mine.check(-math.inf)

        assert mine.waited == 0
