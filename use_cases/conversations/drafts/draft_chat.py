"""The chat about a project draft, as one stream of events: the agent changes the draft while it replies.

The one path: HTTP, the command line and the tests read the same stream. The message is stored before the
model is asked; the rest is as `use_cases.kernel.runs.recorded_run` promises. A first draft is a turn like
any other, with instructions of its own.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from pydantic_ai import Agent

from use_cases.conversations.drafts.agent import DraftDeps
from use_cases.conversations.drafts.create_project import CreateProject
from use_cases.conversations.drafts.draft_material import GatherMaterial
from use_cases.conversations.drafts.draft_prompts import (
    BUILT_IN,
    CHAT_PURPOSE,
    GENERATION_PURPOSE,
)
from use_cases.conversations.drafts.draft_session import DraftSession
from use_cases.conversations.drafts.errors import DraftMessageInvalid
from use_cases.conversations.drafts.events import DraftEvent
from use_cases.conversations.drafts.model import (
    FIRST_DRAFT,
    DraftedConversation,
    DraftMessage,
    DraftOpened,
    DraftOpening,
)
from use_cases.conversations.drafts.ports import DraftTranscript, ProjectDrafts
from use_cases.conversations.drafts.project_drafts import ManageProjectDrafts
from use_cases.conversations.drafts.proposals import consent
from use_cases.kernel.citations.links import LinkFilter
from use_cases.kernel.citations.sources import LinkPolicy
from use_cases.kernel.citations.text_filter import TextFilter
from use_cases.kernel.errors import ConversationLocked
from use_cases.kernel.model import Caller
from use_cases.kernel.page import Page, require_limit
from use_cases.kernel.ports import Clock, Ids, Models, ResolvedModel
from use_cases.kernel.prompts.registry import ActivePrompts
from use_cases.kernel.runs.history import remembered
from use_cases.kernel.runs.inflight import Flight, InFlight
from use_cases.kernel.runs.model_calls import (
    ModelCall,
    RunPolicy,
    model_settings,
    resolved_model,
)
from use_cases.kernel.runs.recorded_run import Listener, recorded_run
from use_cases.kernel.text.secrets import SecretFilter
from use_cases.kernel.text.storable_text import without_unstorable

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


class ChatAboutDraft:
    """Talks about the draft of a conversation, changes it, proposes its project, and creates what was
    proposed once the person has consented.
    """

    def __init__(
        self,
        *,
        drafting_agent: Agent[DraftDeps, str],
        drafts: ProjectDrafts,
        draft_transcript: DraftTranscript,
        gather_material: GatherMaterial,
        manage_drafts: ManageProjectDrafts,
        create_project: CreateProject,
        models: Models,
        prompt_registry: ActivePrompts,
        inflight: InFlight,
        clock: Clock,
        ids: Ids,
        links: LinkPolicy,
        secrets: SecretFilter,
        draft_bounds: RunPolicy,
        listeners: Sequence[Listener] = (),
    ) -> None:
        self._agent = drafting_agent
        self._drafts = drafts
        self._transcript = draft_transcript
        self._gather = gather_material
        self._manage = manage_drafts
        self._create = create_project
        self._models = models
        self._registry = prompt_registry
        self._inflight = inflight
        self._clock = clock
        self._ids = ids
        self._links = links
        self._secrets = secrets
        self._bounds = draft_bounds
        self._listeners = listeners

    def stream(self, request: DraftRequest, *, caller: Caller) -> AsyncGenerator[DraftEvent]:
        """The events of the turn; the first is `DraftTurnBegun`, the last `DraftReplyRecorded`.

        Before the first event raises `DraftMessageInvalid`, `ConversationNotFound`, `ConversationLocked`,
        `AttachmentNotFound`, `DraftBusy`, `ModelUnknown`, `ModelNotAllowed`, `ModelNotConfigured` or `DefaultModelUnusable`;
        after it the errors of the model (see `use_cases.kernel.errors`). A failed run is not recorded;
        what its tools have stored stays.
        """
        return recorded_run(self._turn(request, caller), self._listeners)

    async def read(
        self, caller: Caller, conversation_id: str, *, limit: int = 200, before: str | None = None
    ) -> Page[DraftMessage]:
        """The last messages (before the message `before`), oldest first.

        Raises `ConversationNotFound`, and `DraftMessageNotFound` for `before`.
        """
        require_limit(limit, LARGEST_PAGE)
        return await self._transcript.messages(caller, conversation_id, limit=limit, before=before)

    @asynccontextmanager
    async def _turn(self, request: DraftRequest, caller: Caller) -> AsyncGenerator[DraftSession]:
        text = self._checked(FIRST_DRAFT if request.message is None else request.message)
        conversation = await self._drafts.conversation(caller, request.conversation_id)
        if conversation.locked_at is not None:
            raise ConversationLocked("A project was made of this conversation, so it is locked.")
        purpose = GENERATION_PURPOSE if request.message is None else CHAT_PURPOSE
        active = await self._registry.active(purpose, purpose)
        resolved = self._resolved(request.model, active.model)
        prompt = active.prompt or BUILT_IN[purpose]
        gathered = await self._gather.gather(caller, conversation, text, request.attachment_ids)
        started = self._clock.monotonic()
        async with self._inflight.turn(self._ids.new("reply")) as flight:
            opened = await self._opened(conversation, caller, text, flight)
            self._inflight.holds(flight, opened.draft.draft_id)
            labels = {"draft_id": opened.draft.draft_id, "run_id": flight.turn_id}
            preview = self._bounds.log_message_preview
            DraftSession.log.asked(text, labels, preview=preview, user=caller.user_id)
            read = self._gather.text(gathered, opened.draft.active_version)
            links = [read, text, *_answers(opened)]
            new_filter = partial(self._new_filter, links)
            deps = DraftDeps(
                caller=caller,
                conversation_id=request.conversation_id,
                instructions=prompt.text,
                material=read,
                manage=self._manage,
                create=self._create,
                clean=partial(_cleaned, new_filter),
                # A first draft is made of what others wrote, and nobody has asked for a project yet.
                may_propose=request.message is not None,
                consent=consent(opened) if request.message is not None else None,
                links=links,
            )
            past = remembered(
                opened.past, self._bounds.history_tokens // _HISTORY_SHARE, opened.earlier
            )
            yield DraftSession(
                opened=opened,
                call=ModelCall(
                    agent=self._agent,
                    prompt=text,
                    resolved=resolved,
                    deps=deps,
                    caller=caller,
                    policy=self._bounds,
                    clock=self._clock,
                    started=started,
                    history=past.messages,
                    token=flight.token,
                    named=request.model is not None,
                    settings=model_settings(prompt),
                ),
                flight=flight,
                inflight=self._inflight,
                transcript=self._transcript,
                prompt_version=prompt.version,
                new_filter=new_filter,
                must_draft=request.message is None,
            )

    def _checked(self, text: str) -> str:
        """The message without what no store or provider accepts. Raises `DraftMessageInvalid`."""
        cleaned = without_unstorable(text).strip()
        if not cleaned:
            raise DraftMessageInvalid("The message is empty.")
        most = self._bounds.max_question_characters
        if len(cleaned) > most:
            raise DraftMessageInvalid(
                f"The message has {len(cleaned)} characters; the limit is {most}."
            )
        return cleaned

    def _resolved(self, named: str | None, stored: str | None) -> ResolvedModel:
        """The model; the one that quotes documents cannot draft, so the drafter stands in for it."""
        resolved = resolved_model(self._models, named, stored)
        names = [each.name for each in resolved.candidates or (resolved,)]
        if _OFFLINE not in names:
            return resolved
        able = [OFFLINE_DRAFTER if name == _OFFLINE else name for name in names]
        return self._models.resolve(",".join(able), trusted=True)

    async def _opened(
        self, conversation: DraftedConversation, caller: Caller, text: str, flight: Flight
    ) -> DraftOpened:
        opening = DraftOpening(
            conversation_id=conversation.conversation_id,
            draft_id=self._ids.new("draft"),
            title=conversation.title,
            text=text,
            message_id=self._ids.new("msg"),
            reply_id=flight.turn_id,
            now=self._clock.now(),
            until=self._inflight.until(),
        )
        try:
            return await self._transcript.open(caller, opening)
        except asyncio.CancelledError:
            # Whether the message was stored is not known.
            await self._inflight.release(flight)
            raise

    def _new_filter(self, read: Sequence[str]) -> TextFilter:
        """A filter that lets the addresses pass that the model has read, and all numbers in brackets."""
        links = LinkFilter(self._links, lambda address: any(address in text for text in read))
        return TextFilter(self._secrets, lambda _: True, links)


def _answers(opened: DraftOpened) -> Sequence[str]:
    return [turn.answer for turn in opened.past if turn.answer]


def _cleaned(new_filter: "partial[TextFilter]", text: str) -> str:
    filtering = new_filter()
    return filtering.push(text) + filtering.finish()
