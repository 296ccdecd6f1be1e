"""The end of an application under a server that is not uvicorn: what is being said is recorded."""

import anyio
import pytest

from backend.http import ending
from backend.http.ending import ending_gently
from use_cases.chat.inflight import InFlight

pytestmark = pytest.mark.anyio


async def test_turns_that_are_under_way_are_stopped_and_waited_for() -> None:
    inflight = InFlight()
    ended: list[str] = []
    begun = anyio.Event()

    async def turn() -> None:
        with inflight.turn("chat_1") as flight:
            begun.set()
            while not flight.token.cancelled:
                await anyio.lowlevel.checkpoint()
            ended.append("recorded")

    async with anyio.create_task_group() as tasks:
        async with ending_gently(inflight, seconds=3600):
            tasks.start_soon(turn)
            await begun.wait()
        assert ended == ["recorded"]


async def test_a_turn_that_does_not_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ending, "GRACE_SECONDS", 0)
    inflight = InFlight()
    with inflight.turn("chat_1"), anyio.fail_after(5):
        async with ending_gently(inflight, seconds=3600):
            pass
