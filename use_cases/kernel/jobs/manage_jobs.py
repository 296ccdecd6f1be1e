"""A person's jobs of one kind: begin, work off, list, show, watch, stop, continue, remove.

Promises: a job of another kind is not found, so that its spec is never read as one of this kind; a job
that a process lost goes on where it was. A watcher reads the rows, whichever process works on them: each
finished item comes once, in the order of ticks; a watcher that left goes on from the tick of the last change
it has seen. Leaves to a kind: what its specs hold, its items and their work; to a door: the form in which a
change reaches a client.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, ClassVar, Generic, cast

from pydantic import TypeAdapter

from use_cases.kernel.errors import InvalidInput
from use_cases.kernel.jobs.model import (
    ItemResult,
    Job,
    JobNotFound,
    Jobs,
    JobState,
    NewItem,
    Progress,
    Spec,
    StoredJob,
    as_json,
)
from use_cases.kernel.jobs.work import JobRunner, Work
from use_cases.kernel.model import Caller, Page, require_limit

LOOKED_AT_EVERY = 0.25
"""Seconds."""
_TICKS_AT_ONCE = 100
"""A tick has at most as many items as one process works at once, so this bounds the memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobChange:
    """The state of a job, and the items that finished up to `tick` and after the change before.

    `progress` may already count items of later ticks. `finished` are without bodies.
    """

    tick: int
    job: StoredJob
    progress: Progress
    finished: Sequence[ItemResult]


async def watch_job(
    jobs: Jobs,
    caller: Caller,
    job_id: str,
    *,
    since: int = 0,
    every: float = LOOKED_AT_EVERY,
) -> AsyncGenerator[JobChange]:
    """Yields what is there now, then each change, the last one when the job is over.

    `since` is the tick of the last change that was seen. Ends with a job that was completed, cancelled,
    stopped or interrupted, the latter for two looks; one that is pending or queued may begin. Raises
    `JobNotFound`, also where the job is removed meanwhile.
    """
    seen: StoredJob | None = None
    while True:
        job = await jobs.job(caller, job_id)
        since = min(since, job.tick)  # a tick of another job
        if job != seen:
            progress = await jobs.progress(job_id)
            for tick in _steps(since, job.tick):
                finished = await jobs.finished(job_id, since, tick)
                yield JobChange(tick=tick, job=job, progress=progress, finished=finished)
                since = tick
        # Interrupted for a moment only where its process begins again at once, with more items.
        lasting = job.state is not JobState.INTERRUPTED or job == seen
        if lasting and job.state not in (JobState.PENDING, JobState.QUEUED, JobState.RUNNING):
            return
        seen = job
        await asyncio.sleep(every)


def _steps(since: int, until: int) -> Sequence[int]:
    """Returns the ends of the pieces from one tick to another, the last one also where it is the first."""
    return [*range(since + _TICKS_AT_ONCE, until, _TICKS_AT_ONCE), until]


_BODIES_AT_ONCE = 50
_BRIEFS_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """The way in which this process works a job off.

    `items` are worked on first, `at_once` at a time; those of `then` follow when all of them are over.
    `ahead` is that of `JobRunner.run`.
    """

    items: Iterable[NewItem]
    work: Work
    at_once: int
    ahead: int = 0
    then: Callable[[], Awaitable[Iterable[NewItem]]] | None = None


