"""Work beside the requests: durable runs, vectors, indexes, outcomes, and files without an owner.

Promises: a request waits for none of it; it goes on where it stopped, at the start, when a request left
something to do, and from time to time. A run whose process was killed is taken up again, by any process on
the database, and so are the runs that a process had queued or in work when it ended; what a person
cancelled, a budget stopped or Ctrl-C at a terminal interrupted waits for a person. Leaves to others: the
work itself, and who does it when (`use_cases.kernel.jobs.orders`).
"""

from collections.abc import AsyncIterable, Collection, Iterable, Sequence
from decimal import Decimal

from loguru import logger

from backend.composition.container import Container
from use_cases.conversations.model import ImportDone
from use_cases.kernel.jobs.manage_jobs import ManageJobs
from use_cases.kernel.jobs.model import Job, Spec
from use_cases.kernel.jobs.orders import (
    RUNS_LOOKED_FOR_EVERY,
    Order,
    Task,
    chore,
    run_order,
    run_task,
)
from use_cases.kernel.model import LOCAL, Caller

CONVERSATIONS = Order("conversations")
"""Completes the index of conversations."""
VECTORS = Order("vectors")
"""Completes the documents' vectors."""

QUEUES = (
    "evaluation",
    "benchmark",
    "summary",
    "vectors",
    "conversations",
    "outcomes",
    "files",
    "imports",
)
"""The sorts of work that processes share."""

_MINUTE = 60.0
_DAY = 24 * 60 * _MINUTE
_SWEEP_EVERY = 30.0


def shared_tasks(candor: Container) -> Sequence[Task]:
    """Returns what any process of the installation can do, by the queue it is taken from."""
    return [task for task in _tasks(candor) if task.queue not in _own(candor)]


def own_tasks(candor: Container) -> Sequence[Task]:
    """Returns what concerns files of this machine while the rest is on a server."""
    return [task for task in _tasks(candor) if task.queue in _own(candor)]


async def work(candor: Container, queues: Collection[str] | None = None) -> None:
    """Does the work that is shared until it is cancelled. Raises `Unavailable`."""
    at_once = candor.settings.runs_at_once
    await candor.spread_work.work(shared_tasks(candor), at_once=at_once, queues=queues)


async def work_in_server(candor: Container) -> None:
    """Does what a server does beside its requests, until it is cancelled."""
    shared = shared_tasks(candor) if candor.settings.inline_worker else ()
    at_once = candor.settings.runs_at_once
    await candor.spread_work.work(shared, own_tasks(candor), at_once=at_once)


async def put(candor: Container, order: Order) -> None:
    """Lets it be done soon, here where it is about files of this machine."""
    await candor.spread_work.put(order, own=order.queue in _own(candor))


async def resume(
    candor: Container,
    runs: ManageJobs[Spec],
    caller: Caller,
    run_id: str,
    *,
    errors: bool = False,
    budget: Decimal | None = None,
) -> Job[Spec]:
    """Lets a run go on, and begins it. Raises what `ManageJobs.reopen` raises."""
    run = await runs.reopen(caller, run_id, errors=errors, budget=budget, queued=True)
    await put(candor, run_order(run))
    return run


def _own(candor: Container) -> Collection[str]:
    settings = candor.settings
    own = set[str]()
    if settings.store_is_server and not settings.knowledge_server:
        own |= {VECTORS.queue, CONVERSATIONS.queue, "outcomes"}
    if settings.store_is_server and not settings.aws_s3_bucket_name:
        own.add("files")
    return own


def _tasks(candor: Container) -> Sequence[Task]:
    return [
        run_task(candor.playground.manage_evaluations),
        run_task(candor.benchmark.manage_benchmarks),
        run_task(candor.conversations.summarise_conversations),
        Task(
            queue=VECTORS.queue,
            complaint="documents get no vectors",
            # On one file, processes do not share them out: another one's ingestion is left alone for longer.
            every=RUNS_LOOKED_FOR_EVERY if candor.settings.knowledge_server else _MINUTE,
            due=lambda: _lacking_vectors(candor),
            run=lambda _: _completed(candor.knowledge.complete_vectors.stream(shared=True)),
            shared=True,
        ),
        chore(
            CONVERSATIONS.queue,
            _MINUTE,
            lambda: _completed(candor.conversations.index_conversations.complete()),
            "conversations are not indexed",
        ),
        chore(
            "outcomes",
            candor.settings.resolve_minutes * _MINUTE,
            lambda: resolve(candor),
            "outcomes could not be looked up",
        ),
        chore("files", _SWEEP_EVERY, lambda: _sweep_files(candor), "files could not be swept"),
        chore("imports", _DAY, lambda: _read_anew(candor), "conversations are not read anew"),
    ]


async def _completed(steps: AsyncIterable[object]) -> None:
    async for _ in steps:
        pass


async def _lacking_vectors(candor: Container) -> Iterable[Order]:
    return [VECTORS] if await candor.knowledge.complete_vectors.is_due() else []


async def _sweep_files(candor: Container) -> None:
    if removed := await candor.conversations.sweep_files.run():
        logger.info("{} files that nothing refers to were removed", removed)


async def _read_anew(candor: Container) -> None:
    """Reads imported conversations that an older version has read, so that they gain what this one
    sees.
    """
    async for event in candor.conversations.read_anew.reparse(LOCAL):
        if isinstance(event, ImportDone):
            logger.info("{} conversations were read anew", len(event.report.conversations))


async def resolve(candor: Container) -> None:
    """Resolves the outcomes of all users' advice. Raises the errors of storage."""
    found = await candor.advice.resolve_outcomes.run(LOCAL)
    if found.right or found.wrong or found.void:
        counts = f"{found.right} right, {found.wrong} wrong, {found.void} void"
        logger.info("outcomes from the tables: {}", counts)
    for unresolved in found.failed:
        what = f"{len(unresolved.responses)} outcomes of {unresolved.profile}"
        logger.warning("{} could not be told: {}", what, unresolved.reason)
