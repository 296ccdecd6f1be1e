"""The path of every run: a toy capability over the real agent, recorded once or not at all."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TypeAlias

import anyio
import pytest
from loguru import logger
from pydantic_ai import (
    Agent,
    AgentStreamEvent,
    CancellationToken,
    CustomEvent,
    ModelHTTPError,
    PartDeltaEvent,
    PartStartEvent,
    RunTimedOut,
    TextPart,
    TextPartDelta,
)
from pydantic_ai.exceptions import ContentFilterError
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models.function import AgentInfo, FunctionModel

from tests.fakes.clock import FixedClock
from use_cases.kernel.errors import ContentFiltered, StorageFull, UpstreamFailed, UpstreamTimeout
from use_cases.kernel.identity.admission import Charge
from use_cases.kernel.model import Caller
from use_cases.kernel.ports import ResolvedModel
from use_cases.kernel.runs.record import RunRecord
from use_cases.kernel.runs.surroundings import RunLog, closing, labels
from use_cases.kernel.runs.turn import Ending, Recorded, RunBegun, RunEnd, RunPolicy, Turn

pytestmark = pytest.mark.anyio

JAILBREAK = '[{"provider_details": {"content_filter_result": {"jailbreak": {"filtered": true}}}}]'


@dataclass(kw_only=True)
class NoteBegun(RunBegun):
    note_id: str

    @property
    def labels(self) -> Mapping[str, str]:
        return {"run_id": self.note_id}


@dataclass(kw_only=True)
class NoteKept(CustomEvent):
    text: str


NoteEvent: TypeAlias = AgentStreamEvent | NoteBegun | NoteKept


@dataclass
class Notes:
    """The store of the toy: what was kept, and what keys were charged without a record."""

    kept: list[tuple[str, RunEnd]] = field(default_factory=list[tuple[str, RunEnd]])
    charged: list[Charge | None] = field(default_factory=list[Charge | None])
    full: bool = False

    def check(self) -> None:
        if self.full:
            raise StorageFull("The disk is full.")


class NoteTurn(Turn[None, str, NoteEvent]):
    """A turn whose record is the text that it showed."""

    log = RunLog("note", "stream", "note")

    def __init__(self, toy: "Toy") -> None:
        super().__init__(
            agent=Agent(output_type=str),
            caller=Caller("anna", key_id="key_1"),
            policy=RunPolicy(turn_timeout_seconds=toy.timeout),
            clock=FixedClock(),
            listeners=[toy.heard.append],
        )
        self.notes = toy.notes
        self.text = ""
        self._toy = toy

    @property
    def has_shown(self) -> bool:
        return bool(self.text)

    async def open(self) -> NoteEvent:
        self.prompt, self.deps, self.token = "How long?", None, self._toy.token
        self.resolved = ResolvedModel("test:scripted", self._toy.model())
        self.log.asked(self.prompt, {"run_id": "note_1"}, user="anna")
        self.held.callback(lambda: self._toy.ended.append(labels()["run_id"]))
        return NoteBegun(note_id="note_1")

    def see(self, event: AgentStreamEvent) -> Iterator[NoteEvent]:
        match event:
            case PartStartEvent(part=TextPart(content=piece)):
                self.text += piece
            case PartDeltaEvent(delta=TextPartDelta(content_delta=piece)):
                self.text += piece
            case _:
                return
        yield event

    async def end(self, ending: Ending) -> None:
        if ending is Ending.REFUSED:
            self.text = "No."
        elif ending is Ending.COMPLETE:
            assert self.output == self.text

    async def record(self, end: RunEnd) -> Recorded[NoteEvent]:
        await anyio.lowlevel.checkpoint()
        self.notes.check()
        self.notes.kept.append((self.text, end))
        record = RunRecord(user_id="anna", question="How long?", prompt_version="1", **end.figures)
        return Recorded(record, [NoteKept(text=self.text)], {"tokens": end.input_tokens})

    async def abandon(self, charge: Charge | None) -> None:
        self.notes.check()
        self.notes.charged.append(charge)


Script: TypeAlias = Callable[[], AsyncIterator[str]]


@dataclass
class Toy:
    """Everything a run of the toy needs; a test changes what it is about."""

    script: Script
    notes: Notes = field(default_factory=Notes)
    token: CancellationToken = field(default_factory=CancellationToken)
    timeout: float = 60.0
    ended: list[str] = field(default_factory=list[str])
    heard: list[RunRecord] = field(default_factory=list[RunRecord])

    def stream(self) -> AsyncGenerator[NoteEvent]:
        return NoteTurn(self).stream()

    def model(self) -> FunctionModel:
        return FunctionModel(stream_function=self._say, model_name="scripted")

    async def _say(self, _messages: list[ModelMessage], _info: AgentInfo) -> AsyncIterator[str]:
        async for piece in self.script():
            yield piece


async def whole() -> AsyncIterator[str]:
    yield "Ninety "
    yield "days."


async def holding() -> AsyncIterator[str]:
    yield "Ninety "
    await anyio.sleep_forever()


def failing(error: Exception, *before: str) -> Script:
    async def script() -> AsyncIterator[str]:
        for piece in before:
            yield piece
        raise error

    return script


@pytest.fixture
def said() -> Iterator[list[str]]:
    found: list[str] = []
    sink = logger.add(lambda line: found.append(line.strip()), format="{message}", level="INFO")
    yield found
    logger.remove(sink)


def kept_once(toy: Toy, text: str, *, interrupted: bool) -> None:
    ((kept, end),) = toy.notes.kept
    assert (kept, end.interrupted) == (text, interrupted)
    assert end.model == "test:scripted"
    assert end.charge is not None
    (heard,) = toy.heard
    assert heard.figures == end.figures
    assert toy.notes.charged == []
    assert toy.ended == ["note_1"]


def not_kept(toy: Toy, *, charges: int = 1) -> None:
    assert toy.notes.kept == []
    assert toy.heard == []
    assert len(toy.notes.charged) == charges
    assert toy.ended == ["note_1"]


async def test_a_complete_run_is_recorded_once_before_its_last_event(said: list[str]) -> None:
    toy = Toy(whole)
    events: list[NoteEvent] = []
    async for event in toy.stream():
        assert isinstance(event, NoteKept) == (len(toy.notes.kept) == 1)
        events.append(event)
    assert isinstance(events[0], NoteBegun)
    assert events[-1] == NoteKept(text="Ninety days.")
    kept_once(toy, "Ninety days.", interrupted=False)
    tokens = toy.notes.kept[0][1].input_tokens
    assert tokens
    assert said == [
        "note: user=anna characters=9",
        "stream: finished",
        f"note: tokens={tokens}",
    ]


async def test_a_run_that_is_cancelled_is_recorded_as_far_as_it_came(said: list[str]) -> None:
    toy = Toy(holding)
    events: list[NoteEvent] = []
    async for event in toy.stream():
        events.append(event)
        if isinstance(event, PartStartEvent | PartDeltaEvent):
            toy.token.cancel()
    assert events[-1] == NoteKept(text="Ninety ")
    kept_once(toy, "Ninety ", interrupted=True)
    assert toy.notes.kept[0][1].input_tokens is None
    assert said[1:] == ["stream: interrupted", "note: tokens=-"]


async def test_a_run_out_of_time_is_recorded_where_it_showed_something() -> None:
    toy = Toy(failing(RunTimedOut("too late"), "Ninety "))
    events = [event async for event in toy.stream()]
    assert events[-1] == NoteKept(text="Ninety ")
    kept_once(toy, "Ninety ", interrupted=True)


async def test_a_run_out_of_time_that_showed_nothing_failed(said: list[str]) -> None:
    toy = Toy(holding, timeout=1e-9)
    with pytest.raises(UpstreamTimeout):
        _ = [event async for event in toy.stream()]
    not_kept(toy)
    assert said[1:] == ["stream: interrupted"]


@pytest.mark.parametrize("before", [(), ("Ninety ",)])
async def test_a_run_that_fails_is_not_recorded_before_or_after_its_first_text(
    said: list[str], before: Sequence[str]
) -> None:
    toy = Toy(failing(ModelHTTPError(503, "scripted"), *before))
    with pytest.raises(UpstreamFailed):
        _ = [event async for event in toy.stream()]
    not_kept(toy)
    assert said[-1] == "stream: failed with upstream_failed"


async def test_an_unexpected_error_is_not_recorded_either(said: list[str]) -> None:
    toy = Toy(failing(LookupError("secret")))
    with pytest.raises(LookupError):
        _ = [event async for event in toy.stream()]
    not_kept(toy)
    assert said[-1] == "stream: failed with an unexpected LookupError"


async def test_a_run_that_a_filter_ended_is_recorded_only_where_it_was_a_jailbreak() -> None:
    toy = Toy(failing(ContentFilterError("filtered", JAILBREAK), "Ninety "))
    events = [event async for event in toy.stream()]
    assert events[-1] == NoteKept(text="No.")
    kept_once(toy, "No.", interrupted=False)
    toy = Toy(failing(ContentFilterError("filtered", "[]")))
    with pytest.raises(ContentFiltered):
        _ = [event async for event in toy.stream()]
    not_kept(toy)


async def test_a_reader_who_closes_the_stream_leaves_a_record(said: list[str]) -> None:
    toy = Toy(holding)
    async with aclosing(toy.stream()) as stream:
        async for event in stream:
            if isinstance(event, PartStartEvent | PartDeltaEvent):
                break
    kept_once(toy, "Ninety ", interrupted=True)
    assert said[1] == "stream: left by its reader"


async def test_a_reader_who_is_cancelled_leaves_a_record() -> None:
    toy = Toy(holding)
    with anyio.CancelScope() as reading:
        async with closing(toy.stream()) as stream:
            async for event in stream:
                if isinstance(event, PartStartEvent | PartDeltaEvent):
                    reading.cancel()
    assert reading.cancelled_caught
    kept_once(toy, "Ninety ", interrupted=True)


async def test_a_reader_who_leaves_while_the_last_events_are_given_leaves_a_whole_record() -> None:
    toy = Toy(whole)
    async with aclosing(toy.stream()) as stream:
        async for event in stream:
            if isinstance(event, NoteKept):
                break
    kept_once(toy, "Ninety days.", interrupted=False)


async def test_a_record_that_was_kept_while_its_reader_was_cancelled_is_not_charged_twice() -> None:
    async def read(toy: Toy) -> None:
        async with closing(toy.stream()) as stream:
            _ = [event async for event in stream]

    class Leaving(Notes):
        def check(self) -> None:
            reading.cancel()

    toy = Toy(whole, Leaving())
    reading = asyncio.create_task(read(toy))
    with pytest.raises(asyncio.CancelledError):
        await reading
    kept_once(toy, "Ninety days.", interrupted=False)


async def test_a_run_that_cannot_be_kept_is_an_error_to_its_reader(said: list[str]) -> None:
    toy = Toy(whole, Notes(full=True))
    with pytest.raises(StorageFull):
        _ = [event async for event in toy.stream()]
    not_kept(toy, charges=0)
    assert said[-2:] == [
        "note: not recorded: storage_full: The disk is full.",
        "note: not charged: storage_full: The disk is full.",
    ]


async def test_a_reader_who_left_does_not_hear_that_it_could_not_be_kept() -> None:
    toy = Toy(holding, Notes(full=True))
    async with aclosing(toy.stream()) as stream:
        await anext(stream)
    not_kept(toy, charges=0)
