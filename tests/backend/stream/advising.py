"""Recorded streams of advice, and what readers of each wire make of them."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TypeAlias, cast

from backend.stream.advice import AdviceEventStream, AdviceLines, AdviceText
from backend.stream.advice_ui import AdviceUIMessages
from backend.stream.wire import Wire
from tests.fakes.search import passage
from tests.strict_json import parsed
from use_cases.advice.giving.events import (
    AdviceBegun,
    AdviceEvent,
    AdviceRecorded,
    AlternativeGiven,
    ConfidenceGiven,
    TextGiven,
)
from use_cases.advice.model import Advice, Alternative, Confidence, Freshness, Response
from use_cases.kernel.citations.sources import Quote, Source, SourceKind
from use_cases.kernel.model import Span
from use_cases.kernel.runs.surroundings import closing

Json: TypeAlias = dict[str, Any]

MAIN = 'Start "Josh Allen" 🏈\u2028now [1].\n'
REASONING = "He was\\is ahead:\t12–7\r\n" + "ten yards, née 👩\u200d🚀 \x85 \x07; " * 3
SURE = Confidence(6200, 5800, "likely", "Likely (about 6 in 10)", version_id="cal_1")
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

_PASSAGE = passage("Josh Allen leads.")
_SOURCE = Source(
    1,
    SourceKind.PASSAGE,
    _PASSAGE.document,
    "Form",
    None,
    (Quote(Span(0, 10), Span(0, 5), "Josh ", 0.75, weak=False),),
)
ADVICE = Advice(
    main_advice=MAIN,
    reasoning=REASONING,
    confidence=SURE,
    choice="Josh Allen",
    alternatives=(Alternative("P. Mahomes", "A hard 🧱 defence."), Alternative("D. Jones", "")),
    sources=(_SOURCE,),
)


def recorded(advice: Advice = ADVICE, **more: Any) -> Response:
    """A record of this advice."""
    about: Json = {
        "response_id": "resp_1",
        "user_id": "ann",
        "profile": "fantasy-nfl",
        "profile_version": "1",
        "prompt_type": "default",
        "prompt_version": "p1",
        "model": "openai:gpt-4.1-mini",
        "question": "Allen or Mahomes?",
        "search_decision": "DEFAULT_NO",
        "web_search_used": False,
        "freshness": Freshness.NOT_NEEDED,
        "latency_ms": 1200,
        "created_at": NOON,
        "input_tokens": 812,
        "output_tokens": 96,
    }
    return Response(advice=advice, **(about | more))


BEGUN = AdviceBegun(
    response_id="resp_1",
    model="openai:gpt-4.1-mini",
    profile="fantasy-nfl",
    option_label="player",
    search_decision="DEFAULT_NO",
)


@dataclass
class Told:
    """Events, written out; `error` is raised after them."""

    events: Sequence[AdviceEvent]
    error: Exception | None = None
    closed: list[bool] = field(default_factory=list[bool])

    async def stream(self) -> AsyncGenerator[AdviceEvent]:
        """As a use case gives them."""
        try:
            for event in self.events:
                yield event
            if self.error is not None:
                raise self.error
        finally:
            self.closed.append(True)


def texts(advice: Advice = ADVICE, size: int = 7) -> list[AdviceEvent]:
    """The texts, in pieces of this size."""
    pieces: list[AdviceEvent] = []
    for name, text in (("main_advice", advice.main_advice), ("reasoning", advice.reasoning)):
        for start in range(0, len(text), size):
            piece = text[start : start + size]
            pieces.append(TextGiven(field=cast("Any", name), text=piece))
    return pieces


def sureness(advice: Advice = ADVICE) -> list[AdviceEvent]:
    """The confidence and the alternatives."""
    given: list[AdviceEvent] = [
        ConfidenceGiven(confidence=advice.confidence, freshness=Freshness.NOT_NEEDED)
    ]
    return [*given, *(AlternativeGiven(alternative=one) for one in advice.alternatives)]


def whole(advice: Advice = ADVICE, size: int = 7) -> Told:
    """All events of advice that came as it was recorded."""
    ending = AdviceRecorded(response=recorded(advice))
    return Told([BEGUN, *texts(advice, size), *sureness(advice), ending])


def wires() -> dict[str, Wire[AdviceEvent]]:
    """One of each."""
    return {
        "sse": AdviceEventStream(),
        "text": AdviceText(),
        "lines": AdviceLines(),
        "ui": AdviceUIMessages(),
    }


async def sent(wire: Wire[AdviceEvent], client_error: Told) -> list[str]:
    """The frames."""
    async with closing(wire.encode(client_error.stream())) as frames:
        return [frame async for frame in frames]


def sse_events(text: str) -> list[tuple[str, str]]:
    """Name and data of each server-sent event, read as the standard says; comments left out."""
    found: list[tuple[str, str]] = []
    name, data = "", list[str]()
    assert text.endswith("\n\n")
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        key, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line and data:
            found.append((name, "\n".join(data)))
        if not line:
            name, data = "", []
        elif key == "event":
            name = value
        elif key == "data":
            data.append(value)
    return found


def read(name: str, frames: Sequence[str]) -> Json:
    """The object that a reader of this wire has in the end."""
    text = "".join(frames)
    if name == "sse":
        events = sse_events(text)
        assert events[-1][0] == "done"
        replaced = [parsed(data)["advice"] for kind, data in events if kind == "replace"]
        return replaced[0] if replaced else parsed("".join(d for kind, d in events if not kind))
    if name == "text":
        return cast("Json", parsed(text))
    if name == "lines":
        found = [cast("Json", parsed(line)) for line in text.splitlines()]
        assert [line["final"] for line in found] == [False] * (len(found) - 1) + [True]
        return {key: value for key, value in found[-1].items() if key != "final"}
    parts = [parsed(data) for _, data in sse_events(text)[:-1]]
    assert sse_events(text)[-1] == ("", "[DONE]")
    return cast("Json", next(p["data"] for p in reversed(parts) if p["type"] == "data-advice"))


def unsure() -> Advice:
    """Advice that found nothing to choose by."""
    return replace(ADVICE, confidence=None, alternatives=(), choice=None)
