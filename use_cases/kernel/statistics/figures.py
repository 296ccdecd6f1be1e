"""Forecasts with their outcomes, the input of all statistics here; and figures with their reliability.

Promises: every `Forecast` has a probability that is a finite number from 0 to 1 and an outcome that
is right or wrong; every figure of this package comes with its n, its coverage and, where it is unreliable,
the reason in a sentence; a figure that cannot be computed is None, never 0 or infinite. Leaves to others: the
selection of rows (void, pending and superseded outcomes are left out before, "helpful" is no outcome),
storage, and the figures.
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


FEW_ROWS = 30
"""The rows below which a figure is anecdotal."""

LOW_COVERAGE = 0.6
"""The share of rated responses below which the selection of raters may decide the figure."""


class StatisticsOptionInvalid(InvalidInput):
    """The options of the statistics are invalid, such as 3 bands."""

    code = "statistics_option_invalid"
    title = "Not an option of the statistics"
    default_hint = "Ask for 5 to 20 bands, with edges `left` or `right`."


@dataclass(frozen=True, slots=True, kw_only=True)
class StatisticalResult:
    """The common fields of every result.

    `n` counts rows. `coverage` is the share (0 to 1) of all responses with an outcome, None where the
    caller gave none. `warnings` are sentences; empty means that none is known.
    """

    n: int
    coverage: float | None
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistic(StatisticalResult):
    """A figure with its 95 % `interval`. None: it cannot be computed; `warnings` have the reason."""

    value: float | None
    interval: tuple[float, float] | None = None


def statistic(
    value: float | None,
    forecasts: Sequence[Forecast],
    coverage: float | None,
    *warnings: str | None,
    interval: tuple[float, float] | None = None,
) -> Statistic:
    """Builds a figure over these rows with the general warnings and the given ones (None: none)."""
    return Statistic(
        value=value,
        n=len(forecasts),
        coverage=coverage,
        warnings=cautions(forecasts, coverage, *warnings),
        interval=interval,
    )


def cautions(
    forecasts: Sequence[Forecast], coverage: float | None, *others: str | None
) -> tuple[str, ...]:
    """Returns the general warnings for these rows, then the others that are not None."""
    n = len(forecasts)
    if coverage is not None and not 0 <= coverage <= 1:
        raise StatisticsOptionInvalid(
            f"The coverage {coverage!r} is not a share from 0 to 1.",
            hint="Divide the rated responses by all responses.",
        )
    found = [_about_size(n), about_coverage(coverage), *others]
    return tuple(dict.fromkeys(text for text in found if text))


def percentage(share: float) -> str:
    """Returns a share (0 to 1) as a percentage with the digits that it has: `2.5%`."""
    return f"{share * 100:g}%"


def counted(n: int, what: str) -> str:
    """Formats a count: `1 event`, `1,027 outcomes`."""
    return f"{n:,} {what}" if n == 1 else f"{n:,} {what}s"


def about_coverage(coverage: float | None) -> str | None:
    """Returns the warning of selection, where too few responses were rated."""
    if coverage is None or coverage >= LOW_COVERAGE:
        return None
    return f"Only {coverage:.0%} of the responses have an outcome, and these may differ from the others."


def about_classes(forecasts: Sequence[Forecast]) -> str | None:
    """Returns the warning where every outcome is the same."""
    right = sum(forecast.right for forecast in forecasts)
    if forecasts and right in (0, len(forecasts)):
        return f"Every outcome is {'right' if right else 'wrong'}."
    return None


def _about_size(n: int) -> str | None:
    if n == 0:
        return "There is no outcome yet."
    return f"Only {counted(n, 'outcome')}: too few for a reliable figure." if n < FEW_ROWS else None
