"""The guards of a map: whether these outcomes are reason enough to change what is in force.

Promises: a guard that fails is a named reason, never an error; nothing passes by sample size alone.
Leaves to others: for which responses a map is fitted (`pooling.py`).

1. At least `FEWEST` outcomes, both kinds, two distinct stated values: below, nothing can be fitted.
2. Discrimination: the 95 % interval of the AUC of stated scores lies above 0.5. Otherwise no
   monotone map of them can tell good advice from bad, and the share that was right is all there is
   to say.
3. Evidence: five-fold cross-validation shows a smaller squared error than what is in force, by a
   one-sided 95 % test (t > 1.645), its level shared among the maps that are tried side by side.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

from use_cases.advice.model import Scored
from use_cases.advice.profile import CERTAIN
from use_cases.advice.statistics.discrimination import auc
from use_cases.advice.statistics.forecasts import Forecast
from use_cases.advice.statistics.stated import Statistic
from use_cases.advice.tuning.crossing import Crossed, crossed, is_right
from use_cases.advice.tuning.fitting import Line, fit, limited
from use_cases.advice.tuning.results import Guard

LEVEL = 0.05
"""The chance, at most, that the evidence of a map that changes nothing passes."""


@dataclass(frozen=True, slots=True)
class Examined:
    """What the guards say of rows (one per event): the map to put in force, or what failed.

    `line` is None exactly where there are `failed` guards, each with its sentence. `crossed` is
    there where a map could be tried.
    """

    rows: tuple[Scored, ...]
    line: Line | None
    failed: tuple[tuple[Guard, str], ...]
    crossed: Crossed | None = None

    @property
    def right_share(self) -> float:
        """The share that was right, of one row or more."""
        return sum(map(is_right, self.rows)) / len(self.rows)


def examined(rows: Sequence[Scored], current: Line, *, fewest: int, tried: int = 1) -> Examined:
    """The rows' map, limited in its move from the current one, if no guard stands against it.

    `tried`: how many maps are examined side by side.
    """
    rows = tuple(rows)
    if unfit := _unfit(rows, fewest):
        return Examined(rows, None, (unfit,))
    tested = crossed(rows, current)
    failed = tuple(
        failure for failure in (_undiscerning(rows), _unproven(tested, tried)) if failure
    )
    if failed:
        return Examined(rows, None, failed, tested)
    line = fit((row.stated, is_right(row)) for row in rows)
    return Examined(rows, limited(line, current), (), tested)


def forecasts_of(rows: Sequence[Scored]) -> list[Forecast]:
    """Resolved rows as forecasts by their stated confidence."""
    return [
        Forecast(row.stated / CERTAIN, is_right(row), row.event_key, row.created_at) for row in rows
    ]


def _unfit(rows: Sequence[Scored], fewest: int) -> tuple[Guard, str] | None:
    if len(rows) < fewest:
        return Guard.FEW_OUTCOMES, f"{len(rows)} outcomes are fewer than {fewest}."
    if len({is_right(row) for row in rows}) < 2:
        kind = "right" if is_right(rows[0]) else "wrong"
        return Guard.ONE_OUTCOME, f"Every one of {len(rows)} outcomes is {kind}."
    if len({row.stated for row in rows}) < 2:
        return Guard.ONE_VALUE, f"Every confidence was stated as {rows[0].stated / CERTAIN:g}."
    return None


def _undiscerning(rows: Sequence[Scored]) -> tuple[Guard, str] | None:
    order = auc(forecasts_of(rows))
    if _orders(order):
        return None
    shown = f"AUC {order.value:.3f}" if order.value is not None else "AUC unknown"
    if order.interval:
        shown += f", 95 % interval {order.interval[0]:.3f} to {order.interval[1]:.3f}"
    return (
        Guard.NO_DISCRIMINATION,
        f"Higher stated confidence did not surely go with being right ({shown}).",
    )


def _orders(order: Statistic) -> bool:
    """Above 0.5 with its whole interval; a perfect order has none, for nothing contradicts it."""
    if order.interval is None:
        return order.value == 1
    return order.interval[0] > 0.5


def _unproven(tested: Crossed, tried: int) -> tuple[Guard, str] | None:
    needed = critical(tried)
    if tested.t > needed:
        return None
    return (
        Guard.NO_EVIDENCE,
        f"On outcomes it has not seen, a new map changes the Brier score by {tested.mean:+.4f} "
        f"({tested.low:+.4f} to {tested.high:+.4f}): t = {tested.t:.2f}, needed {needed:.2f}.",
    )


def critical(tried: int) -> float:
    """What t must exceed: 1.645 for one map, more when several are tried at once (Bonferroni)."""
    return NormalDist().inv_cdf(1 - LEVEL / max(tried, 1))
