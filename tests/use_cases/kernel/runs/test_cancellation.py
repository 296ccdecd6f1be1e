"""Work that comes to its end, however whoever waits for it is cancelled."""

import asyncio

import anyio
import pytest

from use_cases.kernel.runs.surroundings import completed

pytestmark = pytest.mark.anyio


class Work:
    """Begins, waits to be let on, and is done."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.on = asyncio.Event()
        self.done = False

    async def run(self) -> str:
        self.begun.set()
        await self.on.wait()
        self.done = True
        return "kept"


async def test_its_result_is_given() -> None:
    work = Work()
    work.on.set()
    assert await completed(work.run()) == "kept"


async def test_a_task_that_is_cancelled_again_and_again_still_ends_it() -> None:
    work = Work()
    waiting = asyncio.create_task(completed(work.run()))
    await work.begun.wait()
    for _ in range(3):
        waiting.cancel()
        await asyncio.sleep(0)
    assert not waiting.done()
    work.on.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert work.done


async def test_so_does_a_cancel_scope() -> None:
    work = Work()
    with anyio.CancelScope() as scope:
        scope.cancel()
        work.on.set()
        await completed(work.run())
        await asyncio.sleep(0)  # here, and not before
    assert work.done
    assert scope.cancelled_caught


async def test_its_error_is_raised() -> None:
    async def fail() -> None:
        raise LookupError("no")

    with pytest.raises(LookupError):
        await completed(fail())


async def test_whoever_was_cancelled_is_told_that_and_not_the_error() -> None:
    work = Work()

    async def fail() -> None:
        await work.run()
        raise LookupError("no")

    waiting = asyncio.create_task(completed(fail()))
    await work.begun.wait()
    waiting.cancel()
    work.on.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting
