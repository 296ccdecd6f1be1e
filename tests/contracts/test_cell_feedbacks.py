"""The promises of the port `CellFeedbacks`, of the fake and of the store."""

from dataclasses import dataclass, replace

import pytest

from services.store.evaluation_records import SqlCellFeedbacks
from services.store.jobs import SqlJobs
from services.store.store import Store
from tests.contracts.keeping import ANNA, HOSTILE, NOON, STORED, at_minute
from tests.contracts.test_jobs import JOB
from tests.fakes.clock import FixedClock
from use_cases.kernel.jobs.model import JobNotFound, Jobs
from use_cases.playground.model import CellFeedback
from use_cases.playground.ports import CellFeedbacks

pytestmark = pytest.mark.anyio

VERDICT = CellFeedback(
    run_id="job_1",
    place=3,
    assertion="llm-rubric#2",
    person="Ada",
    passed=False,
    output_digest="0" * 64,
    created_at=NOON,
    note="It names no amount.",
)


@dataclass(frozen=True, slots=True)
class Judged:
    """The port, and the runs that verdicts belong to."""

    feedbacks: CellFeedbacks
    jobs: Jobs


class CellFeedbacksContract:
    """The suite, on the store unless a subclass says otherwise."""

    @pytest.fixture
    def empty(self, store: Store) -> Judged:
        return Judged(SqlCellFeedbacks(store), SqlJobs(store, clock=FixedClock(NOON)))

    @pytest.fixture
    async def judged(self, empty: Judged) -> Judged:
        for name in ("job_1", "job_2"):
            await empty.jobs.add(replace(JOB, job_id=name))
        return empty

    async def test_they_come_back_as_they_were_stored(self, judged: Judged) -> None:
        hostile = replace(VERDICT, place=1, person="Ünusual / name", note=HOSTILE, passed=True)
        for each in (VERDICT, hostile):
            await judged.feedbacks.keep(each)
        stored = replace(hostile, note=STORED)
        assert await judged.feedbacks.of_run("job_1") == [stored, VERDICT]
        assert await judged.feedbacks.of_run("job_2") == []

    async def test_a_later_one_of_the_same_person_replaces_it(self, judged: Judged) -> None:
        await judged.feedbacks.keep(VERDICT)
        again = replace(VERDICT, passed=True, output_digest="1" * 64, created_at=at_minute(1))
        await judged.feedbacks.keep(again)
        assert await judged.feedbacks.of_run("job_1") == [again]

    @pytest.mark.parametrize(
        "other",
        [
            replace(VERDICT, person="Boris"),
            replace(VERDICT, place=4),
            replace(VERDICT, assertion="llm-rubric"),
            replace(VERDICT, run_id="job_2"),
        ],
    )
    async def test_one_of_another_person_answer_or_assertion_stands_beside_it(
        self, judged: Judged, other: CellFeedback
    ) -> None:
        await judged.feedbacks.keep(VERDICT)
        await judged.feedbacks.keep(other)
        found = [
            *await judged.feedbacks.of_run("job_1"),
            *await judged.feedbacks.of_run("job_2"),
        ]
        assert len(found) == 2
        assert {VERDICT, other} == set(found)

    async def test_a_run_takes_its_verdicts_along(self, judged: Judged) -> None:
        await judged.feedbacks.keep(VERDICT)
        await judged.jobs.remove(ANNA, "job_1")
        assert await judged.feedbacks.of_run("job_1") == []
        with pytest.raises(JobNotFound, match="job_1"):
            await judged.feedbacks.keep(VERDICT)


class TestSqliteCellFeedbacks(CellFeedbacksContract):
    pass
