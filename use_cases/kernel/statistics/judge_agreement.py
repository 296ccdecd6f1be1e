"""How far a judge may be trusted: its agreement with human labels, and pass rates corrected by it.

Labels may be drawn by the judge's verdict, for instance as many of its passes as of its failures: every
figure weights the labelled passes by all the passes, and the labelled failures by all the failures.
Unweighted, such a sample would flatter one of sensitivity and specificity and belie the other (the
verification bias of Begg and Greenes, 1983, Biometrics 39:207).

Promises: every figure has an interval that carries all its uncertainty, within its range; a judge that
is no better than chance corrects nothing. Leaves to others: which answers people labelled. Among those
of one verdict they must be like the others.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from use_cases.kernel.statistics.figures import FEW_ROWS, Statistic, counted
from use_cases.kernel.statistics.resampling import SEED, percentile

_DRAWS = 4_000
_TAIL = 0.025


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeLabels:
    """The counts of labelled answers: what the judge said, beside what people said.

    `agreed_pass` and `agreed_fail`: both said so. `wrong_pass`: the judge passed what people failed;
    `wrong_fail`: the reverse. Raises `ValueError` for a negative count.
    """

    agreed_pass: int = 0
    wrong_pass: int = 0
    wrong_fail: int = 0
    agreed_fail: int = 0

    def __post_init__(self) -> None:
        if min(self.agreed_pass, self.wrong_pass, self.wrong_fail, self.agreed_fail) < 0:
            raise ValueError(f"a count of labels is negative: {self}")

    @property
    def n(self) -> int:
        """The labelled answers."""
        return self.passed + self.failed

    @property
    def passed(self) -> int:
        """Those that people passed."""
        return self.agreed_pass + self.wrong_fail

    @property
    def failed(self) -> int:
        """Those that people failed."""
        return self.agreed_fail + self.wrong_pass


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdicts of a judge on a group of answers, labelled or not. Raises `ValueError` below 0."""

    passed: int
    failed: int

    def __post_init__(self) -> None:
        if min(self.passed, self.failed) < 0:
            raise ValueError(f"a count of verdicts is negative: {self}")

    @property
    def n(self) -> int:
        """All its verdicts."""
        return self.passed + self.failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """The agreement of a judge with people, each figure with a 95 % interval.

    `accuracy` is the share with the same verdict, `kappa` that share beyond chance (1 perfect, 0 as
    chance). `sensitivity` is the share of good answers that the judge passes, `specificity` that of
    bad ones that it fails. `leniency` is the share that the judge passes less the share that people
    would pass. `rates` are the shares of each group that people would pass.
    """

    labels: JudgeLabels
    accuracy: Statistic
    kappa: Statistic
    sensitivity: Statistic
    specificity: Statistic
    leniency: Statistic
    rates: Sequence[Statistic]


_Figures: TypeAlias = tuple[float | None, float | None, float | None, float | None, float]
"""Accuracy, kappa, sensitivity, specificity, leniency."""


def judge_agreement(labels: JudgeLabels, judged: Sequence[Judged]) -> Agreement:
    """Compute the agreement; a figure that the labels cannot tell is None, with the reason.

    `judged` are groups of answers, such as variants, from which the labelled ones were drawn. With a
    the share of all answers that the judge passed, b that of its passes and c that of its failures
    which people passed: sensitivity is ab / (ab + (1-a)c), specificity (1-a)(1-c) / (a(1-b) +
    (1-a)(1-c)). A group's rate is (p + specificity - 1) / (sensitivity + specificity - 1), where the
    judge passed p of it (Rogan and Gladen 1978, Am J Epidemiol 107:71), from 0 to 1.

    Intervals: each of these shares is drawn 4,000 times, from a fixed seed, from its Beta law with
    Jeffreys' prior (Brown, Cai, DasGupta 2001, Stat Sci 16:101), and each figure is computed from the
    draws. Raises `ValueError` where more answers are labelled than were judged.
    """
    passed, failed = sum(each.passed for each in judged), sum(each.failed for each in judged)
    right, wrong = labels.agreed_pass + labels.wrong_pass, labels.agreed_fail + labels.wrong_fail
    if right > passed or wrong > failed:
        raise ValueError(f"more answers are labelled than were judged: {labels}, {judged}")
    reason = _missing(passed and not right, failed and not wrong, labels.n)
    if reason:
        nothing = [_figure(None, count, None, reason) for count in _counts(labels)]
        rates = [_figure(None, labels.n, None, reason) for _ in judged]
        return _agreement(labels, nothing, rates)
    share = passed / (passed + failed)
    good, missed = labels.agreed_pass / (right or 1), labels.wrong_fail / (wrong or 1)
    values = _figures(share, good, missed)
    spans, rate_spans = _intervals(labels, tuple(judged))
    found = [
        _figure(value, count, span, why if value is None else None)
        for value, count, span, why in zip(values, _counts(labels), spans, _WHY, strict=True)
    ]
    rates = [
        _rate(each, values, labels, span) for each, span in zip(judged, rate_spans, strict=True)
    ]
    return _agreement(labels, found, rates)


