"""An answer while it streams: what a reader sees of it, and in the end the verdict over it.

Promises: text without false markers, foreign links and keys; the parts that were shown, in order, so that the
answer looks the same when it is read again; an answer that cites nothing verified is no answer.
"""

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
    ThinkingPart,
    ThinkingPartDelta,
)
from pydantic_ai.messages import ToolCallPart

from use_cases.chat.model import (
    Mode,
    Part,
    ShownReasoning,
    ShownReplacement,
    ShownText,
    ShownTool,
    StepBegun,
    Within,
)
from use_cases.kernel.citations.links import LinkFilter, stands_in
from use_cases.kernel.citations.sources import (
    CitationPolicy,
    Outcome,
    PassageEntry,
    Source,
    SourceKind,
    SourceLedger,
    ToolCall,
)
from use_cases.kernel.citations.text_filter import TextFilter
from use_cases.kernel.citations.verification import (
    drop_unsupported,
    find_citations,
    find_injected_citations,
    find_unsourced,
    other_time,
    remove_secrets,
    sources,
)
from use_cases.kernel.model import Authority, DocumentRef
from use_cases.kernel.runs.lookups import NotedCalls
from use_cases.kernel.small_talk import Act, parse_message
from use_cases.kernel.text.secrets import SecretFilter

NOT_FOUND_TEXT = "I can't find this in the knowledge base."
REFUSAL_TEXT = (
    "I'm sorry, but I can't help with that. My instructions, keys and configuration stay private, "
    "and I only answer questions from the knowledge base."
)
NOT_FOUND_OPEN_TEXT = "I can't find this in this chat or in the knowledge base."
NOT_SAID_TEXT = "I can't find this in your conversations."
NOT_FOUND_ANYWHERE_TEXT = "I can't find this in the knowledge base or in your conversations."
NOT_FOUND_TEXTS = (NOT_FOUND_TEXT, NOT_FOUND_OPEN_TEXT, NOT_SAID_TEXT, NOT_FOUND_ANYWHERE_TEXT)
CLARIFYING_TEXT = "Could you name the document, system or rule it should be in?"
TENTATIVE_NOTICE = "This answer may not hold: check its sources before you rely on it."
SAID_NOTICE = "From conversations: {}. That it was said is verified, not that it is true."
UNSOURCED_NOTICE = (
    "This answer rests on no source: it is what the model wrote, and nothing in it was verified."
)
ORDERS_NOTICE = (
    "“{}” holds text that gives orders to an assistant. It is not quoted, and what this answer "
    "takes from it may be false."
)

_POLITE = {
    Act.GREETING,
    Act.WELLBEING,
    Act.THANKS,
    Act.GOODBYE,
    Act.IDENTITY,
    Act.ABILITIES,
}
_LONGEST_SMALL_TALK = 300
"""Characters of a reply that may stand without a source."""


@dataclass(frozen=True, slots=True)
class TurnVerdict:
    """The verdict over a turn. `replaced` names the reason when `text` is not what was shown so far.

    `notices` are sentences that the reader should see.
    """

    text: str
    outcome: Outcome
    sources: Sequence[Source] = ()
    replaced: str | None = None
    notices: Sequence[str] = ()


