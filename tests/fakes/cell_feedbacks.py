"""Verdicts of people on cells, in memory."""

from collections.abc import Sequence
from dataclasses import replace

from use_cases.kernel.jobs.model import JobNotFound, Jobs
from use_cases.kernel.model import LOCAL
from use_cases.kernel.text.storable_text import storable
from use_cases.playground.model import CellFeedback


class InMemoryCellFeedbacks:
    """Port `CellFeedbacks`: a dict by answer and person, of the runs that are there."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._kept: dict[tuple[int, str, str], dict[str, CellFeedback]] = {}

    async def keep(self, feedback: CellFeedback) -> None:
        """Keep it."""
        await self._jobs.job(LOCAL, feedback.run_id)
        of_answer = self._kept.setdefault((feedback.place, feedback.assertion, feedback.person), {})
        of_answer[feedback.run_id] = replace(feedback, note=storable(feedback.note))

    async def of_run(self, run_id: str) -> Sequence[CellFeedback]:
        """Those of a run that is still there."""
        try:
            await self._jobs.job(LOCAL, run_id)
        except JobNotFound:
            return []
        return [kept[run_id] for _, kept in sorted(self._kept.items()) if run_id in kept]
