"""Drift: does the output distribute its values as the truth does?

The distance of a column is the total variation distance of its values, as a rule of equality reads them: half
the sum of the differences in frequency, from 0 (the same) to 1, and at most the share of cells that differ. It is
the TVComplement of SDMetrics, with a missing value kept as a value, so that blanking a column is drift. Marginal
distributions are blind to a shuffled column, whose damage `corruption_rate` shows.
"""

from collections import Counter
from collections.abc import Mapping
from statistics import fmean

from use_cases.benchmark.model import TableColumn, TextTable, ValueKind
from use_cases.benchmark.scoring.cell_equality import CellForm, EqualityRule, cell_forms


def measure_drift(
    clean: TextTable, other: TextTable, kinds: Mapping[str, ValueKind], rule: EqualityRule
) -> float | None:
    """Returns the mean distance over the columns of the truth; one that is absent counts 1."""
    distances = [
        _distance(cells, other.by_name.get(name, ()), kinds.get(name), rule)
        for name, cells in clean.by_name.items()
    ]
    return fmean(distances) if distances else None


def drift_reduction(output: float | None, dirty: float | None) -> float | None:
    """Returns the share of the dirty table's drift that is gone; None where it had none, below 0 for
    more.
    """
    return None if output is None or not dirty else 1 - output / dirty


def _distance(
    clean: TableColumn, other: TableColumn, kind: ValueKind | None, rule: EqualityRule
) -> float:
    if clean == other or not (clean and other):
        return float(clean != other)
    mine, theirs = (_counts(cells, kind, rule) for cells in (clean, other))
    gaps = (abs(mine[e] * len(other) - theirs[e] * len(clean)) for e in mine.keys() | theirs.keys())
    return sum(gaps) / (2 * len(clean) * len(other))


def _counts(cells: TableColumn, kind: ValueKind | None, rule: EqualityRule) -> Counter[CellForm]:
    texts, found = Counter(cells), Counter[CellForm]()
    for form, count in zip(cell_forms(list(texts), kind, rule), texts.values(), strict=True):
        found[form] += count
    return found
