"""An evaluation on a terminal: a row for each case, the totals, the files, and the verdict as the last line
and the exit code.

Promises: a table within the terminal's width and at most 40 rows, first those that need a look; a
symbol beside every colour; memory for the rows that are shown. Leaves to others: the commands.

Exit codes: 0, 1 where the gate is closed, 3 where the run has errors or did not come to its end.
"""

import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from backend.cli.runs.recorded_runs import RecordedRuns, Wanted
from backend.cli.terminal import terminal
from backend.cli.terminal.layout import cells, wrap
from backend.errors import ExitCode
from backend.reports.case_rows import CaseRow, CaseRows, common_verdict, stream, verdict_of
from backend.reports.exports import ExportFormat, export_form
from backend.reports.verdict_words import between, cautions, dollars, percent, statements
from use_cases.kernel.jobs.model import JobState
from use_cases.kernel.model import LOCAL
from use_cases.kernel.statistics.figures import counted
from use_cases.playground.evaluations.gate import MARGIN, GateDecision, excludes_loss, judge_gate
from use_cases.playground.evaluations.manage_evaluations import ManageEvaluations
from use_cases.playground.model import Cell, EvaluationSummary, Finding, VariantTotal, Verdict

MOST_ROWS = 40
"""The rows that a terminal shows."""

_Span: TypeAlias = tuple[str, str]
_MARKS: dict[Verdict, _Span] = {
    Verdict.PASSED: ("✓", "cyan"),
    Verdict.FAILED: ("✗", "bold red"),
    Verdict.ERROR: ("!", "magenta"),
    Verdict.UNCHECKED: ("–", "bright_black"),
}
_LEGEND = "✓ passed   ✗ failed   ! error   – unchecked"
_STYLES: dict[Finding | None, str] = {Finding.BETTER: "bold cyan", Finding.WORSE: "bold red"}
_WIDEST_NAME = 14
_LEAST_CASE = 8
_WIDEST_CASE = 44
_LEAST_REASON = 20
_ANY = 1_000
_GAP = 2


@dataclass(frozen=True, slots=True)
class _Row:
    case: str
    marks: Sequence[_Span]
    reason: str


