"""The runner over the real store: what is worked, how often, and what is kept when it ends early."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Connection

from services.store.engine.engines import Result
from services.store.jobs import SqlJobs
from services.store.leases import SqlLeases
from services.store.store import Store
from tests.contracts.keeping import ANNA
from tests.contracts.test_jobs import EVERYTHING, JOB, ONE_CENT, items
from tests.fakes.clock import FixedClock
from tests.fakes.ids import CountedIds
from tests.templates import migrated_store
from use_cases.kernel.errors import InvalidInput, RateLimited, StorageBusy, StorageFull
from use_cases.kernel.jobs.model import (
    Finished,
    ItemResult,
    JobNotFound,
    JobOver,
    JobState,
    Progress,
    StoredJob,
    WorkItem,
)
from use_cases.kernel.jobs.work import JobRunner, Work
from use_cases.kernel.runs.inflight import LeaseKeeper

pytestmark = pytest.mark.anyio


class Faulty:
    """Port `Access` over a store; counts the transactions that write, of which the next may fail."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.writes = 0
        self.failing: list[Exception | None] = []
        self.was_read = asyncio.Event()

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        """As the store."""
        self.was_read.set()
        return await self._store.read(work)

    async def write(self, work: Callable[[Connection], Result]) -> Result:
        """As the store, unless it is to fail."""
        self.writes += 1
        error = self.failing.pop(0) if self.failing else None
        if error is not None:
            raise error
        return await self._store.write(work)


@dataclass(slots=True)
class Floor:
    """A process that works on jobs: its store, its runner, and what was called."""

    access: Faulty
    clock: FixedClock
    ids: CountedIds = field(default_factory=CountedIds)
    calls: Counter[int] = field(default_factory=Counter[int])
    at_work: int = 0
    most_at_work: int = 0

    @property
    def jobs(self) -> SqlJobs:
        """The port."""
        return SqlJobs(self.access, clock=self.clock)

    def runner(self) -> JobRunner:
        """One runner, with a keeper of its own as in a process of its own."""
        return JobRunner(jobs=self.jobs, leases=self.keeper(), clock=self.clock, ids=self.ids)

    def keeper(self) -> LeaseKeeper:
        """The leases of one process."""
        return LeaseKeeper(leases=SqlLeases(self.access), clock=self.clock)

    async def add(self, count: int, job: StoredJob = JOB) -> None:
        """A planned job."""
        await self.jobs.add(job)
        await self.jobs.plan(job.job_id, items(range(count)))
        await self.jobs.planned(job.job_id)

    async def work(self, item: WorkItem) -> Finished:
        """Call a provider, which costs a cent and gives way to others."""
        self.calls[item.place] += 1
        self.at_work += 1
        self.most_at_work = max(self.most_at_work, self.at_work)
        await asyncio.sleep(0)
        self.at_work -= 1
        return Finished(body=f'"{item.key}"', cost=ONE_CENT)

    async def run(self, work: Work | None = None, at_once: int = 4, ahead: int = 0) -> StoredJob:
        """Work the job off."""
        return await self.runner().run("job_1", work or self.work, at_once=at_once, ahead=ahead)

    async def results(self) -> Sequence[ItemResult]:
        """All that finished."""
        return await self.jobs.results("job_1", limit=EVERYTHING)

    async def progress(self) -> Progress:
        """Its counts."""
        return await self.jobs.progress("job_1")


@pytest.fixture
async def floor(tmp_path: Path) -> AsyncGenerator[Floor]:
    store = Store(migrated_store(tmp_path / "candor.sqlite"))
    yield Floor(Faulty(store), FixedClock())
    await store.close()


def stopping_at(place: int, floor: Floor, then: asyncio.Event) -> Work:
    """Work that says so when it reaches this item, and never ends there."""

    async def work(item: WorkItem) -> Finished:
        if item.place != place:
            return await floor.work(item)
        floor.calls[item.place] += 1
        then.set()
        return await asyncio.Event().wait() and Finished()

    return work


def doing_at(place: int, floor: Floor, act: Callable[[], Awaitable[object]]) -> Work:
    """Work that does something else, too, before it works on this item."""

    async def work(item: WorkItem) -> Finished:
        if item.place == place:
            await act()
        return await floor.work(item)

    return work


