"""What a chat's history costs: many chats at once, and a long one.

    python -m benchmarks.history [--chats N] [--turns N] [--chunks N] [--pause S] [--messages N]

Turns: N chats at once (64), each with N turns (20), through `AskQuestion` and the store on a fresh
SQLite file. The model is scripted: it searches, then gives its answer in `--chunks` pieces (30)
with a pause of about `--pause` seconds (0.3, so that an answer takes nine) before each; the search
is in memory, and the chats
begin spread over the time of one turn. Like a provider, the model speaks on a clock of its own: a
piece is due so long after the one before, whether or not we have taken that. "Own" is the rest: a
turn's wall time less the time that the model's clock says it took. What we do while the model is
silent costs nobody anything and does not count; every delay that is left at the end does, also one
that other turns on the same processor have caused. Then the same without any pause: all that is
left is work, so the turns wait for each other, and the rate is what counts. Afterwards everything
is read back: each question and answer must be there, once, in order, and the model must have been
given what its chat said before.

Reading: a chat of `--messages` (2000), with sources, tool calls and what the model saw.
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Generator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from loguru import logger
from pydantic_ai.messages import ModelMessage, ToolReturnPart, UserPromptPart
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls, FunctionModel

from backend.processes.scheduling import prepare_server
from benchmarks.machine import machine
from services.rules.rule_files import read_rules
from services.store.chats import SqlChats
from services.store.leases import SqlLeases
from services.store.store import Store
from services.store.stored_prompts import SqlPromptRegistry
from services.store.transcript import SqlTranscript
from services.system import SystemClock, TimeSortedIds
from tests.fakes.search import FixedSearch, FixedTables, OneModel, passage
from use_cases.chat.agent import build_agent
from use_cases.chat.chat_turn import AnswerRecorded, AskQuestion, TurnPolicy
from use_cases.chat.model import Answer, Chat, Message, Question
from use_cases.chat.questions import Opened, Opening
from use_cases.kernel.citations.sources import CitationPolicy
from use_cases.kernel.identity.admission import Charge
from use_cases.kernel.model import Caller
from use_cases.kernel.runs.inflight import InFlight, LeaseKeeper
from use_cases.kernel.text.rules import read_rules_with
from use_cases.kernel.text.secrets import SecretFilter

SENTENCE = "Passwords must be rotated every 90 days in all systems of the company. "
PASSAGES = [passage(SENTENCE * 15, number=n, name=f"policies/{n}.md") for n in range(1, 6)]
CALLER = Caller("anna")


@dataclass(slots=True)
class Meter:
    """One turn: the seconds that the model took by its own clock, and the store's calls."""

    model: float = 0.0
    given: int = 0
    calls: dict[str, float] = field(default_factory=dict[str, float])

    @contextmanager
    def timing(self, call: str) -> Generator[None]:
        """Note how long the block takes."""
        begun = time.perf_counter()
        yield
        self.calls[call] = time.perf_counter() - begun


METER: ContextVar[Meter] = ContextVar("meter")


@dataclass(frozen=True, slots=True)
class Load:
    """How many chats, of how many turns each."""

    chats: int
    turns: int


