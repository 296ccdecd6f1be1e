"""A job watched by its rows: every item once, from any tick on, to its end."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from services.store.store import Store
from tests.contracts.keeping import ANNA, BORIS
from tests.contracts.test_jobs import JOB, Shop, items, places
from tests.templates import migrated_store
from use_cases.kernel.jobs.manage_jobs import JobChange, watch_job
from use_cases.kernel.jobs.model import Finished, JobNotFound, JobState, Progress
from use_cases.kernel.model import Caller

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncGenerator[Shop]:
    store = Store(migrated_store(tmp_path / "candor.sqlite"))
    yield Shop.over(store)
    await store.close()


def watching(shop: Shop, since: int = 0, caller: Caller = ANNA) -> AsyncGenerator[JobChange]:
    return watch_job(shop.jobs, caller, "job_1", since=since, every=0.001)


async def watched(shop: Shop, since: int = 0) -> Sequence[JobChange]:
    return [change async for change in watching(shop, since)]


async def one_by_one(shop: Shop, count: int) -> None:
    for _ in range(count):
        await shop.finish(await shop.claim(1))


async def test_a_job_that_is_over_is_one_change_with_all_that_finished(shop: Shop) -> None:
    job = await shop.work_off(4)
    (change,) = await watched(shop)
    assert (change.job, change.tick) == (job, job.tick)
    assert places(change.finished) == [0, 1, 2, 3]
    assert {item.body for item in change.finished} == {""}
    assert change.progress == Progress(total=4, done=4)


async def test_a_watcher_sees_every_item_once_while_others_work(shop: Shop) -> None:
    await shop.begun(300)

    async def work() -> None:
        while found := await shop.claim(3):
            await shop.finish(found)
        await shop.jobs.end("job_1", "anna_1")

    changes, _ = await asyncio.gather(watched(shop), work())
    finished = [item for change in changes for item in change.finished]
    assert places(finished) == list(range(300))
    ticks = [change.tick for change in changes]
    assert ticks == sorted(set(ticks))
    assert changes[-1].job.state is JobState.COMPLETED
    assert changes[-1].progress == Progress(total=300, done=300)


async def test_one_that_comes_again_goes_on_from_its_tick(shop: Shop) -> None:
    await shop.begun(250)
    await one_by_one(shop, 250)
    job = await shop.jobs.end("job_1", "anna_1")
    whole = await watched(shop)
    assert len(whole) == 6  # a hundred ticks at a time; a claim is a tick, too
    for seen, change in enumerate(whole):
        rest = await watched(shop, change.tick)
        assert [one.finished for one in rest if one.finished] == [
            one.finished for one in whole[seen + 1 :] if one.finished
        ]
        assert rest[-1].tick == job.tick


async def test_a_tick_that_was_never_reached_is_the_present_one(shop: Shop) -> None:
    job = await shop.work_off(4)
    (change,) = await watched(shop, 1_000)
    assert (change.tick, change.finished) == (job.tick, [])


async def test_an_error_that_is_tried_again_comes_again(shop: Shop) -> None:
    job = await shop.work_off(2, Finished(error="timeout: late"))
    await shop.jobs.reopen(ANNA, "job_1", errors=True, budget=None)
    await shop.jobs.begin("job_1", "anna_2")
    await shop.finish(await shop.claim(2, "anna_2"), "anna_2")
    await shop.jobs.end("job_1", "anna_2")
    (change,) = await watched(shop, job.tick)
    assert [(item.place, item.error, item.finishes) for item in change.finished] == [
        (0, None, 2),
        (1, None, 2),
    ]


async def test_a_job_that_waits_is_watched_from_before_its_beginning(shop: Shop) -> None:
    await shop.add(2)
    stream = watching(shop)
    first = await anext(stream)
    assert (first.tick, first.job.state, first.finished) == (0, JobState.PENDING, [])
    await shop.jobs.begin("job_1", "anna_1")
    assert (await anext(stream)).job.state is JobState.RUNNING
    await shop.finish(await shop.claim(2))
    assert places((await anext(stream)).finished) == [0, 1]
    await shop.jobs.end("job_1", "anna_1")
    assert [change.job.state async for change in stream] == [JobState.COMPLETED]


async def test_what_does_not_change_is_not_said_again(shop: Shop) -> None:
    await shop.begun(2)
    stream = watching(shop)
    await anext(stream)
    following = asyncio.ensure_future(anext(stream))
    await asyncio.wait([following], timeout=0.02)
    assert not following.done()
    await shop.jobs.cancel(ANNA, "job_1")
    assert (await following).job.cancelled


async def test_it_ends_when_the_process_of_the_job_is_killed(shop: Shop) -> None:
    await shop.begun(3)
    await shop.claim(1)
    stream = watching(shop)
    assert (await anext(stream)).job.state is JobState.RUNNING
    shop.clock.move(4)
    assert [change.job.state async for change in stream] == [JobState.INTERRUPTED]


async def test_it_goes_on_where_the_job_is_resumed_at_once(shop: Shop) -> None:
    await shop.begun(1)
    stream = watching(shop)
    await anext(stream)
    await shop.jobs.end("job_1", "anna_1")
    assert (await anext(stream)).job.state is JobState.INTERRUPTED
    await shop.jobs.begin("job_1", "anna_2")
    assert (await anext(stream)).job.state is JobState.RUNNING
    await shop.finish(await shop.claim(1, "anna_2"), "anna_2")
    await shop.jobs.end("job_1", "anna_2")
    *_, last = [change async for change in stream]
    assert last.job.state is JobState.COMPLETED


@pytest.mark.parametrize("caller", [BORIS, Caller("cora")], ids=["boris", "cora"])
async def test_only_its_owner_watches_a_job(shop: Shop, caller: Caller) -> None:
    await shop.add(1)
    with pytest.raises(JobNotFound):
        await anext(watching(shop, caller=caller))


async def test_a_job_that_is_removed_ends_with_an_error(shop: Shop) -> None:
    await shop.jobs.add(replace(JOB, job_id="job_1"))
    await shop.jobs.plan("job_1", items(range(1)))
    stream = watching(shop)
    await anext(stream)
    await shop.jobs.remove(ANNA, "job_1")
    with pytest.raises(JobNotFound):
        await anext(stream)