def failing_at(place: int, floor: Floor, error: BaseException) -> Work:
    """Work that raises this error for this item."""

    async def fail() -> None:
        raise error

    return doing_at(place, floor, fail)


@pytest.mark.parametrize("ahead", [0, 9, 100])
async def test_every_item_is_worked_once_and_so_many_at_a_time(floor: Floor, ahead: int) -> None:
    await floor.add(40)
    job = await floor.run(at_once=7, ahead=ahead)
    assert (job.state, job.spent, job.total) == (JobState.COMPLETED, 40 * ONE_CENT, 40)
    assert floor.calls == Counter(range(40))
    assert floor.most_at_work == 7
    found = await floor.results()
    assert [(item.place, item.body) for item in found] == [(n, f'"case-{n}"') for n in range(40)]
    assert await floor.progress() == Progress(total=40, done=40)


@pytest.mark.parametrize(("at_once", "ahead"), [(20, 0), (2, 28)])
async def test_results_and_claims_share_transactions(
    floor: Floor, at_once: int, ahead: int
) -> None:
    await floor.add(60)
    before = floor.access.writes
    await floor.run(at_once=at_once, ahead=ahead)
    # Its beginning, its end, a claim before, three rounds that each hand in and claim.
    assert floor.access.writes - before <= 2 + 1 + 3


async def test_slow_work_that_was_claimed_ahead_is_stored_and_cancelled_in_between(
    floor: Floor,
) -> None:
    async def work(item: WorkItem) -> Finished:
        floor.clock.move(0.4)
        if item.place == 5:
            await floor.jobs.cancel(ANNA, "job_1")
        while item.place > 5 and not (await floor.progress()).done:
            pass
        return await floor.work(item)

    await floor.add(60)
    assert (await floor.run(work, at_once=2, ahead=58)).state is JobState.CANCELLED
    found = await floor.progress()
    assert found == Progress(total=60, done=found.done, pending=60 - found.done)
    assert 5 < found.done < 60


async def test_what_was_claimed_ahead_is_free_after_a_cancellation(floor: Floor) -> None:
    await floor.add(40)
    reached = asyncio.Event()
    running = asyncio.create_task(
        floor.runner().run("job_1", stopping_at(5, floor, reached), at_once=1, ahead=20)
    )
    await reached.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await floor.progress() == Progress(total=40, done=5, pending=35)
    assert (await floor.run()).state is JobState.COMPLETED
    assert floor.calls == Counter([*range(40), 5])


async def test_a_job_that_is_cancelled_ends_with_what_was_claimed_ahead(floor: Floor) -> None:
    work = doing_at(5, floor, lambda: floor.jobs.cancel(ANNA, "job_1"))
    await floor.add(40)
    assert (await floor.run(work, at_once=2, ahead=10)).state is JobState.CANCELLED
    assert await floor.progress() == Progress(total=40, done=12, pending=28)
    assert all(item.attempts == item.finishes for item in await floor.results())


@pytest.mark.parametrize("count", [0, 2])
async def test_fewer_items_than_could_be_worked_at_once_do_no_harm(
    floor: Floor, count: int
) -> None:
    await floor.add(count)
    assert (await floor.run(at_once=50)).state is JobState.COMPLETED
    assert floor.calls == Counter(range(count))


async def test_at_least_one_is_worked_at_a_time(floor: Floor) -> None:
    await floor.add(1)
    with pytest.raises(InvalidInput, match="not 0"):
        await floor.run(at_once=0)


@pytest.mark.parametrize(
    ("error", "recorded"),
    [
        (ValueError("secret"), "internal_error: ValueError"),
        (RateLimited("Too many."), "rate_limited: Too many."),
        (asyncio.CancelledError(), "internal_error: CancelledError"),
        (TimeoutError(), "internal_error: TimeoutError"),
    ],
    ids=repr,
)
async def test_an_item_whose_work_raises_is_an_error_of_that_item_alone(
    floor: Floor, error: BaseException, recorded: str
) -> None:
    await floor.add(10)
    job = await floor.run(failing_at(3, floor, error))
    assert (job.state, job.reason) == (JobState.COMPLETED, "")
    assert await floor.progress() == Progress(total=10, done=9, errors=1)
    assert (await floor.results())[3].error == recorded


