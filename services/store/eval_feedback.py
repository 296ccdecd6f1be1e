"""Verdicts of people on the cells of runs: their table, and port `CellFeedbacks`."""

from collections.abc import Sequence

import sqlalchemy as sa

from services.store.jobs import jobs
from services.store.rows import Rows, SqlAdapter, refers, table_of
from use_cases.kernel.jobs.model import JobNotFound
from use_cases.playground.model import CellFeedback

eval_feedback = table_of(
    CellFeedback,
    "eval_feedback",
    refers("run_id", "jobs.job_id"),
    key="run_id place assertion person",
    ids="output_digest",
)
"""A verdict."""
_VERDICT = eval_feedback.c
_VERDICTS = Rows(CellFeedback, eval_feedback, "feedback")


class SqlCellFeedbacks(SqlAdapter):
    """Verdicts in a database."""

    async def keep(self, feedback: CellFeedback) -> None:
        """Store one. The run's row is locked first, so that two processes leave one verdict."""
        run = sa.select(jobs.c.job_id).where(jobs.c.job_id == feedback.run_id).with_for_update()
        row = _VERDICTS.values(feedback)
        earlier = sa.delete(eval_feedback).where(
            *(column == row[column.name] for column in eval_feedback.primary_key.columns)
        )

        def work(connection: sa.Connection) -> None:
            if connection.execute(run).first() is None:
                raise JobNotFound(f"There is no run {feedback.run_id!r}.")
            connection.execute(earlier)
            connection.execute(sa.insert(eval_feedback), row)

        await self._store.write(work)

    async def of_run(self, run_id: str) -> Sequence[CellFeedback]:
        """Those of a run."""
        order = (_VERDICT.place, _VERDICT.assertion, _VERDICT.person)
        return await self._all(_VERDICTS, _VERDICT.run_id == run_id, by=order)
