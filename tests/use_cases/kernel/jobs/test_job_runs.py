"""Runs of one kind: a job of another kind is none of them."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from services.store.store import Store
from tests.contracts.keeping import ANNA
from tests.contracts.test_jobs import JOB, Shop
from tests.templates import migrated_store
from use_cases.kernel.errors import InvalidInput
from use_cases.kernel.jobs.job_runs import JobRuns
from use_cases.kernel.jobs.model import Job, JobNotFound
from use_cases.kernel.model import Caller

pytestmark = pytest.mark.anyio


class NamedRuns(JobRuns[str]):
    """Runs that are their names."""

    kind = "other"
    invalid = InvalidInput

    async def run(self, caller: Caller, run_id: str, *, queued: bool = False) -> str:
        return await self.show(caller, run_id)

    def _run_of(self, job: Job) -> str:
        return job.name


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncGenerator[Shop]:
    store = Store(migrated_store(tmp_path / "candor.sqlite"))
    yield Shop.over(store)
    await store.close()


async def test_a_job_of_another_kind_is_not_found_and_stays_as_it_is(shop: Shop) -> None:
    await shop.jobs.add(JOB)
    runs = NamedRuns(shop.jobs)
    with pytest.raises(JobNotFound):
        await runs.show(ANNA, "job_1")
    with pytest.raises(JobNotFound):
        await runs.cancel(ANNA, "job_1")
    with pytest.raises(JobNotFound):
        await runs.reopen(ANNA, "job_1")
    with pytest.raises(JobNotFound):
        await runs.remove(ANNA, "job_1")
    with pytest.raises(JobNotFound):
        await anext(runs.watch(ANNA, "job_1"))
    assert await shop.jobs.job(ANNA, "job_1") == JOB
    assert list(await runs.list(ANNA)) == []
