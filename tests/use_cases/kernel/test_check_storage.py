"""Whether something can be stored is tried, at most once in a few seconds."""

import anyio
import pytest

from tests.fakes.clock import FixedClock
from tests.patience import PATIENCE
from use_cases.kernel import check_storage
from use_cases.kernel.check_storage import CHECKED_EVERY, CheckStorage
from use_cases.kernel.errors import CandorError, StorageBusy, StorageFull

pytestmark = pytest.mark.anyio


class Place:
    """A place that counts how often it is written."""

    def __init__(self, error: CandorError | None = None) -> None:
        self.error = error
        self.written = 0
        self.answers = anyio.Event()
        self.answers.set()

    async def try_write(self) -> None:
        self.written += 1
        await self.answers.wait()
        if self.error:
            raise self.error


async def test_a_fault_is_told_for_some_seconds_and_then_looked_for_again() -> None:
    place, clock = Place(StorageFull("No space is left.")), FixedClock()
    check = CheckStorage(places=[place], clock=clock)
    assert await check.fault() is place.error
    clock.move(CHECKED_EVERY - 0.1)
    place.error = None
    assert isinstance(await check.fault(), StorageFull)
    assert place.written == 1
    clock.move(0.1)
    assert await check.fault() is None
    assert await check.fault() is None
    assert place.written == 2


async def test_many_that_ask_at_once_are_one_writing() -> None:
    place = Place()
    place.answers = anyio.Event()
    check = CheckStorage(places=[place], clock=FixedClock())
    found: list[CandorError | None] = []

    async def ask() -> None:
        found.append(await check.fault())

    async with anyio.create_task_group() as tasks:
        for _ in range(20):
            tasks.start_soon(ask)
        await anyio.wait_all_tasks_blocked()
        place.answers.set()
    assert (found, place.written) == ([None] * 20, 1)


async def test_one_that_goes_away_leaves_the_check_to_the_next() -> None:
    place = Place(StorageFull("No space is left."))
    place.answers = anyio.Event()
    check = CheckStorage(places=[place], clock=FixedClock())
    with anyio.CancelScope() as left:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(check.fault)
            await anyio.wait_all_tasks_blocked()
            left.cancel()
    place.answers.set()
    with anyio.fail_after(PATIENCE):
        assert await check.fault() is place.error
    assert place.written == 2


async def test_the_first_fault_is_told_and_other_places_are_left_alone() -> None:
    full, other = Place(StorageFull("No space is left.")), Place()
    check = CheckStorage(places=[full, other], clock=FixedClock())
    assert await check.fault() is full.error
    assert other.written == 0


async def test_a_disk_that_does_not_answer_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_storage, "PATIENCE", 0)
    place = Place()
    place.answers = anyio.Event()
    fault = await CheckStorage(places=[place], clock=FixedClock()).fault()
    assert isinstance(fault, StorageBusy)
    assert fault.detail == "The disk did not answer within 0 seconds."
