"""The parts of a running Candor: the ports as they are filled, and the use cases made of them.

Promises: each part is made when it is first asked for, and once, so that a command imports and
opens only what it needs; leaving the context closes whatever was opened, in reverse order. Knows
no adapter: `backend/bootstrap.py` fills the ports, and a test may fill any of them otherwise.
"""

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Self

from backend.settings import Settings

if TYPE_CHECKING:
    # Only named: a command pays for importing what it uses, at its first use.
    from use_cases.chat.answers import ListAnswers, ShowAnswer
    from use_cases.chat.ask import AskQuestion
    from use_cases.chat.ports import Answers, Models
    from use_cases.kernel.ports import Clock, Ids, StructuredData
    from use_cases.knowledge.documents import ListDocuments, RemoveDocument, ShowDocument
    from use_cases.knowledge.ingest import IngestDocuments
    from use_cases.knowledge.model import ChunkPolicy
    from use_cases.knowledge.ports import Embedder, Lanes, Library, Reader, Reranker, Sources
    from use_cases.knowledge.reindex import ReindexKnowledge
    from use_cases.knowledge.search import SearchKnowledge
    from use_cases.knowledge.tables import ListTables, QueryTables
    from use_cases.knowledge.upload import UploadDocument


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """How each port is filled: a function that makes the adapter, called once, when it is needed."""

    clock: "Callable[[], Clock]"
    ids: "Callable[[], Ids]"
    sources: "Callable[[], Sources]"
    reader: "Callable[[], Reader]"
    embedder: "Callable[[], Embedder | None]"
    library: "Callable[[], Library]"
    lanes: "Callable[[], Lanes]"
    reranker: "Callable[[], Reranker | None]"
    data: "Callable[[], StructuredData]"
    models: "Callable[[], Models]"
    answers: "Callable[[], Answers]"


class Container:
    """One running Candor. Use it as an async context manager."""

    def __init__(self, settings: Settings, ports: Ports, closing: AsyncExitStack) -> None:
        self.settings = settings
        self._ports = ports
        self._closing = closing

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._closing.__aexit__(kind, error, trace)

    # Ports

    @cached_property
    def clock(self) -> "Clock":
        """Time."""
        return self._ports.clock()

    @cached_property
    def embedder(self) -> "Embedder | None":
        """Text to vectors; None where a remote model has no key."""
        return self._ports.embedder()

    @cached_property
    def library(self) -> "Library":
        """The stored documents."""
        return self._ports.library()

    @cached_property
    def lanes(self) -> "Lanes":
        """The two ways to find a passage."""
        return self._ports.lanes()

    @cached_property
    def data(self) -> "StructuredData":
        """The loaded tables, read-only."""
        return self._ports.data()

    @cached_property
    def models(self) -> "Models":
        """Chat models by name."""
        return self._ports.models()

    @cached_property
    def answers(self) -> "Answers":
        """The recorded answers."""
        return self._ports.answers()

    # Knowledge

    @cached_property
    def ingest(self) -> "IngestDocuments":
        """Store the documents of a folder or file."""
        from use_cases.knowledge.ingest import IngestDocuments

        return IngestDocuments(
            sources=self._ports.sources(),
            reader=self._ports.reader(),
            library=self.library,
            embedder=self.embedder,
            clock=self.clock,
            chunks=self._chunks,
        )

    @cached_property
    def upload(self) -> "UploadDocument":
        """Store one uploaded document."""
        from use_cases.knowledge.upload import UploadDocument

        return UploadDocument(
            reader=self._ports.reader(),
            library=self.library,
            embedder=self.embedder,
            clock=self.clock,
            chunks=self._chunks,
        )

    @cached_property
    def reindex(self) -> "ReindexKnowledge":
        """Rebuild passages and vectors of all documents."""
        from use_cases.knowledge.reindex import ReindexKnowledge

        return ReindexKnowledge(
            sources=self._ports.sources(),
            reader=self._ports.reader(),
            library=self.library,
            embedder=self.embedder,
            clock=self.clock,
            chunks=self._chunks,
        )

    @cached_property
    def list_documents(self) -> "ListDocuments":
        """List what is stored."""
        from use_cases.knowledge.documents import ListDocuments

        return ListDocuments(library=self.library)

    @cached_property
    def show_document(self) -> "ShowDocument":
        """Show a document with its text."""
        from use_cases.knowledge.documents import ShowDocument

        return ShowDocument(library=self.library)

    @cached_property
    def remove_document(self) -> "RemoveDocument":
        """Remove a document."""
        from use_cases.knowledge.documents import RemoveDocument

        return RemoveDocument(library=self.library)

    @cached_property
    def search(self) -> "SearchKnowledge":
        """Find passages."""
        from use_cases.knowledge.model import RetrievalPolicy
        from use_cases.knowledge.search import SearchKnowledge

        told = self.settings
        policy = RetrievalPolicy(
            vector_search_limit=told.vector_search_limit,
            bm25_search_limit=told.bm25_search_limit,
            final_results_limit=told.final_results_limit,
            rrf_k=told.rrf_k,
            vector_weight=told.vector_weight,
            bm25_weight=told.bm25_weight,
            name_weight=told.name_weight,
            reranker_top_n=told.reranker_top_n,
            reranker_candidates=told.reranker_candidates,
        )
        return SearchKnowledge(
            lanes=self.lanes,
            embedder=self.embedder,
            reranker=self._ports.reranker(),
            policy=policy,
        )

    @cached_property
    def list_tables(self) -> "ListTables":
        """List the loaded tables."""
        from use_cases.knowledge.tables import ListTables

        return ListTables(data=self.data)

    @cached_property
    def query_tables(self) -> "QueryTables":
        """Ask the loaded tables in SQL."""
        from use_cases.knowledge.tables import QueryTables

        return QueryTables(data=self.data)

    # Chat

    @cached_property
    def ask(self) -> "AskQuestion":
        """Answer a question with verified citations."""
        import pydantic_ai

        from use_cases.chat.agent import build_agent
        from use_cases.chat.ask import AskQuestion, TurnPolicy
        from use_cases.chat.model import CitationPolicy

        # On a terminal the first run of an agent would print a page about observability.
        pydantic_ai.BANNER_ENABLED = False
        return AskQuestion(
            agent=build_agent(),
            search=self.search,
            data=self.data,
            models=self.models,
            answers=self.answers,
            clock=self.clock,
            ids=self._ports.ids(),
            citations=CitationPolicy(weak_below=self.settings.citation_weak_below),
            bounds=TurnPolicy(timeout=self.settings.turn_timeout_seconds),
        )

    @cached_property
    def list_answers(self) -> "ListAnswers":
        """List the recorded answers."""
        from use_cases.chat.answers import ListAnswers

        return ListAnswers(answers=self.answers)

    @cached_property
    def show_answer(self) -> "ShowAnswer":
        """Show one recorded answer."""
        from use_cases.chat.answers import ShowAnswer

        return ShowAnswer(answers=self.answers)

    @cached_property
    def _chunks(self) -> "ChunkPolicy":
        from use_cases.knowledge.model import ChunkPolicy

        return ChunkPolicy(
            passage_characters=self.settings.passage_characters,
            reading_characters=self.settings.reading_characters,
        )
