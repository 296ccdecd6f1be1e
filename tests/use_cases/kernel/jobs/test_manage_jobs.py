"""Jobs of one kind, worked off in two steps; a job of another kind is none of them."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from services.store.store import Store
from tests.contracts.keeping import ANNA
from tests.contracts.test_jobs import JOB, Shop
from tests.fakes.ids import CountedIds
from tests.templates import migrated_store
from use_cases.kernel.errors import InvalidInput
from use_cases.kernel.jobs.manage_jobs import ManageJobs, Shift
from use_cases.kernel.jobs.model import (
    Finished,
    Job,
    JobNotFound,
    JobOver,
    JobState,
    NewItem,
    WorkItem,
)
from use_cases.kernel.jobs.work import JobRunner
from use_cases.kernel.model import Caller
from use_cases.kernel.runs.inflight import LeaseKeeper

pytestmark = pytest.mark.anyio


class Errands(ManageJobs[list[str]]):
    """Jobs that do what they are told, and look back when all is done."""

    kind = "errand"
    prefix = "errand"
    invalid = InvalidInput

    async def order(self, caller: Caller, *errands: str) -> Job[list[str]]:
        """A new job."""
        return await self._begin(caller.user_id, "errands", list(errands))

    async def done(self, job: Job[list[str]]) -> list[str]:
        """What was done, in order."""
        return [item.key for item in await self._jobs.results(job.job_id)]

    def _size(self, spec: list[str]) -> int:
        return len(spec) + 1

    async def _shift(self, caller: Caller, job: Job[list[str]]) -> Shift:
        async def work(item: WorkItem) -> Finished:
            return Finished(error="lost: It was not found." if item.key == "lose" else None)

        async def then() -> list[NewItem]:
            over = await self._jobs.progress(job.job_id)
            place = over.done + over.errors
            return [NewItem(place=place, key=f"look back at {place}")]

        items = [NewItem(place=place, key=each) for place, each in enumerate(job.spec)]
        return Shift(items=items, work=work, at_once=2, then=then)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncGenerator[Shop]:
    store = Store(migrated_store(tmp_path / "candor.sqlite"))
    yield Shop.over(store)
    await store.close()


@pytest.fixture
def errands(shop: Shop) -> Errands:
    leases = LeaseKeeper(leases=shop.leases, clock=shop.clock)
    runner = JobRunner(jobs=shop.jobs, leases=leases, clock=shop.clock, ids=CountedIds())
    return Errands(runner, TypeAdapter(list[str]))


async def test_what_follows_is_planned_when_all_before_it_is_over(errands: Errands) -> None:
    begun = await errands.order(ANNA, "sweep", "lose", "water")
    assert (begun.spec, begun.state) == (["sweep", "lose", "water"], JobState.PENDING)
    assert (await errands.progress(ANNA, begun.job_id)).total == 4
    done = await errands.run(ANNA, begun.job_id)
    assert (done.state, done.total) == (JobState.COMPLETED, 4)
    assert await errands.done(done) == ["sweep", "lose", "water", "look back at 3"]
    with pytest.raises(JobOver):
        await errands.run(ANNA, begun.job_id)


async def test_errors_that_are_tried_again_are_followed_again(errands: Errands) -> None:
    begun = await errands.order(ANNA, "lose")
    await errands.run(ANNA, begun.job_id)
    await errands.reopen(ANNA, begun.job_id, errors=True)
    done = await errands.run(ANNA, begun.job_id)
    assert await errands.done(done) == ["lose", "look back at 1", "look back at 2"]


async def test_what_is_cancelled_is_followed_by_nothing(errands: Errands) -> None:
    begun = await errands.order(ANNA, "sweep")
    await errands.cancel(ANNA, begun.job_id)
    done = await errands.run(ANNA, begun.job_id)
    assert (done.state, await errands.done(done)) == (JobState.CANCELLED, [])


async def test_a_job_of_another_kind_is_not_found_and_stays_as_it_is(
    shop: Shop, errands: Errands
) -> None:
    await shop.jobs.add(JOB)
    for act in (errands.show, errands.cancel, errands.reopen, errands.remove, errands.run):
        with pytest.raises(JobNotFound):
            await act(ANNA, "job_1")
    with pytest.raises(JobNotFound):
        await anext(errands.watch(ANNA, "job_1"))
    assert await shop.jobs.job(ANNA, "job_1") == JOB
    assert list(await errands.list(ANNA)) == []
