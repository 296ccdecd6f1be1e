"""Records of evaluations beside their jobs: verdicts of people, links to reports, and outputs of models.

The ports `CellFeedbacks`, `ReportLinks` and `OutputCache`.
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from services.store.column_types import StoredId, StoredText, UtcMoment
from services.store.jobs import jobs
from services.store.rows import (
    Rows,
    SqlAdapter,
    add_unless_there,
    metadata,
    refers,
    required,
    table_of,
)
from use_cases.kernel.jobs.model import JobNotFound
from use_cases.playground.errors import ReportLinkNotFound
from use_cases.playground.model import CellFeedback, ReportLink

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
        """Stores one. The run's row is locked first, so that two processes leave one verdict."""
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
        """Returns the verdicts on a run."""
        order = (_VERDICT.place, _VERDICT.assertion, _VERDICT.person)
        return await self._all(_VERDICTS, _VERDICT.run_id == run_id, by=order)


report_links = table_of(
    ReportLink,
    "report_links",
    refers("run_id", "jobs.job_id"),
    sa.Index(None, "run_id"),
    sa.Index(None, "digest", unique=True),
    key="link_id",
    ids="digest",
)
"""A link; of its token only the SHA-256 is there."""

_LINKS = Rows(ReportLink, report_links, "link")


class SqlReportLinks(SqlAdapter):
    """Links in a database."""

    async def add(self, link: ReportLink) -> None:
        """Stores a link."""
        await self._add(_LINKS, link)

    async def by_digest(self, digest: str) -> ReportLink | None:
        """Returns the link with this digest."""
        return await self._one(_LINKS, report_links.c.digest == digest)

    async def of_run(self, run_id: str) -> Sequence[ReportLink]:
        """Returns all links of a run."""
        column = report_links.c
        newest = (column.created_at.desc(), column.link_id.desc())
        return await self._all(_LINKS, column.run_id == run_id, by=newest)

    async def revoke(self, run_id: str, link_id: str, at: datetime) -> ReportLink:
        """Ends a link."""
        named = (report_links.c.run_id == run_id) & (report_links.c.link_id == link_id)
        ended = sa.update(report_links).where(named, report_links.c.revoked_at.is_(None))
        await self._run(ended.values(revoked_at=at))
        return required(
            await self._one(_LINKS, named), ReportLinkNotFound(f"There is no link {link_id!r}.")
        )


model_outputs = sa.Table(
    "model_outputs",
    metadata,
    sa.Column("key", StoredId, primary_key=True),
    sa.Column("output", StoredText, nullable=False),
    sa.Column("created_at", UtcMoment, nullable=False),
)
"""An output, by a digest of all that it depends on."""


class SqlOutputCache(SqlAdapter):
    """Outputs in a database."""

    async def output(self, key: str) -> str | None:
        """Returns the stored output, as JSON."""
        one = sa.select(model_outputs.c.output).where(model_outputs.c.key == key)
        return await self._store.read(lambda connection: connection.scalar(one))

    async def keep(self, key: str, output: str, now: datetime) -> None:
        """Stores an output, unless one is there."""
        row = {"key": key, "output": output, "created_at": now}
        await self._store.write(lambda connection: add_unless_there(connection, model_outputs, row))
