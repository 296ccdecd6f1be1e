"""The use cases of knowledge."""

from functools import cached_property
from typing import TYPE_CHECKING

from backend.composition.ports import Parts
from backend.settings.embeddings import LOCAL_EMBEDDER

if TYPE_CHECKING:
    # Only named: a command pays for importing what it uses, at its first use.
    from use_cases.knowledge.documents import ListDocuments, RemoveDocuments, ShowDocument
    from use_cases.knowledge.ingest import IngestDocuments
    from use_cases.knowledge.install_model import InstallModel
    from use_cases.knowledge.model import ChunkPolicy
    from use_cases.knowledge.reindex import ReindexKnowledge
    from use_cases.knowledge.search import SearchKnowledge
    from use_cases.knowledge.tables import ListTables, QueryTables
    from use_cases.knowledge.upload import UploadDocument


class KnowledgeParts(Parts):
    """Ingest, search, and ask tables."""

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
    def install_model(self) -> "InstallModel | None":
        """Install the local embedding model; None where another one is set."""
        if self.embedder is None or self.settings.embedding_model != LOCAL_EMBEDDER:
            return None
        from use_cases.knowledge.install_model import InstallModel

        return InstallModel(files=self._ports.model_files(), embedder=self.embedder)

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
        """Rebuild the passages and vectors of all documents."""
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
    def remove_documents(self) -> "RemoveDocuments":
        """Remove documents."""
        from use_cases.knowledge.documents import RemoveDocuments

        return RemoveDocuments(library=self.library, sources=self._ports.sources())

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

    @cached_property
    def _chunks(self) -> "ChunkPolicy":
        from use_cases.knowledge.model import ChunkPolicy

        return ChunkPolicy(
            passage_characters=self.settings.passage_characters,
            reading_characters=self.settings.reading_characters,
        )
