"""A job that processes work off on a real file, each of which appends its calls to another file.

A worker is a plain function of picklable values, so that it can be the whole of a process that is
killed, or of two that compete.
"""

import asyncio
import os
from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path

import anyio

from services.store.jobs import SqlJobs
from services.store.leases import SqlLeases
from services.store.store import Store
from services.system import SystemClock, TimeSortedIds
from tests.patience import PATIENCE
from use_cases.kernel.jobs.model import Finished, WorkItem
from use_cases.kernel.jobs.work import JobRunner
from use_cases.kernel.runs.inflight import LeaseKeeper

JOB_ID = "job_1"
AT_ONCE = 5
COST = Decimal("0.01")


class ClockAhead(SystemClock):
    """The real time, so many seconds later."""

    def __init__(self, seconds: float) -> None:
        self._ahead = timedelta(seconds=seconds)

    def now(self) -> datetime:
        """Later than it is."""
        return super().now() + self._ahead


def work_off(
    file: Path,
    calls: Path,
    seconds_ahead: float = 0,
    telling: Connection | None = None,
    met: Barrier | None = None,
    most: int | None = None,
) -> None:
    """Work the job off as the whole of a process; it tells each call, and makes none before the others.

    After `most` calls it waits for its death, however late that comes.
    """
    descriptor = os.open(calls, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    meeting: list[asyncio.Task[int]] = []
    made = count(1)

    async def work(item: WorkItem) -> Finished:
        if met is not None:
            if not meeting:
                meeting.append(asyncio.create_task(asyncio.to_thread(met.wait, PATIENCE)))
            await asyncio.shield(meeting[0])
        os.write(descriptor, f"{item.place} {os.getpid()}\n".encode())
        if telling is not None:
            telling.send_bytes(b".")
        if most is not None and next(made) >= most:
            await asyncio.Event().wait()
        await asyncio.sleep(0.001)
        return Finished(brief=f'{{"place": {item.place}}}', cost=COST)

    async def run() -> None:
        clock = ClockAhead(seconds_ahead)
        store = Store(file)
        leases = LeaseKeeper(leases=SqlLeases(store), clock=clock)
        jobs = SqlJobs(store, clock=clock)
        runner = JobRunner(jobs=jobs, leases=leases, clock=clock, ids=TimeSortedIds(clock=clock))
        await runner.run(JOB_ID, work, at_once=AT_ONCE)
        await store.close()

    anyio.run(run)


def called(calls: Path) -> tuple[Counter[int], Counter[str]]:
    """How often each place was called, and how many calls each process made."""
    lines = [line.split() for line in calls.read_text().splitlines()]
    return Counter(int(place) for place, _ in lines), Counter(process for _, process in lines)
