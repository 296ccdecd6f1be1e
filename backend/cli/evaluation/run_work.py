"""Works a run off at the terminal, shows its result, and decides the exit code.

Exit codes: 0, 1 where the gate is closed, 3 where the run has errors or did not come to its end, and
130 after Ctrl-C, which leaves a run that can be resumed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from backend.cli.evaluation.evaluation_view import EvaluationView
from backend.cli.evaluation.run_files import write_files
from backend.cli.runs.output_files import STDOUT
from backend.cli.runs.work_at_terminal import work_at_terminal
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.errors import ExitCode
from backend.reports.export_formats import ExportFormat
from use_cases.kernel.jobs.model import JobState
from use_cases.kernel.model import LOCAL
from use_cases.playground.evaluations.gate import MARGIN, Decision, excludes_loss, judge_gate
from use_cases.playground.model import EvalRun, Summary

_STORED = re.compile(r".+@\d+")
"""The name of a stored version of a prompt."""
_CODES = {
    Decision.OPEN: ExitCode.DONE,
    Decision.CLOSED: ExitCode.FAILED,
    Decision.UNDECIDED: ExitCode.INCOMPLETE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is wanted of a run: its files, how strict its gate is, and the share that must pass."""

    files: Mapping[ExportFormat, str] = field(default_factory=dict[ExportFormat, str])
    strict: bool = False
    margin: float = MARGIN
    fail_under: float | None = None

    @property
    def quiet(self) -> bool:
        """Whether stdout is a file's, so that no table may stand in it."""
        return STDOUT in self.files.values()


async def work_off(candor: Container, run: EvalRun, wanted: Wanted) -> ExitCode:
    """Work a run off and show it."""
    evaluations = candor.playground.manage_evaluations
    done = await work_at_terminal(
        evaluations, run.job_id, resume=f"candor eval resume {run.job_id}"
    )
    if done is None:
        return ExitCode.INTERRUPTED
    return await show_result(candor, done.job_id, wanted)


async def show_result(candor: Container, run_id: str, wanted: Wanted) -> ExitCode:
    """Show the cases, totals and verdict of a run, and write its files."""
    evaluations = candor.playground.manage_evaluations
    summary = await evaluations.summary(LOCAL, run_id)
    if not wanted.quiet:
        view = EvaluationView(summary)
        async for cell in evaluations.cells(LOCAL, run_id):
            view.add(cell)
        view.show()
    await write_files(candor, summary, wanted.files)
    found = judge_gate(
        summary,
        await evaluations.unmet(LOCAL, run_id),
        strict=wanted.strict,
        margin=wanted.margin,
        fail_under=wanted.fail_under,
    )
    for reason in found.reasons:
        terminal.talk(reason)
    for each, name in wanted.files.items():
        if name != STDOUT:
            terminal.talk(f"{each.value}: {name}")
    terminal.talk(f"Run {run_id}")
    if summary.run.state is not JobState.COMPLETED:
        terminal.talk(f"Continue with: candor eval resume {run_id}")
    elif found.decision is Decision.UNDECIDED:
        if await _is_worth_a_retry(candor, run_id):
            terminal.talk(f"Try its errors again: candor eval retry {run_id}")
        else:
            terminal.talk(
                "Its errors are assertions that Candor does not run: replace or remove them."
            )
    elif found.decision is Decision.OPEN:
        _show_next(summary)
    return _CODES[found.decision]


async def _is_worth_a_retry(candor: Container, run_id: str) -> bool:
    """Whether a cell ended in an error that another attempt may not meet."""
    async for cell in candor.playground.manage_evaluations.cells(LOCAL, run_id, inputs=False):
        if cell.is_worth_a_retry:
            return True
    return False


def _show_next(summary: Summary) -> None:
    """Say how a candidate that is a stored prompt comes into use, where the run allows it."""
    prompts = {each.name: each.prompt_version for each in summary.run.spec.plan.variants}
    if summary.run.spec.plan.notices:  # the model did not read them
        return
    for each in summary.comparisons:
        version = prompts[each.variant]
        if not each.metric and excludes_loss(each, MARGIN) and _STORED.fullmatch(version):
            terminal.talk(f"Use it: candor prompts promote {version} --if {summary.run.job_id}")
