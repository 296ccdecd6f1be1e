"""All jobs of a person, of every kind, and the processes that work on them now.

Leaves to `ManageJobs` of a kind: all that is done with one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from use_cases.kernel.jobs.model import Jobs, Part, Progress, StoredJob
from use_cases.kernel.model import Caller, Page, require_limit


@dataclass(frozen=True, slots=True)
class JobAtWork:
    """A job, its counts, and who works on it."""

    job: StoredJob
    progress: Progress
    parts: Sequence[Part]

    @property
    def job_id(self) -> str:
        """The id of the job."""
        return self.job.job_id


class ListJobs:
    """The jobs of the caller."""

    def __init__(self, *, jobs: Jobs) -> None:
        self._jobs = jobs

    async def run(
        self, caller: Caller, *, limit: int = 20, before: str | None = None
    ) -> Page[JobAtWork]:
        """Returns the newest first. Raises `JobNotFound` for `before`."""
        require_limit(limit, 200)
        found = await self._jobs.jobs(caller, None, limit=limit, before=before)
        at_work = [
            JobAtWork(
                job,
                await self._jobs.progress(job.job_id),
                await self._jobs.parts(job.job_id),
            )
            for job in found
        ]
        return Page(at_work, more=found.more)
