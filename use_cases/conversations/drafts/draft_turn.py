"""The chat about a project draft, as one stream of events: the agent changes the draft while it replies.

The one path: HTTP, the command line and the tests read the same stream. The message is stored before the
model is asked; the rest is as `use_cases.kernel.runs.turn` promises. A first draft is a turn like
any other, with instructions of its own.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from pydantic_ai import (
    Agent,
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

from use_cases.conversations.drafts.agent import (
    BUILT_IN,
    CHAT_PURPOSE,
    GENERATION_PURPOSE,
    DraftDeps,
    GatherMaterial,
)
from use_cases.conversations.drafts.events import (
    ConversationWasLocked,
    DraftEvent,
    DraftReplyRecorded,
    DraftTurnBegun,
    DraftUpdated,
    ProjectProposed,
)
from use_cases.conversations.drafts.manage_drafts import (
    CreateProject,
    ManageProjectDrafts,
    consent,
)
from use_cases.conversations.drafts.model import (
    FIRST_DRAFT,
    ConversationProject,
    DraftedConversation,
    DraftMessage,
    DraftOpened,
    DraftOpening,
    DraftReply,
    DraftVersion,
    ProjectDraft,
)
from use_cases.conversations.drafts.ports import DraftTranscript, ProjectDrafts
from use_cases.conversations.errors import DraftMessageInvalid
from use_cases.kernel.citations.links import LinkFilter
from use_cases.kernel.citations.sources import LinkPolicy
from use_cases.kernel.citations.text_filter import TextFilter
from use_cases.kernel.errors import ConversationLocked, ModelMisbehaved
from use_cases.kernel.identity.admission import Charge
from use_cases.kernel.model import Caller, Page, require_limit
from use_cases.kernel.ports import Clock, Ids, Models, ResolvedModel
from use_cases.kernel.prompts.prompt_registry import ActivePrompts
from use_cases.kernel.runs.history import UNSEEN, remembered, stored
from use_cases.kernel.runs.inflight import Flight, InFlight
from use_cases.kernel.runs.lookups import NotedCalls
from use_cases.kernel.runs.model_calls import model_settings, resolved_model
from use_cases.kernel.runs.surroundings import RunLog
from use_cases.kernel.runs.turn import Ending, Listener, Recorded, RunEnd, RunPolicy, Turn, checked
from use_cases.kernel.text.secrets import SecretFilter

INTERRUPTED = "The reply was stopped before it was complete."
REFUSED = "The provider's content filter stopped this message. The draft is unchanged."
PROPOSED = (
    "Proposed, not created: the project “{title}”. To create it, answer “Create the project.” and nothing"
    " else, or create it of the draft yourself."
)
LARGEST_PAGE = 500
OFFLINE_DRAFTER = "offline:drafter"
"""The model that drafts without a provider; it extracts."""

_OFFLINE = "offline:extractive"
_HISTORY_SHARE = 4
"""The chat itself gets a quarter of the tokens that the conversation may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRequest:
    """A message about a draft; None asks for a first draft. `model` is `provider:name`.

    `attachment_ids` are files of the conversation that the model reads with it.
    """

    conversation_id: str
    message: str | None = None
    model: str | None = None
    attachment_ids: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatAboutDraft:
    """Talks about the draft of a conversation, changes it, proposes its project, and creates what was
    proposed once the person has consented.
    """

    drafting_agent: Agent[DraftDeps, str]
    drafts: ProjectDrafts
    draft_transcript: DraftTranscript
    gather_material: GatherMaterial
    manage_drafts: ManageProjectDrafts
    create_project: CreateProject
    models: Models
    prompt_registry: ActivePrompts
    inflight: InFlight
    clock: Clock
    ids: Ids
    links: LinkPolicy
    secrets: SecretFilter
    draft_bounds: RunPolicy
    listeners: Sequence[Listener] = ()

    def stream(self, request: DraftRequest, *, caller: Caller) -> AsyncGenerator[DraftEvent]:
        """Returns the events of the turn; the first is `DraftTurnBegun`, the last `DraftReplyRecorded`.

        Before the first event raises `DraftMessageInvalid`, `ConversationNotFound`, `ConversationLocked`,
        `AttachmentNotFound`, `DraftBusy`, `ModelUnknown`, `ModelNotAllowed`, `ModelNotConfigured` or `DefaultModelUnusable`;
        after it the errors of the model (see `use_cases.kernel.errors`). A failed run is not recorded;
        what its tools have stored stays.
        """
        return DraftTurn(self, request, caller).stream()

    async def read(
        self, caller: Caller, conversation_id: str, *, limit: int = 200, before: str | None = None
    ) -> Page[DraftMessage]:
        """Returns the last messages (before the message `before`), oldest first.

        Raises `ConversationNotFound`, and `DraftMessageNotFound` for `before`.
        """
        require_limit(limit, LARGEST_PAGE)
        transcript = self.draft_transcript
        return await transcript.messages(caller, conversation_id, limit=limit, before=before)


