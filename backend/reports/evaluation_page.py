"""The page of an evaluation: its verdict, totals, comparisons, costs, every case, exact versions.

Promises: the verdict stands first; every number has its interval or its count; every variant's output is
compared with the baseline's of the same repeat; the page grows by one case at a time. Leaves to others:
the templates `evaluation.html` and `case.html`.
"""

from collections.abc import Iterator, Sequence

from backend.pages import report
from backend.reports import verdict_words
from backend.reports.case_rows import CaseRow, CaseRows, Form, common_verdict, passed, verdict_of
from backend.reports.text_difference import compared, cut, json_text, shortened
from backend.version import VERSION
from use_cases.kernel.statistics.figures import counted
from use_cases.playground.evaluations.judge_calibration import JudgeCalibration
from use_cases.playground.model import Cell, EvaluationSummary, Redaction
from use_cases.playground.share_reports import WHOLE, redact_cell, redact_summary


class EvaluationPage(Form):
    """The form of an evaluation as one HTML file."""

    def __init__(
        self,
        summary: EvaluationSummary,
        redaction: Redaction = WHOLE,
        calibrations: Sequence[JudgeCalibration] = (),
    ) -> None:
        self._redaction = redaction
        self._rows = CaseRows()
        self._shown = 0
        shown = redact_summary(summary, redaction)
        plan = shown.run.spec.plan
        self._page = report(
            "evaluation.html",
            summary=shown,
            plan=plan,
            redaction=redaction,
            calibrations=calibrations,
            cautions=list(_cautions(shown, redaction)),
            baseline=plan.baseline or (plan.variants[0].name if plan.variants else ""),
            numbers={variant.name: number for number, variant in enumerate(plan.variants, 1)},
            metric_names=list(
                dict.fromkeys(each.name for total in shown.totals for each in total.metrics)
            ),
            widest=_widest(shown),
            words=verdict_words,
            judges=verdict_words,
            letters=verdict_words.LETTERS,
            version=VERSION,
            counted=counted,
            common_verdict=common_verdict,
            verdict_of=verdict_of,
            passed=passed,
            compared=compared,
            shortened=shortened,
            cut=cut,
            json_text=json_text,
        )

    def begin(self) -> Iterator[str]:
        """Yields the page up to the first case."""
        yield self._page.part("begin")

    def add(self, cell: Cell) -> Iterator[str]:
        """Yields the case before this cell, where it begins another."""
        yield from self._case(self._rows.add(redact_cell(cell, self._redaction)))

    def end(self) -> Iterator[str]:
        """Yields the last case, the versions, and the end of the page."""
        yield from self._case(self._rows.end())
        yield self._page.part("end")

    def _case(self, row: CaseRow | None) -> Iterator[str]:
        if row:
            self._shown += 1
            yield self._page.part("case", row, self._shown)


def _cautions(summary: EvaluationSummary, redaction: Redaction) -> Iterator[str]:
    yield from verdict_words.cautions(summary)
    left_out = [name for name in redaction.__slots__ if getattr(redaction, name)]
    if left_out:
        yield f"This report leaves out: {', '.join(left_out)}, and what quotes them."


def _widest(summary: EvaluationSummary) -> float:
    """Returns the end of the span around zero that holds every difference with its interval."""
    ends = [0.05]
    for each in summary.comparisons:
        ends += [each.interval.low, each.interval.high] if each.interval else []
        ends += [] if each.difference is None else [each.difference]
    return min(1.0, 1.1 * max(map(abs, ends)))
