"""How far a judge may be trusted: its agreement with human labels, and a pass rate corrected by it.

Promises: every figure has an interval that carries all its uncertainty, within its range; a judge that
is no better than chance corrects nothing. Leaves to others: which answers people labelled. They must be
like those that the judge rates: sensitivity and specificity hold for such answers only.
"""

from dataclasses import dataclass
from math import sqrt

from use_cases.kernel.statistics.distributions import Z95
from use_cases.kernel.statistics.figures import FEW_ROWS, Statistic, counted
from use_cases.kernel.statistics.wilson_interval import wilson


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeLabels:
    """The counts of labelled answers: what the judge said, beside what people said.

    `agreed_pass` and `agreed_fail`: both said so. `wrong_pass`: the judge passed what people failed;
    `wrong_fail`: the reverse. Raises `ValueError` for a negative count.
    """

    agreed_pass: int
    wrong_pass: int
    wrong_fail: int
    agreed_fail: int

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """The agreement of a judge with people, each figure with a 95 % interval.

    `accuracy` is the share with the same label, `kappa` that share beyond chance (1 perfect, 0 as
    chance). `sensitivity` is the share of good answers that the judge passes, `specificity` that of
    bad ones that it fails.
    """

    labels: JudgeLabels
    accuracy: Statistic
    kappa: Statistic
    sensitivity: Statistic
    specificity: Statistic


def judge_agreement(labels: JudgeLabels) -> Agreement:
    """Compute the agreement; a figure without answers to compute it from is None."""
    return Agreement(
        labels=labels,
        accuracy=_share(labels.agreed_pass + labels.agreed_fail, labels.n),
        kappa=_kappa(labels),
        sensitivity=_share(labels.agreed_pass, labels.passed),
        specificity=_share(labels.agreed_fail, labels.failed),
    )


def corrected_pass_rate(passed: int, n: int, labels: JudgeLabels) -> Statistic:
    """Return the pass rate that people would find, from `passed` of n answers that the judge passed.

    Rogan and Gladen (1978, Am J Epidemiol 107:71): (p + specificity - 1) / (sensitivity + specificity
    - 1). Interval: Lang and Reiczigel (2014, Prev Vet Med 113:13), as Lee et al. (2025, arXiv
    2511.21140) propose it for judges: shares with added counts (z^2/2 of z^2 for p, 1 of 2 for the
    labels), the delta method over all three, a shift of its centre; clipped to 0 and 1, as is the
    value. None where the judge does no better than chance, or either kind of label is missing.
    """
    if not 0 <= passed <= n:
        raise ValueError(f"{passed} of {n} answers cannot have passed")
    if n == 0:
        return _figure(None, n, None, "There is no answer that the judge has rated.")
    if not labels.passed or not labels.failed:
        return _figure(None, n, None, "People must have passed some answers and failed others.")
    specificity = labels.agreed_fail / labels.failed
    informed = labels.agreed_pass / labels.passed + specificity - 1
    if informed <= 0:
        return _figure(None, n, None, "The judge agrees with people no more than chance would.")
    value = (passed / n + specificity - 1) / informed
    low, high = _corrected_interval(passed, n, labels)
    return _figure(_clip(value), n, (_clip(min(low, value)), _clip(max(high, value))))


def _corrected_interval(passed: int, n: int, labels: JudgeLabels) -> tuple[float, float]:
    rated, good, bad = n + Z95 * Z95, labels.passed + 2, labels.failed + 2
    p = (passed + Z95 * Z95 / 2) / rated
    sensitivity, specificity = (labels.agreed_pass + 1) / good, (labels.agreed_fail + 1) / bad
    informed = sensitivity + specificity - 1
    if informed <= 0:
        return 0.0, 1.0
    centre = (p + specificity - 1) / informed
    spread_good = sensitivity * (1 - sensitivity) / good
    spread_bad = specificity * (1 - specificity) / bad
    variance = (
        p * (1 - p) / rated + (1 - centre) ** 2 * spread_bad + centre * centre * spread_good
    ) / informed**2
    shift = 2 * Z95 * Z95 * (centre * spread_good - (1 - centre) * spread_bad)
    reach = Z95 * sqrt(variance)
    return centre + shift - reach, centre + shift + reach


def _kappa(labels: JudgeLabels) -> Statistic:
    """Return Cohen's (1960) kappa, (observed - by chance) / (1 - by chance).

    Interval: that of the observed agreement by Wilson, with the agreement by chance as it is, which is
    Cohen's own standard error with an interval that has a width at perfect agreement too.
    """
    n = labels.n
    if n == 0:
        return _figure(None, 0, None, "There is no labelled answer.")
    judged = labels.agreed_pass + labels.wrong_pass
    chance = (judged * labels.passed + (n - judged) * labels.failed) / (n * n)
    if chance == 1:
        return _figure(None, n, None, "Every label is the same: chance alone would agree.")
    agreed = labels.agreed_pass + labels.agreed_fail
    low, high = wilson(agreed, n) or (0.0, 1.0)
    value = (agreed / n - chance) / (1 - chance)
    limits = (max(-1.0, (low - chance) / (1 - chance)), (high - chance) / (1 - chance))
    return _figure(value, n, limits)


def _share(count: int, n: int) -> Statistic:
    return _figure(count / n if n else None, n, wilson(count, n))


def _figure(
    value: float | None, n: int, interval: tuple[float, float] | None, reason: str | None = None
) -> Statistic:
    few = f"Only {counted(n, 'answer')}: too few for a reliable figure." if n < FEW_ROWS else None
    return Statistic(
        n=n,
        coverage=None,
        warnings=tuple(text for text in (reason, few if n else None) if text),
        value=value,
        interval=interval,
    )


def _clip(share: float) -> float:
    return min(1.0, max(0.0, share))