class EvaluationView:
    """Takes the cells of an evaluation, then shows it. The cells of one case follow each other."""

    def __init__(self, summary: EvaluationSummary) -> None:
        self._summary = summary
        self._names = [variant.name for variant in summary.run.spec.plan.variants]
        self._rows = CaseRows()
        self._first: list[_Row] = []
        self._notable: list[_Row] = []
        self._cases = self._notables = 0

    def add(self, cell: Cell) -> None:
        """Takes a cell."""
        self._keep(self._rows.add(cell))

    def show(self) -> None:
        """Writes the table of cases, the totals and the verdict; what limits it goes to stderr."""
        self._keep(self._rows.end())
        terminal.paint(self._table(terminal.width()))
        terminal.data(_LEGEND)
        if self._cases > MOST_ROWS:
            terminal.data(self._left_out())
        terminal.data("\n" + _totals(self._summary.totals))
        terminal.flush()
        for caution in cautions(self._summary):
            terminal.talk(f"note: {caution}")
        for statement in statements(self._summary):
            style = _STYLES.get(statement.finding, "bold")
            terminal.data("")
            lines = wrap(statement.headline, terminal.width()).split("\n")
            terminal.paint([(line, style)] for line in lines)
            if statement.detail:
                terminal.data(statement.detail)

    def _keep(self, row: CaseRow | None) -> None:
        if row is None:
            return
        self._cases += 1
        notable = bool(row.flags)
        self._notables += notable
        if len(self._first) < MOST_ROWS:
            self._first.append(self._row(row))
        if notable and len(self._notable) < MOST_ROWS:
            self._notable.append(self._row(row))

    def _row(self, row: CaseRow) -> _Row:
        return _Row(
            case=_one_line(f"{row.name}  {row.about}" if row.about else row.name),
            marks=[_mark(row.cells.get(name, ())) for name in self._names],
            reason=_one_line(next(_reasons(row), "")),
        )

    def _table(self, width: int | None) -> Iterator[Sequence[_Span]]:
        """Yields the lines: the case, a mark for each variant, and the first reason where it fits."""
        few = self._cases <= MOST_ROWS
        rows = self._first if few or not self._notable else self._notable
        titles = [_cut(_one_line(name), _WIDEST_NAME) for name in self._names]
        if width is not None and _LEAST_CASE + sum(map(_column_width, titles)) > width:
            titles = [str(number) for number in range(1, len(self._names) + 1)]
            for title, name in zip(titles, self._names, strict=True):
                yield [(_cut(f"{title:>3}  {_one_line(name)}", width), "")]
        sizes = [_column_width(title) for title in titles]
        longest = max((cells(row.case) for row in rows), default=_LEAST_CASE)
        room = _WIDEST_CASE if width is None else max(_LEAST_CASE, width - sum(sizes))
        case = min(longest, room, _WIDEST_CASE)
        rest = _ANY if width is None else width - case - sum(sizes) - _GAP
        yield [
            (f"{'CASE':<{case}}", "bold"),
            *((_pad(*each), "bold") for each in zip(titles, sizes, strict=True)),
        ]
        for row in rows:
            marks = [
                (_pad(mark, size), style)
                for (mark, style), size in zip(row.marks, sizes, strict=True)
            ]
            reason = f"  {_cut(row.reason, rest)}" if row.reason and rest >= _LEAST_REASON else ""
            yield [(_left(row.case, case), ""), *marks, (reason, "bright_black")]

    def _left_out(self) -> str:
        if not self._notables:
            return f"The first {MOST_ROWS} of {self._cases:,} cases, which all passed."
        shown = f"The first {MOST_ROWS}" if self._notables > MOST_ROWS else "All"
        return (
            f"{shown} of {counted(self._notables, 'case')} that did not pass everywhere, of "
            f"{self._cases:,} in all. A report (--out) has every case."
        )


def _totals(totals: Sequence[VariantTotal]) -> str:
    """Returns the table of totals without the columns that are empty in every row."""
    header = ("VARIANT", "PASS RATE", "95% INTERVAL", "PASSED", "ERRORS", "UNCHECKED", "SCORE")
    header = (*header, "COST", "MEDIAN")
    rows = [_total(total) for total in totals]
    kept = [place for place in range(len(header)) if any(row[place] for row in rows)]
    return terminal.columns(
        [header[place] for place in kept], [[row[place] for place in kept] for row in rows]
    )


def _total(total: VariantTotal) -> Sequence[str]:
    return (
        total.variant,
        percent(total.pass_rate),
        between(total.pass_interval),
        f"{total.passed:,} of {total.passed + total.failed:,}",
        f"{total.errors:,}" if total.errors else "",
        f"{total.unchecked:,}" if total.unchecked else "",
        "" if total.mean_score is None else f"{total.mean_score:.3f}",
        dollars(total.cost),
        "" if total.latency_p50 is None else f"{total.latency_p50:,} ms",
    )


def _mark(repeats: Sequence[Cell]) -> _Span:
    if not repeats:
        return "·", "bright_black"
    verdict = common_verdict(repeats)
    if verdict is None:
        passed = sum(verdict_of(cell) is Verdict.PASSED for cell in repeats)
        return f"{passed}/{len(repeats)}", "yellow"
    return _MARKS[verdict]


def _reasons(row: CaseRow) -> Iterator[str]:
    """Yields why cells failed or could not be graded."""
    for side in row.cells.values():
        for cell in side:
            if cell.error is not None:
                yield cell.error
            elif cell.grade and cell.grade.verdict in (Verdict.FAILED, Verdict.ERROR):
                yield cell.grade.reason


def _one_line(text: str) -> str:
    """Returns a text as one line without what a terminal obeys; a huge one is cut first."""
    return terminal.line(" ".join(text[:1_000].split(" ")).replace("\t", " "))


