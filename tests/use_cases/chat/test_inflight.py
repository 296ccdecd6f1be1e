"""The turns under way: stopped one by one, or all at once."""

import anyio
import pytest

from use_cases.chat.inflight import InFlight


def test_all_turns_can_be_stopped_at_once() -> None:
    inflight = InFlight()
    with inflight.turn("chat_1", "anna/own") as one, inflight.turn("chat_2") as two:
        assert inflight.cancel_all() == 2
        assert one.token.cancelled
        assert two.token.cancelled
    assert inflight.cancel_all() == 0


@pytest.mark.anyio
async def test_a_chat_is_waited_for_until_its_turn_is_over() -> None:
    inflight = InFlight()
    waited: list[bool] = []

    async def wait() -> None:
        waited.append(await inflight.waited("chat_1", "anna/own", "chat_2", seconds=60))

    async with anyio.create_task_group() as tasks:
        with inflight.turn("chat_1", "anna/own"):
            tasks.start_soon(wait)
            await anyio.wait_all_tasks_blocked()
            assert waited == []
    assert waited == [True]


@pytest.mark.anyio
async def test_a_free_chat_is_not_waited_for_and_a_busy_one_not_for_ever() -> None:
    inflight = InFlight()
    with inflight.turn("chat_1"):
        assert not await inflight.waited("chat_2", seconds=60)
        assert await inflight.waited("chat_1", seconds=0)
