"""The evidence among recorded responses, and the guards of a map: the conditions under which outcomes
justify a change of the map in force.

Promises: evidence is resolved, settled for a day, one for each event. Only the raw score counts, never
the one shown after an earlier tuning, so that a tuning never learns from itself; every excluded
response is counted under its reason. A guard that fails is a named reason, never an error; nothing
passes by sample size alone. Leaves to others: the groups of responses that get a map (`proposal.py`).

1. At least `FEWEST` outcomes, both kinds, two distinct stated values: below, nothing can be fitted.
2. Discrimination: the AUC of stated scores is surely above 0.5 (one-sided, 95 %). Otherwise no
   monotone map of them separates good advice from bad, and the base rate is the best prediction.
   One-sided as the evidence is: an inverted order is refused too.
3. Evidence: five-fold cross-validation shows a smaller squared error than the map in force, by a
   one-sided 95 % test (t > 1.645), its level shared among the maps that are tried side by side.
   Events are never on both sides of a fold; folds depend on nothing but the events' names, so the
   same outcomes give the same verdict in any order; the map under test is exactly the one that would
   be put in force, move limit included.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from math import fsum, sqrt
from statistics import NormalDist

from use_cases.advice.model import CalibrationVersion, OutcomeState, Scored
from use_cases.advice.profile import CERTAIN
from use_cases.advice.tuning.maps import HUNDREDTHS, CalibrationLine, fit, limit_move
from use_cases.advice.tuning.tuning_report import Exclusion, Guard
from use_cases.kernel.statistics.distributions import Z95
from use_cases.kernel.statistics.figures import Statistic, counted
from use_cases.kernel.statistics.forecast_scores import auc

FEWEST = 30
"""The fewest outcomes of a map. No more than common sense: evidence decides (`guards.py`)."""

SETTLED_AFTER = timedelta(days=1)
"""The least age of feedback, so that a correction of it comes first."""

NEW_OUTCOMES = 20
"""The fewest outcomes since the version in force: each test of the same outcomes is another chance
to be misled by them.
"""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The rows that count, oldest first, and the number of others, by reason."""

    rows: tuple[Scored, ...]
    excluded: dict[Exclusion, int]


def select_evidence(scored: Iterable[Scored], settled: datetime) -> Evidence:
    """Returns the rows that were right or wrong, by feedback given at `settled` or before."""
    excluded: Counter[Exclusion] = Counter()
    rows: list[Scored] = []
    for row in scored:
        reason = _excluded(row, settled)
        if reason is None:
            rows.append(row)
        else:
            excluded[reason] += 1
    rows.sort(key=lambda row: (row.created_at, row.response_id))
    return Evidence(tuple(rows), dict(excluded))


def one_per_event(rows: Sequence[Scored]) -> tuple[Scored, ...]:
    """Returns the first row of each event; rows are oldest first.

    The first one, because its user could not choose it: a repeated question may follow a
    displeasing answer or the end of the event.
    """
    first: dict[str, Scored] = {}
    for row in rows:
        first.setdefault(row.event, row)
    return tuple(first.values())


def new_since(rows: Iterable[Scored], version: CalibrationVersion | None) -> int | None:
    """Returns the number of outcomes, one per event, that no run up to the version in force could see;
    None without one.

    That run saw feedback up to `SETTLED_AFTER` before it; a rollback counts as a run, for otherwise
    the next tuning would undo it with the same outcomes.
    """
    if version is None:
        return None
    seen = version.created_at - SETTLED_AFTER
    new = [row for row in rows if row.feedback_at is not None and row.feedback_at > seen]
    return len(one_per_event(new))


def _excluded(row: Scored, settled: datetime) -> Exclusion | None:
    if row.outcome is OutcomeState.VOID:
        return Exclusion.VOID
    if not row.resolved:
        return Exclusion.PENDING
    if row.feedback_at is None:
        return Exclusion.UNDATED
    return Exclusion.RECENT if row.feedback_at > settled else None


LEVEL = 0.05
"""The highest probability that the evidence of a map without effect passes; and, about, that scores
without any order pass for ordered.
"""

FOLDS = 5

