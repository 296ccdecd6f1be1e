"""The calibration of a judge: what it said of outputs, beside what people said of the same ones."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from use_cases.kernel.statistics.figures import Statistic
from use_cases.kernel.statistics.judge_agreement import (
    Agreement,
    JudgeLabels,
    corrected_pass_rate,
    judge_agreement,
)
from use_cases.playground.model import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeCalibration:
    """How far a judge may be trusted. `left_out` counts pairs without two verdicts of passed or failed.

    `stated_rate` is the share of all outputs that the judge passed; `corrected_rate` the share that
    people would pass, by the agreement on the labelled ones.
    """

    agreement: Agreement
    stated_rate: float | None
    corrected_rate: Statistic
    left_out: int


def calibrate_judge(
    pairs: Iterable[tuple[Verdict, Verdict]], judged: Iterable[Verdict]
) -> JudgeCalibration:
    """Compare the judge's verdict with a person's in each pair, and correct the rate of all it judged.

    `judged` are the judge's verdicts of the whole evaluation. Errors and unchecked outputs are neither
    agreement nor disagreement, and count in no rate. The labelled outputs must be drawn like the others.
    """
    counts = Counter(pairs)
    labels = JudgeLabels(
        agreed_pass=counts[Verdict.PASSED, Verdict.PASSED],
        wrong_pass=counts[Verdict.PASSED, Verdict.FAILED],
        wrong_fail=counts[Verdict.FAILED, Verdict.PASSED],
        agreed_fail=counts[Verdict.FAILED, Verdict.FAILED],
    )
    said = Counter(judged)
    passed, decided = said[Verdict.PASSED], said[Verdict.PASSED] + said[Verdict.FAILED]
    return JudgeCalibration(
        agreement=judge_agreement(labels),
        stated_rate=passed / decided if decided else None,
        corrected_rate=corrected_pass_rate(passed, decided, labels),
        left_out=counts.total() - labels.n,
    )
