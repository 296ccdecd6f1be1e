"""The results of evaluations at the terminal: cases, totals, verdict, files and the exit code.

Exit codes: 0, 1 where the gate is closed, 3 where the run has errors or did not come to its end.
"""

import re
from collections.abc import AsyncIterator, Mapping

from backend.cli.evaluation.evaluation_view import EvaluationView
from backend.cli.runs.recorded_runs import RecordedRuns, Wanted
from backend.cli.terminal import terminal
from backend.errors import ExitCode
from backend.reports.case_rows import stream
from backend.reports.exports import ExportFormat, export_form
from use_cases.kernel.jobs.model import JobState
from use_cases.kernel.model import LOCAL
from use_cases.playground.evaluations.gate import MARGIN, GateDecision, excludes_loss, judge_gate
from use_cases.playground.evaluations.manage_evaluations import ManageEvaluations
from use_cases.playground.model import EvaluationSummary

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
            terminal.talk(f"Continue with: candor eval resume {run_id}")
        elif found.decision is GateDecision.UNDECIDED:
            if await self._is_worth_a_retry(run_id):
                terminal.talk(f"Try its errors again: candor eval resume {run_id} --errors")
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