async def test_only_errors_are_tried_again(floor: Floor) -> None:
    async def work(item: WorkItem) -> Finished:
        done = await floor.work(item)
        failing = item.place % 3 == 0 and item.attempts == 1
        return replace(done, error="timeout: late") if failing else done

    await floor.add(10)
    await floor.run(work)
    assert await floor.progress() == Progress(total=10, done=6, errors=4)
    await floor.jobs.reopen(ANNA, "job_1", errors=True, budget=None)
    await floor.jobs.planned("job_1")  # nothing follows from them
    job = await floor.run(work)
    assert (job.state, job.spent) == (JobState.COMPLETED, 14 * ONE_CENT)
    assert floor.calls == Counter([*range(10), 0, 3, 6, 9])
    with pytest.raises(JobOver):
        await floor.run(work)


async def test_a_cancelled_job_claims_no_more_and_keeps_what_comes_in(floor: Floor) -> None:
    await floor.add(40)
    job = await floor.run(doing_at(5, floor, lambda: floor.jobs.cancel(ANNA, "job_1")))
    assert job.state is JobState.CANCELLED
    progress = await floor.progress()
    assert 6 <= progress.done == floor.calls.total() <= 6 + 2 * 4
    assert (progress.running, progress.pending) == (0, 40 - progress.done)
    await floor.jobs.reopen(ANNA, "job_1", errors=False, budget=None)
    assert (await floor.run()).state is JobState.COMPLETED
    assert floor.calls == Counter(range(40))


async def test_a_budget_stops_it_and_a_larger_one_lets_it_go_on(floor: Floor) -> None:
    await floor.add(40, replace(JOB, budget=Decimal("0.10")))
    job = await floor.run()
    assert job.state is JobState.STOPPED
    assert Decimal("0.10") <= job.spent <= Decimal("0.13")
    assert job.spent == floor.calls.total() * ONE_CENT
    assert (await floor.run()).state is JobState.STOPPED  # the same budget
    assert job.spent == floor.calls.total() * ONE_CENT
    await floor.jobs.reopen(ANNA, "job_1", errors=False, budget=Decimal(1))
    assert (await floor.run()).state is JobState.COMPLETED
    assert floor.calls == Counter(range(40))


@pytest.mark.parametrize("times", [1, 3])
async def test_a_caller_that_is_cancelled_keeps_what_was_finished(floor: Floor, times: int) -> None:
    await floor.add(40)
    reached = asyncio.Event()
    running = asyncio.create_task(floor.run(stopping_at(20, floor, reached)))
    await reached.wait()
    for _ in range(times):
        running.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await running
    job = await floor.jobs.job(ANNA, "job_1")
    assert (job.state, job.reason) == (JobState.INTERRUPTED, "")
    progress = await floor.progress()
    assert progress.running == 0
    assert progress.done >= floor.calls.total() - 4
    before = floor.calls.copy()
    assert (await floor.run()).state is JobState.COMPLETED
    assert (floor.calls - before).total() == 40 - progress.done


async def test_results_that_wait_for_a_transaction_are_kept_on_cancellation(floor: Floor) -> None:
    """Cancelled just when a result was handed in, and before it is stored."""
    await floor.add(8)
    running: asyncio.Task[StoredJob]

    async def work(item: WorkItem) -> Finished:
        done = await floor.work(item)
        if item.place == 3:
            asyncio.get_running_loop().call_soon(running.cancel)
        return done

    running = asyncio.create_task(floor.run(work))
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (await floor.progress()).done == floor.calls.total() == 4


async def test_an_error_of_the_store_surfaces_and_the_job_is_interrupted(floor: Floor) -> None:
    await floor.add(40)

    async def work(item: WorkItem) -> Finished:
        if item.place == 4:
            floor.access.failing = [StorageFull("The disk is full.")]
        return await floor.work(item)

    with pytest.raises(StorageFull):
        await floor.run(work, at_once=4)
    job = await floor.jobs.job(ANNA, "job_1")
    assert (job.state, job.reason) == (JobState.INTERRUPTED, "storage_full: The disk is full.")
    # The results of the transaction that failed are stored by the last one.
    assert (await floor.progress()).done == floor.calls.total() == 8
    assert (await floor.run()).state is JobState.COMPLETED
    assert floor.calls == Counter(range(40))


