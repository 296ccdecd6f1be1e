"""The turns under way: stopped one by one, or all at once, here and in other processes."""

from datetime import timedelta

import anyio
import pytest

from tests.fakes.leases import InMemoryLeases, Lease, keeper
from tests.patience import PATIENCE
from use_cases.kernel.runs.inflight import Flight, InFlight

pytestmark = pytest.mark.anyio


async def begun(inflight: InFlight, leases: InMemoryLeases, flight: Flight, chat_id: str) -> None:
    """Its question is kept."""
    leases.held[flight.turn_id] = Lease(chat_id, inflight.until())
    inflight.holds(flight, chat_id)


async def test_all_turns_can_be_stopped_at_once() -> None:
    inflight = InFlight(keeper())
    async with inflight.turn("ans_1") as one, inflight.turn("ans_2") as two:
        assert inflight.cancel_all() == len(inflight) == 2
        assert one.token.cancelled
        assert two.token.cancelled
    assert inflight.cancel_all() == 0


async def test_a_chat_is_waited_for_until_its_turn_is_over() -> None:
    leases = InMemoryLeases()
    inflight = InFlight(keeper(leases))
    over: list[bool] = []

    async def wait() -> None:
        await inflight.pause("chat_1", seconds=60)
        over.append(True)

    async with anyio.create_task_group() as tasks, inflight.turn("ans_1") as flight:
        await begun(inflight, leases, flight, "chat_1")
        tasks.start_soon(wait)
        await anyio.wait_all_tasks_blocked()
        assert over == []
    assert over == [True]


async def test_a_busy_chat_is_not_waited_for_for_ever() -> None:
    leases = InMemoryLeases()
    inflight = InFlight(keeper(leases))
    async with inflight.turn("ans_1") as flight:
        await begun(inflight, leases, flight, "chat_1")
        await inflight.pause("chat_1", seconds=0)
        await inflight.pause("chat_2", seconds=0)


async def test_a_turn_that_fails_lets_go_of_its_chat() -> None:
    leases = InMemoryLeases()
    inflight = InFlight(keeper(leases))

    async def failing() -> None:
        async with inflight.turn("ans_1") as flight:
            await begun(inflight, leases, flight, "chat_1")
            raise ValueError("x")

    with pytest.raises(ValueError, match="x"):
        await failing()
    assert leases.held == {}


async def test_a_turn_is_stopped_by_another_process_and_stops_one_there() -> None:
    leases = InMemoryLeases()
    here, there = InFlight(keeper(leases)), InFlight(keeper(leases))
    async with here.turn("ans_1") as flight:
        await begun(here, leases, flight, "chat_1")
        assert not there.cancel("chat_1")
        assert await there.stop("chat_1")
        assert not await there.stop("chat_2")
        with anyio.fail_after(PATIENCE):
            while not flight.token.cancelled:
                await anyio.lowlevel.checkpoint()


async def test_a_turn_whose_chat_was_deleted_by_another_process_is_stopped() -> None:
    leases = InMemoryLeases()
    inflight = InFlight(keeper(leases))
    async with inflight.turn("ans_1") as flight:
        await begun(inflight, leases, flight, "chat_1")
        leases.end_all("chat_1")
        with anyio.fail_after(PATIENCE):
            while not flight.token.cancelled:
                await anyio.lowlevel.checkpoint()


async def test_what_a_killed_process_held_is_free_when_its_lease_ends() -> None:
    leases = InMemoryLeases()
    inflight = InFlight(keeper(leases))
    leases.held["ans_1"] = Lease("chat_1", inflight.until() - timedelta(hours=1))
    assert not await inflight.stop("chat_1")
