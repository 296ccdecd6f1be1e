"""Works a run off at the terminal with its progress: a bar, a line for each tenth in a pipe, nothing for programs.

Promises: the count of errors and what was spent stand beside it; it leaves nothing on the screen, and
stdout stays free for results.
"""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from decimal import Decimal
from typing import Protocol

import anyio

from backend.cli.terminal import layout, terminal
from backend.cli.terminal.interrupts import interrupts
from backend.reports.verdict_words import dollars
from use_cases.kernel.jobs.manage_jobs import ManageJobs
from use_cases.kernel.jobs.model import Job, Progress, Spec
from use_cases.kernel.model import LOCAL
from use_cases.kernel.statistics.figures import counted

_NONE = Decimal(0)
_LOOK_EVERY = 0.2


class RunWatcher(Protocol):
    """Receives the progress of a run."""

    def advance(self, progress: Progress, spent: Decimal = _NONE, /) -> None:
        """Show the present counts, and the US dollars spent so far."""
        ...


@contextmanager
def show_run_progress(*, as_json: bool, noun: str = "cell") -> Generator[RunWatcher]:
    """Provide the watcher that fits stderr; a silent one for programs. `noun` is what an item is called."""
    if as_json:
        yield _SilentWatcher()
    elif not sys.stderr.isatty():
        yield _LineWatcher(noun)
    else:
        with _bar(noun) as bar:
            yield bar


def describe(progress: Progress, spent: Decimal, noun: str = "cell") -> str:
    """Return `430 of 1,000 cells, 3 errors, $0.12`."""
    finished = progress.done + progress.errors
    errors = f", {counted(progress.errors, 'error')}" if progress.errors else ""
    cost = f", {dollars(spent)}" if spent else ""
    return f"{finished:,} of {counted(progress.total, noun)}{errors}{cost}"


class _SilentWatcher:
    def advance(self, _progress: Progress, _spent: Decimal = _NONE) -> None:
        return


class _LineWatcher:
    """Writes a line for each tenth of the work, for logs."""

    def __init__(self, noun: str) -> None:
        self._noun = noun
        self._tenths = 0

    def advance(self, progress: Progress, spent: Decimal = _NONE) -> None:
        tenths = (progress.done + progress.errors) * 10 // max(1, progress.total)
        if tenths > self._tenths:
            self._tenths = tenths
            terminal.talk(describe(progress, spent, self._noun))


@contextmanager
def _bar(noun: str) -> Generator[RunWatcher]:
    # Imported here: only a terminal needs it.
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as Bar
    from rich.table import Column

    width = layout.width_of(sys.stderr) or layout.USUAL
    with Bar(
        BarColumn(bar_width=max(8, min(30, width - 50))),
        TextColumn("{task.description}", table_column=Column(ratio=1, no_wrap=True)),
        TimeRemainingColumn(compact=True),
        console=Console(stderr=True, width=width),
        transient=True,
        expand=True,
    ) as bar:
        task = bar.add_task("Preparing", total=None)

        class DrawnBar:
            def advance(self, progress: Progress, spent: Decimal = _NONE) -> None:
                bar.update(
                    task,
                    description=describe(progress, spent, noun),
                    completed=progress.done + progress.errors,
                    total=progress.total or None,
                )

        yield DrawnBar()


async def work_at_terminal(
    runs: ManageJobs[Spec], run_id: str, *, resume: str, noun: str = "cell", silent: bool = False
) -> Job[Spec] | None:
    """The run at its end; None after Ctrl-C, which leaves one that `resume` (a command) continues.

    `noun` is what an item is called; `silent` shows no progress, for programs.
    """
    done: Job[Spec] | None = None
    with (
        anyio.CancelScope() as working,
        interrupts(working.cancel) as pressed,
        pressed.calling(working.cancel),
        show_run_progress(as_json=silent, noun=noun) as watcher,
    ):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_watch, runs, run_id, watcher)
            done = await runs.run(LOCAL, run_id)
            tasks.cancel_scope.cancel()
    if done is None:
        terminal.talk(f"Stopped. Continue with: {resume}")
    return done


async def _watch(runs: ManageJobs[Spec], run_id: str, watcher: RunWatcher) -> None:
    while True:
        job = await runs.show(LOCAL, run_id)
        watcher.advance(await runs.progress(LOCAL, run_id), job.spent)
        await anyio.sleep(_LOOK_EVERY)
