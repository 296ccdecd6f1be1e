"""One turn about a draft, from its stored message to its recorded reply."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import ClassVar

from pydantic_ai import (
    AgentStreamEvent,
    FunctionToolResultEvent,
    PartDeltaEvent,
    PartEndEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
    ThinkingPart,
    ThinkingPartDelta,
)
from pydantic_ai.messages import ToolReturnPart

from use_cases.conversations.drafts.agent import DraftDeps
from use_cases.conversations.drafts.events import (
    ConversationWasLocked,
    DraftEvent,
    DraftReplyRecorded,
    DraftTurnBegun,
    DraftUpdated,
    ProjectProposed,
)
from use_cases.conversations.drafts.model import (
    ConversationProject,
    DraftOpened,
    DraftReply,
    DraftVersion,
    ProjectDraft,
)
from use_cases.conversations.drafts.ports import DraftTranscript
from use_cases.kernel.citations.text_filter import TextFilter
from use_cases.kernel.errors import ModelMisbehaved
from use_cases.kernel.identity.admission import Charge
from use_cases.kernel.runs.history import UNSEEN, stored
from use_cases.kernel.runs.inflight import Flight, InFlight
from use_cases.kernel.runs.lookups import NotedCalls
from use_cases.kernel.runs.model_calls import ModelCall, RunEnd
from use_cases.kernel.runs.recorded_run import Ending, Recorded
from use_cases.kernel.runs.run_log import RunLog

INTERRUPTED = "The reply was stopped before it was complete."
REFUSED = "The provider's content filter stopped this message. The draft is unchanged."
PROPOSED = (
    "Proposed, not created: the project “{title}”. To create it, answer “Create the project.” and nothing"
    " else, or create it of the draft yourself."
)


@dataclass(slots=True, kw_only=True)
class DraftSession:
    """A turn between its first event and its record. It holds its draft by its `flight`.

    `must_draft`: a turn that does not change the draft has failed.
    """

    log: ClassVar[RunLog] = RunLog("draft message", "draft reply", "draft reply")

    opened: DraftOpened
    call: ModelCall[DraftDeps, str]
    flight: Flight
    inflight: InFlight
    transcript: DraftTranscript
    prompt_version: str
    new_filter: "partial[TextFilter]"
    must_draft: bool = False
    _filter: TextFilter = field(init=False)
    _parts: list[str] = field(default_factory=list[str])
    _calls: NotedCalls = field(default_factory=NotedCalls)
    _draft: ProjectDraft = field(init=False)
    _updated: bool = False
    _project: ConversationProject | None = None
    _proposed: str | None = None
    _refused: bool = False

    def __post_init__(self) -> None:
        self._filter = self.new_filter()
        self._draft = self.opened.draft

    @property
    def has_shown(self) -> bool:
        """True once a reader has seen any text, or the draft was changed."""
        return self._updated or self._project is not None or any(self._parts)

    @property
    def has_acted(self) -> bool:
        """True once the project is created: whatever happens then, the turn is recorded."""
        return self._project is not None

    def begun(self) -> DraftTurnBegun:
        """The first event."""
        return DraftTurnBegun(
            draft=self.opened.draft, message=self.opened.message, reply_id=self.flight.turn_id
        )

    def see(self, event: AgentStreamEvent) -> Iterator[DraftEvent]:
        """The events that a reader gets for this one; a model's reasoning is not shown."""
        match event:
            case PartStartEvent(part=TextPart() as part):
                self._filter = self.new_filter()
                self._parts.append("")
                yield replace(event, part=replace(part, content=self._shown(part.content)))
            case PartDeltaEvent(delta=TextPartDelta() as delta):
                if shown := self._shown(delta.content_delta):
                    yield replace(event, delta=replace(delta, content_delta=shown))
            case PartEndEvent(part=TextPart()):
                if shown := self._shown(None):
                    yield PartDeltaEvent(index=event.index, delta=TextPartDelta(shown))
            case (
                PartStartEvent(part=ThinkingPart())
                | PartDeltaEvent(delta=ThinkingPartDelta())
                | PartEndEvent(part=ThinkingPart())
            ):
                pass
            case FunctionToolResultEvent(part=ToolReturnPart(metadata=made)):
                yield self._calls.see(event)
                yield from self._made(made)
            case _:
                yield self._calls.see(event)

    async def end(self, ending: Ending) -> None:
        """The model has said all that it will say. Raises `ModelMisbehaved` without a draft."""
        self._refused = ending is Ending.REFUSED
        if self.must_draft and ending is Ending.COMPLETE and not self._updated:
            raise ModelMisbehaved(f"{self.call.resolved.name} wrote no draft.")

    async def record(self, end: RunEnd) -> Recorded[DraftEvent]:
        """Keep the reply with its message."""
        text = "\n\n".join(part.strip() for part in self._parts if part.strip())
        events = list[DraftEvent]()
        if self._refused:
            text = REFUSED
            events.append(PartStartEvent(index=0, part=TextPart(text)))
        notices = [INTERRUPTED] if end.interrupted else list[str]()
        if (proposal := self._proposal) is not None and not end.interrupted:
            notices.append(PROPOSED.format(title=proposal.title))
        reply = DraftReply(
            reply_id=self.flight.turn_id,
            draft_id=self.opened.draft.draft_id,
            user_id=self.call.caller.user_id,
            question=self.opened.message.text,
            text=text,
            prompt_version=self.prompt_version,
            tool_calls=tuple(self._calls.calls),
            notices=tuple(notices),
            **end.figures,
        )
        # A message that a content filter stopped would stop every later turn, too.
        said = UNSEEN if self._refused else stored(self.call.said)
        await self.transcript.close(reply, self.opened.message.message_id, said, end.charge)
        self.inflight.recorded(self.flight)
        about = {
            "updated": self._updated,
            "project": self._project is not None,
            "interrupted": end.interrupted,
            "latency_ms": end.latency_ms,
            "tools": len(reply.tool_calls),
            "input_tokens": end.input_tokens,
            "output_tokens": end.output_tokens,
            "model": end.model,
        }
        ended = DraftReplyRecorded(
            reply=reply,
            draft=self._draft,
            updated=self._updated,
            project=self._project,
            proposal=None if end.interrupted else proposal,
        )
        return Recorded(reply, [*events, ended], about)

    async def abandon(self, charge: Charge | None) -> None:
        """Let go of the draft without a reply, in the end of the flight."""
        self.flight.abandon = partial(self.transcript.abandon, self.flight.turn_id, charge)

    @property
    def _proposal(self) -> DraftVersion | None:
        """The version that is proposed, and still in force."""
        version = self._draft.active_version
        return version if version and version.version_id == self._proposed else None

    def _made(self, made: object) -> Iterator[DraftEvent]:
        if isinstance(made, ProjectDraft):
            self._draft, self._updated = made, True
            yield DraftUpdated(draft=made)
        elif isinstance(made, ProjectProposed):
            if made.draft.active_version != self._draft.active_version:
                yield from self._made(made.draft)
            self._proposed = made.draft.active_version and made.draft.active_version.version_id
            self._calls.calls[-1] = replace(self._calls.calls[-1], made=self._proposed)
            yield made
        elif isinstance(made, ConversationProject):
            self._project = made
            yield ConversationWasLocked(project=made)

    def _shown(self, text: str | None) -> str:
        """The next piece of the current text (None: its end) after filtering."""
        shown = self._filter.finish() if text is None else self._filter.push(text)
        self._parts[-1] += shown
        return shown
