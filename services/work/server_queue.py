"""Port `WorkQueue` on PostgreSQL, by procrastinate: processes on any machine take from one queue.

procrastinate schedules, and nothing more: who is told at once (LISTEN/NOTIFY), what is due once in a period
for all processes, and who is alive. Its tables hold no fact that our rows do not hold, so they are never
migrated: they lie in a schema whose name is that of their form, and another form begins with an empty queue.

An order waits once (a queueing lock). Nothing holds a lock while it is done: where a process cannot tell the
server that it is through, such a lock would stay for as long as the process lives. A process offers what it
shares, a run or the vectors, to the others, behind what nobody has begun; one that has room takes part. What is `doing` in the queue says nothing of our rows: a killed process's orders are put anew
when its leases end. What its death left in the queue, also where its worker is forgotten, is removed.
"""

import asyncio
import logging
import time
from collections.abc import Collection, Sequence
from contextlib import suppress
from hashlib import sha256

import anyio
import sqlalchemy as sa
from loguru import logger
from procrastinate import App, PsycopgConnector, exceptions
from procrastinate.jobs import Job, Status
from procrastinate.schema import SchemaManager
from psycopg import AsyncConnection, Error

from use_cases.kernel.jobs.orders import RUNS_LOOKED_FOR_EVERY, Bench, Order, Task

_DO = "do"
_LOOK = "look"
_CHORES_AT_ONCE = 8
_CONNECTIONS = 6
_POLL = 2.0
"""Seconds; for an order that was put while nobody listened yet."""
_HEARTBEAT = 5.0
_STALLED = 30.0
"""Seconds without a heartbeat, after which a worker is forgotten."""
_AGAIN = 1.0
"""Seconds after a failure of the queue, such as a server that starts anew."""
_GOODBYE = 10.0
"""Seconds that a process that ends waits for the server at most."""
_LOCK = 0x43414E51  # any number that other users of the server will not take
_FAILURES = (exceptions.ProcrastinateException, Error, OSError)


