"""Works a run off at the terminal with its progress, until its end or Ctrl-C.

Promises: the count of errors and what was spent stand beside the bar.
"""

from collections.abc import Generator
from contextlib import contextmanager
from decimal import Decimal
from typing import Protocol

import anyio

from backend.cli.terminal import terminal
from backend.cli.terminal.interrupts import interrupts
from backend.cli.terminal.progress_bar import show_progress
from backend.reports.verdict_words import dollars
from use_cases.kernel.jobs.manage_jobs import ManageJobs
from use_cases.kernel.jobs.model import Job, Progress, Spec
from use_cases.kernel.model import LOCAL
from use_cases.kernel.statistics.figures import counted

_NONE = Decimal(0)
_LOOK_EVERY = 0.2


class WatchRun(Protocol):
    """Receives the progress of a run."""

    def __call__(self, progress: Progress, spent: Decimal = _NONE, /) -> None:
        """Shows the present counts, and the US dollars spent so far."""
        ...


@contextmanager
def show_run_progress(*, as_json: bool, noun: str = "cell") -> Generator[WatchRun]:
    """Provides what shows the progress on stderr; `noun` is what an item is called."""
    with show_progress("Preparing", as_json=as_json) as show:

        def watch(progress: Progress, spent: Decimal = _NONE, /) -> None:
            finished = progress.done + progress.errors
            show(describe(progress, spent, noun), finished, progress.total or None)

        yield watch


def describe(progress: Progress, spent: Decimal, noun: str = "cell") -> str:
    """Returns `430 of 1,000 cells, 3 errors, $0.12`."""
    finished = progress.done + progress.errors
    errors = f", {counted(progress.errors, 'error')}" if progress.errors else ""
    cost = f", {dollars(spent)}" if spent else ""
    return f"{finished:,} of {counted(progress.total, noun)}{errors}{cost}"


async def work_at_terminal(
    runs: ManageJobs[Spec], run_id: str, *, resume: str, noun: str = "cell", silent: bool = False
) -> Job[Spec] | None:
    """Returns the run at its end; None after Ctrl-C, which leaves one that `resume` (a command)
    continues.

    `noun` is what an item is called; `silent` shows no progress, for programs.
    """
    done: Job[Spec] | None = None
    with (
        anyio.CancelScope() as working,
        interrupts(working.cancel) as pressed,
        pressed.calling(working.cancel),
        show_run_progress(as_json=silent, noun=noun) as watch,
    ):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_watch, runs, run_id, watch)
            done = await runs.run(LOCAL, run_id)
            tasks.cancel_scope.cancel()
    if done is None:
        terminal.talk(f"Stopped. Continue with: {resume}")
    return done


async def _watch(runs: ManageJobs[Spec], run_id: str, watch: WatchRun) -> None:
    while True:
        job = await runs.show(LOCAL, run_id)
        watch(await runs.progress(LOCAL, run_id), job.spent)
        await anyio.sleep(_LOOK_EVERY)
