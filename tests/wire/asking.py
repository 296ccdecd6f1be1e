"""A question through the real `AskQuestion`, the real agent and the real model classes.

Only what lies around is held in memory: one passage to be found, chats, ids and a clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType

from pydantic import SecretStr
from pydantic_ai import ModelResponse
from pydantic_ai.models import Model
from pydantic_ai.models.function import FunctionModel

from services.models.model_registry import ModelRegistry
from services.models.provider_access import ProviderAccess, RequestPolicy
from services.system import SystemClock
from tests.fakes.chats import InMemoryChats
from tests.fakes.ids import CountedIds
from tests.fakes.leases import keeper
from tests.fakes.prompts import FixedPrompts
from tests.fakes.search import FixedSearch, FixedTables, passage
from tests.patience import PATIENCE
from tests.wire.stub_provider import StubProvider
from use_cases.chat.agent import build_agent
from use_cases.chat.chat_turn import AnswerRecorded, AskQuestion, ChatEvent, TurnPolicy
from use_cases.chat.model import Answer, Question
from use_cases.kernel.citations.sources import CitationPolicy
from use_cases.kernel.model import Caller
from use_cases.kernel.runs.inflight import InFlight
from use_cases.kernel.text.secrets import SecretFilter

KEY = "sk-planted-7f3a9c"
"""The key of every provider in these tests; no error and no log line may hold it."""

QUESTION = "How often must passwords be rotated, asks planted-prompt-5512?"

MODELS = {
    "openai": "openai-responses:scripted",
    "openai-chat": "openai-chat:scripted",
    "azure": "azure:scripted",
    "azure-dated": "azure:scripted",
    "azure-responses": "azure-responses:scripted",
    "anthropic": "anthropic:claude-scripted",
    "google": "google:gemini-scripted",
    "xai": "xai:grok-scripted",
    "cohere": "cohere:command-scripted",
    "openrouter": "openrouter:vendor/scripted",
    "ollama": "ollama:scripted",
    "vllm": "vllm:scripted",
}
"""A model of each family, as it is named."""


def reached(stub: StubProvider, family: str = "") -> Mapping[str, ProviderAccess]:
    """Access to every provider, all at the stub."""
    key = SecretStr(KEY)
    return {
        "openai": ProviderAccess(key, stub.url),
        "azure": ProviderAccess(key, stub.root, "2024-10-21" if family == "azure-dated" else None),
        "anthropic": ProviderAccess(key, stub.root),
        "google": ProviderAccess(key, stub.root),
        "xai": ProviderAccess(key, stub.url),
        "cohere": ProviderAccess(key, stub.root),
        "openrouter": ProviderAccess(key, stub.url),
        "ollama": ProviderAccess(None, stub.url),
        "vllm": ProviderAccess(None, stub.url),
    }


@dataclass
class Desk:
    """Asks one question, and keeps the events; `ask` gives the recorded answer or raises."""

    access: Mapping[str, ProviderAccess]
    policy: RequestPolicy = field(
        default_factory=lambda: RequestPolicy(timeout=PATIENCE, retries=0)
    )
    bounds: TurnPolicy = field(default_factory=lambda: TurnPolicy(turn_timeout_seconds=PATIENCE))
    chats: InMemoryChats = field(default_factory=InMemoryChats)
    ids: CountedIds = field(default_factory=CountedIds)
    default: str = "offline:extractive"
    events: list[ChatEvent] = field(default_factory=list[ChatEvent])

    _registry: ModelRegistry | None = None

    async def __aenter__(self) -> "Desk":
        """Keep connections for several questions."""
        self._registry = self._new_registry()
        return self

    async def __aexit__(
        self, _type: type[BaseException] | None, _error: object, _trace: TracebackType | None
    ) -> None:
        assert self._registry is not None
        await self._registry.close()
        self._registry = None

    async def ask(self, model: str | None, question: str = QUESTION) -> Answer:
        if self._registry is None:
            async with self:
                return await self.ask(model, question)
        self.events.clear()
        stream = self._asking(self._registry).stream(
            Question(text=question, model=model), caller=Caller("ann")
        )
        async for event in stream:
            self.events.append(event)
        last = self.events[-1]
        assert isinstance(last, AnswerRecorded)
        return last.answer

    def _new_registry(self) -> ModelRegistry:
        return ModelRegistry(
            default=self.default,
            access=self.access,
            offline={"offline:extractive": _none},
            policy=self.policy,
        )

    def _asking(self, models: ModelRegistry) -> AskQuestion:
        clock = SystemClock()
        return AskQuestion(
            prompt_registry=FixedPrompts(),
            agent=build_agent(),
            search=FixedSearch([passage("Passwords must be rotated every 90 days.")]),
            data=FixedTables(),
            models=models,
            chats=self.chats,
            transcript=self.chats,
            inflight=InFlight(keeper(self.chats.leases)),
            secrets=SecretFilter(),
            clock=clock,
            ids=self.ids,
            citations=CitationPolicy(),
            bounds=self.bounds,
        )


def _none() -> Model:
    return FunctionModel(lambda messages, info: ModelResponse(parts=[]))
