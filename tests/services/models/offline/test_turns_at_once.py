"""Questions that come together are answered in their order, by the real agent in real turns."""

import asyncio
from dataclasses import dataclass, field

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest

from tests.fakes.search import FixedSearch
from tests.patience import PATIENCE
from tests.services.models.offline.test_model import SECURITY, Desk
from use_cases.chat.chat_turn import AnswerRecorded, AskQuestion
from use_cases.chat.model import Question
from use_cases.kernel.model import Caller, SearchResult

pytestmark = pytest.mark.anyio


@dataclass
class HeldSearch(FixedSearch):
    """Finds nothing before it may; remembers which searches began."""

    began: list[str] = field(default_factory=list[str])
    may: dict[str, asyncio.Event] = field(default_factory=dict[str, asyncio.Event])

    async def search(
        self,
        query: str,
        *,
        category: str | None = None,
        limit: int | None = None,
        document: str | None = None,
    ) -> SearchResult:
        self.began.append(query)
        await self.may.setdefault(query, asyncio.Event()).wait()
        return await super().search(query)


async def answer(asking: AskQuestion, question: str, answered: list[str]) -> None:
    events = [e async for e in asking.stream(Question(text=question), caller=Caller())]
    assert isinstance(events[-1], AnswerRecorded)
    answered.append(question)


async def all_wait(search: HeldSearch, begun: int) -> None:
    """Wait until so many searches began, every task waits, and none for a part of the agent in a thread."""
    async with asyncio.timeout(PATIENCE):
        while len(search.began) < begun:
            await anyio.lowlevel.checkpoint()
    threads = anyio.to_thread.current_default_thread_limiter()
    await anyio.wait_all_tasks_blocked()
    while threads.borrowed_tokens:
        await anyio.lowlevel.checkpoint()
        await anyio.wait_all_tasks_blocked()


QUESTIONS = [f"How often are passwords of group {name} rotated?" for name in "ABCDE"]


async def test_two_at_a_time_and_one_that_is_stopped_makes_room() -> None:
    search = HeldSearch([SECURITY])
    asking, answered = Desk(search=search).asking(), list[str]()
    tasks: list[asyncio.Task[None]] = []
    for number, one in enumerate(QUESTIONS, start=1):
        tasks.append(asyncio.create_task(answer(asking, one, answered)))
        await all_wait(search, min(number, 2))
    assert search.began == QUESTIONS[:2]

    tasks[0].cancel()
    await asyncio.wait([tasks[0]])
    await all_wait(search, 3)
    assert search.began == QUESTIONS[:3]

    for one in QUESTIONS[1:]:
        search.may.setdefault(one, asyncio.Event()).set()
    await asyncio.wait(tasks)
    assert search.began == QUESTIONS
    assert answered == QUESTIONS[1:]


async def test_small_talk_waits_for_nobody() -> None:
    search = HeldSearch([SECURITY])
    asking, answered = Desk(search=search).asking(), list[str]()
    tasks = [asyncio.create_task(answer(asking, one, answered)) for one in QUESTIONS[:2]]
    await all_wait(search, 2)

    await answer(asking, "Hello!", answered)

    assert answered == ["Hello!"]
    for one in QUESTIONS[:2]:
        search.may[one].set()
    await asyncio.wait(tasks)


async def test_a_reader_who_takes_nothing_holds_no_place() -> None:
    search = HeldSearch([SECURITY])
    for one in QUESTIONS:
        search.may[one] = asyncio.Event()
        search.may[one].set()
    asking, answered = Desk(search=search).asking(), list[str]()
    streams = [asking.stream(Question(text=one), caller=Caller()) for one in QUESTIONS[:3]]
    for stream in streams:
        await anext(stream)  # the turn has begun
        await anext(stream)  # and the model's first event was read

    await answer(asking, QUESTIONS[4], answered)

    assert answered == [QUESTIONS[4]]
    for stream in streams:
        await stream.aclose()