_WHY = (
    None,
    "Every verdict is the same: chance alone would agree.",
    "People passed none of the labelled answers.",
    "People failed none of the labelled answers.",
    None,
)


def _missing(no_pass: object, no_failure: object, n: int) -> str | None:
    if not n:
        return "There is no labelled answer."
    if no_pass:
        return "No answer that the judge passed is labelled."
    return "No answer that the judge failed is labelled." if no_failure else None


def _counts(labels: JudgeLabels) -> tuple[int, int, int, int, int]:
    return labels.n, labels.n, labels.passed, labels.failed, labels.n


def _agreement(
    labels: JudgeLabels, found: Sequence[Statistic], rates: Sequence[Statistic]
) -> Agreement:
    accuracy, kappa, sensitivity, specificity, leniency = found
    return Agreement(
        labels=labels,
        accuracy=accuracy,
        kappa=kappa,
        sensitivity=sensitivity,
        specificity=specificity,
        leniency=leniency,
        rates=tuple(rates),
    )


def _figures(share: float, good: float, missed: float) -> _Figures:
    """Compute the figures from the shares a, b and c of `judge_agreement`."""
    both_pass, wrong_fail = share * good, (1 - share) * missed
    wrong_pass, both_fail = share - both_pass, (1 - share) - wrong_fail
    passed = both_pass + wrong_fail
    same = both_pass + both_fail
    chance = share * passed + (1 - share) * (1 - passed)
    return (
        same,
        (same - chance) / (1 - chance) if chance < 1 else None,
        both_pass / passed if passed else None,
        both_fail / (wrong_pass + both_fail) if passed < 1 else None,
        share - passed,
    )


def _rate(
    judged: Judged,
    values: _Figures,
    labels: JudgeLabels,
    span: tuple[float, float],
) -> Statistic:
    _, _, sensitivity, specificity, _ = values
    if judged.n == 0:
        return _figure(None, labels.n, None, "There is no answer that the judge has rated.")
    if sensitivity is None or specificity is None:
        return _figure(None, labels.n, None, "People must have passed some answers, failed others.")
    if sensitivity + specificity <= 1:
        reason = "The judge agrees with people no more than chance would."
        return _figure(None, labels.n, None, reason)
    rate = _corrected(judged.passed / judged.n, sensitivity, specificity)
    return _figure(rate, labels.n, span)


def _corrected(share: float, sensitivity: float, specificity: float) -> float:
    rate = (share + specificity - 1) / (sensitivity + specificity - 1)
    return min(1.0, max(0.0, rate))


@lru_cache(maxsize=32)
def _intervals(
    labels: JudgeLabels, judged: tuple[Judged, ...]
) -> tuple[Sequence[tuple[float, float]], Sequence[tuple[float, float]]]:
    """Return the intervals of the figures, and those of each group's rate."""
    beta = random.Random(SEED).betavariate  # noqa: S311  (resampling, no secret)
    total = sum(each.n for each in judged)
    figures: tuple[list[float], ...] = ([], [], [], [], [])
    rates = [list[float]() for _ in judged]
    for _ in range(_DRAWS):
        shares = [beta(each.passed + 0.5, each.failed + 0.5) for each in judged]
        share = sum(p * each.n for p, each in zip(shares, judged, strict=True)) / total
        good = beta(labels.agreed_pass + 0.5, labels.wrong_pass + 0.5)
        missed = beta(labels.wrong_fail + 0.5, labels.agreed_fail + 0.5)
        found = _figures(share, good, missed)
        for kept, value in zip(figures, found, strict=True):
            if value is not None:
                kept.append(value)
        _, _, sensitivity, specificity, _ = found
        for kept, p in zip(rates, shares, strict=True):
            if sensitivity is None or specificity is None or sensitivity + specificity <= 1:
                kept.extend((0.0, 1.0))  # this judge would tell nothing
            else:
                kept.append(_corrected(p, sensitivity, specificity))
    return [_span(each) for each in figures], [_span(each) for each in rates]


def _span(drawn: Sequence[float]) -> tuple[float, float]:
    ascending = sorted(drawn)
    return percentile(ascending, _TAIL), percentile(ascending, 1 - _TAIL)


def _figure(
    value: float | None, n: int, interval: tuple[float, float] | None, reason: str | None = None
) -> Statistic:
    few = f"Only {counted(n, 'answer')}: too few for a reliable figure." if n < FEW_ROWS else None
    if value is None or interval is None:
        interval = None
    else:
        interval = min(interval[0], value), max(interval[1], value)
    return Statistic(
        n=n,
        coverage=None,
        warnings=tuple(text for text in (reason, few if n else None) if text),
        value=value,
        interval=interval,
    )
