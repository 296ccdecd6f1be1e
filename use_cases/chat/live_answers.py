"""The answers that are being written, so that a reader can come back to one.

An answer that can be resumed is written by a task of its own, and its readers follow what it wrote: from
the beginning, then live. A first reader who leaves (a closed tab, or a page that is reloaded) stops it
after a moment of grace, unless somebody resumes it; one that was resumed goes on to its end, because
its person has come back once. A new question takes the place of an answer that nobody reads.

Promises: `resume` works in any process on the database; the store is written only where an answer is
followed from another process than its own. Leaves to others: the bytes of a piece, and stopping by
hand (`ManageChats.stop`).
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from dataclasses import dataclass
from itertools import count

from loguru import logger

from use_cases.chat.errors import AnswerLost, ChatNotFound
from use_cases.chat.ports import Chats, Relay, Wish
from use_cases.kernel.errors import CandorError
from use_cases.kernel.model import Caller
from use_cases.kernel.ports import Clock
from use_cases.kernel.runs.inflight import InFlight
from use_cases.kernel.runs.surroundings import closing

LOOKED_AT_EVERY = 0.25
"""Seconds between two looks into the store, and between two pieces that are written there."""

ANSWERED_WITHIN = 2.0
"""Seconds in which a process that can pass on its answer does so; others never will."""


@dataclass(frozen=True, slots=True)
class Written:
    """An answer that has begun: its chat, its turn, and its pieces, which their reader closes."""

    chat_id: str
    turn_id: str
    pieces: AsyncGenerator[str]


class LiveAnswer:
    """An answer that is being written. Its pieces are kept until its end."""

    def __init__(self, written: Written, left: Callable[["LiveAnswer"], object]) -> None:
        self.chat_id = written.chat_id
        self.turn_id = written.turn_id
        self.readers = 0
        self.resumed = self.relayed = self.over = False
        self._left = left
        self._pieces: list[str] = []
        self._news = asyncio.Event()

    def add(self, piece: str) -> None:
        """Gives a piece to all readers."""
        self._pieces.append(piece)
        self._wake()

    def end(self) -> None:
        """There are no more."""
        self.over = True
        self._wake()

    async def read(self) -> AsyncGenerator[str]:
        """Returns everything from the beginning, and what comes; what has come meanwhile is one piece."""
        self.readers += 1
        seen = 0
        try:
            while True:
                if seen < len(self._pieces):
                    text, seen = "".join(self._pieces[seen:]), len(self._pieces)
                    yield text
                elif self.over:
                    return
                else:
                    await self._news.wait()
        finally:
            self.readers -= 1
            self._left(self)

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()


class LiveAnswers:
    """All of this process, and a way to those of the others.

    `grace` is in seconds: a page that was reloaded is back within it.
    """

    def __init__(
        self, *, chats: Chats, inflight: InFlight, relay: Relay, clock: Clock, grace: float = 5.0
    ) -> None:
        self._chats = chats
        self._inflight = inflight
        self._relay = relay
        self._clock = clock
        self._grace = grace
        self._live: dict[str, LiveAnswer] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._looking: asyncio.Task[None] | None = None

    async def close(self) -> None:
        """Ends its tasks, so that none uses the store after it. What other processes follow is passed on
        first, if that is quick.
        """
        if self._looking is not None:
            self._looking.cancel()
        if tasks := set(self._tasks):
            _, late = await asyncio.wait(tasks, timeout=ANSWERED_WITHIN)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def begin(self, opening: Callable[[], Awaitable[Written]]) -> AsyncGenerator[str]:
        """Has an answer written by a task of its own, and reads it. Raises what `opening` raises."""
        begun: asyncio.Future[LiveAnswer] = asyncio.get_running_loop().create_future()
        task = self._start(self._write(opening, begun))
        try:
            return (await asyncio.shield(begun)).read()
        except asyncio.CancelledError:
            task.cancel()
            raise

    async def resume(self, caller: Caller, chat_id: str) -> AsyncGenerator[str] | None:
        """Returns the answer that is being written in the caller's chat, from its beginning; None where
        there is none that can be followed. The generator raises `AnswerLost`.
        """
        try:
            chat = await self._chats.chat(caller, chat_id)
        except ChatNotFound:
            return None  # a page asks for its chat before it has said a word in it
        if (live := self._live.get(chat.chat_id)) is not None:
            live.resumed = True
            return live.read()
        turn_id = await self._relay.running(chat.chat_id, self._clock.now())
        if turn_id is None:
            return None
        await self._relay.ask(turn_id, Wish.FOLLOW, self._clock.now())
        for _ in range(round(ANSWERED_WITHIN / LOOKED_AT_EVERY)):
            await asyncio.sleep(LOOKED_AT_EVERY)
            if await self._relay.read(turn_id, 0):
                return self._relayed(chat.chat_id, turn_id)
        return None

    async def make_way(self, chat_id: str) -> None:
        """Stops the answer in this chat if nobody reads it: its person asks something else."""
        if (live := self._live.get(chat_id)) is not None:
            self._stop_unread(live)
        elif turn_id := await self._relay.running(chat_id, self._clock.now()):
            await self._relay.ask(turn_id, Wish.MAKE_WAY, self._clock.now())

    async def _write(
        self, opening: Callable[[], Awaitable[Written]], begun: "asyncio.Future[LiveAnswer]"
    ) -> None:
        try:
            written = await opening()
        except Exception as error:  # noqa: BLE001  (it belongs to the reader, who waits for it)
            begun.set_exception(error)
            return
        live = self._live[written.chat_id] = LiveAnswer(written, self._has_left)
        begun.set_result(live)
        if self._looking is None:
            self._looking = self._start(self._look())
        try:
            async with closing(written.pieces) as pieces:
                async for piece in pieces:
                    live.add(piece)
        except Exception:  # noqa: BLE001  (readers get the end; the log has the rest)
            logger.exception("an answer was not written to its end")
        finally:
            live.end()
            if self._live.get(live.chat_id) is live:
                del self._live[live.chat_id]

    def _has_left(self, live: LiveAnswer) -> None:
        if not live.over:
            asyncio.get_running_loop().call_later(self._grace, self._stop_left, live)

    def _stop_left(self, live: LiveAnswer) -> None:
        if not live.resumed:
            self._stop_unread(live)

    def _stop_unread(self, live: LiveAnswer) -> None:
        if not live.over and not live.readers:
            self._inflight.cancel(live.chat_id)

    async def _look(self) -> None:
        """Sees what other processes wish, as long as there are answers here."""
        try:
            while self._live:
                await asyncio.sleep(LOOKED_AT_EVERY)
                by_turn = {live.turn_id: live for live in self._live.values()}
                try:
                    for turn_id, wish in await self._relay.asked(list(by_turn)):
                        self._grant(by_turn[turn_id], wish)
                except CandorError as error:
                    logger.warning("answers are not passed on: {}: {}", error.code, error.detail)
        finally:
            self._looking = None

    def _grant(self, live: LiveAnswer, wish: Wish) -> None:
        if wish is Wish.MAKE_WAY:
            self._stop_unread(live)
        elif not live.relayed:
            live.relayed = live.resumed = True
            self._start(self._pass_on(live))

    async def _pass_on(self, live: LiveAnswer) -> None:
        """Writes an answer to the store, in batches, for readers in other processes."""
        places = count(1)
        try:
            async with closing(live.read()) as pieces:
                async for text in pieces:
                    await self._relay.write(live.turn_id, next(places), text)
                    await asyncio.sleep(LOOKED_AT_EVERY)
            await self._relay.write(live.turn_id, next(places), None)
            await asyncio.sleep(ANSWERED_WITHIN)
            await self._relay.forget(live.turn_id)
        except CandorError as error:
            logger.warning("an answer is not passed on: {}: {}", error.code, error.detail)

    async def _relayed(self, chat_id: str, turn_id: str) -> AsyncGenerator[str]:
        """Returns an answer that another process writes."""
        place, silent = 0, 0.0
        while silent < ANSWERED_WITHIN:
            found = await self._relay.read(turn_id, place)
            for text in found:
                if text is None:
                    return
                yield text
            place += len(found)
            if found:
                silent = 0.0
                continue
            if await self._relay.running(chat_id, self._clock.now()) != turn_id:
                silent += LOOKED_AT_EVERY  # its last pieces may be on their way
            await asyncio.sleep(LOOKED_AT_EVERY)
        raise AnswerLost("The server that wrote this answer is gone.")

    def _start(self, work: Coroutine[None, None, None]) -> "asyncio.Task[None]":
        # A strong reference, or it may be collected in the middle.
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
