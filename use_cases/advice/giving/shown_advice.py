"""The part of one run that a reader is shown, and its sum.

Sees every event of a run, in order. The first attempt that shows anything streams; nothing of a
later one does, and at the end the valid advice is compared with what was shown. Events of lookups
pass; the tool by which the model gives its advice never does, nor what it writes beside it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from pydantic_ai import (
    AgentStreamEvent,
    FinalResultEvent,
    PartDeltaEvent,
    PartEndEvent,
    PartStartEvent,
)
from pydantic_ai.messages import (
    OutputToolCallEvent,
    OutputToolResultEvent,
    TextPart,
    TextPartDelta,
    ThinkingPart,
    ThinkingPartDelta,
    ToolCallPart,
    ToolCallPartDelta,
)

from use_cases.advice.giving.events import AdviceEvent, AlternativeGiven, ConfidenceGiven, TextGiven
from use_cases.advice.giving.model_output import (
    OUTPUT_TOOL,
    AdviceOutput,
    AdviceReader,
    Piece,
    ScorePiece,
)
from use_cases.advice.model import Alternative, Confidence, Freshness
from use_cases.advice.web.search_tool import NativeSearches
from use_cases.kernel.citations.sources import Outcome, ToolCall
from use_cases.kernel.citations.text_filter import TextFilter
from use_cases.kernel.runs.lookups import NotedCalls

REFUSAL_TEXT = (
    "I'm sorry, but I can't help with that. My instructions, keys and configuration stay private."
)
NOTHING_TEXT = "I found nothing to choose by."

Judged = tuple[Confidence | None, Freshness]


@dataclass(slots=True)
class Given:
    """The advice as shown so far. `judged` is None until the confidence (or that there is none) was shown."""

    main_advice: str = ""
    reasoning: str = ""
    judged: Judged | None = None
    alternatives: list[Alternative] = field(default_factory=list[Alternative])
    outcome: Outcome = Outcome.ANSWERED

    @property
    def begun(self) -> bool:
        """True if a reader has seen any of it."""
        return bool(self.main_advice) or self.judged is not None

    @property
    def text(self) -> str:
        """All that can hold citations; places of sentences count from its beginning."""
        reasons = [alternative.reason for alternative in self.alternatives]
        return "\n\n".join([self.main_advice, self.reasoning, *reasons])


class Showing:
    """Turns the events of a run into those of advice.

    `new_filter` makes the filter of a text, `judge` the confidence for a stated number as of now.
    """

    def __init__(
        self,
        new_filter: Callable[[Outcome | None], TextFilter],
        judge: Callable[[float | None], Judged],
        searches: NativeSearches,
    ) -> None:
        self._new_filter = new_filter
        self._judge = judge
        self._searches = searches
        self._reader: AdviceReader | None = None
        self._index: int | None = None
        self._calls = NotedCalls()
        self.given = Given()

    @property
    def tool_calls(self) -> Sequence[ToolCall]:
        """The tools that were used."""
        return self._calls.calls

    def see(self, event: AgentStreamEvent) -> Iterator[AdviceEvent]:
        """Yields the events that a reader gets for this one."""
        match event:
            case PartStartEvent(part=ToolCallPart(tool_name=name) as part) if name == OUTPUT_TOOL:
                yield from self._begun(event.index, part)
            case PartDeltaEvent(delta=ToolCallPartDelta() as delta) if event.index == self._index:
                if self._reader is not None and isinstance(delta.args_delta, str):
                    yield from self._events(self._reader.feed(delta.args_delta), self._reader)
            case PartEndEvent(part=ToolCallPart(tool_name=name) as part) if name == OUTPUT_TOOL:
                if event.index == self._index and self._reader is not None:
                    text = part.args_as_json_str() if isinstance(part.args, dict) else part.args
                    yield from self._events(self._reader.finish(text or ""), self._reader)
                self._index = None
            case (
                OutputToolCallEvent()
                | OutputToolResultEvent()
                | FinalResultEvent()
                | PartStartEvent(part=TextPart() | ThinkingPart())
                | PartDeltaEvent(delta=TextPartDelta() | ThinkingPartDelta())
                | PartEndEvent(part=TextPart() | ThinkingPart())
            ):
                pass
            case _:
                for shown in self._searches.see(event):
                    yield self._calls.see(shown)

    def close(self, output: AdviceOutput) -> tuple[Sequence[AdviceEvent], bool]:
        """Takes the valid advice: returns the events still to be given, and True if those before are void.

        Then `given` is the whole of what is given instead.
        """
        if self._reader is not None and self._reader.read(output):
            return self._worded()
        void = self.given.begun
        self.given = Given()
        reader = AdviceReader(self._new_filter)
        events = tuple(self._events(reader.feed(output.model_dump_json()), reader))
        return events, void or self._worded()[1]

    def stop(self) -> Sequence[AdviceEvent]:
        """Returns the events still to be given when nothing more will come."""
        events = list(self._events(self._reader.stop(), self._reader)) if self._reader else []
        self.given.outcome = Outcome.INTERRUPTED
        return [*events, *self._unjudged()]

    def decline(self, text: str) -> tuple[Sequence[AdviceEvent], bool]:
        """Gives `text`, because a filter stopped the run; returns as `close`."""
        void = self.given.begun
        self.given = Given(main_advice=text, outcome=Outcome.REFUSED)
        return [TextGiven(field="main_advice", text=text), *self._unjudged()], void

    def _worded(self) -> tuple[Sequence[AdviceEvent], bool]:
        """Gives words to a declaration alone, of which nothing else is left.

        Nor is anything left of false citations alone: that is no advice to be sure of.
        """
        if self.given.main_advice.strip():
            return (), False
        refused = self.given.outcome is Outcome.REFUSED
        if self.given.outcome is Outcome.ANSWERED:
            self.given.outcome, self.given.judged = Outcome.NOT_FOUND, self._judge(None)
        self.given.main_advice = REFUSAL_TEXT if refused else NOTHING_TEXT
        return (), True

    def _begun(self, index: int, part: ToolCallPart) -> Iterator[AdviceEvent]:
        self._index = index
        if self._reader is not None and self._reader.released:
            self._index = None
            return
        self._reader = AdviceReader(self._new_filter)
        if isinstance(part.args, str):
            yield from self._events(self._reader.feed(part.args), self._reader)

    def _events(self, pieces: Iterator[Piece], reader: AdviceReader) -> Iterator[AdviceEvent]:
        for piece in pieces:
            yield self._event(piece, reader.outcome)

    def _event(self, piece: Piece, declared: Outcome | None) -> AdviceEvent:
        given = self.given
        match piece:
            case TextGiven(field="main_advice", text=text):
                given.main_advice += text
                return piece
            case TextGiven(text=text):
                given.reasoning += text
                return piece
            case ScorePiece(score):
                empty = declared in (Outcome.REFUSED, Outcome.NOT_FOUND)
                given.judged = self._judge(None if empty else score)
                if given.judged[0] is None:
                    given.outcome = (declared if empty else None) or Outcome.NOT_FOUND
                return ConfidenceGiven(confidence=given.judged[0], freshness=given.judged[1])
            case Alternative():
                given.alternatives.append(piece)
                return AlternativeGiven(alternative=piece)

    def _unjudged(self) -> Iterator[AdviceEvent]:
        """There is no confidence, where none was given."""
        if self.given.judged is None:
            self.given.judged = self._judge(None)
            confidence, freshness = self.given.judged
            yield ConfidenceGiven(confidence=confidence, freshness=freshness)
