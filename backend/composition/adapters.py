"""The composition root: fills every port with its adapter. The only module that imports `services`.

Imports stand inside the functions: a command that asks for the documents' list must not pay for
the chat model, nor `candor --help` for either.
"""

from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import cache
from typing import TYPE_CHECKING

from loguru import logger

from backend.composition.container import Container
from backend.composition.ports import Ports
from backend.settings.embeddings import LOCAL_EMBEDDER
from backend.settings.group import MEGABYTE
from backend.settings.settings import Settings
from use_cases.knowledge.errors import EmbedderUnavailable

if TYPE_CHECKING:
    from pydantic import SecretStr
    from pydantic_ai.models import Model

    from services.index.database import KnowledgeDatabase
    from services.index.lanes import SqliteLanes
    from services.store.store import Store
    from use_cases.advice.ports import Calibrations, Profiles, Prompts, Responses, WebSearch
    from use_cases.chat.ports import Answers, Chats, Transcript
    from use_cases.kernel.identity.admission import Admissions
    from use_cases.kernel.identity.api_key import ApiKeys
    from use_cases.kernel.ports import Clock, Entropy, Ids, Models, StructuredData
    from use_cases.kernel.runs.leasing import Leases
    from use_cases.knowledge.ports import Embedder, Library, ModelFiles, Reader, Reranker, Sources


def build(
    settings: Settings,
    *,
    serving: bool = False,
    offline: bool = False,
    override: Callable[[Ports], Ports] | None = None,
) -> Container:
    """A Candor with these settings; nothing is opened yet.

    `serving`: it will run for long, so vectors are kept in memory. `offline`: no part may reach
    for the network, whatever the settings say. `override` may fill ports otherwise (in tests).
    """
    settings = settings.offline() if offline else settings
    closing = AsyncExitStack()
    ports = _Wiring(settings, closing, serving=serving, offline=offline).ports()
    return Container(settings, override(ports) if override else ports, closing)


