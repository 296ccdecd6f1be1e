"""A person's runs of one kind: list, show, watch, stop, continue, remove.

Promises: a job of another kind is not found, so that its spec is never read as one of this kind.
Leaves to a capability: its specs, planning and work.
"""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from decimal import Decimal
from typing import ClassVar, Generic, TypeVar

from use_cases.kernel.errors import InvalidInput
from use_cases.kernel.jobs.model import ItemResult, Job, JobNotFound, Jobs, Progress
from use_cases.kernel.jobs.watch import JobChange, watch_job
from use_cases.kernel.model import Caller
from use_cases.kernel.page import Page, require_limit

Run = TypeVar("Run")

_BODIES_AT_ONCE = 50
_BRIEFS_AT_ONCE = 500


class JobRuns(ABC, Generic[Run]):
    """The caller's runs of one kind. `invalid` is the error of a wrong plan."""

    kind: ClassVar[str]
    invalid: ClassVar[type[InvalidInput]]

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs

    @abstractmethod
    async def run(self, caller: Caller, run_id: str, *, queued: bool = False) -> Run:
        """Work a run off, to its end or until it is stopped; also one that another process began.

        `queued`: where this process ends before, the next server goes on by itself. Raises `JobNotFound`, `JobOver`, and the errors of storage.
        """

    @abstractmethod
    def _run_of(self, job: Job) -> Run:
        """The run of a job of this kind."""

    async def list(
        self, caller: Caller, *, limit: int = 50, before: str | None = None
    ) -> Page[Run]:
        """The newest first. Raises `JobNotFound` for `before`."""
        require_limit(limit, 1000)
        found = await self._jobs.jobs(caller, self.kind, limit=limit, before=before)
        return Page([self._run_of(job) for job in found], more=found.more)

    async def show(self, caller: Caller, run_id: str) -> Run:
        """One run. Raises `JobNotFound`."""
        return self._run_of(await self.job(caller, run_id))

    async def job(self, caller: Caller, run_id: str) -> Job:
        """The job of a run. Raises `JobNotFound`."""
        job = await self._jobs.job(caller, run_id)
        if job.kind != self.kind:
            raise JobNotFound(f"There is no run {run_id!r}.")
        return job

    async def progress(self, caller: Caller, run_id: str) -> Progress:
        """The counts of its items. Raises `JobNotFound`."""
        await self.job(caller, run_id)
        return await self._jobs.progress(run_id)

    async def watch(
        self, caller: Caller, run_id: str, *, since: int = 0
    ) -> AsyncGenerator[JobChange]:
        """Its changes behind that tick, until no process works on it. Raises `JobNotFound`."""
        await self.job(caller, run_id)
        async for change in watch_job(self._jobs, caller, run_id, since=since):
            yield change

    async def abandoned(self) -> Sequence[Job]:
        """Runs of all users that are queued, or whose processes were killed."""
        return await self._jobs.unfinished(self.kind)

    async def cancel(self, caller: Caller, run_id: str) -> Run:
        """Begin no more items; those in flight come to their end. Raises `JobNotFound`."""
        await self.job(caller, run_id)
        return self._run_of(await self._jobs.cancel(caller, run_id))

    async def reopen(
        self,
        caller: Caller,
        run_id: str,
        *,
        errors: bool = False,
        budget: Decimal | None = None,
        queued: bool = False,
    ) -> Run:
        """Let a run go on, with its errors again or a larger budget; `queued`: on a server.

        Raises `JobNotFound`, `JobOver`, and `invalid`.
        """
        self._require_budget(budget)
        await self.job(caller, run_id)
        job = await self._jobs.reopen(caller, run_id, errors=errors, budget=budget, queued=queued)
        return self._run_of(job)

    async def remove(self, caller: Caller, run_id: str) -> None:
        """Remove a run with its items. Raises `JobNotFound`."""
        await self.job(caller, run_id)
        await self._jobs.remove(caller, run_id)

    async def _pages(
        self, run_id: str, *, after: int = -1, bodies: bool
    ) -> AsyncIterator[Sequence[ItemResult]]:
        """The finished items behind a place, in order of place."""
        limit = _BODIES_AT_ONCE if bodies else _BRIEFS_AT_ONCE
        while page := await self._jobs.results(run_id, after=after, limit=limit, bodies=bodies):
            yield page
            after = page[-1].place

    def _require_budget(self, budget: Decimal | None) -> None:
        if budget is not None and not (budget.is_finite() and budget > 0):
            raise self.invalid(f"The budget {budget} is no amount of US dollars above 0.")