class DraftTurn(Turn[DraftDeps, str, DraftEvent]):
    """A message about a draft on its way to its reply. It holds its draft by its flight."""

    log = RunLog("draft message", "draft reply", "draft reply")

    _flight: Flight
    _opened: DraftOpened
    _prompt_version: str
    _filter: TextFilter
    _draft: ProjectDraft
    _updated: bool = False
    _project: ConversationProject | None = None
    _proposed: str | None = None
    _refused: bool = False

    def __init__(self, ports: ChatAboutDraft, request: DraftRequest, caller: Caller) -> None:
        super().__init__(
            agent=ports.drafting_agent,
            caller=caller,
            policy=ports.draft_bounds,
            clock=ports.clock,
            listeners=ports.listeners,
        )
        self._ports = ports
        self._request = request
        self._parts = list[str]()
        self._calls = NotedCalls()
        self._links = list[str]()

    async def open(self) -> DraftTurnBegun:
        """Checks and stores the message, and gathers what the model is given with it."""
        ports, request, caller = self._ports, self._request, self.caller
        is_first = request.message is None
        message = FIRST_DRAFT if request.message is None else request.message
        longest, invalid = self.policy.max_question_characters, DraftMessageInvalid
        self.prompt = text = checked(message, "message", longest, invalid, invalid)
        conversation = await ports.drafts.conversation(caller, request.conversation_id)
        if conversation.locked_at is not None:
            raise ConversationLocked("A project was made of this conversation, so it is locked.")
        purpose = GENERATION_PURPOSE if is_first else CHAT_PURPOSE
        active = await ports.prompt_registry.active(purpose, purpose)
        self.resolved = self._resolved(request.model, active.model)
        self.named = request.model is not None
        prompt = active.prompt or BUILT_IN[purpose]
        self.settings, self._prompt_version = model_settings(prompt), prompt.version
        gathering = ports.gather_material
        gathered = await gathering.gather(caller, conversation, text, request.attachment_ids)
        self.started = ports.clock.monotonic()
        flight = await self.held.enter_async_context(ports.inflight.turn(ports.ids.new("reply")))
        self._flight, self.token = flight, flight.token
        self._opened = opened = await self._stored(conversation, text)
        self._draft = opened.draft
        ports.inflight.holds(flight, opened.draft.draft_id)
        begun = DraftTurnBegun(draft=opened.draft, message=opened.message, reply_id=flight.turn_id)
        self.log.asked(text, begun.labels, user=caller.user_id)
        read = gathering.text(gathered, opened.draft.active_version)
        self._links += [read, text, *(turn.answer for turn in opened.past if turn.answer)]
        self._filter = self._new_filter()
        self.deps = DraftDeps(
            caller=caller,
            conversation_id=request.conversation_id,
            instructions=prompt.text,
            material=read,
            manage=ports.manage_drafts,
            create=ports.create_project,
            clean=self._cleaned,
            # A first draft is made of what others wrote, and nobody has asked for a project yet.
            may_propose=not is_first,
            consent=None if is_first else consent(opened),
            links=self._links,
        )
        room = self.policy.history_tokens // _HISTORY_SHARE
        self.history = remembered(opened.past, room, opened.earlier).messages
        return begun

    def _resolved(self, named: str | None, stored: str | None) -> ResolvedModel:
        """Returns the model; the one that quotes documents cannot draft: the drafter stands in for it."""
        models = self._ports.models
        resolved = resolved_model(models, named, stored)
        names = [each.name for each in resolved.candidates or (resolved,)]
        if _OFFLINE not in names:
            return resolved
        able = [OFFLINE_DRAFTER if name == _OFFLINE else name for name in names]
        return models.resolve(",".join(able), trusted=True)

    async def _stored(self, conversation: DraftedConversation, text: str) -> DraftOpened:
        ports = self._ports
        opening = DraftOpening(
            conversation_id=conversation.conversation_id,
            draft_id=ports.ids.new("draft"),
            title=conversation.title,
            text=text,
            message_id=ports.ids.new("msg"),
            reply_id=self._flight.turn_id,
            now=ports.clock.now(),
            until=ports.inflight.until(),
        )
        try:
            return await ports.draft_transcript.open(self.caller, opening)
        except asyncio.CancelledError:
            # Whether the message was stored is not known.
            await ports.inflight.release(self._flight)
            raise

    def _new_filter(self) -> TextFilter:
        """Returns a filter that lets the addresses pass that the model has read, and all numbers in
        brackets.
        """
        read = self._links
        links = LinkFilter(self._ports.links, lambda address: any(address in text for text in read))
        return TextFilter(self._ports.secrets, lambda _: True, links)

    def _cleaned(self, text: str) -> str:
        filtering = self._new_filter()
        return filtering.push(text) + filtering.finish()

    @property
    def has_shown(self) -> bool:
        """True once a reader has seen any text, or the draft was changed."""
        return self._updated or self._project is not None or any(self._parts)

    @property
    def has_acted(self) -> bool:
        """True once the project is created: whatever happens then, the turn is recorded."""
        return self._project is not None

    def see(self, event: AgentStreamEvent) -> Iterator[DraftEvent]:
        """Returns the events that a reader gets for this one; a model's reasoning is not shown."""
        match event:
            case PartStartEvent(part=TextPart() as part):
                self._filter = self._new_filter()
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
        if self._request.message is None and ending is Ending.COMPLETE and not self._updated:
            raise ModelMisbehaved(f"{self.resolved.name} wrote no draft.")

    async def record(self, end: RunEnd) -> Recorded[DraftEvent]:
        """Keeps the reply with its message."""
        text = "\n\n".join(part.strip() for part in self._parts if part.strip())
        events = list[DraftEvent]()
        if self._refused:
            text = REFUSED
            events.append(PartStartEvent(index=0, part=TextPart(text)))
        notices = [INTERRUPTED] if end.interrupted else list[str]()
        if (proposal := self._proposal) is not None and not end.interrupted:
            notices.append(PROPOSED.format(title=proposal.title))
        reply = DraftReply(
            reply_id=self._flight.turn_id,
            draft_id=self._opened.draft.draft_id,
            user_id=self.caller.user_id,
            question=self._opened.message.text,
            text=text,
            prompt_version=self._prompt_version,
            door=self.caller.door,
            tool_calls=list(self._calls.calls),
            notices=notices,
            **end.figures,
        )
        # A message that a content filter stopped would stop every later turn, too.
        said = UNSEEN if self._refused else stored(self.said)
        await self._ports.draft_transcript.close(
            reply, self._opened.message.message_id, said, end.charge
        )
        self._ports.inflight.recorded(self._flight)
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
        """Lets go of the draft without a reply, in the end of the flight."""
        self._flight.abandon = partial(
            self._ports.draft_transcript.abandon, self._flight.turn_id, charge
        )

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
        """Returns the next piece of the current text (None: its end) after filtering."""
        shown = self._filter.finish() if text is None else self._filter.push(text)
        self._parts[-1] += shown
        return shown
