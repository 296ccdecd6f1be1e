"""Labels of log lines: their own for each stream, in tasks and threads too, gone with the work."""

import asyncio
from collections.abc import AsyncGenerator
from contextvars import ContextVar

import anyio
import pytest
from anyio import to_thread

from use_cases.kernel.runs.surroundings import closing, label, labelled, labels, with_labels

pytestmark = pytest.mark.anyio

place: ContextVar[str] = ContextVar("place", default="nowhere")


class Work:
    def __init__(self) -> None:
        self.seen: list[tuple[str, dict[str, str]]] = []

    def note(self, where: str) -> None:
        self.seen.append((where, dict(labels())))

    def stream(self, chat: str, steps: int = 3) -> AsyncGenerator[int]:
        return with_labels(self._stream(chat, steps))

    async def _stream(self, chat: str, steps: int) -> AsyncGenerator[int]:
        try:
            label(chat_id=chat)
            place.set(chat)
            for step in range(steps):
                await anyio.lowlevel.checkpoint()
                self.note(place.get())
                yield step
            await asyncio.create_task(self._child("task"))
            await to_thread.run_sync(self.note, "thread")
        finally:
            await anyio.lowlevel.checkpoint()
            self.note("closed")

    async def _child(self, where: str) -> None:
        self.note(where)

    def failing(self) -> AsyncGenerator[int]:
        return with_labels(self._failing())

    async def _failing(self) -> AsyncGenerator[int]:
        label(chat_id="failing")
        try:
            yield 1
        except ValueError as error:
            self.note(str(error))
            yield 2


async def test_two_streams_read_in_turns_by_one_task_keep_their_labels_apart() -> None:
    work = Work()
    one, two = work.stream("one"), work.stream("two")
    for _ in range(3):
        await anext(one)
        await anext(two)
    assert [found for _, found in work.seen] == [{"chat_id": "one"}, {"chat_id": "two"}] * 3
    assert [where for where, _ in work.seen] == ["one", "two"] * 3
    await one.aclose()
    await two.aclose()


async def test_nothing_of_a_stream_leaks_to_its_reader() -> None:
    work = Work()
    with labelled():
        label(request="r1")
        async for _ in work.stream("one"):
            assert dict(labels()) == {"request": "r1"}
            assert place.get() == "nowhere"
        assert work.seen[0] == ("one", {"request": "r1", "chat_id": "one"})
    assert dict(labels()) == {}


async def test_tasks_and_threads_begun_in_a_stream_have_its_labels() -> None:
    work = Work()
    assert [step async for step in work.stream("one", steps=0)] == []
    assert work.seen == [
        ("task", {"chat_id": "one"}),
        ("thread", {"chat_id": "one"}),
        ("closed", {"chat_id": "one"}),
    ]


async def test_a_stream_that_another_task_goes_on_reading_and_closes_keeps_its_labels() -> None:
    work = Work()
    stream = work.stream("one")
    await anext(stream)

    async def rest() -> None:
        async with closing(stream):
            await anext(stream)

    await asyncio.create_task(rest())
    assert work.seen == [("one", {"chat_id": "one"})] * 2 + [("closed", {"chat_id": "one"})]


async def test_a_cancelled_reader_cancels_the_stream_and_its_end_is_labelled() -> None:
    work = Work()
    reached = anyio.Event()

    async def waiting(owner: Work) -> AsyncGenerator[int]:
        label(chat_id="waiting")
        try:
            yield 0
            reached.set()
            await anyio.sleep_forever()
        except asyncio.CancelledError:
            owner.note("cancelled")
            raise

    async with anyio.create_task_group() as tasks:

        async def read() -> None:
            async for _ in with_labels(waiting(work)):
                pass

        tasks.start_soon(read)
        await reached.wait()
        tasks.cancel_scope.cancel()
    assert work.seen == [("cancelled", {"chat_id": "waiting"})]


async def test_what_is_thrown_into_a_stream_arrives_there() -> None:
    work = Work()
    stream = work.failing()
    assert await anext(stream) == 1
    assert await stream.athrow(ValueError("thrown")) == 2
    with pytest.raises(KeyError):
        await stream.athrow(KeyError)
    assert work.seen == [("thrown", {"chat_id": "failing"})]
    with pytest.raises(StopAsyncIteration):
        await stream.asend(None)


async def test_time_limits_and_cancel_scopes_work_inside_a_stream() -> None:
    async def slow() -> AsyncGenerator[str]:
        with anyio.move_on_after(0) as scope:
            await anyio.sleep_forever()
        yield "late" if scope.cancelled_caught else "in time"
        async with asyncio.timeout(None):
            yield "done"

    assert [word async for word in with_labels(slow())] == ["late", "done"]


async def test_a_label_outside_of_any_work_is_without_effect() -> None:
    label(chat_id="nobody")
    assert dict(labels()) == {}


async def test_tasks_of_one_work_share_its_labels() -> None:
    async def child() -> None:
        label(chat_id="told by a task")

    with labelled():
        await asyncio.create_task(child())
        assert dict(labels()) == {"chat_id": "told by a task"}