class ShownAnswer:
    """Sees every event of a run, in order. `question` is what the person wrote.

    In an open chat a text that cites nothing stays, as `unsourced`.
    """

    def __init__(
        self,
        question: str,
        ledger: SourceLedger,
        citations: CitationPolicy,
        secrets: SecretFilter,
        mode: Mode = Mode.GROUNDED,
        within: Within = Within.DOCUMENTS,
    ) -> None:
        self._question = question
        self._ledger = ledger
        self._citations = citations
        self._secrets = secrets
        self._open = mode is Mode.OPEN
        self._not_found = not_found_text(mode, within)
        self._filter = self._new_filter()
        self._thought, self._thoughts = self._new_filter(), ""
        self._parts = [""]
        self._calls = NotedCalls()
        self._declared: Outcome | None = None
        self._refused_upstream = False
        self._shown_parts = ShownParts()

    @property
    def tool_calls(self) -> Sequence[ToolCall]:
        """The tools that were used."""
        return self._calls.calls

    @property
    def begun(self) -> bool:
        """True once a reader has seen any text of it."""
        return any(self._parts)

    @property
    def length(self) -> int:
        """Characters that were shown."""
        return sum(map(len, self._parts))

    def see(self, event: AgentStreamEvent) -> Iterator[AgentStreamEvent]:
        """Yields the events that a reader gets for this one: text without false markers, others as they
        are.
        """
        for shown in self._see(event):
            self._shown_parts.see(shown)
            yield shown

    def _see(self, event: AgentStreamEvent) -> Iterator[AgentStreamEvent]:
        match event:
            case PartStartEvent(part=TextPart() as part):
                self._filter = self._new_filter(self._declared)
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
                yield from self._see_other(event)

    def _see_other(self, event: AgentStreamEvent) -> Iterator[AgentStreamEvent]:
        match event:
            case PartStartEvent(part=ThinkingPart() as part):
                self._thought, self._thoughts = self._new_filter(), ""
                yield replace(event, part=replace(part, content=self._thinking(part.content)))
            case PartDeltaEvent(delta=ThinkingPartDelta() as delta):
                shown = self._thinking(delta.content_delta or "")
                yield replace(event, delta=replace(delta, content_delta=shown))
            case PartEndEvent(part=ThinkingPart() as part):
                if shown := self._thinking(None):
                    delta = ThinkingPartDelta(content_delta=shown)
                    yield PartDeltaEvent(index=event.index, delta=delta)
                yield replace(event, part=replace(part, content=self._thoughts))
            case _:
                if isinstance(event, FunctionToolCallEvent):
                    # A model that goes on looking has not ended the turn, whatever it said before.
                    self._declared = None
                yield self._calls.see(event)

    def parts(self) -> Sequence[Part]:
        """Returns the parts that were shown, also of an answer that broke off."""
        return self._shown_parts.parts()

    def void(self, text: str, reason: str) -> None:
        """Puts another text in the place of all that was shown."""
        self._shown_parts.replaced(text, reason)

    def refuse(self) -> None:
        """The provider's content filter ended the run."""
        self._refused_upstream = True

    def close(self, *, interrupted: bool = False) -> TurnVerdict:
        """Returns the verdict over what was shown. A citation that supports nothing is dropped. An
        answer that cites nothing verified is no answer, but small talk needs no source, and in an open
        chat it stays as unsourced.

        An interrupted one stays as it was shown: no reader is left for a correction.
        """
        text = "\n\n".join(part.strip() for part in self._parts if part.strip())
        if interrupted:
            return self._verdict(text, interrupted=True)
        supported = drop_unsupported(text, self._ledger.entries, self._question)
        kept = self._with_cited_links(supported)
        verdict = self._verdict(kept)
        if kept != text and verdict.replaced is None:
            reason = "links" if kept != supported else "unsupported"
            return replace(verdict, replaced=reason)
        return verdict

    def other_time(self, verdict: TurnVerdict) -> str | None:
        """Returns a notice where the passages are of another time than the question: the cited ones,
        or, where nothing was found, all that were read. The rows of a query speak for themselves.
        """
        if verdict.outcome is Outcome.NOT_FOUND:
            read = [e.passage for e in self._ledger.entries.values() if isinstance(e, PassageEntry)]
            texts = [
                f"{p.document.title} {p.document.name} {p.section} {p.reading_text}" for p in read
            ]
            return other_time(self._question, texts, [p.document.updated for p in read])
        if any(source.kind is not SourceKind.PASSAGE for source in verdict.sources):
            return None
        quoted = [
            " ".join([s.document.title, s.document.name, s.section, *(q.text for q in s.quotes)])
            for s in verdict.sources
        ]
        return other_time(self._question, quoted, [s.document.updated for s in verdict.sources])

    def _verdict(self, text: str, *, interrupted: bool = False) -> TurnVerdict:
        if self._refused_upstream:
            return TurnVerdict(REFUSAL_TEXT, Outcome.REFUSED, replaced="content_filter")
        if self._declared is Outcome.REFUSED:
            empty = not text and not interrupted
            return TurnVerdict(
                REFUSAL_TEXT if empty else text,
                Outcome.REFUSED,
                replaced="empty" if empty else None,
            )
        if self._declared is Outcome.NOT_FOUND:
            return TurnVerdict(text, Outcome.NOT_FOUND)
        cited = remove_secrets(sources(text, self._ledger.entries, self._citations), self._secrets)
        if cited:
            verdict = self._cited(text, cited)
            if said := [f"[{one.number}]" for one in cited if one.said is not None]:
                notice = SAID_NOTICE.format(", ".join(said))
                verdict = replace(verdict, notices=(*verdict.notices, notice))
            return self._in_part(verdict) if self._open else verdict
        return self._uncited(text, interrupted=interrupted)

    def _uncited(self, text: str, *, interrupted: bool) -> TurnVerdict:
        """Returns the verdict over a text that cites nothing."""
        small_talk = self._without_source(text)
        if text and self._open and small_talk is None:
            return TurnVerdict(text, Outcome.UNSOURCED, notices=(UNSOURCED_NOTICE,))
        outcome = Outcome.INTERRUPTED if interrupted else small_talk
        if outcome is not None:
            return TurnVerdict(text, outcome)
        uncited = f"{self._not_found} {CLARIFYING_TEXT}"
        return TurnVerdict(uncited, Outcome.NOT_FOUND, replaced="uncited")

    def _cited(self, text: str, cited: Sequence[Source]) -> TurnVerdict:
        """Returns the verdict over an answer with sources."""
        documents = {source.document.document_id for source in cited}
        if self._declared is Outcome.CONFLICT and len(documents) > 1:
            return TurnVerdict(text, Outcome.CONFLICT, cited)
        doubts = _doubts([source.document for source in cited])
        resting = set(find_injected_citations(text, self._ledger.entries, self._citations))
        if ordering := [one.document.title for one in cited if one.number in resting]:
            notices = [*doubts, *(ORDERS_NOTICE.format(title) for title in ordering)]
            return TurnVerdict(text, Outcome.TENTATIVE, cited, notices=notices)
        if len(doubts) == len(documents):
            return TurnVerdict(text, Outcome.TENTATIVE, cited, notices=doubts)
        if self._declared is Outcome.TENTATIVE:
            return TurnVerdict(text, Outcome.TENTATIVE, cited, notices=(TENTATIVE_NOTICE, *doubts))
        return TurnVerdict(text, Outcome.ANSWERED, cited, notices=doubts)

    def _in_part(self, verdict: TurnVerdict) -> TurnVerdict:
        """Returns the verdict over an answer in an open chat of which a part may cite nothing."""
        unsourced, stated = find_unsourced(verdict.text)
        if not unsourced:
            return verdict
        notices = [*verdict.notices, _in_part_notice(len(unsourced), stated)]
        return replace(verdict, outcome=Outcome.UNSOURCED, notices=notices)

    def _without_source(self, text: str) -> Outcome | None:
        """Returns the outcome of a reply that states nothing of the documents; None where it might.

        The question decides, which no model can change: it asks nothing, or is about the assistant.
        A reply that could hold a fact all the same needs a source like any other.
        """
        message = parse_message(self._question)
        looked_up = (
            self._ledger.entries and not self._open
        )  # what is said in a chat is there unasked
        if not text or looked_up or message.outcome is None:
            return None
        if self._open and not _POLITE.issuperset(message.acts):
            return None  # "Yes, please" goes on with what was said
        if not {Act.IDENTITY, Act.ABILITIES}.isdisjoint(message.acts):
            return message.outcome
        plain = len(text) <= _LONGEST_SMALL_TALK and not any(c.isdigit() for c in text)
        asks = message.outcome is Outcome.SMALLTALK or text.endswith(("?", "？"))
        return message.outcome if plain and asks else None

    def _shown(self, text: str | None) -> str:
        """Returns the next piece of the current part (None: its end) after filtering."""
        shown = self._filter.finish() if text is None else self._filter.push(text)
        if self._filter.outcome is not None and self._declared is None:
            self._declared = self._filter.outcome
            if self._declared is Outcome.NOT_FOUND:
                shown = f"{self._not_found} {shown.lstrip()}" if shown.strip() else self._not_found
        elif self._parts[-1] == self._not_found and shown.strip():
            shown = f" {shown.lstrip()}"
        self._parts[-1] += shown
        return shown

    def _thinking(self, text: str | None) -> str:
        """Returns the next piece of the model's reasoning (None: its end) after filtering."""
        shown = self._thought.finish() if text is None else self._thought.push(text)
        self._thoughts += shown
        return shown

    def _new_filter(self, outcome: Outcome | None = None) -> TextFilter:
        entries = self._ledger.entries
        links = LinkFilter(self._citations.links, lambda one: stands_in(one, entries.values()))
        return TextFilter(self._secrets, self._ledger.knows, links, outcome)

    def _with_cited_links(self, text: str) -> str:
        """Returns the answer without addresses that stand only in sources which it does not cite."""
        entries = self._ledger.entries
        cited = [entries[n] for n in {one.number for one in find_citations(text)} if n in entries]
        links = LinkFilter(self._citations.links, lambda one: stands_in(one, cited))
        return links.push(text) + links.finish()


