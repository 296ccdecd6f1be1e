"""Answers whose readers leave and come back, in the process that writes them and in another one."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta

import pytest

from tests.contracts.keeping import ANNA, BORIS, opening
from tests.fakes.chats import InMemoryChats
from tests.fakes.clock import FixedClock
from tests.fakes.leases import Lease, keeper
from tests.fakes.relay import InMemoryRelay
from tests.patience import PATIENCE
from use_cases.chat import live_answers
from use_cases.chat.errors import AnswerLost
from use_cases.chat.live_answers import LiveAnswers, Written
from use_cases.kernel.runs.inflight import Flight, InFlight

pytestmark = pytest.mark.anyio

CHAT, TURN = "chat_1", "ans_1"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes look into the store more often than they would."""
    monkeypatch.setattr(live_answers, "LOOKED_AT_EVERY", 0.01)


class Site:
    """A process: its running answer says "a" and "b", waits for `go`, and ends with "c"."""

    def __init__(self, chats: InMemoryChats, relay: InMemoryRelay, grace: float = 0.0) -> None:
        self.chats = chats
        self.inflight = InFlight(keeper(chats.leases))
        self.go = asyncio.Event()
        self.flight: Flight | None = None
        self.live = LiveAnswers(
            chats=chats, inflight=self.inflight, relay=relay, clock=FixedClock(), grace=grace
        )

    async def written(self) -> Written:
        return Written(CHAT, TURN, self._pieces())

    async def _pieces(self) -> AsyncGenerator[str]:
        async with self.inflight.turn(TURN) as flight:
            self.flight = flight
            self.chats.leases.held[TURN] = Lease(CHAT, FixedClock().now() + timedelta(minutes=1))
            self.inflight.holds(flight, CHAT)
            yield "a"
            yield "b"
            while not self.go.is_set() and not flight.token.cancelled:  # noqa: ASYNC110  (a token has no event)
                await asyncio.sleep(0)
            yield "stopped" if flight.token.cancelled else "c"


@pytest.fixture
async def chats() -> InMemoryChats:
    chats = InMemoryChats()
    await chats.open(ANNA, opening("1", own="front"))
    return chats


@pytest.fixture
def relay(chats: InMemoryChats) -> InMemoryRelay:
    return InMemoryRelay(chats.leases)


async def until(pieces: AsyncGenerator[str], text: str) -> str:
    """What is read up to this text."""
    read = ""
    async with asyncio.timeout(PATIENCE):
        while text not in read:
            read += await anext(pieces)
    return read


async def rest(pieces: AsyncGenerator[str]) -> str:
    async with asyncio.timeout(PATIENCE):
        return "".join([piece async for piece in pieces])


async def test_a_reader_who_resumes_gets_all_from_the_beginning(
    chats: InMemoryChats, relay: InMemoryRelay
) -> None:
    here = Site(chats, relay, grace=60)
    first = await here.live.begin(here.written)
    assert await until(first, "b") == "ab"
    await first.aclose()
    for chat_id in (CHAT, "front"):
        again = await here.live.resume(ANNA, chat_id)
        assert again is not None
        assert await until(again, "b") == "ab"
        await again.aclose()
    last = await here.live.resume(ANNA, CHAT)
    assert last is not None
    here.go.set()
    assert await rest(last) == "abc"
    assert await here.live.resume(ANNA, CHAT) is None
    assert relay.written == 0


async def test_a_reader_who_leaves_and_does_not_come_back_stops_the_answer(
    chats: InMemoryChats, relay: InMemoryRelay
) -> None:
    here = Site(chats, relay)
    first = await here.live.begin(here.written)
    await until(first, "b")
    await first.aclose()
    assert here.flight is not None
    async with asyncio.timeout(PATIENCE):
        await here.flight.over.wait()
    assert here.flight.token.cancelled


async def test_a_resumed_answer_goes_on_when_its_readers_leave_but_makes_way_for_a_question(
    chats: InMemoryChats, relay: InMemoryRelay
) -> None:
    here = Site(chats, relay)
    first = await here.live.begin(here.written)
    await until(first, "b")
    again = await here.live.resume(ANNA, CHAT)
    assert again is not None
    await until(again, "b")
    await here.live.make_way(CHAT)
    assert here.flight is not None
    await first.aclose()
    await again.aclose()
    for _ in range(20):
        await asyncio.sleep(0)
    assert not here.flight.token.cancelled
    await here.live.make_way(CHAT)
    assert here.flight.token.cancelled


async def test_another_persons_answer_and_an_unknown_chat_are_nothing_to_resume(
    chats: InMemoryChats, relay: InMemoryRelay
) -> None:
    here = Site(chats, relay, grace=60)
    first = await here.live.begin(here.written)
    assert await here.live.resume(BORIS, CHAT) is None
    assert await here.live.resume(ANNA, "chat_of_nobody") is None
    here.go.set()
    assert await rest(first) == "abc"


async def test_an_answer_is_resumed_in_another_process(
    chats: InMemoryChats, relay: InMemoryRelay
) -> None:
    here, there = Site(chats, relay), Site(chats, relay)
    here.live = LiveAnswers(
        chats=chats, inflight=here.inflight, relay=relay, clock=FixedClock(), grace=60
    )
    first = await here.live.begin(here.written)
    await until(first, "b")
    await first.aclose()
    again = await there.live.resume(ANNA, CHAT)
    assert again is not None
    assert await until(again, "b") == "ab"
    here.go.set()
    assert await rest(again) == "c"


async def test_at_the_end_of_a_process_others_get_the_rest_and_no_task_is_left(
    chats: InMemoryChats, relay: InMemoryRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = asyncio.all_tasks()
    here, there = Site(chats, relay, grace=60), Site(chats, relay)
    first = await here.live.begin(here.written)
    again = await there.live.resume(ANNA, CHAT)
    assert again is not None
    here.inflight.cancel_all()
    assert await rest(first) == "abstopped"
    monkeypatch.setattr(live_answers, "ANSWERED_WITHIN", 0.1)
    await here.live.close()
    assert asyncio.all_tasks() == before
    assert await rest(again) == "abstopped"


async def test_an_answer_that_nobody_reads_makes_way_for_a_question_in_another_process(
    chats: InMemoryChats, relay: InMemoryRelay
) -> None:
    here, there = Site(chats, relay, grace=60), Site(chats, relay)
    first = await here.live.begin(here.written)
    await until(first, "b")
    await there.live.make_way(CHAT)
    await first.aclose()
    assert here.flight is not None
    async with asyncio.timeout(PATIENCE):
        await here.flight.over.wait()
    assert here.flight.token.cancelled


async def test_a_process_that_passes_nothing_on_is_no_answer_to_resume(
    chats: InMemoryChats, relay: InMemoryRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_answers, "ANSWERED_WITHIN", 0.02)
    chats.leases.held[TURN] = Lease(CHAT, FixedClock().now() + timedelta(minutes=1))
    assert await Site(chats, relay).live.resume(ANNA, CHAT) is None


async def test_an_answer_whose_process_was_killed_is_lost(
    chats: InMemoryChats, relay: InMemoryRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_answers, "ANSWERED_WITHIN", 0.02)
    chats.leases.held[TURN] = Lease(CHAT, FixedClock().now() + timedelta(minutes=1))
    await relay.write(TURN, 1, "half of")
    found = await Site(chats, relay).live.resume(ANNA, CHAT)
    assert found is not None
    assert await anext(found) == "half of"
    chats.leases.end_all(CHAT)
    with pytest.raises(AnswerLost):
        await anext(found)