class _Wiring:
    """Makes each adapter from the settings, and sees to its closing."""

    def __init__(
        self, settings: Settings, closing: AsyncExitStack, *, serving: bool, offline: bool
    ) -> None:
        self._settings = settings
        self._closing = closing
        self._serving = serving
        self._offline = offline
        # Ports that share one thing (a database, an embedder) must share the same one.
        self._database = cache(self._new_database)
        self._reader = cache(self._new_reader)
        self._lanes = cache(self._new_lanes)
        self._clock = cache(self._new_clock)
        self._embedder = cache(self._new_embedder)
        self._data = cache(self._new_data)
        self._store = cache(self._new_store)
        self._offline_model = cache(self._new_offline_model)  # it remembers vectors

    def ports(self) -> Ports:
        return Ports(
            clock=self._clock,
            ids=self._ids,
            entropy=self._entropy,
            sources=self._sources,
            reader=self._reader,
            embedder=self._embedder,
            model_files=self._model_files,
            library=self._library,
            lanes=self._lanes,
            reranker=self._reranker,
            data=self._data,
            models=self._models,
            answers=self._answers,
            chats=self._chats,
            transcript=self._transcript,
            open_store=lambda: self._store().open(),
            leases=self._leases,
            admissions=self._admissions,
            api_keys=self._api_keys,
            responses=self._responses,
            calibrations=self._calibrations,
            profiles=self._profiles,
            prompts=self._prompts,
            web_search=self._web_search,
        )

    def _new_clock(self) -> "Clock":
        from services.system.clock import SystemClock

        return SystemClock()

    def _ids(self) -> "Ids":
        from services.system.ids import TimeSortedIds

        return TimeSortedIds(clock=self._clock())

    def _entropy(self) -> "Entropy":
        from services.system.entropy import SystemEntropy

        return SystemEntropy()

    def _sources(self) -> "Sources":
        from services.documents.files import FolderSources

        return FolderSources(int(self._settings.max_file_mb * MEGABYTE))

    def _new_reader(self) -> "Reader":
        from services.documents.reader import Bounds, DocumentReader
        from use_cases.knowledge.chunking import cut

        told = self._settings
        memory = told.read_memory_mb * MEGABYTE
        reader = DocumentReader(Bounds(told.read_processes, told.read_timeout_seconds, memory), cut)
        self._closing.push_async_callback(reader.close)
        reader.warm()
        return reader

    def _new_embedder(self) -> "Embedder | None":
        """None where a key is missing: then documents are stored and found by full text alone."""
        try:
            return self._chosen_embedder()
        except EmbedderUnavailable as error:
            logger.warning("no embeddings: {} {}", error.detail, error.hint)
            return None

    def _chosen_embedder(self) -> "Embedder":
        told = self._settings
        if told.embedding_model == LOCAL_EMBEDDER:
            from services.embeddings.local import LocalEmbedder

            return LocalEmbedder(told.models_path)
        from services.embeddings.remote import RemoteEmbedder

        embedder = RemoteEmbedder(
            told.embedder_name,
            api_key=_revealed(told.embedding_key),
            base_url=told.embedding_address,
            api_version=told.azure_openai_api_version,
            dimensions=told.embedding_dimensions,
            timeout=told.embedding_timeout_seconds,
        )
        self._closing.push_async_callback(embedder.close)
        return embedder

    def _model_files(self) -> "ModelFiles":
        from services.embeddings.weights import LocalWeights

        return LocalWeights(self._settings.models_path)

    def _new_database(self) -> "KnowledgeDatabase":
        from services.index.database import KnowledgeDatabase

        database = KnowledgeDatabase(self._settings.knowledge_path)
        self._closing.push_async_callback(database.close)
        return database

    def _library(self) -> "Library":
        from services.index.library import SqliteLibrary

        return SqliteLibrary(self._database())

    def _new_lanes(self) -> "SqliteLanes":
        from services.index.lanes import SqliteLanes

        return SqliteLanes(self._database(), in_memory=self._serving)

    def _reranker(self) -> "Reranker | None":
        if not self._settings.reranker_enabled or self._settings.reranker_api_key is None:
            return None
        from services.rerank.cohere import CohereReranker

        return CohereReranker(
            self._settings.reranker_api_key.get_secret_value(),
            model=self._settings.reranker_model,
            timeout=self._settings.reranker_timeout_seconds,
        )

    def _new_data(self) -> "StructuredData":
        from services.tables.structured_data import GuardedTables

        tables = GuardedTables(
            self._settings.knowledge_path,
            deadline_seconds=self._settings.sql_timeout_seconds,
            max_rows=self._settings.sql_max_rows,
            max_bytes=self._settings.sql_max_kb * 1024,
            most_per_caller=self._settings.queries_per_caller(
                required=self._settings.auth_mode == "required"
            ),
        )
        self._closing.push_async_callback(tables.close)
        return tables

    def _models(self) -> "Models":
        from services.models.access import ProviderAccess, RequestPolicy
        from services.models.registry import ModelRegistry

        told = self._settings
        azure = told.azure_openai_api_version
        registry = ModelRegistry(
            default=told.model,
            access={
                name: ProviderAccess(key, address, azure if name == "azure" else None)
                for name, (key, address) in told.providers.items()
            },
            policy=RequestPolicy(told.chat_timeout_seconds),
            offline={
                "offline:extractive": self._offline_model,
                "offline:adviser": self._offline_adviser,
            },
            offline_only=self._offline,
            allowed=told.requestable_models if self._serving else None,
        )
        self._closing.push_async_callback(registry.close)
        return registry

    def _new_offline_model(self) -> "Model":
        from services.models.offline.model import offline_model

        return offline_model(
            vocabulary=self._lanes(),
            embedder=self._embedder(),
            data=self._data(),
            library=self._library(),
        )

    def _offline_adviser(self) -> "Model":
        from services.models.offline.adviser import offline_adviser

        return offline_adviser()

    def _answers(self) -> "Answers":
        from services.store.answers import SqlAnswers

        return SqlAnswers(self._store())

    def _chats(self) -> "Chats":
        from services.store.chats import SqlChats

        return SqlChats(self._store())

    def _transcript(self) -> "Transcript":
        from services.store.transcript import SqlTranscript

        return SqlTranscript(self._store())

    def _leases(self) -> "Leases":
        from services.store.leases import SqlLeases

        return SqlLeases(self._store())

    def _admissions(self) -> "Admissions":
        from services.store.admissions import SqlAdmissions

        return SqlAdmissions(self._store())

    def _api_keys(self) -> "ApiKeys":
        from services.store.api_keys import SqlApiKeys

        return SqlApiKeys(self._store())

    def _responses(self) -> "Responses":
        from services.store.responses import SqlResponses

        return SqlResponses(self._store())

    def _calibrations(self) -> "Calibrations":
        from services.store.calibrations import SqlCalibrations

        return SqlCalibrations(self._store())

    def _profiles(self) -> "Profiles":
        from services.profiles.profile_folders import FolderProfiles

        told = self._settings
        return FolderProfiles(default=told.advice_profile, own=told.profiles_path)

    def _prompts(self) -> "Prompts | None":
        if self._settings.prompt_file is None:
            return None
        from services.profiles.prompt_files import FilePrompts

        return FilePrompts(self._settings.prompt_file)

    def _web_search(self) -> "WebSearch | None":
        told = self._settings
        if told.web_search_url is None:
            return None
        from services.web.searxng import SearxngSearch

        search = SearxngSearch(told.web_search_url, _revealed(told.web_search_key))
        self._closing.push_async_callback(search.close)
        return search

    def _new_store(self) -> "Store":
        from services.store.store import Store

        store = Store(self._settings.store_url, synchronous=self._settings.sqlite_synchronous)
        self._closing.push_async_callback(store.close)
        return store


def _revealed(secret: "SecretStr | None") -> str | None:
    return None if secret is None else secret.get_secret_value()