@dataclass(frozen=True, slots=True)
class Script:
    """Searches, then answers in pieces; tells the turn's meter how long that takes by its clock."""

    chunks: int
    pause: float

    async def stream(
        self, messages: list[ModelMessage], _info: AgentInfo
    ) -> AsyncIterator[str | DeltaToolCalls]:
        """The pieces, after a pause each."""
        meter, due = METER.get(), time.perf_counter()
        asked = [p for m in messages for p in m.parts if isinstance(p, UserPromptPart)]
        meter.given = len(asked)
        pieces: Sequence[str | DeltaToolCalls]
        if any(isinstance(part, ToolReturnPart) for part in messages[-1].parts):
            words = ["every ", "90 ", "days "] * (self.chunks // 3)
            pieces = [f"{asked[-1].content} answered: passwords must be rotated ", *words, "[1]."]
        else:
            pieces = [{0: DeltaToolCall("search_knowledge_base", '{"query": "x"}')}]
        for piece in pieces:
            pause = self.pause * random.uniform(0.5, 1.5)
            meter.model += pause
            due += pause
            if (silence := due - time.perf_counter()) > 0:
                await asyncio.sleep(silence)
            yield piece


class TimedChats(SqlChats):
    """The store's; the turn's meter learns what finding a chat took."""

    async def chat(self, caller: Caller, chat_id: str) -> Chat:
        """The store's."""
        with METER.get().timing("find"):
            return await super().chat(caller, chat_id)


class TimedTranscript(SqlTranscript):
    """The store's; the turn's meter learns what its calls took."""

    async def open(self, caller: Caller, opening: Opening) -> Opened:
        """The store's."""
        with METER.get().timing("open"):
            return await super().open(caller, opening)

    async def close(
        self,
        caller: Caller,
        answer: Answer,
        message: Message,
        model_messages: Callable[[], str],
        charge: Charge | None = None,
    ) -> None:
        """The store's."""
        with METER.get().timing("close"):
            await super().close(caller, answer, message, model_messages, charge)


@dataclass(slots=True)
class Figures:
    """What was measured of all turns, in seconds."""

    own: list[float] = field(default_factory=list[float])
    calls: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    elapsed: float = 0.0

    def add(self, seconds: float, meter: Meter) -> None:
        """One turn."""
        self.own.append(seconds - meter.model)
        for name, took in meter.calls.items():
            self.calls.setdefault(name, []).append(took)

    def print(self, title: str) -> None:
        """A table."""
        print(f"\n{title}: {len(self.own)} turns in {self.elapsed:.1f} s, ", end="")
        print(f"{len(self.own) / self.elapsed:.0f} turns/s")
        print(f"  {'ms':14}{'p50':>8}{'p90':>8}{'p99':>8}{'max':>8}")
        rows = {"own": self.own, **self.calls}
        for name, seconds in rows.items():
            ordered = sorted(seconds)
            shown = [ordered[min(int(len(ordered) * q), len(ordered) - 1)] for q in _QUANTILES]
            print(f"  {name:14}" + "".join(f"{value * 1000:8.1f}" for value in shown))


_QUANTILES = (0.5, 0.9, 0.99, 1.0)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--chats", type=int, default=64)
    parser.add_argument("--turns", type=int, default=20)
    parser.add_argument("--chunks", type=int, default=30, help="pieces of an answer")
    parser.add_argument("--pause", type=float, default=0.3, help="seconds before each, on average")
    parser.add_argument("--messages", type=int, default=2000, help="of the long chat")
    given = parser.parse_args()
    load = Load(cast("int", given.chats), cast("int", given.turns))
    chunks, pause = cast("int", given.chunks), cast("float", given.pause)
    logger.remove()
    read_rules_with(read_rules)
    prepare_server()
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        for name, script in (("paced", Script(chunks, pause)), ("no pause", Script(chunks, 0.0))):
            store = Store(Path(folder) / f"{name}.sqlite")
            figures = asyncio.run(turns_at_once(store, script, load))
            figures.print(f"{load.chats} chats at once, {name}")
        store = Store(Path(folder) / "long.sqlite")
        asyncio.run(long_chat(store, Script(chunks, 0.0), cast("int", given.messages)))


async def turns_at_once(store: Store, script: Script, load: Load) -> Figures:
    """All chats at once; then everything is read back."""
    figures = Figures()
    asking = _asking(store, script)
    await store.open()
    await asyncio.gather(*(_turn(asking, f"warm-{n}", 0, Figures()) for n in range(4)))
    begun = time.perf_counter()

    async def talk(chat: int) -> None:
        # People do not begin in step.
        await asyncio.sleep(random.uniform(0, script.chunks * script.pause))
        for number in range(load.turns):
            await _turn(asking, f"chat-{chat}", number, figures)

    await asyncio.gather(*(talk(chat) for chat in range(load.chats)))
    figures.elapsed = time.perf_counter() - begun
    for chat in range(load.chats):
        await _check(store, f"chat-{chat}", load.turns)
    print(f"\nread back: {load.chats * load.turns} turns, all there, once, in order")
    await store.close()
    return figures


async def long_chat(store: Store, script: Script, messages: int) -> None:
    """How long it takes to open a long chat, and to begin another turn in it."""
    asking = _asking(store, script)
    figures = Figures()
    for number in range(messages // 2):
        await _turn(asking, "long", number, figures)
    chats = SqlChats(store)
    print(f"\na chat of {messages} messages, best and worst of 7, in ms")
    for name, whole, page in (
        ("opened (200 messages)", 1, 200),
        ("whole, by 1000", messages, 1000),
    ):
        seconds = [await _reading(chats, whole, page) for _ in range(7)]
        print(f"  {name:28}{min(seconds) * 1000:8.1f}{max(seconds) * 1000:8.1f}")
    opened = figures.calls["open"][-7:]
    print(f"  {'the next turn opened':28}{min(opened) * 1000:8.1f}{max(opened) * 1000:8.1f}")
    await store.close()


async def _turn(asking: AskQuestion, chat: str, number: int, figures: Figures) -> None:
    meter = Meter()
    METER.set(meter)
    question = Question(text=f"{chat} turn {number}", chat_id=chat, own_chat_id=True)
    begun = time.perf_counter()
    last = None
    async for event in asking.stream(question, caller=CALLER):
        last = event
    figures.add(time.perf_counter() - begun, meter)
    if not isinstance(last, AnswerRecorded) or not last.answer.text.startswith(question.text or ""):
        raise RuntimeError(f"{chat}: turn {number} has another answer")


async def _check(store: Store, chat: str, turns: int) -> None:
    """Raise unless the chat holds exactly its turns, each under the one before."""
    messages = await SqlChats(store).messages(CALLER, chat, limit=2 * turns + 1)
    if len(messages) != 2 * turns:
        raise RuntimeError(f"{chat} has {len(messages)} messages")
    parent = None
    for place, message in enumerate(messages):
        expected = f"{chat} turn {place // 2}"
        whole = message.text.startswith(expected) and message.parent_id == parent
        if not whole or (message.answer is None) != (place % 2 == 0):
            raise RuntimeError(f"{chat}: message {place} is {message.text[:60]!r}")
        parent = message.message_id


async def _reading(chats: SqlChats, messages: int, page: int) -> float:
    """Seconds to read the last so many messages, page by page."""
    begun = time.perf_counter()
    read, before = 0, None
    while read < messages:
        found = await chats.messages(CALLER, "long", limit=page, before=before)
        read, before = read + len(found), found[0].message_id
    return time.perf_counter() - begun


def _asking(store: Store, script: Script) -> AskQuestion:
    clock = SystemClock()
    return AskQuestion(
        agent=build_agent(),
        search=FixedSearch(PASSAGES),
        data=FixedTables(),
        models=OneModel(FunctionModel(stream_function=script.stream, model_name="scripted")),
        chats=TimedChats(store),
        transcript=TimedTranscript(store),
        clock=clock,
        ids=TimeSortedIds(clock=clock),
        inflight=InFlight(LeaseKeeper(leases=SqlLeases(store), clock=clock)),
        prompt_registry=SqlPromptRegistry(store),
        citations=CitationPolicy(),
        bounds=TurnPolicy(),
        secrets=SecretFilter([]),
    )


if __name__ == "__main__":
    main()