SHARED_ROWS = 30
"""The number of rows that widens the standard error of n rows: its square by 1 + 30 / n.

Maps of different folds are fitted on mostly the same rows, so their errors go together and the
plain standard error is too small where rows are few. Without it truly calibrated data pass at 30
rows in up to 5 % of cases, with it in at most 3 % at any size (`benchmarks/tuning.py`).
"""


@dataclass(frozen=True, slots=True)
class CrossValidation:
    """Squared error of the new map less that of the one in force, for each row in its own fold.

    `mean` (negative is better) with its 95 % interval, in units of the Brier score; `t` is -mean /
    its standard error: large when the new map is surely better.
    """

    differences: tuple[float, ...]
    mean: float
    low: float
    high: float
    t: float


def cross_validate(rows: Sequence[Scored], current: CalibrationLine) -> CrossValidation:
    """Returns the result of five folds by event; each row is judged by a map fitted on the four others.

    t = -mean(d) / se, se = sd(d) sqrt(1/n) sqrt(1 + 30/n), d the paired differences.
    """
    folds = _folds(rows)
    lines = [
        limit_move(fit(_outcomes(rows, folds, but=fold)), current, HUNDREDTHS)
        for fold in range(FOLDS)
    ]
    differences = tuple(
        (lines[fold].at(row.stated) - row.right) ** 2 - (current.at(row.stated) - row.right) ** 2
        for row, fold in zip(rows, folds, strict=True)
    )
    return summarise_differences(differences)


def summarise_differences(differences: Sequence[float]) -> CrossValidation:
    """Returns mean, interval and t of paired differences; without spread no difference is sure (t = 0).

    With fewer than two the interval is the whole range of a Brier score's change: -1 to 1.
    """
    n = len(differences)
    if n < 2:
        return CrossValidation(tuple(differences), fsum(differences), -1.0, 1.0, 0.0)
    mean = fsum(differences) / n
    variance = fsum((each - mean) ** 2 for each in differences) / (n - 1)
    error = sqrt(variance / n * (1 + SHARED_ROWS / n))
    t = -mean / error if error > 0 else 0.0
    return CrossValidation(tuple(differences), mean, mean - Z95 * error, mean + Z95 * error, t)


def _folds(rows: Sequence[Scored]) -> list[int]:
    """Returns the fold of each row: events in the order of their hashes, dealt out one by one."""
    events = sorted({row.event for row in rows}, key=_hash)
    fold_of = {event: place % FOLDS for place, event in enumerate(events)}
    return [fold_of[row.event] for row in rows]


def _hash(event: str) -> bytes:
    return blake2b(event.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _outcomes(rows: Sequence[Scored], folds: Sequence[int], *, but: int) -> list[tuple[int, bool]]:
    return [(row.stated, row.right) for row, fold in zip(rows, folds, strict=True) if fold != but]


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


def examine(rows: Sequence[Scored], current: CalibrationLine, *, tried: int = 1) -> Examination:
    """Returns the rows' map, limited in its move from the current one, if no guard fails.

    `tried`: the number of maps that are examined side by side.
    """
    rows = tuple(rows)
    if unfit := _too_little_data(rows):
        return Examination(rows, None, (unfit,))
    tested = cross_validate(rows, current)
    failed = tuple(
        failure for failure in (_no_discrimination(rows), _no_evidence(tested, tried)) if failure
    )
    if failed:
        return Examination(rows, None, failed, tested)
    line = fit((row.stated, row.right) for row in rows)
    return Examination(rows, limit_move(line, current), (), tested)


def does_not_discriminate(rows: Sequence[Scored]) -> bool:
    """Returns whether enough rows (one per event) show no order of stated confidence; one stated value
    shows none, nor do outcomes that are all right or all wrong. False with too few rows.
    """
    if unfit := _too_little_data(rows):
        return unfit[0] is not Guard.FEW_OUTCOMES
    return _no_discrimination(rows) is not None


def _too_little_data(rows: Sequence[Scored]) -> tuple[Guard, str] | None:
    if len(rows) < FEWEST:
        return Guard.FEW_OUTCOMES, f"{counted(len(rows), 'outcome')} of at least {FEWEST} needed."
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
    """Returns AUC - 1.645 se: its one-sided 95 % bound, from its two-sided interval; None: unknown.

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
    """Returns the critical value of t: 1.645 for one map, more when several are tried at once
    (Bonferroni).
    """
    return NormalDist().inv_cdf(1 - LEVEL / max(tried, 1))
