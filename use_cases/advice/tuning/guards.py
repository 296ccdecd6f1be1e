"""The guards of a map: the conditions under which outcomes justify a change of the map in force.

Promises: a guard that fails is a named reason, never an error; nothing passes by sample size alone.
Leaves to others: the groups of responses that get a map (`pooling.py`).

1. At least `FEWEST` outcomes, both kinds, two distinct stated values: below, nothing can be fitted.
2. Discrimination: the AUC of stated scores is surely above 0.5 (one-sided, 95 %). Otherwise no
   monotone map of them separates good advice from bad, and the base rate is the best prediction.
   One-sided as the evidence is: an inverted order is refused too.
3. Evidence: five-fold cross-validation shows a smaller squared error than the map in force, by a
   one-sided 95 % test (t > 1.645), its level shared among the maps that are tried side by side.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

from use_cases.advice.model import Scored
from use_cases.advice.profile import CERTAIN
from use_cases.advice.tuning.cross_validation import CrossValidation, cross_validate
from use_cases.advice.tuning.map_fit import CalibrationLine, fit, limit_move
from use_cases.advice.tuning.tuning_report import Guard
from use_cases.kernel.statistics.discrimination import auc
from use_cases.kernel.statistics.distributions import Z95
from use_cases.kernel.statistics.figures import Statistic, counted

LEVEL = 0.05
"""The highest probability that the evidence of a map without effect passes; and, about, that scores
without any order pass for ordered.
"""


@dataclass(frozen=True, slots=True)
class Examination:
    """The guards' result on rows (one per event): the map to put in force, or the failed guards.

    `line` is None exactly where there are `failed` guards, each with its sentence.
    `cross_validation` is set where a map could be tried.
    """

    rows: tuple[Scored, ...]
    line: CalibrationLine | None
    failed: tuple[tuple[Guard, str], ...]
    cross_validation: CrossValidation | None = None

    @property
    def right_share(self) -> float:
        """The share that was right, for one row or more."""
        return sum(row.right for row in self.rows) / len(self.rows)


def examine(
    rows: Sequence[Scored], current: CalibrationLine, *, fewest: int, tried: int = 1
) -> Examination:
    """Return the rows' map, limited in its move from the current one, if no guard fails.

    `tried`: the number of maps that are examined side by side.
    """
    rows = tuple(rows)
    if unfit := _too_little_data(rows, fewest):
        return Examination(rows, None, (unfit,))
    tested = cross_validate(rows, current)
    failed = tuple(
        failure for failure in (_no_discrimination(rows), _no_evidence(tested, tried)) if failure
    )
    if failed:
        return Examination(rows, None, failed, tested)
    line = fit((row.stated, row.right) for row in rows)
    return Examination(rows, limit_move(line, current), (), tested)


def does_not_discriminate(rows: Sequence[Scored], fewest: int) -> bool:
    """Return whether enough rows (one per event) show no order of stated confidence; one stated
    value shows none, nor do outcomes that are all right or all wrong. False with too few rows.
    """
    if unfit := _too_little_data(rows, fewest):
        return unfit[0] is not Guard.FEW_OUTCOMES
    return _no_discrimination(rows) is not None


def _too_little_data(rows: Sequence[Scored], fewest: int) -> tuple[Guard, str] | None:
    if len(rows) < fewest:
        return Guard.FEW_OUTCOMES, f"{counted(len(rows), 'outcome')} of at least {fewest} needed."
    if len({row.right for row in rows}) < 2:
        kind = "right" if rows[0].right else "wrong"
        return Guard.ONE_OUTCOME, f"All {len(rows)} outcomes are {kind}."
    if len({row.stated for row in rows}) < 2:
        return Guard.ONE_VALUE, f"The stated confidence was always {rows[0].stated / CERTAIN:g}."
    return None


def _no_discrimination(rows: Sequence[Scored]) -> tuple[Guard, str] | None:
    order = auc([row.forecast(row.stated) for row in rows])
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
    """Return AUC - 1.645 se: its one-sided 95 % bound, from its two-sided interval; None: unknown.

    A perfect order has no interval, for nothing contradicts it: its bound is 1.
    """
    if order.value is None or order.interval is None:
        return 1.0 if order.value == 1 else None
    return order.value - (order.value - order.interval[0]) * critical(1) / Z95


def _no_evidence(tested: CrossValidation, tried: int) -> tuple[Guard, str] | None:
    needed = critical(tried)
    if tested.t > needed:
        return None
    return (
        Guard.NO_EVIDENCE,
        f"On outcomes it has not seen, a new map changes the Brier score by {tested.mean:+.4f} "
        f"({tested.low:+.4f} to {tested.high:+.4f}): t = {tested.t:.2f}, needed {needed:.2f}.",
    )


def critical(tried: int) -> float:
    """Return the critical value of t: 1.645 for one map, more when several are tried at once
    (Bonferroni).
    """
    return NormalDist().inv_cdf(1 - LEVEL / max(tried, 1))
