"""One turn while it streams: filters its text, notes its tool calls, and in the end says what came of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pydantic_ai import (
    AgentStreamEvent,
    FunctionToolCallEvent,
    FunctionToolResultEvent,
    PartDeltaEvent,
    PartEndEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
)
from pydantic_ai.messages import ToolCallPart, ToolCallPartDelta, ToolReturnPart

from use_cases.chat.citations import sources
from use_cases.chat.halves import begun_half, whole
from use_cases.chat.ledger import SourceLedger
from use_cases.chat.markers import MarkerFilter
from use_cases.chat.model import CitationPolicy, Outcome, Source, ToolCall
from use_cases.kernel.secrets import SecretFilter

NOT_FOUND_TEXT = "I can't find this in the knowledge base."
REFUSAL_TEXT = (
    "I'm sorry, but I can't help with that. My instructions, keys and configuration stay private, "
    "and I only answer questions from the knowledge base."
)
CLARIFYING_TEXT = "Could you name the document, system or rule it should be in?"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a turn. `replaced` names the reason when `text` is not what was shown so far."""

    text: str
    outcome: Outcome
    sources: Sequence[Source] = ()
    replaced: str | None = None


class Turn:
    """Sees every event of a run, in order."""

    def __init__(
        self, ledger: SourceLedger, citations: CitationPolicy, secrets: SecretFilter
    ) -> None:
        self.tool_calls: list[ToolCall] = []
        self._ledger = ledger
        self._citations = citations
        self._secrets = secrets
        self._waiting = ""
        self._filter = MarkerFilter(ledger.knows)
        self._parts = [""]
        self._calls: dict[str, ToolCallPart] = {}
        self._declared: Outcome | None = None
        self._refused_upstream = False

    @property
    def begun(self) -> bool:
        """Whether a reader has seen any text of it."""
        return any(self._parts)

    @property
    def length(self) -> int:
        """Characters that were shown."""
        return sum(map(len, self._parts))

    def see(self, event: AgentStreamEvent) -> Iterator[AgentStreamEvent]:
        """What of this event a reader gets: text without false markers, everything else as it is."""
        match event:
            case PartStartEvent(part=TextPart() as part):
                self._filter = MarkerFilter(self._ledger.knows, outcome=self._declared)
                self._parts.append("")
                yield replace(event, part=replace(part, content=self._shown(part.content)))
            case PartDeltaEvent(delta=TextPartDelta() as delta):
                shown = self._shown(delta.content_delta)
                if shown == delta.content_delta:
                    yield event  # as nearly always; a copy costs more than all the checks
                elif shown:
                    yield replace(event, delta=replace(delta, content_delta=shown))
            case PartEndEvent(part=TextPart() as part):
                if shown := self._shown(None):
                    yield PartDeltaEvent(index=event.index, delta=TextPartDelta(shown))
                yield replace(event, part=replace(part, content=self._parts[-1]))
            case _:
                yield self._seen(event)

    def refuse(self) -> None:
        """The provider's content filter ended the run."""
        self._refused_upstream = True

    def close(self, *, interrupted: bool = False) -> Verdict:
        """The verdict over what was shown. An answer that cites nothing verified is no answer.

        One that was interrupted stays as it was shown, for nobody is there to be told otherwise.
        """
        text = "\n\n".join(part.strip() for part in self._parts if part.strip())
        if self._refused_upstream:
            return Verdict(REFUSAL_TEXT, Outcome.REFUSED, replaced="content_filter")
        if self._declared is Outcome.REFUSED:
            empty = not text and not interrupted
            return Verdict(
                REFUSAL_TEXT if empty else text,
                Outcome.REFUSED,
                replaced="empty" if empty else None,
            )
        if self._declared is Outcome.NOT_FOUND:
            return Verdict(text, Outcome.NOT_FOUND)
        cited = self._cleaned(sources(text, self._ledger.entries, self._citations))
        if not cited and interrupted:
            return Verdict(text, Outcome.INTERRUPTED)
        if not cited:
            uncited = f"{NOT_FOUND_TEXT} {CLARIFYING_TEXT}"
            return Verdict(uncited, Outcome.NOT_FOUND, replaced="uncited")
        documents = {source.document.document_id for source in cited}
        conflict = self._declared is Outcome.CONFLICT and len(documents) > 1
        return Verdict(text, Outcome.CONFLICT if conflict else Outcome.ANSWERED, cited)

    def _seen(self, event: AgentStreamEvent) -> AgentStreamEvent:
        """An event of a tool, noted, as it can be sent and kept; any other as it is."""
        match event:
            case PartStartEvent(part=ToolCallPart() as part):
                return replace(event, part=_whole_call(part))
            case PartEndEvent(part=ToolCallPart() as part):
                return replace(event, part=_whole_call(part))
            case PartDeltaEvent(delta=ToolCallPartDelta(args_delta=str(text)) as delta):
                return replace(event, delta=replace(delta, args_delta=whole(text)))
            case FunctionToolCallEvent(part=part):
                call = self._calls[part.tool_call_id] = _whole_call(part)
                # Whoever goes on looking has not ended the turn, whatever was said before.
                self._declared = None
                return replace(event, part=call)
            case FunctionToolResultEvent(part=part):
                result = _showable(part)
                self._note(result)
                return replace(event, part=result)
            case _:
                return event

    def _shown(self, text: str | None) -> str:
        """The next piece of the current part (None: its end) after filtering."""
        if text is None:
            ready, self._waiting = whole(self._waiting), ""
            shown = self._filter.push(ready) + self._filter.finish()
        else:
            text = self._waiting + text
            half = begun_half(text)
            ready, waiting = self._secrets.split(whole(text[: len(text) - len(half)]))
            self._waiting = waiting + half
            shown = self._filter.push(ready)
        if self._filter.outcome is not None and self._declared is None:
            self._declared = self._filter.outcome
            if self._declared is Outcome.NOT_FOUND:
                shown = f"{NOT_FOUND_TEXT} {shown.lstrip()}" if shown.strip() else NOT_FOUND_TEXT
        elif self._parts[-1] == NOT_FOUND_TEXT and shown.strip():
            shown = f" {shown.lstrip()}"
        if not self._parts[-1]:
            shown = shown.lstrip()
        self._parts[-1] += shown
        return shown

    def _cleaned(self, found: Sequence[Source]) -> Sequence[Source]:
        """Quotes and titles are characters of a document, which may hold what nobody should see."""
        clean = self._secrets.clean
        return [
            replace(
                source,
                document=replace(source.document, title=clean(source.document.title)),
                section=clean(source.section),
                quotes=[replace(q, text=clean(q.text)) for q in source.quotes],
            )
            for source in found
        ]

    def _note(self, part: ToolReturnPart) -> None:
        call = self._calls.get(part.tool_call_id)
        self.tool_calls.append(
            ToolCall(
                name=part.tool_name or "unknown",
                arguments=call.args_as_json_str() if call else "{}",
                result=part.model_response_str(),
                failed=part.outcome != "success",
            )
        )


def _showable(part: ToolReturnPart) -> ToolReturnPart:
    """A result without live passages, which are for the program alone, and with text that is one."""
    try:
        part.model_response_str()
    except ValueError:  # half a character, in an error about arguments that hold one
        part = replace(part, content="The result holds text that cannot be sent.")
    return replace(part, metadata=None)


def _whole_call(part: ToolCallPart) -> ToolCallPart:
    """A call that can be sent and kept: without halves of characters in its name and arguments."""
    arguments = whole(part.args) if isinstance(part.args, str) else part.args
    return replace(part, tool_name=whole(part.tool_name), args=arguments)
