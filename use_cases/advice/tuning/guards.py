"""The guards of a map: whether these outcomes are reason enough to change what is in force.

Promises: a guard that fails is a named reason, never an error; nothing passes by sample size alone.
Leaves to others: for which responses a map is fitted (`pooling.py`).

1. At least `FEWEST` outcomes, both kinds, two distinct stated values: below, nothing can be fitted.
2. Discrimination: the AUC of stated scores is surely above 0.5 (one-sided, 95 %). Otherwise no
   monotone map of them can be trusted to tell good advice from bad, and the share that was right is
   all there is to say. One-sided as the evidence is: order the wrong way round is refused too.
3. Evidence: five-fold cross-validation shows a smaller squared error than what is in force, by a
   one-sided 95 % test (t > 1.645), its level shared among the maps that are tried side by side.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

from use_cases.advice.model import Scored
from use_cases.advice.profile import CERTAIN
from use_cases.advice.tuning.cross_validation import Crossed, crossed, is_right
from use_cases.advice.tuning.map_fit import CalibrationLine, fit, limited
from use_cases.advice.tuning.tuning_report import Guard
from use_cases.kernel.statistics.discrimination import auc
from use_cases.kernel.statistics.distributions import Z95
from use_cases.kernel.statistics.figures import Statistic, counted
from use_cases.kernel.statistics.forecasts import Forecast

LEVEL = 0.05
"""The chance, at most, that the evidence of a map that changes nothing passes; and, about, that
scores without any order pass for ordered."""


@dataclass(frozen=True, slots=True)
class Examined:
    """What the guards say of rows (one per event): the map to put in force, or what failed.

    `line` is None exactly where there are `failed` guards, each with its sentence. `crossed` is
    there where a map could be tried.
    """

    rows: tuple[Scored, ...]
    line: CalibrationLine | None
    failed: tuple[tuple[Guard, str], ...]
    crossed: Crossed | None = None

    @property
    def right_share(self) -> float:
        """The share that was right, of one row or more."""
        return sum(map(is_right, self.rows)) / len(self.rows)


def examined(
    rows: Sequence[Scored], current: CalibrationLine, *, fewest: int, tried: int = 1
) -> Examined:
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


def does_not_discriminate(rows: Sequence[Scored], fewest: int) -> bool:
    """Whether enough rows (one per event) show no order of stated confidence: neither do one stated
    value, nor outcomes that are all right or all wrong. False with too few rows.
    """
    if unfit := _unfit(rows, fewest):
        return unfit[0] is not Guard.FEW_OUTCOMES
    return _undiscerning(rows) is not None


def forecasts_of(rows: Sequence[Scored]) -> list[Forecast]:
    """Resolved rows as forecasts by their stated confidence."""
    return [
        Forecast(row.stated / CERTAIN, is_right(row), row.event_key, row.created_at) for row in rows
    ]


def _unfit(rows: Sequence[Scored], fewest: int) -> tuple[Guard, str] | None:
    if len(rows) < fewest:
        return Guard.FEW_OUTCOMES, f"{counted(len(rows), 'outcome')} of at least {fewest} needed."
    if len({is_right(row) for row in rows}) < 2:
        kind = "right" if is_right(rows[0]) else "wrong"
        return Guard.ONE_OUTCOME, f"All {len(rows)} outcomes are {kind}."
    if len({row.stated for row in rows}) < 2:
        return Guard.ONE_VALUE, f"The stated confidence was always {rows[0].stated / CERTAIN:g}."
    return None


def _undiscerning(rows: Sequence[Scored]) -> tuple[Guard, str] | None:
    order = auc(forecasts_of(rows))
    least = least_order(order)
    if least is not None and least > 0.5:
        return None
    shown = f"AUC {order.value:.3f}" if order.value is not None else "AUC unknown"
    if least is not None:
        shown += f", 95% lower bound {least:.3f}, needed above 0.5"
    return (
        Guard.NO_DISCRIMINATION,
        f"Stated confidence is not shown to separate right from wrong ({shown}).",
    )


def least_order(order: Statistic) -> float | None:
    """AUC - 1.645 se: its one-sided 95 % bound, from its two-sided interval; None: unknown.

    A perfect order has no interval, for nothing contradicts it: its bound is 1.
    """
    if order.value is None or order.interval is None:
        return 1.0 if order.value == 1 else None
    return order.value - (order.value - order.interval[0]) * critical(1) / Z95


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