async def test_a_store_that_stays_out_of_order_does_not_hide_the_first_error(floor: Floor) -> None:
    await floor.add(40)

    async def work(item: WorkItem) -> Finished:
        if item.place == 4:
            floor.access.failing = [StorageFull("Full."), StorageBusy("Busy.")]
        return await floor.work(item)

    with pytest.raises(StorageFull):
        await floor.run(work)
    assert (await floor.jobs.job(ANNA, "job_1")).state is JobState.RUNNING
    floor.clock.move(4)
    assert (await floor.jobs.job(ANNA, "job_1")).state is JobState.INTERRUPTED
    assert (await floor.run()).state is JobState.COMPLETED


async def test_a_defect_of_the_store_does_not_hang(floor: Floor) -> None:
    await floor.add(4)
    floor.access.failing = [None, ZeroDivisionError("a defect")]
    with pytest.raises(ZeroDivisionError):
        await floor.run()
    assert (await floor.jobs.job(ANNA, "job_1")).state is JobState.INTERRUPTED


async def test_work_without_its_store_ends_this_part_of_the_job(floor: Floor) -> None:
    await floor.add(40)
    with pytest.raises(StorageBusy):
        await floor.run(failing_at(9, floor, StorageBusy("Another process is writing.")))
    assert (await floor.jobs.job(ANNA, "job_1")).reason.startswith("storage_busy: ")
    progress = await floor.progress()
    assert (progress.running, progress.errors) == (0, 0)


async def test_a_job_that_is_removed_while_it_runs_is_not_found(floor: Floor) -> None:
    await floor.add(40)
    with pytest.raises(JobNotFound):
        await floor.run(doing_at(9, floor, lambda: floor.jobs.remove(ANNA, "job_1")))


async def test_a_lost_lease_ends_this_part_of_the_job(floor: Floor) -> None:
    """This process stood still for a minute, and another one has taken its items over."""
    await floor.add(12)
    reached = asyncio.Event()
    go_on = asyncio.Event()

    async def slow(item: WorkItem) -> Finished:
        done = await floor.work(item)
        reached.set()
        await go_on.wait()
        return done

    late = asyncio.create_task(floor.run(slow, at_once=4))
    await reached.wait()
    floor.clock.move(60)
    other = await floor.run(at_once=4)
    assert (other.state, await floor.progress()) == (
        JobState.COMPLETED,
        Progress(total=12, done=12),
    )
    go_on.set()
    ended = await late
    assert ended.state is JobState.COMPLETED
    assert floor.calls == Counter([*range(12), 0, 1, 2, 3])
    assert ended.spent == 16 * ONE_CENT  # every call is paid
    found = await floor.results()
    assert [item.attempts - item.finishes for item in found] == [1] * 4 + [0] * 8


@pytest.mark.parametrize("ahead", [0, 10])
async def test_two_runners_share_a_job(floor: Floor, ahead: int) -> None:
    met = asyncio.Barrier(2)

    def working() -> Work:
        seen: list[WorkItem] = []

        async def work(item: WorkItem) -> Finished:
            seen.append(item)
            if len(seen) == 1:
                await met.wait()
            return await floor.work(item)

        return work

    await floor.add(100)
    jobs = await asyncio.gather(floor.run(working(), ahead=ahead), floor.run(working()))
    assert {job.state for job in jobs} == {JobState.COMPLETED}
    assert floor.calls == Counter(range(100))


async def test_one_that_ends_early_waits_for_what_the_other_has_in_hand(floor: Floor) -> None:
    """And takes it over when the other gives it back."""
    await floor.add(3)
    reached = asyncio.Event()
    first = asyncio.create_task(floor.run(stopping_at(2, floor, reached)))
    await reached.wait()
    floor.access.was_read.clear()
    second = asyncio.create_task(floor.run())
    await floor.access.was_read.wait()  # it looks what is left
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert (await second).state is JobState.COMPLETED
    assert floor.calls == Counter([0, 1, 2, 2])


async def test_after_a_kill_only_what_was_in_flight_waits_for_the_lease(floor: Floor) -> None:
    await floor.add(10)
    await floor.jobs.begin("job_1", "killed")
    await floor.jobs.advance("job_1", "killed", (), 3)
    floor.access.was_read.clear()
    running = asyncio.create_task(floor.run())
    await floor.access.was_read.wait()
    assert await floor.progress() == Progress(total=10, running=3, done=7)
    assert floor.calls == Counter(range(3, 10))
    floor.clock.move(4)
    assert (await running).state is JobState.COMPLETED
    assert floor.calls == Counter(range(10))
