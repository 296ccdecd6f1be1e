"""The composition root: everything a door may call, each capability's parts by the capability's name."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from backend.composition.foundation import Foundation, Inner, Part, Parts, Shared

if TYPE_CHECKING:
    from backend.composition.compose_advice import AdviceComposition
    from backend.composition.compose_benchmark import BenchmarkComposition
    from backend.composition.compose_chat import ChatComposition
    from backend.composition.compose_conversations import ConversationsComposition
    from backend.composition.compose_knowledge import KnowledgeComposition
    from backend.composition.compose_playground import PlaygroundComposition
    from backend.composition.identity import IdentityComposition
    from backend.observability.metrics import Metrics
    from use_cases.kernel.check_server import CheckServer
    from use_cases.kernel.check_storage import CheckStorage, WriteProbe
    from use_cases.kernel.jobs.list_jobs import ListJobs
    from use_cases.kernel.jobs.orders import SpreadWork
    from use_cases.kernel.moving import MoveEverything, Shelf
    from use_cases.kernel.ports import Models
    from use_cases.kernel.prompts.manage_prompts import BuiltInPrompts
    from use_cases.kernel.runs.check_models import CheckModels
    from use_cases.kernel.targets import RecordedQuestions, Targets


class Container(Foundation):
    """A running Candor: `candor.chat.ask` is a use case of chat."""

    within = "backend.composition"

    knowledge: "Parts[KnowledgeComposition]" = Parts(".compose_knowledge:KnowledgeComposition")
    chat: "Parts[ChatComposition]" = Parts(".compose_chat:ChatComposition")
    advice: "Parts[AdviceComposition]" = Parts(".compose_advice:AdviceComposition")
    playground: "Parts[PlaygroundComposition]" = Parts(".compose_playground:PlaygroundComposition")
    benchmark: "Parts[BenchmarkComposition]" = Parts(".compose_benchmark:BenchmarkComposition")
    conversations: "Parts[ConversationsComposition]" = Parts(
        ".compose_conversations:ConversationsComposition"
    )
    identity: "Parts[IdentityComposition]" = Parts(".identity:IdentityComposition")

    search = Shared("knowledge.search")
    data = Shared("knowledge.data")
    documents = Shared("knowledge.library")
    reader = Shared("knowledge.reader")
    similarity = Shared("knowledge.similarity")
    embedder = Shared("knowledge.embedder")
    conversation_traces = Shared("conversations.index_conversations")
    said_search = Shared("conversations.search_conversations")
    recall_memories = Shared("conversations.recall_memories")
    inflight = Shared("chat.inflight")
    key_account = Shared("identity.key_account")
    charges = Shared("identity.admissions")

    @property
    def built_in(self) -> "Mapping[str, Callable[[], BuiltInPrompts]]":
        """The built-in prompts, which are imported by the first that asks."""
        return {
            "chat": lambda: self.chat.built_in,
            "advice": lambda: self.advice.built_in,
            "benchmark": lambda: self.benchmark.built_in,
            "drafts": lambda: self.conversations.draft_prompts,
            "summaries": lambda: self.conversations.summary_prompts,
        }

    @property
    def targets(self) -> "Targets":
        """What can be evaluated beside a prompt, by name."""
        return {"chat": lambda: self.chat.target, "advice": lambda: self.advice.target}

    @cached_property
    def recorded_questions(self) -> "Mapping[str, RecordedQuestions]":
        """What people asked and was recorded, by the target that answers it."""
        return {"chat": self.chat.recorded_questions, "advice": self.advice.recorded_questions}

    @cached_property
    def places(self) -> "Sequence[WriteProbe]":
        """Where data is kept."""
        return (self.data_folder, self.stored_leases)

    move_everything: "Part[MoveEverything]" = Part("use_cases.kernel.moving:MoveEverything")

    @property
    def shelves(self) -> "Sequence[Shelf[Any]]":
        """Everything that is kept and cannot be made anew, as pieces of a move, but for files."""
        from services.store.table_shelves import table_shelves

        return [*table_shelves(self.store), self.knowledge.library.shelf()]

    @property
    def folder_files(self) -> "Shelf[Any] | None":
        """Attached files in the folder of this machine; None where there is none."""
        from services.attachments import FileShelf, folder_store

        folder = self.settings.files_path
        return FileShelf(folder_store(folder)) if folder.is_dir() else None

    def kept_files(self) -> "Shelf[Any]":
        """Returns the attached files, in the bucket that is set or in the folder."""
        from services.attachments import FileShelf

        return FileShelf(self.conversations.file_store)

    check_server: "Part[CheckServer]" = Part("use_cases.kernel.check_server:CheckServer")
    server_use = Inner("services.store.server_use:SqlServerUse")
    list_jobs: "Part[ListJobs]" = Part("use_cases.kernel.jobs.list_jobs:ListJobs")
    spread_work: "Part[SpreadWork]" = Part("use_cases.kernel.jobs.orders:SpreadWork")
    check_storage: "Part[CheckStorage]" = Part(
        "use_cases.kernel.check_storage:CheckStorage", clock="system_clock"
    )
    check_models: "Part[CheckModels]" = Part(
        "use_cases.kernel.runs.check_models:CheckModels",
        environment="chat_model",
        application="model",
    )
    offline_adviser = Inner("services.models.offline.adviser:offline_adviser")
    offline_drafter = Inner("services.models.offline.drafter:offline_drafter")

    echo_model = Inner("services.models.offline.steps:echo_model")

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
                "offline:extractive": lambda: self.knowledge.offline_answerer.model(),
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
