"""Trust in a judge: its agreement with human labels, and pass rates corrected by it.

Labels may be drawn by group (such as a variant) and by the judge's verdict, for instance as many of its
passes as of its failures: every figure weights the labelled passes of a group by all its passes, and the
labelled failures by all its failures. Unweighted, such a sample would flatter one of sensitivity and
specificity and belie the other (the verification bias of Begg and Greenes, 1983, Biometrics 39:207).

Promises: every figure has an interval that carries all its uncertainty, within its range; the rate of a
group rests on labels of that group alone, because a judge may err otherwise in another one. Leaves to
others: which answers people labelled. Among those of one group and verdict they must be like the others.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from use_cases.kernel.statistics.figures import FEW_ROWS, Statistic, counted
from use_cases.kernel.statistics.intervals import SEED, percentile

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
    def judged_pass(self) -> int:
        """Those that the judge passed."""
        return self.agreed_pass + self.wrong_pass

    @property
    def judged_fail(self) -> int:
        """Those that the judge failed."""
        return self.agreed_fail + self.wrong_fail

    @property
    def passed(self) -> int:
        """Those that people passed."""
        return self.agreed_pass + self.wrong_fail

    @property
    def failed(self) -> int:
        """Those that people failed."""
        return self.agreed_fail + self.wrong_pass


@dataclass(frozen=True, slots=True)
class JudgedGroup:
    """A group of answers: how many the judge passed and failed, and the labels of some of them.

    Raises `ValueError` where more answers are labelled than were judged.
    """

    labels: JudgeLabels
    passed: int
    failed: int

    def __post_init__(self) -> None:
        labels = self.labels
        if labels.judged_pass > self.passed or labels.judged_fail > self.failed:
            raise ValueError(f"more answers are labelled than were judged: {self}")

    @property
    def n(self) -> int:
        """All answers."""
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


_Figures: TypeAlias = tuple[float, float | None, float | None, float | None, float]
"""Accuracy, kappa, sensitivity, specificity, leniency."""
_Shares: TypeAlias = tuple[float, float, float]
"""Of a group: the share that the judge passed, and those of its passes and failures that are good."""
_Interval: TypeAlias = tuple[float, float]


def judge_agreement(groups: Sequence[JudgedGroup]) -> Agreement:
    """Computes the agreement over all groups; a figure that the labels cannot tell is None, with the
    reason.

    With a the share of a group that the judge passed, b that of these passes and c that of its failures
    which people passed, people would pass ab + (1-a)c of it. Sensitivity is ab over that, specificity
    (1-a)(1-c) / (a(1-b) + (1-a)(1-c)), each term summed over the groups by their sizes. A group without
    labels of one verdict has no rate; in the figures of the whole it is taken to be like the others.

    Intervals: each of these shares is drawn 4,000 times, from a fixed seed, from its Beta law with
    Jeffreys' prior (Brown, Cai, DasGupta 2001, Stat Sci 16:101), and each figure is computed from the
    draws.
    """
    labels = _sum(groups)
    counts = (labels.n, labels.n, labels.passed, labels.failed, labels.n)
    passed, failed = sum(each.passed for each in groups), sum(each.failed for each in groups)
    reason = _missing(labels, passed, failed)
    if reason:
        accuracy, kappa, sensitivity, specificity, leniency = (
            _figure(None, count, None, reason) for count in counts
        )
        rates = [_figure(None, each.labels.n, None, reason) for each in groups]
    else:
        shares = [_observed(each, labels) for each in groups]
        spans, rate_spans = _intervals(tuple(groups))
        accuracy, kappa, sensitivity, specificity, leniency = (
            _figure(value, count, span, why if value is None else None)
            for value, count, span, why in zip(
                _figures(groups, shares), counts, spans, _WHY, strict=True
            )
        )
        rates = [_rate(*each) for each in zip(groups, shares, rate_spans, strict=True)]
    return Agreement(
        labels=labels,
        accuracy=accuracy,
        kappa=kappa,
        sensitivity=sensitivity,
        specificity=specificity,
        leniency=leniency,
        rates=rates,
    )


_WHY = (
    None,
    "Every verdict is the same: chance alone would agree.",
    "People passed none of the labelled answers.",
    "People failed none of the labelled answers.",
    None,
)


def _sum(groups: Sequence[JudgedGroup]) -> JudgeLabels:
    return JudgeLabels(
        agreed_pass=sum(each.labels.agreed_pass for each in groups),
        wrong_pass=sum(each.labels.wrong_pass for each in groups),
        wrong_fail=sum(each.labels.wrong_fail for each in groups),
        agreed_fail=sum(each.labels.agreed_fail for each in groups),
    )


def _missing(labels: JudgeLabels, passed: int, failed: int) -> str | None:
    if not labels.n:
        return "There is no labelled answer."
    if passed and not labels.judged_pass:
        return "No answer that the judge passed is labelled."
    if failed and not labels.judged_fail:
        return "No answer that the judge failed is labelled."
    return None


def _observed(group: JudgedGroup, whole: JudgeLabels) -> _Shares:
    """Returns the shares of a group; those that its labels do not tell are those of the whole."""
    passes = group.labels if group.labels.judged_pass else whole
    fails = group.labels if group.labels.judged_fail else whole
    return (
        group.passed / (group.n or 1),
        passes.agreed_pass / (passes.judged_pass or 1),
        fails.wrong_fail / (fails.judged_fail or 1),
    )


def _figures(groups: Sequence[JudgedGroup], shares: Sequence[_Shares]) -> _Figures:
    total = sum(each.n for each in groups)
    share = both_pass = wrong_fail = 0.0
    for group, (a, b, c) in zip(groups, shares, strict=True):
        weight = group.n / total
        share += weight * a
        both_pass += weight * a * b
        wrong_fail += weight * (1 - a) * c
    wrong_pass, both_fail = share - both_pass, (1 - share) - wrong_fail
    good = both_pass + wrong_fail
    same = both_pass + both_fail
    chance = share * good + (1 - share) * (1 - good)
    return (
        same,
        (same - chance) / (1 - chance) if chance < 1 else None,
        both_pass / good if good else None,
        both_fail / (wrong_pass + both_fail) if good < 1 else None,
        share - good,
    )


def _rate(group: JudgedGroup, shares: _Shares, span: _Interval) -> Statistic:
    labels = group.labels
    reason = _missing(labels, group.passed, group.failed)
    return _figure(None if reason else _good(shares), labels.n, span, reason)


def _good(shares: _Shares) -> float:
    a, b, c = shares
    return a * b + (1 - a) * c


@lru_cache(maxsize=32)
def _intervals(
    groups: tuple[JudgedGroup, ...],
) -> tuple[Sequence[_Interval], Sequence[_Interval]]:
    """Returns the intervals of the figures, and those of each group's rate."""
    beta = random.Random(SEED).betavariate  # noqa: S311  (resampling, no secret)
    whole = _sum(groups)
    figures: tuple[list[float], ...] = ([], [], [], [], [])
    rates = [list[float]() for _ in groups]
    for _ in range(_DRAWS):
        shares: list[_Shares] = []
        for group, kept in zip(groups, rates, strict=True):
            passes = group.labels if group.labels.judged_pass else whole
            fails = group.labels if group.labels.judged_fail else whole
            drawn = (
                beta(group.passed + 0.5, group.failed + 0.5),
                beta(passes.agreed_pass + 0.5, passes.wrong_pass + 0.5),
                beta(fails.wrong_fail + 0.5, fails.agreed_fail + 0.5),
            )
            shares.append(drawn)
            kept.append(_good(drawn))
        for kept, value in zip(figures, _figures(groups, shares), strict=True):
            if value is not None:
                kept.append(value)
    return [_span(each) for each in figures], [_span(each) for each in rates]


def _span(drawn: Sequence[float]) -> _Interval:
    ascending = sorted(drawn)
    return percentile(ascending, _TAIL), percentile(ascending, 1 - _TAIL)


def _figure(
    value: float | None, n: int, interval: _Interval | None, reason: str | None = None
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