def _cut(text: str, size: int) -> str:
    """Returns at most `size` columns of a text, with an ellipsis where it is longer."""
    if cells(text) <= size:
        return text
    kept = text[: max(0, size - 1)]
    while kept and cells(kept) > size - 1:
        kept = kept[:-1]
    return f"{kept}…"


def _left(text: str, size: int) -> str:
    cut = _cut(text, size)
    return cut + " " * (size - cells(cut))


def _column_width(title: str) -> int:
    """Returns the width of a variant's column with the gap before it."""
    return _GAP + max(3, cells(title))


def _pad(text: str, size: int) -> str:
    """Returns the text at the end of a column: marks stand below the end of their title."""
    return " " * (size - cells(text)) + text


_STORED = re.compile(r".+@\d+")
"""The name of a stored version of a prompt."""
_CODES = {
    GateDecision.OPEN: ExitCode.DONE,
    GateDecision.CLOSED: ExitCode.FAILED,
    GateDecision.UNDECIDED: ExitCode.INCOMPLETE,
}


class EvaluationRuns(RecordedRuns):
    """Evaluations at the terminal."""

    noun = "cell"

    @property
    def runs(self) -> ManageEvaluations:
        """The evaluations."""
        return self._candor.playground.manage_evaluations

    async def show(self, run_id: str, wanted: Wanted) -> ExitCode:
        """Shows the cases, totals and verdict of a run, and writes its files."""
        summary = await self.runs.summary(LOCAL, run_id)
        if not wanted.quiet:
            view = EvaluationView(summary)
            async for cell in self.runs.cells(LOCAL, run_id):
                view.add(cell)
            view.show()
        found = judge_gate(
            summary,
            await self.runs.unmet(LOCAL, run_id),
            strict=wanted.strict,
            margin=wanted.margin,
            fail_under=wanted.fail_under,
        )
        for reason in found.reasons:
            terminal.talk(reason)
        await self.write(run_id, wanted.files)
        terminal.talk(f"Run {run_id}")
        if summary.run.state is not JobState.COMPLETED:
            more = " --budget MORE" * summary.run.is_spent
            terminal.talk(f"Continue with: candor eval resume {run_id}{wanted.options}{more}")
        elif found.decision is GateDecision.UNDECIDED:
            if await self._is_worth_a_retry(run_id):
                again = f"candor eval resume {run_id}{wanted.options} --errors"
                terminal.talk(f"Try its errors again: {again}")
            else:
                terminal.talk(
                    "Its errors are assertions that Candor does not run: replace or remove them."
                )
        elif found.decision is GateDecision.OPEN:
            _show_next(summary)
        return _CODES[found.decision]

    async def files(
        self, run_id: str, wanted: Mapping[ExportFormat, str]
    ) -> Mapping[ExportFormat, AsyncIterator[str]]:
        """Returns the texts of files."""
        summary = await self.runs.summary(LOCAL, run_id)
        calibrations = (
            await self._candor.playground.cell_feedback.known_calibrations(LOCAL, run_id)
            if ExportFormat.HTML in wanted
            else ()
        )
        forms = {each: export_form(each, summary, calibrations=calibrations) for each in wanted}
        return {each: stream(form, self.runs.cells(LOCAL, run_id)) for each, form in forms.items()}

    async def _is_worth_a_retry(self, run_id: str) -> bool:
        """Tells whether a cell ended in an error that another attempt may not meet."""
        async for cell in self.runs.cells(LOCAL, run_id, inputs=False):
            if cell.is_worth_a_retry:
                return True
        return False


def _show_next(summary: EvaluationSummary) -> None:
    """Says how a candidate that is a stored prompt comes into use, where the run allows it."""
    plan = summary.run.spec.plan
    if plan.notices:  # the model did not read them
        return
    prompts = {each.name: each.prompt_version for each in plan.variants}
    for each in summary.comparisons:
        version = prompts[each.variant]
        if not each.metric and excludes_loss(each, MARGIN) and _STORED.fullmatch(version):
            terminal.talk(f"Use it: candor prompts promote {version} --if {summary.run.job_id}")
