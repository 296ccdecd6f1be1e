"""Works a job off: several items at a time, each claimed before and recorded after its work.

Promises: what a killed process had in flight is all that is repeated (and what it did in the last second,
of work that is claimed ahead), and what was finished before a cancellation or an error is kept; several
processes may work one job off, and no item is worked twice unless a process stands still for longer
than its lease; results and claims of all that is in flight share transactions. An item whose work raises is an error of that item alone. Leaves to a capability:
its items, their work, and what becomes of a provider's errors.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TypeAlias, cast

from loguru import logger

from use_cases.kernel.errors import CandorError, InvalidInput, Unavailable
from use_cases.kernel.identity.errors import BudgetSpent
from use_cases.kernel.jobs.model import Done, Finished, Jobs, StoredJob, WorkItem
from use_cases.kernel.ports import Clock, Ids
from use_cases.kernel.runs.inflight import LeaseKeeper
from use_cases.kernel.runs.surroundings import completed

Work: TypeAlias = Callable[[WorkItem], Awaitable[Finished]]
"""The work of one item. Where it raises `Unavailable`, such as an error of storage, or `BudgetSpent`, no
other item could be worked either: this process's part of the job ends. Any other error is the item's own."""

_LOOK_AGAIN = 0.25
"""Seconds; when another process finishes its items is not known."""
_STORED_EVERY = 1.0
"""Seconds after which results are stored, also where items that were claimed ahead are left."""


class JobRunner:
    """Works jobs off in this process; `jobs`, `clock` and `ids` are there for those that begin them."""

    def __init__(
        self, *, jobs: Jobs, leases: LeaseKeeper, clock: Clock, ids: Ids, worker: str = "?"
    ) -> None:
        """`worker` names this process to a person."""
        self.jobs = jobs
        self.clock = clock
        self.ids = ids
        self._leases = leases
        self._worker = worker

    async def run(
        self, job_id: str, work: Work, *, at_once: int, ahead: int = 0, queued: bool = False
    ) -> StoredJob:
        """Works until nothing is left, or it is cancelled or over its budget; the job as it is then.

        `ahead` is for work that calls nothing outside: so many items more are claimed at a time, and
        their results are stored together, or after a second, so that a kill repeats as many more.
        A caller that is cancelled waits for one transaction, which keeps what was finished; with
        `queued` the job then waits for the next server instead of being interrupted. Raises
        `InvalidInput`, `JobNotFound`, `JobOver`, and what the store or `work` raises: the job is then
        interrupted, and `reason` is the error.
        """
        if at_once < 1:
            raise InvalidInput(f"At least one item must be worked at a time, not {at_once}.")
        lease_id = f"{self.ids.new('worker')}@{self._worker}"
        desk = _Desk(self.jobs, self.clock, job_id, lease_id, ahead)
        await self.jobs.begin(job_id, desk.lease_id)
        self._leases.keep(desk.lease_id, desk.close)
        try:
            return await self._work_off(desk, work, at_once, queued=queued)
        finally:
            self._leases.drop(desk.lease_id)

    async def _work_off(
        self, desk: "_Desk", work: Work, at_once: int, *, queued: bool
    ) -> StoredJob:
        try:
            async with asyncio.TaskGroup() as group:
                serving = group.create_task(desk.serve())
                while True:
                    if not await self._is_open(desk, work, at_once):
                        break
                    await asyncio.sleep(_LOOK_AGAIN)  # other processes have the rest in hand
                serving.cancel()
        except BaseException as raised:  # noqa: BLE001  (raised again)
            error = _first(raised)
            cancelled = isinstance(error, asyncio.CancelledError)
            await _leave_anyhow(desk, error, queued=queued and cancelled)
            raise error from None
        return await completed(desk.leave(queued=queued))

    async def _is_open(self, desk: "_Desk", work: Work, at_once: int) -> bool:
        """Works on all that can be claimed now; whether this process has to look again."""
        async with asyncio.TaskGroup() as workers:
            for _ in range(at_once):
                workers.create_task(_work_through(desk, work))
        return not desk.closed and (await self.jobs.progress(desk.job_id)).left > 0


async def _work_through(desk: "_Desk", work: Work) -> None:
    item = await desk.claim()
    while item is not None:
        item = await desk.claim((item, await _finished(item, work)))


async def _finished(item: WorkItem, work: Work) -> Finished:
    try:
        return await work(item)
    except (Unavailable, BudgetSpent):
        raise
    except CandorError as error:
        return Finished(error=f"{error.code}: {error.detail}")
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        return _defect(item, error)  # nobody cancelled this worker: it is an error of the work
    except Exception as error:  # noqa: BLE001  (a defect met by one item must not end all)
        return _defect(item, error)


def _defect(item: WorkItem, error: BaseException) -> Finished:
    logger.opt(exception=error).error("the work of item {} failed", item.key)
    return Finished(error=f"internal_error: {type(error).__name__}")


async def _leave_anyhow(desk: "_Desk", error: BaseException, *, queued: bool) -> None:
    """Leaves the job because of an error, which another one of the store does not replace."""
    reason = f"{error.code}: {error.detail}" if isinstance(error, CandorError) else ""
    try:
        await completed(desk.leave(reason, queued=queued))
    except CandorError as second:
        logger.warning("the job {} could not be left: {}", desk.job_id, second.detail)


_Turn: TypeAlias = "asyncio.Future[WorkItem | None]"


class _Desk:
    """Desk where workers hand in results and get items; all that wait there share a transaction.

    Nobody waits while there are items that were claimed ahead.
    """

    def __init__(self, jobs: Jobs, clock: Clock, job_id: str, lease_id: str, ahead: int) -> None:
        self._jobs = jobs
        self._clock = clock
        self.job_id = job_id
        self.lease_id = lease_id
        self.closed = False
        self._finished: list[Done] = []
        self._turns: list[_Turn] = []
        self._ahead = ahead
        self._stock: deque[WorkItem] = deque()
        self._called = asyncio.Event()
        self._served = clock.monotonic()

    def close(self) -> None:
        """The lease is lost: this process claims nothing more."""
        self.closed = True

    async def claim(self, done: Done | None = None) -> WorkItem | None:
        """Hands in a result, and get the next item; None when there is none for now."""
        if done is not None:
            self._finished.append(done)
        if self._stock and not self.closed:
            item = self._stock.popleft()
            if self._clock.monotonic() >= self._served + _STORED_EVERY:
                self._called.set()
            await asyncio.sleep(0)  # such work may never wait for anything
            return item
        turn: _Turn = asyncio.get_running_loop().create_future()
        self._turns.append(turn)
        self._called.set()
        return await turn

    async def serve(self) -> None:
        """Serves all that wait, one transaction after the other, until it is cancelled."""
        while True:
            await self._called.wait()
            await asyncio.sleep(0)  # those that are ready now come along
            self._called.clear()
            await completed(self._serve())

    async def _serve(self) -> None:
        finished, self._finished = self._finished, []
        turns, self._turns = self._turns, []
        wanted = 0 if self.closed else max(0, len(turns) + self._ahead - len(self._stock))
        try:
            claim = await self._jobs.advance(self.job_id, self.lease_id, finished, wanted)
        except BaseException:
            self._finished[:0] = finished  # `leave` tries once more
            raise
        self._served = self._clock.monotonic()
        self._stock.extend(claim or ())
        self.closed = self.closed or claim is None
        if self.closed:
            self._stock.clear()  # `leave` lets go of them
        for turn in turns:
            if not turn.done():  # its worker was cancelled
                turn.set_result(self._stock.popleft() if self._stock else None)

    async def leave(self, error: str = "", *, queued: bool = False) -> StoredJob:
        """Stores what was not stored yet, and leaves the job."""
        return await self._jobs.end(
            self.job_id, self.lease_id, self._finished, error, queued=queued
        )


def _first(raised: BaseException) -> BaseException:
    """Returns the first of several errors at once; they are those of one transaction."""
    while isinstance(raised, BaseExceptionGroup):
        group = cast("BaseExceptionGroup[BaseException]", raised)
        raised = group.exceptions[0]
    return raised
