"""The composition root: everything a door may call, each capability's parts by the capability's name."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from backend.capabilities.declaration import imported
from backend.capabilities.registry import CAPABILITIES
from backend.composition.foundation import Foundation, Inner, Part

if TYPE_CHECKING:
    from backend.composition.advice import AdviceComposition
    from backend.composition.benchmark import BenchmarkComposition
    from backend.composition.chat import ChatComposition
    from backend.composition.conversations import ConversationsComposition
    from backend.composition.identity import IdentityComposition
    from backend.composition.knowledge import KnowledgeComposition
    from backend.composition.playground import PlaygroundComposition
    from backend.composition.project_drafts import ProjectDraftsComposition
    from backend.observability.metrics import Metrics
    from use_cases.chat.ports import CitableDocuments
    from use_cases.conversations.memories.recall import RecallMemories
    from use_cases.kernel.identity.admission import Charges
    from use_cases.kernel.identity.key_account import KeyAccount
    from use_cases.kernel.ports import (
        ConversationTraces,
        Embedder,
        Models,
        SaidSearch,
        Search,
        StructuredData,
    )
    from use_cases.kernel.prompts.manage_prompts import BuiltInPrompts
    from use_cases.kernel.recorded_questions import RecordedQuestions
    from use_cases.kernel.runs.check_models import CheckModels
    from use_cases.kernel.runs.inflight import InFlight
    from use_cases.kernel.targets import Targets
    from use_cases.knowledge.ports import Reader
    from use_cases.playground.ports import Similarity


class Container(Foundation):
    """A running Candor. `candor.chat` is what the declaration of chat says composes it."""

    if TYPE_CHECKING:
        knowledge: KnowledgeComposition
        chat: ChatComposition
        advice: AdviceComposition
        identity: IdentityComposition
        playground: PlaygroundComposition
        benchmark: BenchmarkComposition
        conversations: ConversationsComposition
        project_drafts: ProjectDraftsComposition
    else:

        def __getattr__(self, name):
            """A capability's composition, imported and made at its first use."""
            for capability in CAPABILITIES:
                if name in capability.compositions:
                    made = self.__dict__[name] = imported(capability.compositions[name])(self)
                    return made
            raise AttributeError(f"{name!r} is neither a part nor a capability's composition")

    # Kernel ports that a capability fills for the others

    @cached_property
    def search(self) -> "Search":
        """Finds passages."""
        return self.knowledge.search

    @cached_property
    def data(self) -> "StructuredData":
        """The loaded tables, read-only."""
        return self.knowledge.data

    @cached_property
    def documents(self) -> "CitableDocuments":
        """The stored documents."""
        return self.knowledge.library

    @cached_property
    def reader(self) -> "Reader":
        """Reads documents."""
        return self.knowledge.reader

    @cached_property
    def similarity(self) -> "Similarity":
        """The likeness of texts in meaning."""
        return self.knowledge.similarity

    @cached_property
    def embedder(self) -> "Embedder | None":
        """Text to vectors."""
        return self.knowledge.embedder

    @cached_property
    def conversation_traces(self) -> "ConversationTraces":
        """What was made of conversations outside the store."""
        return self.conversations.index_conversations

    @cached_property
    def said_search(self) -> "SaidSearch":
        """Finds what was said in conversations."""
        return self.conversations.search_conversations

    @cached_property
    def key_account(self) -> "KeyAccount":
        """The accounts of API keys."""
        return self.identity.key_account

    @cached_property
    def inflight(self) -> "InFlight":
        """The turns that are being answered, in chat and about drafts."""
        return self.chat.inflight

    @cached_property
    def recall_memories(self) -> "RecallMemories":
        """What a person said before."""
        return self.conversations.recall_memories

    @cached_property
    def charges(self) -> "Charges":
        """Charges of API keys without a record."""
        return self.identity.admissions

    @cached_property
    def built_in(self) -> "Sequence[BuiltInPrompts]":
        """The built-in prompts of every capability."""
        return (
            self.chat.built_in,
            self.advice.built_in,
            self.benchmark.built_in,
            self.project_drafts.built_in,
            self.conversations.summary_prompts,
        )

    @property
    def targets(self) -> "Targets":
        """What can be evaluated beside a prompt, by name."""
        return {"chat": lambda: self.chat.target, "advice": lambda: self.advice.target}

    @cached_property
    def recorded_questions(self) -> "Mapping[str, RecordedQuestions]":
        """What people asked and was recorded, by the target that answers it."""
        return {"chat": self.chat.recorded_questions, "advice": self.advice.recorded_questions}

    check_models: "Part[CheckModels]" = Part(
        "use_cases.kernel.runs.check_models:CheckModels",
        environment="chat_model",
        application="model",
    )
    offline_adviser = Inner("services.models.offline.adviser:offline_adviser")
    offline_drafter = Inner("services.models.offline.drafter:offline_drafter")

    echo_model = Inner("services.models.offline.echo:EchoModel")

    @cached_property
    def models(self) -> "Models":
        """Chat models by name."""
        from services.models.model_registry import ModelRegistry
        from services.models.provider_access import ProviderAccess, RequestPolicy

        settings, version = self.settings, self.settings.azure_openai_api_version
        registry = ModelRegistry(
            default=settings.model,
            access={
                name: ProviderAccess(key, address, version if name == "azure" else None)
                for name, (key, address) in settings.providers.items()
            },
            policy=RequestPolicy(settings.chat_timeout_seconds),
            offline={
                "offline:extractive": lambda: self.knowledge.offline_answerer,
                "offline:adviser": lambda: self.offline_adviser,
                "offline:drafter": lambda: self.offline_drafter,
                "offline:echo": lambda: self.echo_model,
            },
            offline_only=self.offline,
            allowed=settings.requestable_models if self.serving else None,
        )
        self.closing.push_async_callback(registry.close)
        return registry

    @cached_property
    def metrics(self) -> "Metrics":
        """The figures, from now on."""
        from backend.observability.metrics import Metrics

        metrics = Metrics()
        self.listeners.append(metrics.answers.record)
        return metrics
