"""Links to reports: their table, and port `ReportLinks`."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from services.store.rows import Rows, SqlAdapter, refers, required, table_of
from use_cases.playground.errors import ReportLinkNotFound
from use_cases.playground.model import ReportLink

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
        """Store a link."""
        await self._add(_LINKS, link)

    async def by_digest(self, digest: str) -> ReportLink | None:
        """The link with this digest."""
        return await self._one(_LINKS, report_links.c.digest == digest)

    async def of_run(self, run_id: str) -> Sequence[ReportLink]:
        """All links of a run."""
        column = report_links.c
        newest = (column.created_at.desc(), column.link_id.desc())
        return await self._all(_LINKS, column.run_id == run_id, by=newest)

    async def revoke(self, run_id: str, link_id: str, at: datetime) -> ReportLink:
        """End a link."""
        named = (report_links.c.run_id == run_id) & (report_links.c.link_id == link_id)
        ended = sa.update(report_links).where(named, report_links.c.revoked_at.is_(None))
        await self._run(ended.values(revoked_at=at))
        return required(
            await self._one(_LINKS, named), ReportLinkNotFound(f"There is no link {link_id!r}.")
        )
