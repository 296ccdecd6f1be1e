"""One forecast with its outcome: what all statistics here are computed from.

Promises: whatever is a `Forecast` has a probability that is a finite number from 0 to 1 and an
outcome that is right or wrong. Leaves to others: which rows count (void, pending and superseded
outcomes are left out before, "helpful" is no outcome), and where they are kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from use_cases.kernel.statistics.errors import ForecastInvalid


@dataclass(frozen=True, slots=True)
class Forecast:
    """A stated probability of being right, and whether it was.

    `event` names what was forecast (rows of one event are not independent); None: an event of its
    own. `at` is when it was stated; a date counts as its midnight, a moment without a zone as UTC.
    Raises `ForecastInvalid` where the probability is NaN, outside 0 to 1, a boolean or a text, or
    the outcome is not a boolean.
    """

    probability: float
    right: bool
    event: str | None = None
    at: datetime | date | None = None

    def __post_init__(self) -> None:
        # The types say it; what comes from JSON or a file has not read them.
        if not _is_number(self.probability) or not 0 <= self.probability <= 1:
            raise ForecastInvalid(
                f"The probability {self.probability!r} is not a number from 0 to 1."
            )
        if type(self.right) is not bool:
            raise ForecastInvalid(f"The outcome {self.right!r} is neither right nor wrong.")


def probabilities(forecasts: Sequence[Forecast]) -> list[float]:
    """The stated probabilities, in order."""
    return [forecast.probability for forecast in forecasts]


def outcomes(forecasts: Sequence[Forecast]) -> list[int]:
    """1 where it was right, otherwise 0, in order."""
    return [int(forecast.right) for forecast in forecasts]


def in_time(forecasts: Sequence[Forecast]) -> list[Forecast]:
    """By moment, ties in the order given; in the order given where any row has no moment."""
    stated = [forecast.at for forecast in forecasts]
    moments = {at: moment(at) for at in set(stated) if at is not None}
    if None in stated:
        return list(forecasts)
    return sorted(forecasts, key=lambda forecast: moments[forecast.at or date.min])


def moment(at: datetime | date) -> datetime:
    """A date's midnight, a naive moment's UTC: so that any two can be compared."""
    if not isinstance(at, datetime):
        at = datetime.combine(at, time())
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
