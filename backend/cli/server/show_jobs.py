"""`candor jobs`: what is worked on, how far it is, and who works on it."""

from backend.cli.command_run import CommandApp, Shown
from backend.cli.nouns import Before, Limit, Noun
from backend.composition.container import Container
from use_cases.kernel.jobs.list_jobs import JobAtWork
from use_cases.kernel.jobs.model import Part
from use_cases.kernel.model import LOCAL

app = CommandApp()


def _done(one: JobAtWork) -> str:
    done = one.progress.done + one.progress.errors
    return f"{done} of {one.progress.total}"


def _said(part: Part) -> str:
    return f"{part.worker} ({part.items})"


_JOBS: Noun[JobAtWork] = Noun(
    "jobs",
    "candor eval run samples/evals/handbook.yaml",
    (
        ("JOB", lambda one: one.job_id),
        ("KIND", lambda one: one.job.kind),
        ("STATE", lambda one: one.job.state.value),
        ("DONE", _done),
        ("WORKERS", lambda one: [_said(part) for part in one.parts]),
        ("NAME", lambda one: one.job.name),
    ),
)


@app.lists("candor jobs", "candor jobs --json")
async def list_jobs(candor: Container, limit: Limit = 20, before: Before = None) -> Shown:
    """List evaluations, benchmark runs and summaries with the processes that work on them.

    A process is named by its machine and its number; behind it stand the items that it has in hand.
    """
    from backend.schemas.playground_schemas import JobReply  # not for --help

    found = await candor.list_jobs.run(LOCAL, limit=limit, before=before)
    more = found[-1].job_id if found.more else None
    return _JOBS.page(candor, found, more, record=JobReply.of)
