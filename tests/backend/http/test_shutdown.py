"""The end of an application under a server that is not uvicorn: what is being said is recorded."""

import asyncio

import anyio
import pytest
import uvicorn

from backend.http import shutdown
from backend.http.shutdown import ShutdownSequence, graceful_shutdown
from tests.fakes.leases import keeper
from tests.patience import PATIENCE
from use_cases.kernel.runs.inflight import InFlight

pytestmark = pytest.mark.anyio


async def test_turns_that_are_under_way_are_stopped_and_waited_for() -> None:
    inflight = InFlight(keeper())
    ended: list[str] = []
    begun = anyio.Event()

    async def turn() -> None:
        async with inflight.turn("ans_1") as flight:
            begun.set()
            while not flight.token.cancelled:
                await anyio.lowlevel.checkpoint()
            ended.append("recorded")

    async with anyio.create_task_group() as tasks:
        async with graceful_shutdown(inflight, seconds=3600):
            tasks.start_soon(turn)
            await begun.wait()
        assert ended == ["recorded"]


async def test_a_turn_that_does_not_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutdown, "RECORDING_SECONDS", 0)
    inflight = InFlight(keeper())
    with anyio.fail_after(PATIENCE):
        async with inflight.turn("ans_1"), graceful_shutdown(inflight, seconds=3600):
            pass


async def test_a_request_that_ends_for_nothing_else_is_cancelled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shutdown, "GRACE_SECONDS", 0)
    monkeypatch.setattr(shutdown, "RECORDING_SECONDS", 0)
    server = uvicorn.Server(uvicorn.Config("nowhere:app", log_config=None))
    request = asyncio.create_task(anyio.sleep_forever())
    server.server_state.tasks.add(request)
    ShutdownSequence(server, InFlight(keeper()), seconds=0).begin()
    with anyio.fail_after(PATIENCE):
        await asyncio.wait([request])
    assert request.cancelled()


async def test_a_third_signal_changes_nothing() -> None:
    server = uvicorn.Server(uvicorn.Config("nowhere:app", log_config=None))
    inflight = InFlight(keeper())
    end = ShutdownSequence(server, inflight, seconds=3600)
    async with inflight.turn("ans_1") as flight:
        end.begin()
        assert not flight.token.cancelled
        end.begin()
        assert flight.token.cancelled
        end.begin()
