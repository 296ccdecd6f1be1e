"""Watches a job by its rows, whichever process works on it, until no process does any more.

Promises: each finished item comes once, in the order of ticks; a watcher that left goes on from the tick
of the last change it has seen. Leaves to others: the form in which a change reaches a client.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

from use_cases.kernel.jobs.model import ItemResult, Jobs, JobState, Progress, StoredJob
from use_cases.kernel.model import Caller

LOOKED_AT_EVERY = 0.25
"""Seconds."""
_TICKS_AT_ONCE = 100
"""A tick has at most as many items as one process works at once, so this bounds the memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobChange:
    """The state of a job, and the items that finished up to `tick` and after the change before.

    `progress` may already count items of later ticks. `finished` are without bodies.
    """

    tick: int
    job: StoredJob
    progress: Progress
    finished: Sequence[ItemResult]


async def watch_job(
    jobs: Jobs,
    caller: Caller,
    job_id: str,
    *,
    since: int = 0,
    every: float = LOOKED_AT_EVERY,
) -> AsyncGenerator[JobChange]:
    """Yields what is there now, then each change, the last one when the job is over.

    `since` is the tick of the last change that was seen. Ends with a job that was completed, cancelled,
    stopped or interrupted, the latter for two looks; one that is pending or queued may begin. Raises
    `JobNotFound`, also where the job is removed meanwhile.
    """
    seen: StoredJob | None = None
    while True:
        job = await jobs.job(caller, job_id)
        since = min(since, job.tick)  # a tick of another job
        if job != seen:
            progress = await jobs.progress(job_id)
            for tick in _steps(since, job.tick):
                finished = await jobs.finished(job_id, since, tick)
                yield JobChange(tick=tick, job=job, progress=progress, finished=finished)
                since = tick
        # Interrupted for a moment only where its process begins again at once, with more items.
        lasting = job.state is not JobState.INTERRUPTED or job == seen
        if lasting and job.state not in (JobState.PENDING, JobState.QUEUED, JobState.RUNNING):
            return
        seen = job
        await asyncio.sleep(every)


def _steps(since: int, until: int) -> Sequence[int]:
    """Returns the ends of the pieces from one tick to another, the last one also where it is the first."""
    return [*range(since + _TICKS_AT_ONCE, until, _TICKS_AT_ONCE), until]
