"""The forecast with its outcome, the input of all statistics here.

Promises: every `Forecast` has a probability that is a finite number from 0 to 1 and an outcome that
is right or wrong. Leaves to others: the selection of rows (void, pending and superseded outcomes are
left out before, "helpful" is no outcome), and storage.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from use_cases.kernel.errors import InvalidInput


class ForecastInvalid(InvalidInput):
    """A confidence is not a number from 0 to 1, or its outcome is neither right nor wrong."""

    code = "forecast_invalid"
    title = "Not a forecast"
    default_hint = "State the confidence as a number from 0 to 1 and the outcome as true or false."


@dataclass(frozen=True, slots=True)
class Forecast:
    """A stated probability of being right, with the outcome.

    `event` names the forecast event (rows of one event are not independent); None: a separate event.
    `at` is the time of the statement; a date counts as its midnight, a moment without a zone as UTC.
    Raises `ForecastInvalid` where the probability is NaN, outside 0 to 1, a boolean or a text, or
    the outcome is not a boolean.
    """

    probability: float
    right: bool
    event: str | None = None
    at: datetime | date | None = None

    def __post_init__(self) -> None:
        # Values from JSON or a file may contradict the annotations.
        if not _is_number(self.probability) or not 0 <= self.probability <= 1:
            raise ForecastInvalid(
                f"The probability {self.probability!r} is not a number from 0 to 1."
            )
        if type(self.right) is not bool:
            raise ForecastInvalid(f"The outcome {self.right!r} is neither right nor wrong.")


def probabilities(forecasts: Sequence[Forecast]) -> list[float]:
    """Returns the stated probabilities, in order."""
    return [forecast.probability for forecast in forecasts]


def outcomes(forecasts: Sequence[Forecast]) -> list[int]:
    """Returns 1 for right and 0 for wrong, in order."""
    return [int(forecast.right) for forecast in forecasts]


def sort_by_time(forecasts: Sequence[Forecast]) -> list[Forecast]:
    """Sorts by moment, ties in the given order; keeps the given order where a row has no moment."""
    stated = [forecast.at for forecast in forecasts]
    moments = {at: moment(at) for at in set(stated) if at is not None}
    if None in stated:
        return list(forecasts)
    return sorted(forecasts, key=lambda forecast: moments[forecast.at or date.min])


def moment(at: datetime | date) -> datetime:
    """Returns a comparable moment: a date's midnight, a naive moment in UTC."""
    if not isinstance(at, datetime):
        at = datetime.combine(at, time())
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
