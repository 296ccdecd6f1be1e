"""Cross-validation of a fitted map against the one in force, on outcomes it has not seen.

Promises: events are never on both sides of a fold; folds depend on nothing but the events' names,
so the same outcomes give the same verdict in any order; the map under test is exactly the one that
would be put in force, move limit included. Leaves to others: the further conditions (`guards.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from math import fsum, sqrt

from use_cases.advice.model import Scored
from use_cases.advice.tuning.map_fit import HUNDREDTHS, CalibrationLine, fit, limit_move
from use_cases.kernel.statistics.distributions import Z95

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
    """Return the result of five folds by event; each row is judged by a map fitted on the four
    others.

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
    """Return mean, interval and t of paired differences; without spread no difference is sure (t =
    0).

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
    """Return the fold of each row: events in the order of their hashes, dealt out one by one."""
    events = sorted({row.event for row in rows}, key=_hash)
    fold_of = {event: place % FOLDS for place, event in enumerate(events)}
    return [fold_of[row.event] for row in rows]


def _hash(event: str) -> bytes:
    return blake2b(event.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _outcomes(rows: Sequence[Scored], folds: Sequence[int], *, but: int) -> list[tuple[int, bool]]:
    return [(row.stated, row.right) for row, fold in zip(rows, folds, strict=True) if fold != but]
