"""The durable runs that a server works off in the background, of evaluations and benchmarks.

Promises: a request that begins a run waits for none of it; a run whose process was killed is taken up
again, by any server on the database, and so are the runs that a server had queued or in work when it
ended. What a person cancelled, a budget stopped or Ctrl-C at a terminal interrupted waits for a person.
A failure is a line in the log and ends no server. Leaves to others: the run itself.
"""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeAlias, cast

from anyio import CapacityLimiter, sleep
from anyio.abc import TaskGroup
from fastapi import Depends, Request
from loguru import logger

from use_cases.kernel.errors import CandorError
from use_cases.kernel.jobs.manage_jobs import ManageJobs
from use_cases.kernel.jobs.model import JobOver
from use_cases.kernel.model import Caller

_AT_ONCE = 4
"""Runs that one process works on; each has several items in flight."""
_LOOK_EVERY = 5.0
"""Seconds; a lease of a killed process lasts for four."""

Runs: TypeAlias = ManageJobs[Any]


class BackgroundRuns:
    """Works runs off beside the requests. `kinds` gives every kind of runs."""

    def __init__(self, kinds: Callable[[], Sequence[Runs]], tasks: TaskGroup) -> None:
        self._kinds = kinds
        self._tasks = tasks
        self._limiter = CapacityLimiter(_AT_ONCE)
        self._begun: set[str] = set()

    def begin(self, runs: Runs, caller: Caller, run_id: str) -> None:
        """Work a run off as soon as there is room; nothing where this process does already."""
        if run_id not in self._begun:
            self._begun.add(run_id)
            self._tasks.start_soon(self._work_off, runs, caller, run_id)

    async def take_up_periodically(self) -> None:
        """Take up what other processes left, now and from time to time, until it is cancelled."""
        while True:
            try:
                for runs in self._kinds():
                    for job in await runs.abandoned():
                        self.begin(runs, Caller(job.user_id), job.job_id)
            except CandorError as error:
                logger.warning("runs cannot be taken up: {}: {}", error.code, error.detail)
            await sleep(_LOOK_EVERY)

    async def _work_off(self, runs: Runs, caller: Caller, run_id: str) -> None:
        try:
            async with self._limiter:
                await runs.run(caller, run_id, queued=True)
        except JobOver:
            pass  # another process has completed it
        except CandorError as error:
            logger.warning("run {} was interrupted: {}: {}", run_id, error.code, error.detail)
        except Exception:  # noqa: BLE001  (a side matter must not end the server)
            logger.exception("run {} was interrupted", run_id)
        finally:
            self._begun.discard(run_id)


async def _of_server(request: Request) -> BackgroundRuns:
    return cast("BackgroundRuns", request.app.state.runs)


Work = Annotated[BackgroundRuns, Depends(_of_server)]
"""The runs of this server."""
