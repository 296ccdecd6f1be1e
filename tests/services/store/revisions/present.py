"""Makes `REVISION.sql` and `REVISION.jsonl` of the present revision, the same ones each time.

`python -m tests.services.store.revisions.present` takes the database of the revision before, lets the
present code migrate it, and adds rows of everything new, with the values of the contract suites. A
column without a value in any row is an error.
"""

import sqlite3
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import anyio

from services.store.datasets import SqlDatasets
from services.store.jobs import SqlJobs
from services.store.outputs import SqlOutputCache
from services.store.projects import SqlProjects
from services.store.prompts import SqlPromptRegistry
from services.store.report_links import SqlReportLinks
from services.store.schema import REVISIONS
from services.store.store import Store
from tests.contracts.keeping import ANNA, NOON, at_minute
from tests.contracts.test_datasets import DATASET, HOSTILE, placed
from tests.contracts.test_datasets import FULL as CASE
from tests.contracts.test_jobs import JOB, items
from tests.contracts.test_projects import CASE as PROMPT_CASE
from tests.contracts.test_projects import PROJECT
from tests.contracts.test_prompt_registry import DEFAULT, OWN, PROMPT, move, version_of
from tests.contracts.test_prompt_registry import FULL as CONTENT
from tests.fakes.clock import FixedClock
from tests.services.store.revisions.everything import LINKED, OUTPUTS, write_out
from use_cases.kernel.jobs.model import Finished
from use_cases.playground.model import Redaction, ReportLink

FOLDER = Path(__file__).parent
HOSTILE_TEXT = "NUL \0, half \ud800, \U0001f600, \u2028 ' \" \\"


async def _fill(store: Store) -> None:
    await _add_jobs(store)
    await _add_prompts(store)
    await _add_projects(store)
    await _add_datasets(store)
    await _add_report_links(store)
    cache = SqlOutputCache(store)
    for key, output in zip(OUTPUTS, ('{"text": "220 CHF"}', HOSTILE_TEXT), strict=True):
        await cache.keep(key, output, NOON)


async def _add_report_links(store: Store) -> None:
    """One in force, and one that is revoked."""
    links = SqlReportLinks(store)
    for number, run_id in enumerate(LINKED):
        link = ReportLink(
            link_id=f"link_{number}",
            run_id=run_id,
            user_id="anna",
            redaction=Redaction(outputs=bool(number)),
            created_at=NOON,
            expires_at=at_minute(number + 1),
            digest=f"{number}" * 64,
        )
        await links.add(link)
    await links.revoke(LINKED[1], "link_1", NOON)


async def _add_jobs(store: Store) -> None:
    """One that is complete, one that was interrupted, one whose process was killed, one of another kind."""
    clock = FixedClock(NOON)
    jobs = SqlJobs(store, clock=clock)
    results = (
        Finished(brief='{"score": 0.1}', body='{"output": "220 CHF"}', cost=Decimal("0.00000123")),
        Finished(brief='{"score": null}', body=HOSTILE_TEXT, cost=Decimal("1.20")),
        Finished(error="upstream_timeout: The provider did not answer in time."),
    )
    for number, name in enumerate(("complete", "interrupted", "killed")):
        job = replace(JOB, job_id=f"job_{name}", name=HOSTILE_TEXT, created_at=at_minute(number))
        await jobs.add(replace(job, budget=Decimal("12.50")))
        await jobs.plan(job.job_id, items(range(3 + number)))
        await jobs.planned(job.job_id)
        lease = f"worker_0006_{name}"
        await jobs.begin(job.job_id, lease)
        found = await jobs.advance(job.job_id, lease, (), 4) or ()
        finished = list(zip(found, results, strict=False))
        clock.move(1)
        await jobs.advance(job.job_id, lease, finished, 0)
        if name != "killed":
            await jobs.end(job.job_id, lease, (), "storage_full: The disk is full.")
    await jobs.add(replace(JOB, job_id="job_import", kind="import", user_id="boris"))
    await jobs.cancel(replace(ANNA, user_id="boris"), "job_import")


async def _add_prompts(store: Store) -> None:
    registry = SqlPromptRegistry(store)
    for prompt in (PROMPT, OWN, replace(PROMPT, prompt_id="prompt_gone", name=HOSTILE_TEXT)):
        await registry.add(prompt)
        await registry.save(version_of("One.", prompt.prompt_id))
        full = replace(version_of("", prompt.prompt_id), content=CONTENT, digest=CONTENT.digest)
        await registry.save(full)
        await registry.move(move(f"{prompt.prompt_id}_1", None, 1, prompt_id=prompt.prompt_id))
        later = move(f"{prompt.prompt_id}_2", 1, 2, prompt_id=prompt.prompt_id, minute=1)
        await registry.move(later)
    await registry.delete(ANNA, "prompt_gone", at_minute(2))
    await registry.set_default(DEFAULT.purpose, DEFAULT)


async def _add_projects(store: Store) -> None:
    projects = SqlProjects(store)
    for project in (PROJECT, replace(PROJECT, project_id="project_2", name=HOSTILE_TEXT)):
        await projects.add(project)
        case_id = f"case_of_{project.project_id}"
        await projects.add_case(
            replace(PROMPT_CASE, case_id=case_id, project_id=project.project_id)
        )
    await projects.delete(ANNA, "project_2", at_minute(1))


async def _add_datasets(store: Store) -> None:
    datasets = SqlDatasets(store)
    for dataset in (DATASET, replace(DATASET, dataset_id="data_2", name=HOSTILE_TEXT)):
        await datasets.add(dataset)
        small = [case for case in HOSTILE if len(case.key) < 1_000]
        for number, cases in enumerate(([CASE, *small], [replace(CASE, description="")])):
            draft = await datasets.begin_version(dataset.dataset_id, keep=False)
            await datasets.put(draft, placed(*cases))
            await datasets.publish(draft, author="anna", now=at_minute(number), note="a note")
    await datasets.delete(ANNA, "data_2", at_minute(2))


def _empty_columns(file: Path) -> Sequence[str]:
    """The columns without a value in any row."""
    with closing(sqlite3.connect(file)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        return [
            f"{table}.{column}"
            for (table,) in tables.fetchall()
            for _, column, *_ in connection.execute(f'PRAGMA table_info("{table}")').fetchall()
            if not connection.execute(f'SELECT count("{column}") FROM "{table}"').fetchone()[0]
        ]


async def _main() -> None:
    before, present = REVISIONS[-2:]
    with TemporaryDirectory() as folder:
        file = Path(folder) / f"{present}.sqlite"
        with closing(sqlite3.connect(file)) as connection:
            connection.executescript((FOLDER / f"{before}.sql").read_bytes().decode())
        store = Store(file)
        await _fill(store)
        await store.close()
        if empty := _empty_columns(file):
            sys.exit(f"no value in {', '.join(empty)}")
        await write_out(file, FOLDER)


if __name__ == "__main__":
    anyio.run(_main)
