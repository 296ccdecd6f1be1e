"""A job whose processes are killed, or of which two compete: each item once, and every call accounted."""

import random
import signal
from collections import Counter
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from services.store.jobs import SqlJobs
from services.store.store import Store
from services.system import SystemClock
from tests.contracts.keeping import ANNA
from tests.contracts.test_jobs import EVERYTHING, JOB, items
from tests.faults.parts import PROCESSES
from tests.faults.tuning import integrity
from tests.faults.working_off import AT_ONCE, COST, called, work_off
from tests.patience import PATIENCE
from tests.templates import migrated_store
from tests.thoroughness import is_thorough
from use_cases.kernel.jobs.model import JobState, Progress
from use_cases.kernel.runs.inflight import LEASE

pytestmark = pytest.mark.anyio

_MORE_CALLS = 10
"""So many are made at most after those that a killing waits for."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return migrated_store(tmp_path / "candor.sqlite")


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    return tmp_path / "calls"


@pytest.fixture
async def jobs(file: Path) -> AsyncGenerator[SqlJobs]:
    store = Store(file)
    yield SqlJobs(store, clock=SystemClock())
    await store.close()


async def plan(jobs: SqlJobs, count: int) -> None:
    await jobs.add(JOB)
    await jobs.plan("job_1", items(range(count)))
    await jobs.planned("job_1")


async def test_a_job_killed_at_any_moment_repeats_at_most_what_was_in_flight(
    file: Path, calls: Path, jobs: SqlJobs
) -> None:
    count, kills = (1000, 30) if is_thorough() else (100, 2)
    await plan(jobs, count)
    drawn = random.Random(20_260_314)
    # The clocks of a sample go ahead instead of waiting for the last lease.
    ahead = 0.0 if is_thorough() else LEASE.total_seconds()
    for kill in range(kills):
        _kill(
            file, calls, drawn.randrange(count // (kills + 1)), drawn.random() * 0.01, kill * ahead
        )
        assert integrity(file) == ["ok"]
    process = PROCESSES.Process(target=work_off, args=(file, calls, kills * ahead))
    process.start()
    process.join(PATIENCE)
    assert process.exitcode == 0

    job = await jobs.job(ANNA, "job_1")
    found = await jobs.results("job_1", limit=EVERYTHING)
    assert (job.state, job.total) == (JobState.COMPLETED, count)
    assert await jobs.progress("job_1") == Progress(total=count, done=count)
    assert [(item.place, item.brief, item.finishes) for item in found] == [
        (place, f'{{"place": {place}}}', 1) for place in range(count)
    ]
    assert job.spent == sum(item.cost for item in found) == count * COST
    made, _ = called(calls)
    assert all(1 <= made[item.place] <= item.attempts for item in found)
    lost = sum(item.attempts - item.finishes for item in found)
    assert made.total() - count <= lost <= kills * AT_ONCE


async def test_two_processes_share_a_job_and_no_item_is_worked_twice(
    file: Path, calls: Path, jobs: SqlJobs
) -> None:
    count = 1000 if is_thorough() else 200
    await plan(jobs, count)
    met = PROCESSES.Barrier(2)
    processes = [
        PROCESSES.Process(target=work_off, args=(file, calls, 0, None, met)) for _ in range(2)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(PATIENCE)
    assert [process.exitcode for process in processes] == [0, 0]
    made, makers = called(calls)
    assert made == Counter(range(count))
    assert set(makers) == {str(process.pid) for process in processes}
    assert (await jobs.job(ANNA, "job_1")).state is JobState.COMPLETED
    found = await jobs.results("job_1", limit=EVERYTHING)
    assert {(item.attempts, item.finishes) for item in found} == {(1, 1)}


def _kill(file: Path, calls: Path, after: int, seconds: float, ahead: float) -> None:
    """Work in a process and kill it (SIGKILL) so many calls and seconds later."""
    receiving, sending = PROCESSES.Pipe(duplex=False)
    most = after + _MORE_CALLS
    process = PROCESSES.Process(target=work_off, args=(file, calls, ahead, sending, None, most))
    process.start()
    sending.close()
    for _ in range(after):
        assert receiving.poll(PATIENCE), "no item was worked"
        receiving.recv_bytes()
    process.join(timeout=seconds)
    assert process.exitcode is None, "it must not end by itself"
    process.kill()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    receiving.close()
