"""What every implementation of the port `Clock` does."""

from datetime import timedelta

import pytest

from services.system import SystemClock
from tests.fakes.clock import FixedClock
from use_cases.kernel.ports import Clock


@pytest.fixture(params=[FixedClock, SystemClock])
def clock(request: pytest.FixtureRequest) -> Clock:
    return request.param()


def test_the_present_moment_is_in_utc(clock: Clock) -> None:
    assert clock.now().utcoffset() == timedelta(0)


def test_the_seconds_never_go_back(clock: Clock) -> None:
    seconds = [clock.monotonic() for _ in range(1000)]
    assert seconds == sorted(seconds)
