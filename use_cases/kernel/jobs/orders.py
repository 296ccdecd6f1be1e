"""Work beside the requests: orders on a queue, from which the processes of an installation take.

Promises: rows say what is to be done, and the queue only who does it when. From time to time what is due
by the rows is put on the queue, so an order that it lost costs a few seconds; equal orders wait once. One
process never does an order twice at a time; several processes may do one together. A failure is a line in the log, said once, and ends nothing.
Leaves to others: the work, which may be asked for again at any time.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from loguru import logger

from use_cases.kernel.errors import CandorError
from use_cases.kernel.jobs.manage_jobs import ManageJobs
from use_cases.kernel.jobs.model import Job, JobNotFound, JobOver, JobState, Spec
from use_cases.kernel.model import Caller

RUNS_LOOKED_FOR_EVERY = 3.0
"""Seconds; a lease of a killed process lasts for four."""


@dataclass(frozen=True, slots=True)
class Order:
    """Work of one sort, the name of its queue; about the run `run_id` of a person, or about none."""

    queue: str
    user_id: str = ""
    run_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A sort of work. `due` says what is to be done now, by the rows; it is asked `every` so many seconds.

    `shared`: it is offered to other processes while it is done. `bounded`: at most `at_once` are in one's hands.
    `complaint` begins the line about a failure.
    """

    queue: str
    complaint: str
    every: float
    due: Callable[[], Awaitable[Iterable[Order]]]
    run: Callable[[Order], Awaitable[None]]
    shared: bool = False
    bounded: bool = False


class WorkQueue(Protocol):
    """The queue of orders."""

    async def put(self, order: Order) -> None:
        """Lets a process do it soon; nothing where an equal one waits. Never raises: it is due later."""
        ...

    async def work(
        self, tasks: Sequence[Task], *, at_once: int, queues: Collection[str] | None = None
    ) -> None:
        """Does orders in this process until it is cancelled; those of bounded sorts `at_once`.

        `queues` names the sorts that are done here, None all; what is due is looked for of all.
        """
        ...


class Bench:
    """What this process has in hand."""

    def __init__(self, tasks: Sequence[Task], at_once: int) -> None:
        self._tasks = {task.queue: task for task in tasks}
        self._limiter = asyncio.Semaphore(at_once)
        self._said: dict[str, str] = {}
        self.in_hand: set[Order] = set()

    def takes(self, order: Order) -> bool:
        """Returns whether it is of a sort that is done here."""
        return order.queue in self._tasks

    @property
    def shared(self) -> Sequence[Order]:
        """Those that another process may take part in."""
        return [each for each in self.in_hand if self._tasks[each.queue].shared]

    async def due(self, every: float | None = None) -> Sequence[Order]:
        """Returns what is due of the sorts that are looked at so often, or of all."""
        orders = list[Order]()
        for task in self._tasks.values():
            if every in (None, task.every):
                try:
                    orders.extend(await task.due())
                except Exception as error:  # noqa: BLE001  (a side matter must not end the process)
                    self._fail(task, error)
        return orders

    async def do(self, order: Order) -> None:
        """Does it, unless it is in hand already."""
        if order in self.in_hand:
            return
        task = self._tasks[order.queue]
        self.in_hand.add(order)
        try:
            if task.bounded:
                async with self._limiter:
                    await task.run(order)
            else:
                await task.run(order)
            self._said.pop(order.queue, None)
        except Exception as error:  # noqa: BLE001  (as above)
            self._fail(task, error)
        finally:
            self.in_hand.discard(order)

    def _fail(self, task: Task, error: Exception) -> None:
        if not isinstance(error, CandorError):
            logger.opt(exception=error).error("{}", task.complaint)
        elif self._said.get(task.queue) != (said := f"{error.code}: {error.detail}"):
            self._said[task.queue] = said
            logger.warning("{}: {}", task.complaint, said)


class SpreadWork:
    """Work for the processes of an installation; `own_queue` is for files of this machine.

    `work_queue` is that same queue where this machine has all.
    """

    def __init__(self, *, work_queue: WorkQueue, own_queue: WorkQueue) -> None:
        self._shared = work_queue
        self._own = own_queue

    async def put(self, order: Order, *, own: bool) -> None:
        """Lets it be done soon, here if it is this machine's `own`."""
        await (self._own if own else self._shared).put(order)

    async def work(
        self,
        shared: Sequence[Task],
        own: Sequence[Task] = (),
        *,
        at_once: int,
        queues: Collection[str] | None = None,
    ) -> None:
        """Does work of these sorts until it is cancelled. Raises `Unavailable`."""
        if self._shared is self._own:
            await self._own.work([*own, *shared], at_once=at_once, queues=queues)
            return
        async with asyncio.TaskGroup() as group:
            if shared:
                group.create_task(self._shared.work(shared, at_once=at_once, queues=queues))
            if own:
                group.create_task(self._own.work(own, at_once=at_once))


def run_task(runs: ManageJobs[Spec]) -> Task:
    """Returns the work on one kind of runs.

    Due is what is queued or was left by a killed process. What a person cancelled or interrupted, a budget
    stopped, or another process has completed meanwhile, is left alone.
    """

    async def due() -> Iterable[Order]:
        return [run_order(job) for job in await runs.abandoned()]

    async def run(order: Order) -> None:
        caller = Caller(order.user_id)
        try:
            job = await runs.show(caller, order.run_id)
            killed = job.state is JobState.INTERRUPTED and job.ended_at is None
            if killed or job.state in (JobState.QUEUED, JobState.RUNNING):
                await runs.run(caller, order.run_id, queued=True)
        except (JobOver, JobNotFound):
            return

    return Task(
        queue=runs.kind,
        complaint=f"a run ({runs.kind}) was interrupted",
        every=RUNS_LOOKED_FOR_EVERY,
        due=due,
        run=run,
        shared=True,
        bounded=True,
    )


def run_order(job: Job[Any]) -> Order:
    """Returns the order to work on a run."""
    return Order(job.kind, job.user_id, job.job_id)


def chore(queue: str, every: float, work: Callable[[], Awaitable[object]], complaint: str) -> Task:
    """Returns work that is always due: so often, and when it is asked for."""

    async def due() -> Iterable[Order]:
        return [Order(queue)]

    async def run(_order: Order) -> None:
        await work()

    return Task(queue=queue, complaint=complaint, every=every, due=due, run=run)
