"""Repair: how many errors were repaired, at what damage to cells that were right.

Promises: a score that cannot be computed is None, never 0; every cell of every table counts, also those
of dropped and invented rows. The definitions are those of Raha (Mahdavi and others, SIGMOD 2019) where it
has them, and its edge cases are reported beside ours. Leaves to others: which cells are the same.
"""

from dataclasses import dataclass

from use_cases.benchmark.scoring.cell_outcomes import CellCounts
from use_cases.kernel.statistics.intervals import wilson


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrieval:
    """Precision, recall and F1 of things found against the true ones, each from 0 to 1.

    Precision is None where nothing was found but something was to be, recall where nothing was to be.
    F1 is 2 hits / (found + true): 1 where both are empty, 0 where one is.
    """

    precision: float | None
    recall: float | None
    f1: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RahaScores:
    """Precision, recall and F1 as Raha computes them: 0 wherever a denominator is 0."""

    precision: float
    recall: float
    f1: float
    detection_precision: float
    detection_recall: float
    detection_f1: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairScores:
    """The scores of one table under one rule, or of several by their summed `counts`.

    `repair` counts an edit of an error where the new value is the true one, `detection` whatever it is.
    `corruption_rate` is the share of right cells that are wrong now, with Wilson's 95 % interval.
    `error_reduction` is the share of errors that are gone, net of new ones: 0 for doing nothing, below 0
    for harm. `cell_accuracy` is the share of all cells that are right in the output.
    """

    counts: CellCounts
    repair: Retrieval
    detection: Retrieval
    raha: RahaScores
    corruption_rate: float | None
    corruption_interval: tuple[float, float] | None
    error_reduction: float | None
    cell_accuracy: float | None


def score_repair(counts: CellCounts) -> RepairScores:
    """Compute the scores from counts of cells."""
    wrong = counts.cells - counts.right
    return RepairScores(
        counts=counts,
        repair=retrieval(counts.repaired, counts.edits, counts.errors),
        detection=retrieval(counts.detected, counts.edits, counts.errors),
        raha=_as_raha(counts),
        corruption_rate=share(counts.damaged, counts.clean),
        corruption_interval=wilson(counts.damaged, counts.clean),
        error_reduction=share(counts.errors - wrong, counts.errors),
        cell_accuracy=share(counts.right, counts.cells),
    )


def retrieval(hits: int, found: int, true: int) -> Retrieval:
    """Precision, recall and F1 of `found` things, of which `hits` are among the `true` ones."""
    precision = share(hits, found)
    if precision is None and true == 0:
        precision = 1.0
    return Retrieval(
        precision=precision,
        recall=share(hits, true),
        f1=2 * hits / (found + true) if found + true else 1.0,
    )


def share(part: int, whole: int) -> float | None:
    """The part of the whole; None of nothing."""
    return part / whole if whole else None


def _as_raha(counts: CellCounts) -> RahaScores:
    repaired = retrieval(counts.repaired, counts.edits, counts.errors)
    detected = retrieval(counts.detected, counts.edits, counts.errors)
    nothing = not counts.edits
    return RahaScores(
        precision=0.0 if nothing else repaired.precision or 0.0,
        recall=repaired.recall or 0.0,
        f1=0.0 if nothing else repaired.f1,
        detection_precision=0.0 if nothing else detected.precision or 0.0,
        detection_recall=detected.recall or 0.0,
        detection_f1=0.0 if nothing else detected.f1,
    )
