"""How much of the long series of cases a run tries: `make test` a sample, `make test-all` all, and
`make check` all but three quarters of what is marked `exhaustive`: each commit runs another quarter.

The switch is hypothesis's own: `pytest --hypothesis-profile=all`. A series is a long list of similar
cases, such as every place where a stream can be cut. A sample is the same in each run, because all
workers must collect the same tests.
"""

from collections.abc import Sequence
from typing import TypeVar

from hypothesis import settings

SAMPLE = "sample"
FAST = "fast"
CHECK = "check"
ALL = "all"
BY_HAND = "thorough"
_SHARE = 5
_SHARE_OF_ALL = 2
"""One generated example of so many is tried in a sample, and by `make test-all`."""

Item = TypeVar("Item")


def is_thorough() -> bool:
    """Whether everything is tried. Ask it in test modules only: conftests are read before the option."""
    return settings.get_current_profile_name() not in (SAMPLE, FAST)


def sample(series: Sequence[Item], few: int) -> Sequence[Item]:
    """All of a series, or `few` of it spread evenly, the first and the last among them."""
    if is_thorough() or len(series) <= few:
        return series
    return [series[round(place * (len(series) - 1) / (few - 1))] for place in range(few)]


def examples(count: int) -> int:
    """How many examples hypothesis makes where a test would like `count`: by hand all, else a share."""
    if settings.get_current_profile_name() == BY_HAND:
        return count
    return max(10, count // (_SHARE_OF_ALL if is_thorough() else _SHARE))


def by_hand(series: Sequence[Item], few: int) -> Sequence[Item]:
    """All of a series under the profile `thorough`, which is set by hand; else its first `few`."""
    return series if settings.get_current_profile_name() == BY_HAND else series[:few]
