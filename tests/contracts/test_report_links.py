"""The promises of the port `ReportLinks`, of the store."""

from dataclasses import dataclass, replace

import pytest

from services.store.evaluation_records import SqlReportLinks
from services.store.jobs import SqlJobs
from services.store.store import Store
from tests.contracts.keeping import ANNA, NOON, at_minute
from tests.contracts.test_jobs import JOB
from tests.fakes.clock import FixedClock
from use_cases.kernel.jobs.model import Jobs
from use_cases.playground.errors import ReportLinkNotFound
from use_cases.playground.model import Redaction, ReportLink
from use_cases.playground.ports import ReportLinks

pytestmark = pytest.mark.anyio

LINK = ReportLink(
    link_id="link_1",
    run_id="job_1",
    user_id="anna",
    redaction=Redaction(outputs=True, reasons=True),
    created_at=NOON,
    expires_at=at_minute(60),
    digest="1" * 64,
)


@dataclass(frozen=True, slots=True)
class Shared:
    """The port, and the runs that links belong to."""

    links: ReportLinks
    jobs: Jobs


def link(number: int, run_id: str = "job_1") -> ReportLink:
    """Another link, that many minutes later."""
    return replace(
        LINK,
        link_id=f"link_{number}",
        run_id=run_id,
        created_at=at_minute(number),
        digest=str(number) * 64,
    )


class ReportLinksContract:
    """The suite, on the store unless a subclass says otherwise."""

    @pytest.fixture
    async def shared(self, store: Store) -> Shared:
        jobs = SqlJobs(store, clock=FixedClock(NOON))
        for job_id in ("job_1", "job_2"):
            await jobs.add(replace(JOB, job_id=job_id))
        return Shared(SqlReportLinks(store), jobs)

    async def test_a_link_is_found_by_its_digest_as_it_was(self, shared: Shared) -> None:
        await shared.links.add(LINK)
        assert await shared.links.by_digest(LINK.digest) == LINK
        assert await shared.links.by_digest("2" * 64) is None
        assert await shared.links.by_digest("") is None

    async def test_those_of_a_run_come_newest_first(self, shared: Shared) -> None:
        for each in (link(2), link(4, "job_2"), link(3), link(1)):
            await shared.links.add(each)
        assert await shared.links.of_run("job_1") == [link(3), link(2), link(1)]
        assert await shared.links.of_run("job_3") == []

    async def test_a_revoked_link_is_still_there_with_its_first_moment(
        self, shared: Shared
    ) -> None:
        await shared.links.add(link(1))
        await shared.links.add(link(2))
        revoked = await shared.links.revoke("job_1", "link_1", at_minute(7))
        assert revoked == replace(link(1), revoked_at=at_minute(7))
        assert await shared.links.revoke("job_1", "link_1", at_minute(8)) == revoked
        assert await shared.links.by_digest(link(1).digest) == revoked
        assert await shared.links.of_run("job_1") == [link(2), revoked]

    async def test_a_link_of_another_run_is_not_revoked(self, shared: Shared) -> None:
        await shared.links.add(LINK)
        for run_id, link_id in (("job_2", "link_1"), ("job_1", "link_2")):
            with pytest.raises(ReportLinkNotFound, match=link_id):
                await shared.links.revoke(run_id, link_id, NOON)
        assert await shared.links.by_digest(LINK.digest) == LINK

    async def test_a_run_that_is_removed_takes_its_links_along(self, shared: Shared) -> None:
        await shared.links.add(LINK)
        await shared.links.add(link(2, "job_2"))
        await shared.jobs.remove(ANNA, "job_1")
        assert await shared.links.by_digest(LINK.digest) is None
        assert await shared.links.of_run("job_2") == [link(2, "job_2")]


class TestSqliteReportLinks(ReportLinksContract):
    pass
