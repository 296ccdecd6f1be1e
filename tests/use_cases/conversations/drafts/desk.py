"""The use cases of drafts over a real store, with a scripted model and a tracker in memory."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pydantic_ai.messages import ModelMessage, ModelRequest, ToolReturnPart, UserPromptPart
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls, FunctionModel

from services.store.leases import SqlLeases
from services.store.store import Store
from services.store.stored_attachments import SqlAttachments
from services.store.stored_conversations import SqlSummaries
from services.store.stored_project_drafts import SqlProjectDrafts
from services.store.transcript import SqlDraftTranscript
from services.system import SystemEntropy
from tests.contracts.keeping import Kept, kept_in, opening, turn
from tests.fakes.clock import FixedClock
from tests.fakes.ids import CountedIds
from tests.fakes.prompts import FixedPrompts
from tests.fakes.search import OneModel
from tests.fakes.trackers import InMemoryTracker
from tests.templates import migrated_store
from use_cases.conversations.drafts.agent import GatherMaterial, build_drafting_agent
from use_cases.conversations.drafts.draft_turn import ChatAboutDraft, DraftRequest
from use_cases.conversations.drafts.events import DraftEvent
from use_cases.conversations.drafts.manage_drafts import CreateProject, ManageProjectDrafts
from use_cases.conversations.model import Memory
from use_cases.conversations.recall import RecallMemories
from use_cases.kernel.citations.sources import LinkPolicy, Outcome
from use_cases.kernel.model import Caller
from use_cases.kernel.prompts.prompt_registry import Active
from use_cases.kernel.runs.inflight import InFlight, LeaseKeeper
from use_cases.kernel.runs.turn import RunPolicy
from use_cases.kernel.text.secrets import SecretFilter

CHAT = "chat_1"
SECRET = "sk-very-secret-key"
Step = str | tuple[str, str] | BaseException
"""Text that the model says, `{result}` for what the last tool returned; a tool that it calls, with its arguments as JSON; or an error."""


@dataclass
class Script:
    """A model that takes one step for each request, and what it was given."""

    steps: list[Step] = field(default_factory=list[Step])
    seen: list[Sequence[ModelMessage]] = field(default_factory=list[Sequence[ModelMessage]])
    instructions: list[str] = field(default_factory=list[str])
    before: Callable[[], object] | None = None

    def model(self) -> FunctionModel:
        """The model."""

        async def stream(
            messages: list[ModelMessage], info: AgentInfo
        ) -> AsyncIterator[str | DeltaToolCalls]:
            self.seen.append(list(messages))
            self.instructions.append(info.instructions or "")
            step = self.steps.pop(0)
            if isinstance(step, BaseException):
                raise step
            if isinstance(step, tuple):
                yield {0: DeltaToolCall(*step)}
                return
            if "{result}" in step:
                step = step.replace("{result}", self.results[-1])
            for piece in step.split("|"):
                if self.before is not None:
                    self.before()
                yield piece

        return FunctionModel(stream_function=stream, model_name="scripted")

    @property
    def results(self) -> Sequence[str]:
        """What tools returned to the model in its last request."""
        return [
            part.model_response_str()
            for message in self.seen[-1]
            if isinstance(message, ModelRequest)
            for part in message.parts
            if isinstance(part, ToolReturnPart)
        ]

    @property
    def asked(self) -> Sequence[object]:
        """What the person said, as the model saw it last."""
        return [
            part.content
            for message in self.seen[-1]
            if isinstance(message, ModelRequest)
            for part in message.parts
            if isinstance(part, UserPromptPart)
        ]


@dataclass
class FixedMemories:
    """Port `Memories`: the same for every text."""

    found: Sequence[Memory] = ()

    async def search(self, query: str, user_id: str) -> Sequence[Memory]:
        """Those."""
        return self.found


@dataclass
class Desk:
    """The use cases."""

    store: Store
    kept: Kept
    clock: FixedClock
    script: Script
    tracker: InMemoryTracker
    drafts: SqlProjectDrafts
    manage: ManageProjectDrafts
    create: CreateProject
    chat: ChatAboutDraft
    prompts: FixedPrompts
    memories: FixedMemories
    material: GatherMaterial

    async def events(self, message: str | None, caller: Caller, **more: str) -> list[DraftEvent]:
        """Everything of one turn."""
        request = DraftRequest(conversation_id=CHAT, message=message, **more)  # pyright: ignore[reportArgumentType]
        return [event async for event in self.chat.stream(request, caller=caller)]


@asynccontextmanager
async def desk_in(folder: Path) -> AsyncGenerator[Desk]:
    """A desk with one conversation of Anna's."""
    store = Store(migrated_store(folder / "candor.sqlite"))
    kept = kept_in(store)
    await turn(
        kept,
        opening("1", text="How often must keys be rotated? See https://known.example/keys"),
        text="Every 90 days.",
        outcome=Outcome.ANSWERED,
    )
    clock, ids, script, tracker = FixedClock(), CountedIds(), Script(), InMemoryTracker()
    drafts, entropy, prompts = SqlProjectDrafts(store), SystemEntropy(), FixedPrompts(Active())
    bounds = RunPolicy(max_question_characters=400, history_tokens=1000)
    memories = FixedMemories()
    manage = ManageProjectDrafts(drafts=drafts, clock=clock, ids=ids)
    create = CreateProject(
        drafts=drafts, manage_drafts=manage, tracker=tracker, clock=clock, entropy=entropy
    )
    material = GatherMaterial(
        attachments=SqlAttachments(store),
        summaries=SqlSummaries(store),
        recall_memories=RecallMemories(memories=memories),
        entropy=entropy,
        secrets=SecretFilter([SECRET]),
        draft_bounds=bounds,
    )
    chat = ChatAboutDraft(
        drafting_agent=build_drafting_agent(),
        drafts=drafts,
        draft_transcript=SqlDraftTranscript(store),
        gather_material=material,
        manage_drafts=manage,
        create_project=create,
        models=OneModel(script.model()),
        prompt_registry=prompts,
        inflight=InFlight(LeaseKeeper(leases=SqlLeases(store), clock=clock)),
        clock=clock,
        ids=ids,
        links=LinkPolicy(),
        secrets=SecretFilter([SECRET]),
        draft_bounds=bounds,
    )
    yield Desk(
        store,
        kept,
        clock,
        script,
        tracker,
        drafts,
        manage,
        create,
        chat,
        prompts,
        memories,
        material,
    )
    await store.close()
