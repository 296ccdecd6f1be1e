"""The verdict of an evaluation and the calibration of its judges in words, for page and terminal.

Promises: the finding of the interval first; then what the reader must know to trust it: cells that
have not run, errors, cells without a check, and what of the imported file was not evaluated; for a
judge the counts that show its finding, and then what limits it. Leaves to others: the statistics.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from use_cases.kernel.jobs.model import Job, JobState, Spec
from use_cases.kernel.statistics.figures import Statistic, counted
from use_cases.playground.evaluations.judge_calibration import JudgeCalibration, JudgeFinding
from use_cases.playground.model import (
    Comparison,
    EvaluationSummary,
    Finding,
    Interval,
    VariantTotal,
    Verdict,
)


@dataclass(frozen=True, slots=True)
class Statement:
    """A verdict: its headline and the figures behind it. `finding` None: nothing was compared."""

    headline: str
    detail: str
    finding: Finding | None = None


def statements(summary: EvaluationSummary) -> Sequence[Statement]:
    """Returns the verdict of each variant beside the baseline; alone, its pass rate."""
    compared = [each for each in summary.comparisons if not each.metric]
    if compared:
        return [Statement(headline(each), explanation(each), each.finding) for each in compared]
    return [_alone(total) for total in summary.totals]


def headline(comparison: Comparison) -> str:
    """Returns the finding in one line."""
    variant, baseline = comparison.variant, comparison.baseline
    match comparison.finding:
        case Finding.BETTER:
            return f"{variant} is better than {baseline}"
        case Finding.WORSE:
            return f"{variant} is worse than {baseline}"
        case Finding.NOT_COMPARABLE:
            return f"{variant} and {baseline} cannot be compared"
        case Finding.UNFINISHED:
            return f"No verdict on {variant} before the run has come to its end"
        case Finding.NO_DIFFERENCE_SHOWN:
            more = comparison.needed
            needed = f"; about {counted(more, 'more case')} needed" if more else ""
            return f"No difference between {variant} and {baseline} is shown{needed}"


def explanation(comparison: Comparison) -> str:
    """Returns the figures behind the finding."""
    if comparison.difference is None:
        return ""
    between = f" (adjusted interval {points(comparison.interval)})" if comparison.interval else ""
    chance = "" if comparison.p is None else f", adjusted p = {comparison.p:.2g}"
    return (
        f"{comparison.difference * 100:+.1f} points{between} over "
        f"{counted(comparison.cases, 'case')}{chance}; {comparison.better_cases:,} better, "
        f"{comparison.worse_cases:,} worse."
    )


def adjustment(comparisons: Sequence[Comparison]) -> str:
    """Says in a sentence what verdicts and intervals are adjusted for; nothing without a verdict."""
    found = [each for each in comparisons if each.finding is not Finding.UNFINISHED]
    if not found:
        return ""
    family, look = found[0].family, max(each.look for each in found)
    judged = f"These {family} comparisons are judged together. " if family > 1 else ""
    again = f"It is look {look} at this dataset. " if look > 1 else ""
    return (
        f"{judged}{again}The chance of any false “better” or “worse” is at most 5%, however often "
        "cases are added."
    )


def cautions(summary: EvaluationSummary) -> Iterator[str]:
    """Yields what the verdict rests on, and what limits it, a sentence each."""
    if adjusted := adjustment(summary.comparisons):
        yield adjusted
    state = summary.run.state
    if state is not JobState.COMPLETED or summary.done < summary.planned:
        yield f"The run is {state}{stopped_by(summary.run)}: {summary.done:,} of {summary.planned:,} cells are done."
    errors = sum(total.errors for total in summary.totals)
    if errors:
        yield (
            f"{counted(errors, 'cell')} ended in an error. No rate counts them; "
            "the worst case counts each as a failure."
        )
    unchecked = sum(total.unchecked for total in summary.totals)
    if unchecked:
        yield f"{counted(unchecked, 'cell')} had nothing to check, and no rate counts them."
    cached = sum(total.cached for total in summary.totals)
    if cached:
        yield (
            f"{counted(cached, 'output')} came from the cache, because an earlier run asked the same of "
            "the same model."
        )
    yield from summary.run.spec.plan.notices
    for part in summary.run.spec.plan.not_understood:
        yield f"Not evaluated: {part}"


def points(interval: Interval) -> str:
    """Returns an interval of a difference in percentage points."""
    return f"{interval.low * 100:+.1f} to {interval.high * 100:+.1f}"


def percent(share: float | None) -> str:
    """Returns a share in percent with one decimal; nothing for None."""
    return "" if share is None else f"{share:.1%}"


def between(interval: Interval | None) -> str:
    """Returns an interval of shares in percent; nothing for None."""
    return "" if interval is None else f"{interval.low:.1%} to {interval.high:.1%}"


def stopped_by(run: Job[Spec]) -> str:
    """Returns why a run has not come to its end, in brackets; nothing where that is not known."""
    reason = f"its budget of {dollars(run.budget)} is spent" if run.is_spent else run.reason
    return f" ({reason})" if reason else ""


def dollars(amount: Decimal | None) -> str:
    """Returns an amount in US dollars with its leading digits, however small; nothing for None."""
    if amount is None:
        return ""
    # The `g` of a tiny amount is `1e-7`.
    return f"${amount:,.2f}" if amount >= 1 or not amount else f"${Decimal(f'{amount:.2g}'):f}"


LETTERS = {
    Verdict.PASSED: "P",
    Verdict.FAILED: "F",
    Verdict.ERROR: "E",
    Verdict.UNCHECKED: "U",
}
"""The letter of each verdict, so that no reader depends on colours."""


def _alone(total: VariantTotal) -> Statement:
    if total.pass_rate is None:
        return Statement(f"{total.variant}: nothing was graded", "")
    graded = total.passed + total.failed
    rate = f"{total.variant} passed {total.passed:,} of {counted(graded, 'graded cell')}"
    known = f" (95% interval {between(total.pass_interval)})" if total.pass_interval else ""
    return Statement(rate, f"Pass rate {percent(total.pass_rate)}{known}.")


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
