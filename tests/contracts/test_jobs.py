"""The promises of the port `Jobs`, of the store."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from services.store.engine.engines import Access
from services.store.jobs import SqlJobs
from services.store.leases import SqlLeases
from services.store.store import Store
from tests.contracts.keeping import ANNA, BORIS, NOON
from tests.contracts.test_lists import Listed, ListsContract, Owned
from tests.fakes.clock import FixedClock
from use_cases.kernel.jobs.model import (
    Finished,
    ItemResult,
    ItemState,
    Job,
    JobNotFound,
    JobOver,
    Jobs,
    JobState,
    NewItem,
    Part,
    Progress,
    StoredJob,
    WorkItem,
)
from use_cases.kernel.model import LOCAL, Caller, Page

pytestmark = pytest.mark.anyio

JOB = Job(
    job_id="job_1",
    kind="evaluation",
    user_id="anna",
    name="Handbook",
    spec='{"variants": 2}',
    state=JobState.PENDING,
    created_at=NOON,
)
ONE_CENT = Decimal("0.01")
EVERYTHING = 1_000_000


@dataclass(frozen=True, slots=True)
class Shop:
    """Jobs, the leases of those that work on them, and the time."""

    jobs: Jobs
    leases: SqlLeases
    clock: FixedClock

    @classmethod
    def over(cls, store: Access) -> "Shop":
        """In a store."""
        clock = FixedClock(NOON)
        return cls(SqlJobs(store, clock=clock), SqlLeases(store), clock)

    async def add(self, count: int = 4, job: StoredJob = JOB) -> None:
        """A planned job with so many items."""
        await self.jobs.add(job)
        await self.jobs.plan(job.job_id, items(range(count)))
        await self.jobs.planned(job.job_id)

    async def begun(self, count: int = 4, *lease_ids: str) -> None:
        """The same, and these take part."""
        await self.add(count)
        for lease_id in lease_ids or ("anna_1",):
            await self.jobs.begin("job_1", lease_id)

    async def claim(self, wanted: int, lease_id: str = "anna_1") -> Sequence[WorkItem]:
        """Items of the job."""
        found = await self.jobs.advance("job_1", lease_id, (), wanted)
        assert found is not None
        return found

    async def finish(
        self, found: Sequence[WorkItem], lease_id: str = "anna_1", result: Finished | None = None
    ) -> None:
        """Hand in the same result for each."""
        done = [(item, result or Finished()) for item in found]
        await self.jobs.advance("job_1", lease_id, done, 0)

    async def work_off(self, count: int = 4, result: Finished | None = None) -> StoredJob:
        """A job that was worked off by one process."""
        await self.begun(count)
        await self.finish(await self.claim(count), result=result)
        return await self.jobs.end("job_1", "anna_1")

    async def state(self) -> JobState:
        """The state that is shown."""
        return (await self.jobs.job(ANNA, "job_1")).state

    async def results(self) -> Sequence[ItemResult]:
        """All that finished."""
        return await self.jobs.results("job_1", limit=EVERYTHING)

    async def progress(self) -> Progress:
        """Its counts."""
        return await self.jobs.progress("job_1")


def items(places: Sequence[int]) -> Sequence[NewItem]:
    return [NewItem(place=place, key=f"case-{place}", group="a") for place in places]


def places(found: Sequence[WorkItem] | Sequence[ItemResult]) -> Sequence[int]:
    return [item.place for item in found]


class JobsContract:
    """The suite."""

    @pytest.fixture
    def shop(self, store: Store) -> Shop:
        return Shop.over(store)

    async def test_a_job_is_read_back_as_it_was(self, shop: Shop) -> None:
        full = replace(
            JOB,
            name="\U0001f600 a\u2028b",
            budget=Decimal("1.230"),
            spent=Decimal("0.0000001"),
            tick=7,
            reason="storage_busy: so",
            state=JobState.STOPPED,
            started_at=NOON,
            ended_at=NOON,
        )
        await shop.jobs.add(full)
        assert await shop.jobs.job(ANNA, "job_1") == full

    async def test_a_new_job_is_pending_and_has_no_items(self, shop: Shop) -> None:
        await shop.jobs.add(JOB)
        assert await shop.jobs.job(ANNA, "job_1") == JOB
        assert await shop.progress() == Progress(total=0)
        assert await shop.results() == []

    async def test_planned_items_are_counted(self, shop: Shop) -> None:
        await shop.add(2500)
        job = await shop.jobs.job(ANNA, "job_1")
        assert (job.total, job.planned) == (2500, True)
        assert await shop.progress() == Progress(total=2500, pending=2500)

    async def test_items_that_are_there_are_left_as_they_are(self, shop: Shop) -> None:
        await shop.begun(3)
        await shop.finish(await shop.claim(2))
        await shop.jobs.plan("job_1", items(range(5)))
        await shop.jobs.planned("job_1")
        assert await shop.progress() == Progress(total=5, pending=3, done=2)
        assert (await shop.jobs.job(ANNA, "job_1")).total == 5

    async def test_a_place_that_another_key_has_is_an_error_and_no_item_is_lost(
        self, shop: Shop
    ) -> None:
        await shop.add(2)
        with pytest.raises(IntegrityError):
            await shop.jobs.plan("job_1", [NewItem(place=1, key="other")])
        assert await shop.progress() == Progress(total=2, pending=2)

    async def test_the_items_of_two_jobs_have_nothing_to_do_with_each_other(
        self, shop: Shop
    ) -> None:
        await shop.begun(2)
        await shop.add(3, replace(JOB, job_id="job_2"))
        await shop.jobs.begin("job_2", "anna_2")
        await shop.finish(await shop.claim(5))
        assert await shop.jobs.progress("job_2") == Progress(total=3, pending=3)
        assert (await shop.jobs.end("job_1", "anna_1")).state is JobState.COMPLETED
        assert (await shop.jobs.job(ANNA, "job_2")).state is JobState.RUNNING

    async def test_items_are_claimed_in_order_and_once(self, shop: Shop) -> None:
        await shop.begun(5, "anna_1", "anna_2")
        first = await shop.claim(2)
        assert first == [
            WorkItem(place=0, key="case-0", group="a", attempts=1),
            WorkItem(place=1, key="case-1", group="a", attempts=1),
        ]
        assert places(await shop.claim(2, "anna_2")) == [2, 3]
        assert places(await shop.claim(2)) == [4]
        assert await shop.claim(2, "anna_2") == []
        assert await shop.progress() == Progress(total=5, running=5)

    async def test_results_and_claims_are_one_step(self, shop: Shop) -> None:
        await shop.begun(3)
        one, two = await shop.claim(2)
        done = [
            (one, Finished(brief='{"score": 1}', body='{"output": "x"}', cost=ONE_CENT)),
            (two, Finished(error="timeout: it took too long", cost=ONE_CENT)),
        ]
        found = await shop.jobs.advance("job_1", "anna_1", done, 2)
        assert places(found or ()) == [2]
        assert await shop.progress() == Progress(total=3, running=1, done=1, errors=1)
        good, bad = await shop.results()
        assert good == ItemResult(
            place=0,
            key="case-0",
            group="a",
            state=ItemState.DONE,
            attempts=1,
            finishes=1,
            cost=ONE_CENT,
            tick=2,
            error=None,
            brief='{"score": 1}',
            body='{"output": "x"}',
        )
        assert (bad.state, bad.error, bad.cost) == (
            ItemState.ERROR,
            "timeout: it took too long",
            ONE_CENT,
        )
        job = await shop.jobs.job(ANNA, "job_1")
        assert (job.spent, job.tick) == (2 * ONE_CENT, 2)

    async def test_results_are_pages_in_order_of_place(self, shop: Shop) -> None:
        await shop.begun(5)
        found = await shop.claim(5)
        for item in reversed(found[1:]):
            await shop.finish([item], result=Finished(body="[]"))
        assert places(await shop.jobs.results("job_1", limit=3)) == [1, 2, 3]
        rest = await shop.jobs.results("job_1", after=3, bodies=False)
        assert [(item.place, item.body) for item in rest] == [(4, "")]

    async def test_what_finished_meanwhile_is_found_by_its_ticks(self, shop: Shop) -> None:
        await shop.begun(4)
        found = await shop.claim(4)
        for batch in (found[2:], found[:1]):
            await shop.finish(batch)
        assert places(await shop.jobs.finished("job_1", 0, 3)) == [2, 3, 0]
        assert places(await shop.jobs.finished("job_1", 0, 2)) == [2, 3]
        assert places(await shop.jobs.finished("job_1", 2, 3)) == [0]
        assert await shop.jobs.finished("job_1", 3, 9) == []

    async def test_the_last_to_leave_completes_it(self, shop: Shop) -> None:
        await shop.begun(2, "anna_1", "anna_2")
        await shop.finish(await shop.claim(2))
        shop.clock.move(1)
        ended = await shop.jobs.end("job_1", "anna_1")
        assert (ended.state, ended.ended_at) == (JobState.COMPLETED, shop.clock.now())
        assert (await shop.jobs.end("job_1", "anna_2")).state is JobState.COMPLETED
        with pytest.raises(JobOver):
            await shop.jobs.begin("job_1", "anna_3")
        with pytest.raises(JobOver, match="The run job_1 is complete") as over:
            await shop.jobs.reopen(ANNA, "job_1", errors=True, budget=None)
        assert "nothing left to continue or to retry" in over.value.hint

    async def test_a_process_that_leaves_frees_its_items_and_hands_in_its_last(
        self, shop: Shop
    ) -> None:
        await shop.begun(3, "anna_1", "anna_2")
        one, *_ = await shop.claim(3)
        job = await shop.jobs.end("job_1", "anna_1", [(one, Finished(cost=ONE_CENT))], "x: y")
        assert (job.state, job.spent, job.reason) == (JobState.RUNNING, ONE_CENT, "")
        assert await shop.progress() == Progress(total=3, pending=2, done=1)
        again = await shop.claim(3, "anna_2")
        assert [(item.place, item.attempts) for item in again] == [(1, 2), (2, 2)]
        await shop.finish(again, "anna_2")
        assert (await shop.jobs.end("job_1", "anna_2")).state is JobState.COMPLETED
        lost = [item.attempts - item.finishes for item in await shop.results()]
        assert lost == [0, 1, 1]

    async def test_a_job_that_is_left_in_the_middle_is_interrupted_for_a_reason(
        self, shop: Shop
    ) -> None:
        await shop.begun(3)
        await shop.claim(1)
        job = await shop.jobs.end("job_1", "anna_1", (), "storage_full: the disk is full")
        assert (job.state, job.reason, job.ended_at) == (
            JobState.INTERRUPTED,
            "storage_full: the disk is full",
            NOON,
        )
        shop.clock.move(60)
        again = await shop.jobs.begin("job_1", "anna_2")
        assert (again.state, again.reason, again.ended_at, again.started_at) == (
            JobState.RUNNING,
            "",
            None,
            NOON,
        )

    async def test_a_job_whose_items_are_not_all_planned_is_not_complete(self, shop: Shop) -> None:
        await shop.jobs.add(JOB)
        await shop.jobs.plan("job_1", items(range(1)))
        await shop.jobs.begin("job_1", "anna_1")
        await shop.finish(await shop.claim(2))
        assert (await shop.jobs.end("job_1", "anna_1")).state is JobState.INTERRUPTED

    async def test_a_planned_job_without_items_completes(self, shop: Shop) -> None:
        assert (await shop.work_off(0)).state is JobState.COMPLETED

    async def test_a_killed_process_leaves_its_job_interrupted(self, shop: Shop) -> None:
        await shop.begun(3)
        await shop.claim(1)
        shop.clock.move(3.9)
        assert await shop.state() is JobState.RUNNING
        assert await shop.jobs.unfinished("evaluation") == []
        shop.clock.move(0.1)
        assert await shop.state() is JobState.INTERRUPTED
        listed = await shop.jobs.jobs(ANNA, "evaluation")
        assert [job.state for job in listed] == [JobState.INTERRUPTED]
        assert [job.job_id for job in await shop.jobs.unfinished("evaluation")] == ["job_1"]
        assert await shop.jobs.unfinished("import") == []

    async def test_who_works_on_it_is_shown_until_its_lease_ends(self, shop: Shop) -> None:
        await shop.begun(5, "worker_1@mara:1", "worker_2@mara:2")
        await shop.claim(2, "worker_2@mara:2")
        assert await shop.jobs.parts("job_1") == [Part("mara:1", 0), Part("mara:2", 2)]
        everything = await shop.jobs.jobs(ANNA, None)
        assert [job.job_id for job in everything] == ["job_1"]
        shop.clock.move(4)
        assert await shop.jobs.parts("job_1") == []

    async def test_what_was_left_in_order_is_not_unfinished(self, shop: Shop) -> None:
        await shop.begun(3)
        await shop.jobs.end("job_1", "anna_1")
        assert await shop.state() is JobState.INTERRUPTED
        assert await shop.jobs.unfinished("evaluation") == []

    async def test_what_is_queued_waits_for_the_next_server(self, shop: Shop) -> None:
        await shop.begun(3)
        queued = await shop.jobs.end("job_1", "anna_1", queued=True)
        assert (queued.state, queued.ended_at) == (JobState.QUEUED, NOON)
        assert [job.job_id for job in await shop.jobs.unfinished("evaluation")] == ["job_1"]
        await shop.jobs.begin("job_1", "anna_2")
        assert await shop.jobs.unfinished("evaluation") == []
        await shop.jobs.cancel(ANNA, "job_1")
        ended = await shop.jobs.end("job_1", "anna_2", queued=True)
        assert ended.state is JobState.CANCELLED
        again = await shop.jobs.reopen(ANNA, "job_1", errors=False, budget=None, queued=True)
        assert again.state is JobState.QUEUED

    async def test_a_lease_that_is_renewed_keeps_its_job_running(self, shop: Shop) -> None:
        await shop.begun(3)
        shop.clock.move(3)
        await shop.leases.renew(["anna_1"], datetime.max.replace(tzinfo=NOON.tzinfo))
        shop.clock.move(600)
        assert await shop.state() is JobState.RUNNING

    async def test_items_of_a_killed_process_come_before_those_nobody_began(
        self, shop: Shop
    ) -> None:
        await shop.begun(5)
        lost = await shop.claim(2)
        shop.clock.move(1)
        await shop.jobs.begin("job_1", "anna_2")
        assert places(await shop.claim(1, "anna_2")) == [2]
        shop.clock.move(3)
        again = await shop.claim(1, "anna_2")
        assert [(item.place, item.attempts) for item in again] == [(0, 2)]
        assert places(await shop.claim(9, "anna_2")) == [1, 3, 4]
        await shop.finish(lost, result=Finished(cost=ONE_CENT))  # it was not dead after all
        assert await shop.results() == []
        assert (await shop.jobs.job(ANNA, "job_1")).spent == 2 * ONE_CENT
        await shop.finish(again, "anna_2")
        assert [(item.place, item.attempts, item.finishes) for item in await shop.results()] == [
            (0, 2, 1)
        ]

    async def test_what_may_have_killed_three_processes_comes_last(self, shop: Shop) -> None:
        await shop.begun(3, "anna_0")
        for number in range(3):
            assert places(await shop.claim(1, f"anna_{number}")) == [0]
            shop.clock.move(4)
            await shop.jobs.begin("job_1", f"anna_{number + 1}")
        assert places(await shop.claim(3, "anna_3")) == [1, 2, 0]

    async def test_a_result_counts_while_nobody_else_has_its_item(self, shop: Shop) -> None:
        await shop.begun(2)
        found = await shop.claim(2)
        shop.clock.move(60)
        await shop.jobs.begin("job_1", "anna_2")  # which clears the lease
        await shop.finish(found)
        assert await shop.progress() == Progress(total=2, done=2)

    async def test_an_advance_renews_a_lease_that_ran_out_while_it_waited(self, shop: Shop) -> None:
        await shop.begun(4, "anna_1", "anna_2")
        shop.clock.move(5)
        assert places(await shop.claim(1)) == [0]
        shop.clock.move(3)
        assert places(await shop.claim(4, "anna_2")) == [1, 2, 3]
        assert await shop.claim(1, "anna_2") == []

    async def test_nothing_is_claimed_without_a_lease(self, shop: Shop) -> None:
        await shop.begun(2)
        await shop.leases.release("anna_1")
        assert not await shop.claim(2)
        assert await shop.progress() == Progress(total=2, pending=2)

    async def test_cancelling_lets_nobody_claim_more(self, shop: Shop) -> None:
        await shop.begun(3)
        found = await shop.claim(1)
        cancelled = await shop.jobs.cancel(ANNA, "job_1")
        assert (cancelled.state, cancelled.cancelled) == (JobState.RUNNING, True)
        done = [(item, Finished()) for item in found]
        assert await shop.jobs.advance("job_1", "anna_1", done, 1) is None
        ended = await shop.jobs.end("job_1", "anna_1")
        assert ended.state is JobState.CANCELLED
        assert await shop.progress() == Progress(total=3, pending=2, done=1)

    async def test_a_cancelled_job_stays_so_when_a_process_begins_late(self, shop: Shop) -> None:
        await shop.add(2)
        assert (await shop.jobs.cancel(ANNA, "job_1")).state is JobState.CANCELLED
        await shop.jobs.begin("job_1", "anna_1")
        assert await shop.jobs.advance("job_1", "anna_1", (), 2) is None
        assert (await shop.jobs.end("job_1", "anna_1")).state is JobState.CANCELLED

    async def test_a_process_killed_while_its_job_is_cancelled_leaves_it_cancelled(
        self, shop: Shop
    ) -> None:
        await shop.begun(2)
        await shop.claim(1)
        await shop.jobs.cancel(ANNA, "job_1")
        assert await shop.state() is JobState.RUNNING
        shop.clock.move(4)
        assert await shop.state() is JobState.CANCELLED
        assert await shop.jobs.unfinished("evaluation") == []

    async def test_a_complete_job_is_not_cancelled(self, shop: Shop) -> None:
        done = await shop.work_off()
        assert await shop.jobs.cancel(ANNA, "job_1") == done

    async def test_a_cancelled_job_of_which_nothing_is_left_is_complete(self, shop: Shop) -> None:
        await shop.begun(1)
        found = await shop.claim(1)
        await shop.jobs.cancel(ANNA, "job_1")
        await shop.finish(found)
        assert (await shop.jobs.end("job_1", "anna_1")).state is JobState.COMPLETED

    async def test_a_budget_that_is_used_up_stops_it_until_it_is_larger(self, shop: Shop) -> None:
        await shop.add(3, replace(JOB, budget=2 * ONE_CENT))
        await shop.jobs.begin("job_1", "anna_1")
        costly = Finished(cost=ONE_CENT)
        await shop.finish(await shop.claim(1), result=costly)
        await shop.finish(await shop.claim(1), result=costly)
        assert await shop.jobs.advance("job_1", "anna_1", (), 1) is None
        assert (await shop.jobs.end("job_1", "anna_1")).state is JobState.STOPPED
        more = await shop.jobs.reopen(ANNA, "job_1", errors=False, budget=3 * ONE_CENT)
        assert (more.state, more.budget) == (JobState.PENDING, 3 * ONE_CENT)
        await shop.jobs.begin("job_1", "anna_2")
        await shop.finish(await shop.claim(1, "anna_2"), "anna_2", costly)
        assert (await shop.jobs.end("job_1", "anna_2")).state is JobState.COMPLETED

    async def test_only_errors_are_tried_again(self, shop: Shop) -> None:
        await shop.begun(3)
        one, two, three = await shop.claim(3)
        await shop.finish([one, three], result=Finished(cost=ONE_CENT))
        await shop.finish(
            [two], result=Finished(brief='{"n": 1}', error="timeout: late", cost=ONE_CENT)
        )
        assert (await shop.jobs.end("job_1", "anna_1")).state is JobState.COMPLETED
        with pytest.raises(JobOver):
            await shop.jobs.reopen(ANNA, "job_1", errors=False, budget=None)
        again = await shop.jobs.reopen(ANNA, "job_1", errors=True, budget=None)
        assert (again.state, again.ended_at, again.planned) == (JobState.PENDING, None, False)
        await shop.jobs.begin("job_1", "anna_2")
        (item,) = await shop.claim(3, "anna_2")
        assert (item.place, item.attempts, item.cost) == (1, 2, ONE_CENT)
        assert item.brief == '{"n": 1}'
        await shop.finish([item], "anna_2", Finished(cost=2 * ONE_CENT))
        found = (await shop.results())[1]
        assert (found.state, found.error, found.cost, found.finishes) == (
            ItemState.DONE,
            None,
            3 * ONE_CENT,
            2,
        )
        assert (await shop.jobs.end("job_1", "anna_2")).spent == 5 * ONE_CENT

    async def test_a_job_without_errors_has_none_to_try_again(self, shop: Shop) -> None:
        await shop.work_off()
        with pytest.raises(JobOver):
            await shop.jobs.reopen(ANNA, "job_1", errors=True, budget=None)
        assert await shop.state() is JobState.COMPLETED

    async def test_a_job_that_is_reopened_while_it_is_left_is_not_complete(
        self, shop: Shop
    ) -> None:
        await shop.begun(1)
        await shop.finish(await shop.claim(1), result=Finished(error="timeout: late"))
        again = await shop.jobs.reopen(ANNA, "job_1", errors=True, budget=None)
        assert again.state is JobState.RUNNING
        assert (await shop.jobs.end("job_1", "anna_1")).state is JobState.INTERRUPTED

    async def test_a_removed_job_is_gone_with_its_items(self, shop: Shop) -> None:
        await shop.begun(3)
        found = await shop.claim(1)
        await shop.jobs.remove(ANNA, "job_1")
        assert await shop.progress() == Progress(total=0)
        assert set(await shop.leases.kept(["anna_1"])) == set()
        for call in (
            shop.jobs.job(ANNA, "job_1"),
            shop.jobs.advance("job_1", "anna_1", [(found[0], Finished())], 1),
            shop.jobs.end("job_1", "anna_1"),
            shop.jobs.remove(ANNA, "job_1"),
        ):
            with pytest.raises(JobNotFound):
                await call

    async def test_an_unknown_job_is_said_to_be_unknown(self, shop: Shop) -> None:
        for call in (
            shop.jobs.plan("job_9", items(range(1))),
            shop.jobs.planned("job_9"),
            shop.jobs.begin("job_9", "anna_1"),
            shop.jobs.cancel(ANNA, "job_9"),
            shop.jobs.reopen(ANNA, "job_9", errors=False, budget=None),
        ):
            with pytest.raises(JobNotFound, match="job_9"):
                await call

    @pytest.mark.parametrize("caller", [LOCAL, BORIS], ids=["local", "boris"])
    async def test_only_its_owner_changes_a_job(self, shop: Shop, caller: Caller) -> None:
        await shop.begun(3)
        calls = (
            shop.jobs.cancel(caller, "job_1"),
            shop.jobs.reopen(caller, "job_1", errors=False, budget=None),
            shop.jobs.remove(caller, "job_1"),
        )
        for call in calls:
            if caller is LOCAL:
                await call
                continue
            with pytest.raises(JobNotFound):
                await call

    async def test_two_that_claim_at_once_never_get_the_same(self, shop: Shop) -> None:
        await shop.begun(60, "anna_1", "anna_2")
        found: list[int] = []

        async def claims(lease_id: str) -> None:
            while got := await shop.claim(3, lease_id):
                found.extend(places(got))
                await shop.finish(got, lease_id)

        await asyncio.gather(*(claims(name) for name in ("anna_1", "anna_2") for _ in range(4)))
        assert sorted(found) == list(range(60))
        assert await shop.progress() == Progress(total=60, done=60)
        assert {item.attempts for item in await shop.results()} == {1}

    async def test_costs_that_come_at_once_are_all_counted(self, shop: Shop) -> None:
        await shop.begun(30, "anna_1", "anna_2")
        one, two = await shop.claim(15), await shop.claim(15, "anna_2")
        costly = Finished(cost=ONE_CENT)
        each = [shop.finish([item], "anna_1", costly) for item in one]
        await asyncio.gather(*each, *(shop.finish([item], "anna_2", costly) for item in two))
        job = await shop.jobs.job(ANNA, "job_1")
        assert job.spent == 30 * ONE_CENT
        assert len({item.tick for item in await shop.results()}) == 30


class JobListsContract(ListsContract):
    """The suite of lists, over jobs alone."""

    @pytest.fixture(params=["jobs"])
    def listed(self, lists: Mapping[str, Listed], request: pytest.FixtureRequest) -> Listed:
        return lists[str(request.param)]

    @pytest.fixture(params=["jobs"])
    def owned(self, lists: Mapping[str, Listed], request: pytest.FixtureRequest) -> Owned:
        found = lists[str(request.param)]
        assert isinstance(found, Owned)
        return found

    @pytest.fixture
    def lists(self, store: Store) -> Mapping[str, Listed]:
        jobs = Shop.over(store).jobs

        async def job(name: str, caller: Caller, at: datetime) -> None:
            await jobs.add(replace(JOB, job_id=name, user_id=caller.user_id, created_at=at))
            other = replace(JOB, job_id=f"other_{name}", kind="import")
            await jobs.add(replace(other, user_id=caller.user_id, created_at=at))

        async def page(caller: Caller, **where: Any) -> Page[StoredJob]:
            return await jobs.jobs(caller, "evaluation", **where)

        return {"jobs": Owned(job, page, "job_id", 50, jobs.job, JobNotFound)}


class TestSqliteJobs(JobsContract):
    pass


class TestSqliteJobLists(JobListsContract):
    pass
