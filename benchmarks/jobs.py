"""What a durable job costs beside its work: 10,000 items whose work does nothing.

    python -m benchmarks.jobs [--items N] [--sizes N ...]

Through `JobRunner` and the store on a fresh SQLite file (`benchmarks.scale` has PostgreSQL, too): every item is planned, claimed before its work
and recorded after it. First `--items` (10,000) with 5, 10 and 50 at once: seconds of CPU and of wall
time, the transactions that it took, and the time until the first item began. Then `--sizes` (1,000,
10,000 and 100,000) with 10 at once: peak memory. Each line is a process of its own, so that none
inherits another's memory; CPU and wall are those of planning and working, without the start of Python.
"""

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import cast

from benchmarks.machine import machine
from services.store.jobs import SqlJobs
from services.store.leases import SqlLeases
from services.store.store import Store
from services.system import SystemClock, TimeSortedIds
from use_cases.kernel.jobs.model import Finished, Job, JobState, NewItem, WorkItem
from use_cases.kernel.jobs.work import JobRunner
from use_cases.kernel.runs.inflight import LeaseKeeper

AT_ONCE = (5, 10, 50)
SIZES = (1_000, 10_000, 100_000)
RESULT = Finished(brief='{"verdict": "passed"}', body='{"output": "' + "So. " * 50 + '"}')
"""As long as a short answer with its grade."""


def main() -> None:
    """Measure each in its process, and print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--one", type=int, nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if one := cast("list[int] | None", given.one):
        with tempfile.TemporaryDirectory() as folder:
            print(json.dumps(asyncio.run(measured(one[0], one[1], Path(folder) / "candor.sqlite"))))
        return
    items, sizes = cast("int", given.items), cast("list[int]", given.sizes)
    print(f"{machine()}\n")
    print("| items | at once | CPU s | CPU ms an item | wall s | transactions | first item s |")
    print("|---|---|---|---|---|---|---|")
    for at_once in AT_ONCE:
        found = _apart(items, at_once)
        each = 1000 * found["cpu"] / items
        print(
            f"| {items} | {at_once} | {found['cpu']:.2f} | {each:.3f} | {found['wall']:.2f} "
            f"| {found['transactions']:.0f} | {found['first']:.2f} |"
        )
    print("\n| items | peak memory MB | of it for the job |\n|---|---|---|")
    for size in sizes:
        found = _apart(size, 10)
        print(f"| {size} | {found['peak']:.0f} | {found['peak'] - found['before']:.0f} |")


def _apart(items: int, at_once: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.jobs", "--one", str(items), str(at_once)]
    ended = subprocess.run(command, check=True, capture_output=True, text=True)
    return cast("dict[str, float]", json.loads(ended.stdout))


async def measured(items: int, at_once: int, database: Path | str) -> dict[str, float]:
    """Work so many items off in a new database; what it took."""
    clock = SystemClock()
    began: list[float] = []

    async def work(item: WorkItem) -> Finished:
        if not began:
            began.append(time.perf_counter())
        return RESULT

    store = Store(database)
    await store.open()
    jobs = SqlJobs(store, clock=clock)
    leases = LeaseKeeper(leases=SqlLeases(store), clock=clock)
    runner = JobRunner(jobs=jobs, leases=leases, clock=clock, ids=TimeSortedIds(clock=clock))
    before, cpu, wall = _peak(), time.process_time(), time.perf_counter()
    now, pending = clock.now(), JobState.PENDING
    await jobs.add(
        Job(
            job_id="job_1",
            kind="benchmark",
            user_id="anna",
            name="Nothing",
            spec="{}",
            state=pending,
            created_at=now,
        )
    )
    planned = (NewItem(place=place, key=f"item-{place}") for place in range(items))
    await jobs.plan("job_1", planned)
    await jobs.planned("job_1")
    job = await runner.run("job_1", work, at_once=at_once)
    cpu, ended = time.process_time() - cpu, time.perf_counter()
    done = (await jobs.progress("job_1")).done
    await store.close()
    if (job.state, done) != (JobState.COMPLETED, items):
        sys.exit(f"the job is {job.state} with {done} of {items} items")
    return {
        "cpu": cpu,
        "wall": ended - wall,
        "first": began[0] - wall,
        "transactions": job.tick,
        "before": before,
        "peak": _peak(),
    }


def _peak() -> float:
    """Megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
