"""Works a job off: several items at a time, each claimed before and recorded after its work.

Promises: what a killed process had in flight is all that is repeated; several processes may work one
job off, and no item is done twice; results and claims of all that is in flight share transactions.
An item whose work raises is an error of that item alone. Leaves to a capability: its items and its
work.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TypeAlias

from loguru import logger

from use_cases.kernel.errors import CandorError
from use_cases.kernel.jobs.model import Finished, Job, Jobs, JobState, WorkItem
from use_cases.kernel.ports import Clock, Ids
from use_cases.kernel.runs.cancellation import completed
from use_cases.kernel.runs.leasing import LeaseKeeper

Work: TypeAlias = Callable[[WorkItem], Awaitable[Finished]]
"""The work of one item. An error of storage that it raises ends this process's part of the job."""

_LOOK_AGAIN = 0.25
"""Seconds; when another process finishes its items is not known."""


class JobRunner:
    """Works jobs off in this process."""

    def __init__(self, *, jobs: Jobs, leases: LeaseKeeper, ids: Ids, clock: Clock) -> None:
        self._jobs = jobs
        self._leases = leases
        self._ids = ids
        self._clock = clock

    async def run(self, job_id: str, work: Work, *, at_once: int) -> Job:
        """Work until nothing is left, or it is cancelled or over its budget; the job as it is then.

        Raises `JobNotFound`, `JobOver`, and what the store raises: the job is then interrupted.
        """
        lease_id = self._ids.new("worker")
        now = self._clock.now()
        await self._jobs.begin(job_id, lease_id, self._leases.until(), now)
        desk = _Desk(self._jobs, job_id, lease_id, self._clock)
        self._leases.keep(lease_id, desk.close)
        state = JobState.INTERRUPTED
        serving = asyncio.create_task(desk.serve())
        try:
            while True:
                async with asyncio.TaskGroup() as workers:
                    for _ in range(at_once):
                        workers.create_task(_work_off(desk, work))
                if desk.reason or not (await self._jobs.progress(job_id)).left:
                    break
                await asyncio.sleep(_LOOK_AGAIN)  # other processes have the rest in hand
            state = desk.reason or JobState.COMPLETED
        except* CandorError as errors:
            raise _first(errors) from errors
        finally:
            serving.cancel()
            self._leases.drop(lease_id)
            ended = await completed(self._jobs.end(job_id, lease_id, state, self._clock.now()))
        return ended


async def _work_off(desk: "_Desk", work: Work) -> None:
    item = await desk.claim()
    while item is not None:
        item = await desk.claim((item, await _finished(item, work)))


async def _finished(item: WorkItem, work: Work) -> Finished:
    try:
        return await work(item)
    except CandorError:
        raise
    except Exception as error:  # noqa: BLE001  (a defect met by one item must not end all)
        logger.exception("the work of item {} failed", item.key)
        return Finished(error=f"internal_error: {type(error).__name__}")


_Done: TypeAlias = tuple[WorkItem, Finished]
_Turn: TypeAlias = "tuple[_Done | None, asyncio.Future[WorkItem | None]]"


class _Desk:
    """Where workers hand in results and get items; all that wait there share a transaction."""

    def __init__(self, jobs: Jobs, job_id: str, lease_id: str, clock: Clock) -> None:
        self._jobs = jobs
        self._job_id = job_id
        self._lease_id = lease_id
        self._clock = clock
        self._waiting: list[_Turn] = []
        self._called = asyncio.Event()
        self.reason: JobState | None = None

    def close(self) -> None:
        """The lease is lost: this process claims nothing more."""
        self.reason = self.reason or JobState.INTERRUPTED

    async def claim(self, done: "_Done | None" = None) -> WorkItem | None:
        """Hand in a result, and get the next item; None when there is none for now."""
        turn: asyncio.Future[WorkItem | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((done, turn))
        self._called.set()
        return await turn

    async def serve(self) -> None:
        """Serve all that wait, one transaction after the other, until it is cancelled."""
        while True:
            await self._called.wait()
            await asyncio.sleep(0)  # those that are ready now come along
            self._called.clear()
            await completed(self._serve())

    async def _serve(self) -> None:
        batch, self._waiting = self._waiting, []
        finished = [done for done, _ in batch if done is not None]
        turns = [turn for _, turn in batch]
        wanted = 0 if self.reason else len(turns)
        try:
            claim = await self._jobs.advance(
                self._job_id, self._lease_id, finished, wanted, self._clock.now()
            )
        except CandorError as error:
            for turn in turns:
                _settle(turn, error)
            return
        self.reason = self.reason or claim.reason
        for turn, item in zip(turns, _padded(claim.items, len(turns)), strict=True):
            _settle(turn, item)


def _settle(turn: "asyncio.Future[WorkItem | None]", value: WorkItem | CandorError | None) -> None:
    with suppress(asyncio.InvalidStateError):  # its worker was cancelled
        if isinstance(value, CandorError):
            turn.set_exception(value)
        else:
            turn.set_result(value)


def _padded(items: Sequence[WorkItem], count: int) -> Sequence[WorkItem | None]:
    return [*items, *(None for _ in range(count - len(items)))]


def _first(errors: BaseExceptionGroup[CandorError]) -> CandorError:
    """The first of several errors at once; they are those of one transaction."""
    found: BaseException = errors
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    assert isinstance(found, CandorError)  # noqa: S101
    return found
