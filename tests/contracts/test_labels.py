"""What every implementation of the port `Labels` does: the fake, and the store on SQLite.

`tests/services/store/test_postgres.py` runs the same suite on a PostgreSQL server.
"""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from services.store.jobs import SqlJobs
from services.store.labels import SqlLabels
from services.store.store import Store
from tests.contracts.keeping import ANNA, BORIS, NOON, at_minute
from tests.contracts.test_jobs import JOB
from tests.fakes.clock import FixedClock
from tests.fakes.labels import InMemoryLabels
from tests.templates import migrated_store
from use_cases.kernel.jobs.model import JobNotFound, Jobs
from use_cases.kernel.model import LOCAL
from use_cases.playground.errors import LabelNotFound
from use_cases.playground.model import Label
from use_cases.playground.ports import Labels

pytestmark = pytest.mark.anyio

HOSTILE = "NUL \0, half \ud800, \U0001f600, \u2028 ' \" \\ =1+1"
STORED = "NUL \ufffd, half \ufffd, \U0001f600, \u2028 ' \" \\ =1+1"
LABEL = Label(
    label_id="label_1",
    run_id="job_1",
    user_id="anna",
    place=3,
    case="Ünusual / key",
    variant="kind",
    repeat=1,
    assertion="llm-rubric#2",
    labeller="Ada",
    passed=False,
    output_digest="0" * 64,
    created_at=NOON,
    note="It names no amount.",
)


@dataclass(frozen=True, slots=True)
class Labelled:
    """The port, and the runs that labels belong to."""

    labels: Labels
    jobs: Jobs


def labelled_in(store: Store) -> Labelled:
    """The adapters on this store."""
    return Labelled(SqlLabels(store), SqlJobs(store, clock=FixedClock(NOON)))


def ids(found: Sequence[Label]) -> Sequence[str]:
    return [each.label_id for each in found]


class LabelsContract:
    """The suite; a subclass provides the fixture `empty`."""

    @pytest.fixture
    async def labelled(self, empty: Labelled) -> Labelled:
        for name in ("job_1", "job_2"):
            await empty.jobs.add(replace(JOB, job_id=name))
        return empty

    async def test_they_come_back_as_they_were_stored(self, labelled: Labelled) -> None:
        hostile = replace(
            LABEL, label_id="label_2", place=1, case=HOSTILE, labeller=HOSTILE, note=HOSTILE
        )
        await labelled.labels.put([LABEL, replace(hostile, passed=True)])
        stored = replace(hostile, passed=True, case=STORED, labeller=STORED, note=STORED)
        assert await labelled.labels.in_force("job_1") == [stored, LABEL]
        assert await labelled.labels.in_force("job_2") == []

    async def test_a_later_one_of_the_same_person_replaces_it(self, labelled: Labelled) -> None:
        await labelled.labels.put([LABEL])
        again = replace(LABEL, label_id="label_2", passed=True, created_at=at_minute(1))
        await labelled.labels.put([again])
        assert await labelled.labels.in_force("job_1") == [again]
        before = replace(LABEL, replaced_at=at_minute(1))
        assert await labelled.labels.labels(ANNA, "job_1", replaced=True) == (again, before)
        assert await labelled.labels.labels(ANNA, "job_1") == (again,)

    @pytest.mark.parametrize(
        "other",
        [
            replace(LABEL, label_id="label_2", labeller="Boris"),
            replace(LABEL, label_id="label_2", place=4),
            replace(LABEL, label_id="label_2", assertion="llm-rubric"),
            replace(LABEL, label_id="label_2", run_id="job_2"),
        ],
    )
    async def test_one_of_another_person_answer_or_assertion_stands_beside_it(
        self, labelled: Labelled, other: Label
    ) -> None:
        await labelled.labels.put([LABEL])
        await labelled.labels.put([other])
        found = [
            *await labelled.labels.in_force("job_1"),
            *await labelled.labels.in_force("job_2"),
        ]
        assert ids(found) == ["label_1", "label_2"]

    async def test_pages_are_newest_first(self, labelled: Labelled) -> None:
        await labelled.labels.put(
            [
                replace(LABEL, label_id=f"label_{n}", place=n, created_at=at_minute(n // 2))
                for n in range(5)
            ]
        )
        first = await labelled.labels.labels(ANNA, "job_1", limit=2)
        assert (ids(first), first.more) == (["label_4", "label_3"], True)
        rest = await labelled.labels.labels(ANNA, "job_1", limit=3, before="label_3")
        assert (ids(rest), rest.more) == (["label_2", "label_1", "label_0"], False)
        with pytest.raises(LabelNotFound, match="label_9"):
            await labelled.labels.labels(ANNA, "job_1", before="label_9")

    async def test_another_persons_are_not_there(self, labelled: Labelled) -> None:
        await labelled.labels.put([LABEL])
        assert await labelled.labels.labels(BORIS, "job_1") == ()
        with pytest.raises(LabelNotFound):
            await labelled.labels.labels(BORIS, "job_1", before="label_1")
        assert ids(await labelled.labels.labels(LOCAL, "job_1")) == ["label_1"]

    async def test_a_run_takes_its_labels_along(self, labelled: Labelled) -> None:
        await labelled.labels.put([LABEL])
        await labelled.jobs.remove(ANNA, "job_1")
        assert await labelled.labels.in_force("job_1") == []
        with pytest.raises(JobNotFound, match="job_1"):
            await labelled.labels.put([LABEL])


class TestSqliteLabels(LabelsContract):
    @pytest.fixture
    async def empty(self, tmp_path: Path) -> AsyncGenerator[Labelled]:
        store = Store(migrated_store(tmp_path / "candor.sqlite"))
        yield labelled_in(store)
        await store.close()


class TestFakeLabels(LabelsContract):
    """Runs are stored; labels are in memory."""

    @pytest.fixture
    async def empty(self, tmp_path: Path) -> AsyncGenerator[Labelled]:
        store = Store(migrated_store(tmp_path / "candor.sqlite"))
        jobs = SqlJobs(store, clock=FixedClock(NOON))
        yield Labelled(InMemoryLabels(jobs), jobs)
        await store.close()