class ManageJobs(ABC, Generic[Spec]):
    """The caller's jobs of one kind. `invalid` is the error of a wrong budget, `prefix` begins its ids."""

    kind: ClassVar[str]
    prefix: ClassVar[str]
    invalid: ClassVar[type[InvalidInput]]

    def __init__(self, job_runner: JobRunner, form: TypeAdapter[Spec]) -> None:
        self._runner = job_runner
        self._jobs = job_runner.jobs
        self._form = form

    @abstractmethod
    async def _shift(self, caller: Caller, job: Job[Spec]) -> Shift:
        """Returns how a job is worked off."""

    def _require_priced(self, _spec: Spec, _budget: Decimal) -> None:
        """Raises an error for a budget that cannot be kept."""

    def _size(self, _spec: Spec) -> int:
        """Counts the items that are known before they are planned."""
        return 0

    async def run(self, caller: Caller, run_id: str, *, queued: bool = False) -> Job[Spec]:
        """Works a job off, to its end or until it is stopped; also one that another process began.

        `queued`: where this process ends before, the next server goes on by itself. Raises
        `BudgetSpent` where the key of the job has used up its day, `JobNotFound`, `JobOver`, what a kind
        raises before its work, and the errors of storage.
        """
        job = await self.show(caller, run_id)
        shift = await self._shift(caller, job)
        if not job.planned:
            await self._jobs.plan(run_id, shift.items)
            if shift.then is None:
                await self._jobs.planned(run_id)
        done = await self._work(run_id, shift, queued=queued)
        if shift.then is not None and await self._is_through(done):
            await self._jobs.plan(run_id, await shift.then())
            await self._jobs.planned(run_id)
            done = await self._work(run_id, shift, queued=queued)
        return self._read(done)

    async def _work(self, run_id: str, shift: Shift, *, queued: bool) -> StoredJob:
        return await self._runner.run(
            run_id, shift.work, at_once=shift.at_once, ahead=shift.ahead, queued=queued
        )

    async def _is_through(self, job: StoredJob) -> bool:
        """Tells whether all that is planned is over, and more is to be planned."""
        if job.planned or job.cancelled:
            return False
        if job.state not in (JobState.INTERRUPTED, JobState.QUEUED):
            return False
        return not (await self._jobs.progress(job.job_id)).left

    async def list(
        self, caller: Caller, *, limit: int = 50, before: str | None = None
    ) -> Page[Job[Spec]]:
        """Returns the newest first. Raises `JobNotFound` for `before`."""
        require_limit(limit, 1000)
        found = await self._jobs.jobs(caller, self.kind, limit=limit, before=before)
        return Page([self._read(job) for job in found], more=found.more)

    async def show(self, caller: Caller, run_id: str) -> Job[Spec]:
        """Returns one job. Raises `JobNotFound`."""
        job = await self._jobs.job(caller, run_id)
        if job.kind != self.kind:
            raise JobNotFound(f"There is no run {run_id!r}.")
        return self._read(job)

    async def progress(self, caller: Caller, run_id: str) -> Progress:
        """Returns the counts of its items. Raises `JobNotFound`."""
        job = await self.show(caller, run_id)
        found = await self._jobs.progress(run_id)
        return replace(found, total=max(found.total, self._size(job.spec)))

    async def watch(
        self, caller: Caller, run_id: str, *, since: int = 0
    ) -> AsyncGenerator[JobChange]:
        """Returns its changes behind that tick, until no process works on it. Raises `JobNotFound`."""
        await self.show(caller, run_id)
        async for change in watch_job(self._jobs, caller, run_id, since=since):
            yield change

    async def abandoned(self) -> Sequence[StoredJob]:
        """Jobs of all users that are queued, or whose processes were killed."""
        return await self._jobs.unfinished(self.kind)

    async def cancel(self, caller: Caller, run_id: str) -> Job[Spec]:
        """Begins no more items; those in flight come to their end. Raises `JobNotFound`."""
        await self.show(caller, run_id)
        return self._read(await self._jobs.cancel(caller, run_id))

    async def reopen(
        self,
        caller: Caller,
        run_id: str,
        *,
        errors: bool = False,
        budget: Decimal | None = None,
        queued: bool = False,
    ) -> Job[Spec]:
        """Lets a job go on, with its errors again or a larger budget; `queued`: on a server.

        Raises `JobNotFound`, `JobOver`, `invalid`, and what a kind raises for a budget that it cannot keep.
        """
        self._require_budget(budget)
        spec = (await self.show(caller, run_id)).spec
        if budget is not None:
            self._require_priced(spec, budget)
        job = await self._jobs.reopen(caller, run_id, errors=errors, budget=budget, queued=queued)
        return self._read(job)

    async def remove(self, caller: Caller, run_id: str) -> None:
        """Removes a job with its items. Raises `JobNotFound`."""
        await self.show(caller, run_id)
        await self._jobs.remove(caller, run_id)

    async def _begin(
        self,
        user_id: str,
        name: str,
        spec: Spec,
        *,
        budget: Decimal | None = None,
        queued: bool = False,
    ) -> Job[Spec]:
        """Stores a new job; `queued`: a server works on it as soon as it has room."""
        state = JobState.QUEUED if queued else JobState.PENDING
        job = Job(
            job_id=self._runner.ids.new(self.prefix),
            kind=self.kind,
            user_id=user_id,
            name=name,
            spec=as_json(self._form, spec),
            state=state,
            created_at=self._runner.clock.now(),
            budget=budget,
        )
        await self._jobs.add(job)
        return self._read(job)

    def _read(self, job: StoredJob) -> Job[Spec]:
        """Returns a job with its spec read."""
        spec: Any = self._form.validate_json(job.spec)
        return cast("Job[Spec]", replace(job, spec=spec))

    async def _pages(
        self, run_id: str, *, after: int = -1, bodies: bool
    ) -> AsyncIterator[Sequence[ItemResult]]:
        """Returns the finished items behind a place, in order of place."""
        limit = _BODIES_AT_ONCE if bodies else _BRIEFS_AT_ONCE
        while page := await self._jobs.results(run_id, after=after, limit=limit, bodies=bodies):
            yield page
            after = page[-1].place

    def _require_budget(self, budget: Decimal | None) -> None:
        if budget is not None and not (budget.is_finite() and budget > 0):
            raise self.invalid(f"The budget {budget} is no amount of US dollars above 0.")
