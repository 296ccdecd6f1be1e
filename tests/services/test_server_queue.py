"""The queue of work on a PostgreSQL server: the suite, and what procrastinate leaves to us."""

import asyncio
from collections.abc import AsyncGenerator, Iterator

import anyio
import pytest
from psycopg import AsyncConnection
from sqlalchemy import make_url

from services.work.server_queue import ServerQueue
from tests.contracts.test_work_queue import WorkQueueContract, runs, until
from tests.postgres import database_address, needs_any_server
from use_cases.kernel.jobs.orders import Order, chore

pytestmark = [pytest.mark.anyio, needs_any_server]


@pytest.fixture
def address() -> Iterator[str]:
    with database_address() as address:
        yield address


@pytest.fixture
async def queue(address: str) -> AsyncGenerator[ServerQueue]:
    queue = ServerQueue(address)
    yield queue
    await queue.close()


class TestServerQueue(WorkQueueContract):
    pass


RUN = Order("evaluation", "anna", "run_1")
VECTORS = Order("vectors")


async def left_behind(queue: ServerQueue, address: str, order: Order, *, alive: bool) -> None:
    """The order is `doing` by a worker that is not there: one that seems alive, or a forgotten one."""
    await queue.put(order)
    async with await AsyncConnection.connect(plain(address)) as connection:
        await connection.execute(f"SET LOCAL search_path TO {queue.schema}".encode())
        found = await connection.execute(
            "INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id"
        )
        [worker] = await found.fetchone() or (None,)
        await connection.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s", [worker]
        )
        if not alive:
            await connection.execute("DELETE FROM procrastinate_workers")


@pytest.mark.parametrize("alive", [True, False])
async def test_a_run_whose_order_is_doing_for_ever_is_done_by_its_rows(
    queue: ServerQueue, address: str, *, alive: bool
) -> None:
    await left_behind(queue, address, RUN, alive=alive)
    done = anyio.Event()

    async def run(_order: Order) -> None:
        done.set()

    await until(queue, [runs("evaluation", run, RUN, every=0.2)], done)


async def test_a_chore_is_not_kept_by_a_forgotten_worker(queue: ServerQueue, address: str) -> None:
    await left_behind(queue, address, VECTORS, alive=False)
    done = anyio.Event()

    async def work() -> None:
        done.set()

    await until(queue, [chore("vectors", 0.2, work, "no vectors")], done)


async def test_an_order_that_the_queue_lost_is_put_anew(queue: ServerQueue, address: str) -> None:
    await queue.put(RUN)
    async with await AsyncConnection.connect(plain(address)) as connection:
        await connection.execute(f"TRUNCATE {queue.schema}.procrastinate_jobs CASCADE".encode())
    done = anyio.Event()

    async def run(_order: Order) -> None:
        done.set()

    await until(queue, [runs("evaluation", run, RUN, every=0.2)], done)


async def test_it_works_on_when_the_server_closes_its_connections(
    queue: ServerQueue, address: str
) -> None:
    # procrastinate hands the failure of its last word about a job to nobody.
    asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
    times = 0
    twice = anyio.Event()

    async def work() -> None:
        nonlocal times
        times += 1
        if times == 1:
            async with await AsyncConnection.connect(plain(address), autocommit=True) as connection:
                await connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
        else:
            twice.set()

    await until(queue, [chore("vectors", 0.2, work, "no vectors")], twice)


async def test_a_server_that_is_not_there_costs_a_line_in_the_log_and_no_request() -> None:
    queue = ServerQueue("postgresql://127.0.0.1:1/candor")
    await queue.put(RUN)


def plain(address: str) -> str:
    return make_url(address).set(drivername="postgresql").render_as_string(hide_password=False)
