"""Workers that share an evaluation, or the vectors of a document, on PostgreSQL, and are killed: nothing is
lost, and everything recorded once.
"""

import asyncio
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest
from loguru import logger

from backend.processes.beside_requests import VECTORS, put
from tests.faults.parts import PROCESSES
from tests.faults.queue_worker import (
    AT_ONCE,
    candor_on,
    embed_from_queue,
    sharing_candor,
    work_from_queue,
)
from tests.patience import PATIENCE
from tests.postgres import database_address, needs_any_server
from tests.thoroughness import by_hand
from tests.use_cases.playground.evaluations.evaluating import (
    DATASET,
    AnsweringModels,
    cases,
    cells_of,
    contains,
    echo,
    manage,
    publish,
    variant,
)
from use_cases.kernel.jobs.model import JobState
from use_cases.kernel.jobs.orders import run_order
from use_cases.kernel.model import LOCAL
from use_cases.knowledge.complete_vectors import SHARED_WINDOW
from use_cases.playground.model import Plan

pytestmark = [pytest.mark.anyio, needs_any_server]

PLAN = Plan(name="plan", variants=[variant()], assertions=[contains("q")])
WORKERS = 3
KILLS = len(by_hand(range(30), 3))
CELLS_A_KILL = len(by_hand(range(200), 60))
PARTS = len(by_hand(range(1500), 200))
TAKEN_UP_WITHIN = 10.0
"""Seconds; only looked at by hand, on a machine that does nothing else."""


@pytest.fixture
def address() -> Iterator[str]:
    with database_address() as address:
        yield address


async def test_killed_workers_lose_nothing_and_every_cell_is_recorded_once(
    address: str, tmp_path: Path
) -> None:
    count = KILLS * CELLS_A_KILL
    drawn = random.Random(20_261_124)
    killed = dict[int, float]()
    async with candor_on(address, tmp_path, AnsweringModels({"one": echo})) as candor:
        await candor.open_store()
        await publish(candor, cases(count))
        run = await manage(candor).create(LOCAL, PLAN, DATASET, queued=True)
        await put(candor, run_order(run))
        workers = [begun(address, tmp_path) for _ in range(WORKERS)]
        try:
            for kill in range(KILLS):
                await called(tmp_path, (kill + 1) * CELLS_A_KILL * 3 // 4)
                place = drawn.randrange(WORKERS)
                if kill == 0:  # one that works: another has to go on
                    at_work = calls(tmp_path)[-1][1]
                    place = next(n for n, one in enumerate(workers) if one.pid == at_work)
                process = workers[place]
                process.kill()
                process.join()
                assert process.exitcode == -signal.SIGKILL
                killed[process.pid or 0] = time.time()
                workers[place] = begun(address, tmp_path)
            async with asyncio.timeout(PATIENCE):
                while run.state is not JobState.COMPLETED:
                    async for _ in manage(candor).watch(LOCAL, run.job_id):
                        pass
                    run = await manage(candor).show(LOCAL, run.job_id)
        finally:
            for process in workers:
                process.kill()
                process.join()
        cells = await cells_of(candor, run.job_id)
    made = calls(tmp_path)
    assert len({pid for _, pid, _ in made}) > 1, "one did all"
    assert len(cells) == len({cell.case for cell in cells}) == count
    assert not any(cell.error for cell in cells)
    times = Counter(text for text, _, _ in made)
    assert sorted(times) == sorted(f"q{n}" for n in range(count))
    assert times.total() - count <= KILLS * AT_ONCE
    if KILLS == 30:
        waits = [
            again - killed[pid]
            for text, pid, _ in made
            if pid in killed
            for other, second, again in made
            if other == text and second != pid and again > killed[pid]
        ]
        logger.info("{} cells called again, at the latest after {:.1f} s", len(waits), max(waits))
        assert max(waits) < TAKEN_UP_WITHIN


async def test_workers_share_one_document_s_vectors_and_what_a_killed_one_had_comes_first(
    address: str, tmp_path: Path
) -> None:
    parts = [f"# Part {place}\n\n{f'It says word{place}. ' * 60}" for place in range(PARTS)]
    async with sharing_candor(address, tmp_path) as candor:
        await candor.knowledge.upload.run("book.md", "\n\n".join(parts).encode(), owner="ann")
        vectors = candor.knowledge.complete_vectors
        waiting = await vectors.missing()
        await put(candor, VECTORS)
        workers = [begun(address, tmp_path, embed_from_queue) for _ in range(2)]
        try:
            async with asyncio.timeout(PATIENCE):
                while len({pid for _, pid, _ in calls(tmp_path)}) < 2:  # noqa: ASYNC110  (other processes)
                    await asyncio.sleep(0.02)
            # The one that came second: it was offered a part of what the first one does.
            second = next(pid for _, pid, _ in reversed(calls(tmp_path)))
            killed = next(process for process in workers if process.pid == second)
            killed.kill()
            killed.join()
            moment = time.time()
            async with asyncio.timeout(PATIENCE):
                while await vectors.missing():  # noqa: ASYNC110  (other processes)
                    await asyncio.sleep(0.1)
        finally:
            for process in workers:
                process.kill()
                process.join()
        (found,) = await candor.knowledge.library.documents()
    made = calls(tmp_path)
    times = Counter(text for text, _, _ in made)
    assert (found.vectors, found.waiting) == (waiting, 0)
    assert len(times) == waiting > 2 * SHARED_WINDOW
    if PARTS > 200:
        assert times.total() - waiting <= SHARED_WINDOW
        again = [at for text, pid, at in made if times[text] > 1 and pid != second]
        logger.info("{} texts again, the last {:.1f} s after", len(again), max(again) - moment)
        assert max(again) - moment < TAKEN_UP_WITHIN
        assert max(again) < max(at for _, _, at in made), "what was lost came last"


def begun(
    address: str, folder: Path, target: Callable[[str, Path], None] = work_from_queue
) -> ForkServerProcess:
    process = PROCESSES.Process(target=target, args=(address, folder))
    process.start()
    return process


def calls(folder: Path) -> list[tuple[str, int, float]]:
    file = folder / "calls.txt"
    lines = file.read_text().splitlines() if file.exists() else []
    return [
        (text, int(pid), float(moment)) for text, pid, moment in (line.split() for line in lines)
    ]


async def called(folder: Path, count: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while len(calls(folder)) < count:  # noqa: ASYNC110  (other processes)
            await asyncio.sleep(0.02)