class ServerQueue:
    """The queue in the database at `url`. Nothing is connected before it is used."""

    def __init__(self, url: str) -> None:
        server = sa.make_url(url).set(drivername="postgresql")
        self._address = server.render_as_string(hide_password=False)
        self._form = SchemaManager.get_schema()
        self.schema = f"candor_work_{sha256(self._form.encode()).hexdigest()[:8]}"
        self._opening = anyio.Lock()
        self._connector: PsycopgConnector | None = None
        self._app: App | None = None
        logging.getLogger("procrastinate").setLevel(logging.CRITICAL)  # what matters is said here

    async def put(self, order: Order) -> None:
        """Lets a process do it; a failure is a line in the log, for it is due later."""
        try:
            await self._put(await self._opened(), order, priority=1)
        except _FAILURES as error:
            logger.warning("the queue is not reached, so work begins later: {}", _first_line(error))

    async def work(
        self, tasks: Sequence[Task], *, at_once: int, queues: Collection[str] | None = None
    ) -> None:
        """Does orders until it is cancelled, and connects again where the server was away."""
        bench = Bench(tasks, at_once)
        while True:
            try:
                await self._work(bench, tasks, at_once, queues)
            except* _FAILURES as group:
                logger.warning("the queue is not reached: {}", _first_line(group.exceptions[0]))
            await anyio.sleep(_AGAIN)

    async def close(self) -> None:
        """Closes the connections."""
        if self._connector is not None:
            await self._connector.close_async()

    async def _opened(self) -> App:
        async with self._opening:
            if self._app is None:
                await self._prepare()
                connector = PsycopgConnector(
                    conninfo=self._address,
                    kwargs={"options": f"-c search_path={self.schema}"},
                    min_size=1,
                    max_size=_CONNECTIONS,
                )
                app = App(connector=connector)
                await app.open_async()
                self._connector, self._app = connector, app
        return self._app

    async def _prepare(self) -> None:
        """Makes the tables where there are none."""
        async with await AsyncConnection.connect(self._address) as connection:
            await connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
            found = await connection.execute("SELECT to_regnamespace(%s)", [self.schema])
            if await found.fetchone() == (None,):
                await connection.execute(f"CREATE SCHEMA {self.schema}".encode())
                await connection.execute(f"SET LOCAL search_path TO {self.schema}".encode())
                await connection.execute(self._form.encode())

    async def _put(self, app: App, order: Order, *, priority: int) -> None:
        name = ":".join((order.queue, order.user_id, order.run_id))
        wanted = app.configure_task(
            _DO,
            queue=order.queue,
            queueing_lock=name,
            priority=priority,
        )
        with suppress(exceptions.AlreadyEnqueued):
            await wanted.defer_async(queue=order.queue, user_id=order.user_id, run_id=order.run_id)

    async def _work(
        self, bench: Bench, tasks: Sequence[Task], at_once: int, queues: Collection[str] | None
    ) -> None:
        opened = await self._opened()
        app = App(connector=opened.connector)

        async def do(queue: str, user_id: str, run_id: str) -> None:
            await bench.do(Order(queue, user_id, run_id))

        async def look(every: float, timestamp: int) -> None:
            for order in await bench.due(every):
                await self._put(app, order, priority=1)
            await self._remove_stalled(app)

        app.task(name=_DO)(do)
        app.task(name=_LOOK)(look)
        taken = [task for task in tasks if queues is None or task.queue in queues]
        bounded = [task.queue for task in taken if task.bounded]
        others = [task.queue for task in taken if not task.bounded]
        async with anyio.create_task_group() as group:
            for every in {task.every for task in tasks}:
                group.start_soon(self._plan_looks, app, every)
            group.start_soon(self._offer, app, bench)
            if bounded:
                group.start_soon(_run, app, bounded, at_once)
            group.start_soon(_run, app, [*others, _LOOK], _CHORES_AT_ONCE)

    async def _plan_looks(self, app: App, every: float) -> None:
        """Lets one process look in each period, whichever."""
        while True:
            now = time.time()
            period = int(now // every)
            wanted = app.configure_task(
                _LOOK,
                queue=_LOOK,
                queueing_lock=f"{_LOOK}:{every}",
                task_kwargs={"every": every, "timestamp": period},
            )
            with suppress(exceptions.AlreadyEnqueued):
                await app.job_manager.defer_periodic_job(
                    job=wanted.job, periodic_id=str(every), defer_timestamp=period
                )
            await anyio.sleep((period + 1) * every - now)

    async def _offer(self, app: App, bench: Bench) -> None:
        while True:
            await anyio.sleep(RUNS_LOOKED_FOR_EVERY)
            for order in bench.shared:
                await self._put(app, order, priority=0)

    async def _remove_stalled(self, app: App) -> None:
        """Removes what died with its process; its order is put anew if it is due."""
        for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=_STALLED):
            await _remove(app, job)


async def _remove(app: App, job: Job) -> None:
    with suppress(exceptions.ConnectorException):  # another process did
        await app.job_manager.finish_job(job, Status.FAILED, delete_job=True)


async def _run(app: App, queues: Sequence[str], at_once: int) -> None:
    """Takes from these queues; ends when the connection is lost."""
    worker = app.run_worker_async(
        queues=queues,
        concurrency=at_once,
        install_signal_handlers=False,
        delete_jobs="always",
        fetch_job_polling_interval=_POLL,
        shutdown_graceful_timeout=0,
        update_heartbeat_interval=_HEARTBEAT,
        stalled_worker_timeout=_STALLED,
    )
    # A task of its own is cancelled once: it then lets its orders come to their end, and says goodbye.
    running = asyncio.create_task(worker)
    try:
        await asyncio.shield(running)
    finally:
        running.cancel()
        with anyio.move_on_after(_GOODBYE, shield=True):
            await asyncio.wait([running])
    raise exceptions.ConnectorException("The connection was lost.")


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0] or type(error).__name__
