"""Work beside the requests: indexes that are completed, durable runs, outcomes, and files without an owner.

Promises: a request waits for none of it; it goes on where it stopped, at the start, when a request left
something to do, and from time to time. A failure is a line in the log, is tried again the next time, and
ends no server. A run whose process was killed is taken up again, by any server on the database, and so are
the runs that a server had queued or in work when it ended; what a person cancelled, a budget stopped or
Ctrl-C at a terminal interrupted waits for a person. Leaves to others: the work itself.
"""

from collections.abc import AsyncIterator, Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from decimal import Decimal
from typing import Annotated, Any, TypeAlias, cast

import anyio
from anyio import CapacityLimiter, sleep
from anyio.abc import TaskGroup
from fastapi import Depends, Request
from loguru import logger

from backend.composition.container import Container
from use_cases.kernel.errors import CandorError
from use_cases.kernel.jobs.manage_jobs import ManageJobs
from use_cases.kernel.jobs.model import Job, JobOver, Spec
from use_cases.kernel.model import LOCAL, Caller

_LOOK_EVERY = 60.0
"""Seconds; words are found at once, and other programs write to the same indexes."""


@contextmanager
def failures_logged(complaint: str) -> Generator[None]:
    """Turns a failure inside into a line of the log: a side matter must not end the server."""
    try:
        yield
    except CandorError as error:
        logger.warning("{}: {}: {}", complaint, error.code, error.detail)
    except Exception:  # noqa: BLE001  (as said)
        logger.exception("{}", complaint)


class BackgroundIndexing:
    """Completes one index in the background; `complaint` begins the line about a failure."""

    def __init__(self, complaint: str, complete: Callable[[], AsyncIterator[object]]) -> None:
        self._complaint = complaint
        self._complete = complete
        self._wanted = anyio.Event()
        self._said: str | None = None

    def begin(self) -> None:
        """Completes the index as soon as possible."""
        self._wanted.set()

    async def run(self) -> None:
        """Completes the index, now and whenever it is wanted, until this is cancelled."""
        while True:
            try:
                async for _ in self._complete():
                    pass
                self._said = None
            except CandorError as error:
                self._say(f"{error.code}: {error.detail}")
            except Exception:  # noqa: BLE001  (a side matter must not end the server)
                logger.exception(self._complaint)
            with anyio.move_on_after(_LOOK_EVERY):
                await self._wanted.wait()
            self._wanted = anyio.Event()

    def _say(self, reason: str) -> None:
        if reason != self._said:
            logger.warning("{}: {}", self._complaint, reason)
        self._said = reason


async def _of_conversations(request: Request) -> BackgroundIndexing:
    return cast("BackgroundIndexing", request.app.state.indexing)


async def _of_documents(request: Request) -> BackgroundIndexing:
    return cast("BackgroundIndexing", request.app.state.vectors)


ConversationIndexing = Annotated[BackgroundIndexing, Depends(_of_conversations)]
"""The indexing of conversations in this server."""

VectorCompletion = Annotated[BackgroundIndexing, Depends(_of_documents)]
"""The completion of the documents' vectors in this server."""


_AT_ONCE = 4
"""Runs that one process works on; each has several items in flight."""
_LOOK_FOR_RUNS_EVERY = 5.0
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
        """Works a run off as soon as there is room; nothing where this process does already."""
        if run_id not in self._begun:
            self._begun.add(run_id)
            self._tasks.start_soon(self._work_off, runs, caller, run_id)

    async def resume(
        self,
        runs: ManageJobs[Spec],
        caller: Caller,
        run_id: str,
        *,
        errors: bool,
        budget: Decimal | None,
    ) -> Job[Spec]:
        """Lets a run go on, and begins it. Raises what `ManageJobs.reopen` raises."""
        run = await runs.reopen(caller, run_id, errors=errors, budget=budget, queued=True)
        self.begin(runs, caller, run_id)
        return run

    async def take_up_periodically(self) -> None:
        """Takes up what other processes left, now and from time to time, until it is cancelled."""
        while True:
            with failures_logged("runs cannot be taken up"):
                for runs in self._kinds():
                    for job in await runs.abandoned():
                        self.begin(runs, Caller(job.user_id), job.job_id)
            await sleep(_LOOK_FOR_RUNS_EVERY)

    async def _work_off(self, runs: Runs, caller: Caller, run_id: str) -> None:
        # Of a `JobOver`, another process has completed it.
        with failures_logged(f"run {run_id} was interrupted"), suppress(JobOver):
            try:
                async with self._limiter:
                    await runs.run(caller, run_id, queued=True)
            finally:
                self._begun.discard(run_id)


async def _of_server(request: Request) -> BackgroundRuns:
    return cast("BackgroundRuns", request.app.state.runs)


Work = Annotated[BackgroundRuns, Depends(_of_server)]
"""The runs of this server."""


_SWEEP_EVERY = 30.0


async def sweep_files_periodically(candor: Container) -> None:
    """Removes attached files without a conversation, now and at this interval, until it is cancelled."""
    while True:
        with failures_logged("files could not be swept"):
            if removed := await candor.conversations.sweep_files.run():
                logger.info("{} files that nothing refers to were removed", removed)
        await sleep(_SWEEP_EVERY)


async def resolve_periodically(candor: Container, seconds: float) -> None:
    """Resolves the outcomes of all users' advice at this interval, until it is cancelled."""
    while True:
        await sleep(seconds)
        await resolve_once(candor)


async def resolve_once(candor: Container) -> None:
    """Resolves them once; never raises."""
    with failures_logged("outcomes could not be looked up"):
        found = await candor.advice.resolve_outcomes.run(LOCAL)
        if found.right or found.wrong or found.void:
            counts = f"{found.right} right, {found.wrong} wrong, {found.void} void"
            logger.info("outcomes from the tables: {}", counts)
        for unresolved in found.failed:
            what = f"{len(unresolved.responses)} outcomes of {unresolved.profile}"
            logger.warning("{} could not be told: {}", what, unresolved.reason)
