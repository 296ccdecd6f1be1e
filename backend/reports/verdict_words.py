"""The verdict of an evaluation in words, for the page and the terminal.

Promises: the finding of the interval first; then what the reader must know to trust it: cells that
have not run, errors, cells without a check, and what of the imported file was not evaluated. Leaves
to others: the statistics.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from use_cases.kernel.jobs.model import JobState
from use_cases.kernel.statistics.figures import counted
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
        why = f" ({summary.run.reason})" if summary.run.reason else ""
        yield f"The run is {state}{why}: {summary.done:,} of {summary.planned:,} cells are done."
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


def dollars(amount: Decimal | None) -> str:
    """Returns an amount in US dollars with its leading digits; nothing for None."""
    if amount is None:
        return ""
    return f"${amount:,.2f}" if amount >= 1 or not amount else f"${amount:.2g}"


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
