"""Links to reports: their table, and port `ReportLinks`."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from services.store.engine.access import Access
from services.store.rows import Rows, refers, table_of
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


class SqlReportLinks:
    """Links in a database."""

    def __init__(self, store: Access) -> None:
        self._store = store

    async def add(self, link: ReportLink) -> None:
        """Store a link."""
        row = _LINKS.values(link)
        await self._store.write(lambda connection: connection.execute(sa.insert(report_links), row))

    async def by_digest(self, digest: str) -> ReportLink | None:
        """The link with this digest."""
        one = sa.select(*_LINKS.columns).where(report_links.c.digest == digest)

        def work(connection: sa.Connection) -> ReportLink | None:
            row = connection.execute(one).first()
            return None if row is None else _LINKS.of(row)

        return await self._store.read(work)

    async def of_run(self, run_id: str) -> Sequence[ReportLink]:
        """All links of a run."""
        found = (
            sa.select(*_LINKS.columns)
            .where(report_links.c.run_id == run_id)
            .order_by(report_links.c.created_at.desc(), report_links.c.link_id.desc())
        )
        return await self._store.read(
            lambda connection: [_LINKS.of(row) for row in connection.execute(found)]
        )

    async def revoke(self, run_id: str, link_id: str, at: datetime) -> ReportLink:
        """End a link."""
        named = (report_links.c.run_id == run_id, report_links.c.link_id == link_id)
        ended = sa.update(report_links).where(*named, report_links.c.revoked_at.is_(None))

        def work(connection: sa.Connection) -> ReportLink:
            connection.execute(ended.values(revoked_at=at))
            row = connection.execute(sa.select(*_LINKS.columns).where(*named)).first()
            if row is None:
                raise ReportLinkNotFound(f"There is no link {link_id!r}.")
            return _LINKS.of(row)

        return await self._store.write(work)
