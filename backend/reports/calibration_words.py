"""The calibration of a judge in words, for the page and the terminal.

Promises: the finding first, with the counts that show it; then what limits it. Leaves to others: the
statistics.
"""

from collections.abc import Iterator

from use_cases.kernel.statistics.figures import Statistic, counted
from use_cases.playground.evaluations.judge_calibration import JudgeCalibration, JudgeFinding


def judge_name(found: JudgeCalibration) -> str:
    """Returns the metric and the judge, with the digest of its question."""
    return f"{found.metric}, judged by {found.judge} (question {found.judge_version})"


def judge_finding(found: JudgeCalibration) -> str:
    """Returns what to make of a judge, in a sentence or two."""
    labels = found.agreement.labels
    passes = (
        f"{labels.wrong_pass} of {counted(labels.failed, 'failure')} were called passes"
        if labels.failed
        else "no labelled answer is a failure"
    )
    failures = (
        f"{labels.wrong_fail} of {labels.passed} good answers were called failures"
        if labels.passed
        else "no labelled answer is good"
    )
    match found.finding:
        case JudgeFinding.TOO_FEW_LABELS:
            return _too_few(found)
        case JudgeFinding.AT_CHANCE:
            return (
                f"The judge may agree with people by chance alone: {passes}, {failures}. "
                "Do not use its rates; write the criterion more exactly or use another judge."
            )
        case JudgeFinding.LENIENT:
            return f"The judge passes too much: {passes}. Use the corrected rates."
        case JudgeFinding.STRICT:
            return f"The judge fails too much: {failures}. Use the corrected rates."
        case JudgeFinding.NO_LEAN_SHOWN:
            return (
                f"The judge leans to neither side as far as the labels show: {passes}, {failures}."
            )


def judge_cautions(found: JudgeCalibration) -> Iterator[str]:
    """Yields what limits the figures, a sentence each."""
    labels = found.agreement.labels
    for rate in found.rates if labels.n else ():
        if rate.corrected.value is None:
            yield f"{rate.variant} has no corrected rate. {rate.corrected.warnings[0]}"
    if found.disputed:
        yield f"{counted(found.disputed, 'answer')} with as many passes as failures by people: left out."
    if found.stale:
        yield f"{counted(found.stale, 'label')} of outputs that later ones replaced: left out."
    if labels.n > found.cases:
        yield (
            f"The {labels.n} labelled answers are of {counted(found.cases, 'case')}: where answers of a "
            "case are alike, the intervals are too narrow."
        )


def share(figure: Statistic) -> str:
    """Returns a share in percent with its interval; `–` where there is none."""
    if figure.value is None:
        return "–"
    if figure.interval is None:
        return f"{figure.value:.1%}"
    return f"{figure.value:.1%} [{figure.interval[0] * 100:.1f}, {figure.interval[1] * 100:.1f}]"


def number(figure: Statistic) -> str:
    """Returns a number with its interval; `–` where there is none."""
    if figure.value is None or figure.interval is None:
        return "–"
    return f"{figure.value:.2f} [{figure.interval[0]:.2f}, {figure.interval[1]:.2f}]"


def _too_few(found: JudgeCalibration) -> str:
    labels = found.agreement.labels
    if not labels.n:
        return "Nobody has labelled its answers: label 30, at least 10 good and 10 bad ones."
    have = f"{counted(labels.n, 'label')}, {labels.passed} pass and {labels.failed} fail"
    if found.more_needed is None:
        return f"Too few labels ({have}), and the run has too few answers: run more cases."
    return f"Too few labels ({have}): label about {found.more_needed} more."