def not_found_text(mode: Mode, within: Within) -> str:
    """Returns the sentence that says where nothing was found."""
    match within:
        case Within.CONVERSATIONS:
            return NOT_SAID_TEXT
        case Within.BOTH:
            return NOT_FOUND_ANYWHERE_TEXT
        case Within.DOCUMENTS:
            return NOT_FOUND_OPEN_TEXT if mode is Mode.OPEN else NOT_FOUND_TEXT


def _in_part_notice(unsourced: int, stated: int) -> str:
    return (
        f"{unsourced} of {stated} statements rest on no source: they are what the model wrote, and were "
        "not verified."
    )


def _doubts(documents: Sequence[DocumentRef]) -> Sequence[str]:
    """Returns a sentence for each document that is not in force."""
    found: dict[str, str] = {}
    for document in documents:
        if document.superseded_by is not None:
            found[document.document_id] = (
                f"“{document.title}” is superseded by {document.superseded_by}."
            )
        elif document.authority is Authority.SUPERSEDED:
            found[document.document_id] = f"“{document.title}” is superseded."
        elif document.authority is Authority.DRAFT:
            found[document.document_id] = f"“{document.title}” is a draft."
    return tuple(found.values())


class ShownParts:
    """Sees every event that a reader gets, in order."""

    def __init__(self) -> None:
        self._parts: list[Part] = []
        self._pieces: list[str] = []
        self._open: type[ShownText | ShownReasoning] | None = None
        self._responding = False
        self._tools: dict[str, int] = {}

    def see(self, event: AgentStreamEvent) -> None:
        """Notes one event."""
        match event:
            case PartDeltaEvent(delta=TextPartDelta(content_delta=text)):
                self._go_on(ShownText, text)
            case PartDeltaEvent(delta=ThinkingPartDelta(content_delta=text)):
                self._go_on(ShownReasoning, text or "")
            case PartStartEvent(part=part):
                self._begin(part)
            case PartEndEvent(part=ToolCallPart() as part):
                self._change(part.tool_call_id, arguments=part.args_as_json_str())
            case PartEndEvent():
                self._end()
            case FunctionToolCallEvent(part=part):
                self._responding = False
                self._change(part.tool_call_id, arguments=part.args_as_json_str())
            case FunctionToolResultEvent(part=part):
                self._responding = False
                self._change(
                    part.tool_call_id,
                    result=part.model_response_str(wrap_if_error=False),
                    failed=part.outcome != "success",
                )
            case _:
                pass

    def replaced(self, text: str, reason: str) -> None:
        """Everything so far is void."""
        self._end()
        self._parts.append(ShownReplacement(text, reason))

    def parts(self) -> Sequence[Part]:
        """Returns the parts that were shown, also of a turn that broke off."""
        self._end()
        return tuple(self._parts)

    def _begin(self, part: object) -> None:
        self._end()
        if not self._responding:
            self._responding = True
            self._parts.append(StepBegun())
        match part:
            case TextPart():
                self._open, self._pieces = ShownText, [part.content]
            case ThinkingPart():
                self._open, self._pieces = ShownReasoning, [part.content]
            case ToolCallPart():
                self._tools[part.tool_call_id] = len(self._parts)
                # Its arguments may be a beginning only; whole ones come with its end.
                self._parts.append(ShownTool(part.tool_call_id, part.tool_name, "{}"))
            case _:
                pass

    def _go_on(self, kind: type[ShownText | ShownReasoning], text: str) -> None:
        if self._open is not kind:  # a part may go on after another one has begun
            self._end()
            self._open = kind
        self._pieces.append(text)

    def _end(self) -> None:
        if self._open is not None:
            self._parts.append(self._open("".join(self._pieces)))
        self._open, self._pieces = None, []

    def _change(
        self,
        call_id: str,
        *,
        arguments: str | None = None,
        result: str | None = None,
        failed: bool = False,
    ) -> None:
        place = self._tools.get(call_id)
        tool = None if place is None else self._parts[place]
        if place is None or not isinstance(tool, ShownTool):
            return
        if arguments is not None:
            tool = replace(tool, arguments=arguments)
        if result is not None:
            tool = replace(tool, result=result, failed=failed)
        self._parts[place] = tool
