"""Works a run off at the terminal with its progress, until its end or Ctrl-C."""

import anyio

from backend.cli.runs.run_progress import RunWatcher, show_run_progress
from backend.cli.terminal import terminal
from backend.cli.terminal.interrupts import interrupts
from use_cases.kernel.jobs.manage_jobs import ManageJobs
from use_cases.kernel.jobs.model import Job, Spec
from use_cases.kernel.model import LOCAL

_LOOK_EVERY = 0.2


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
