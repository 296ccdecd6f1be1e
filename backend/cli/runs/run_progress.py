"""The progress of long work: a bar on a terminal, a line for each step in a pipe, nothing for programs; a run
is worked off with it, until its end or Ctrl-C.

Promises: it leaves nothing on the screen, and stdout stays free for results. Leaves to others: the words.

Promises: the count of errors and what was spent stand beside the bar.
"""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from decimal import Decimal
from typing import Protocol, TypeAlias

import anyio

from backend.cli.terminal import layout, terminal
from backend.cli.terminal.terminal import interrupts
from backend.reports.verdict_words import dollars
from use_cases.kernel.jobs.manage_jobs import ManageJobs
from use_cases.kernel.jobs.model import Job, Progress, Spec
from use_cases.kernel.model import LOCAL
from use_cases.kernel.statistics.figures import counted

_EACH = 1_000

ShowStep: TypeAlias = Callable[[str, int, int | None], None]
"""Takes the words for a step, how much is done, and of how much: None where that is not known."""


@contextmanager
def show_progress(begin: str, *, as_json: bool, time_left: bool = True) -> Generator[ShowStep]:
    """Provides what shows the steps on stderr. `begin` stands there before the first one.

    A pipe gets a line for each tenth, or for each thousand where the whole is not known.
    """
    if as_json:
        yield lambda _text, _done, _total: None
    elif not sys.stderr.isatty():
        yield _lines()
    else:
        with _bar(begin, time_left=time_left) as show:
            yield show


def _lines() -> ShowStep:
    shown = 0

    def show(text: str, done: int, total: int | None) -> None:
        nonlocal shown
        steps = done // _EACH if total is None else done * 10 // max(1, total)
        if steps > shown:
            shown = steps
            terminal.talk(text)

    return show


@contextmanager
def _bar(begin: str, *, time_left: bool) -> Generator[ShowStep]:
    # Imported here: only a terminal needs it.
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import (
        BarColumn,
        Progress,
        SpinnerColumn,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.table import Column

    width = layout.width_of(sys.stderr) or layout.USUAL
    with Progress(
        SpinnerColumn(),
        BarColumn(bar_width=max(8, min(30, width - 50))),
        TextColumn("{task.description}", table_column=Column(ratio=1, no_wrap=True)),
        TimeRemainingColumn(compact=True) if time_left else TaskProgressColumn(),
        console=Console(stderr=True, width=width),
        transient=True,
        expand=True,
    ) as bar:
        task = bar.add_task(begin, total=None)
        yield lambda text, done, total: bar.update(
            task, description=escape(text), completed=done, total=total
        )


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
