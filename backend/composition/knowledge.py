"""Knowledge: documents and tables, read, stored and found."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from loguru import logger

from backend.composition.foundation import Composition, Part
from backend.settings.embeddings import LOCAL_EMBEDDER
from backend.settings.group import MEGABYTE
from use_cases.knowledge.errors import EmbedderUnavailable

if TYPE_CHECKING:
    from pydantic_ai.models import Model

    from use_cases.kernel.ports import StructuredData
    from use_cases.knowledge.documents import ManageDocuments
    from use_cases.knowledge.ingest import IngestDocuments
    from use_cases.knowledge.install_model import InstallModel
    from use_cases.knowledge.ports import Embedder, Lanes, Library, Reader, Reranker, Sources
    from use_cases.knowledge.reindex import ReindexKnowledge
    from use_cases.knowledge.search import SearchKnowledge
    from use_cases.knowledge.tables import ReadTables
    from use_cases.knowledge.upload import UploadDocument


class KnowledgeComposition(Composition):
    """Ingest, search, and query tables."""

    ingest: "Part[IngestDocuments]" = Part("use_cases.knowledge.ingest:IngestDocuments")
    upload: "Part[UploadDocument]" = Part("use_cases.knowledge.upload:UploadDocument")
    reindex: "Part[ReindexKnowledge]" = Part("use_cases.knowledge.reindex:ReindexKnowledge")
    manage_documents: "Part[ManageDocuments]" = Part(
        "use_cases.knowledge.documents:ManageDocuments"
    )
    search: "Part[SearchKnowledge]" = Part("use_cases.knowledge.search:SearchKnowledge")
    read_tables: "Part[ReadTables]" = Part("use_cases.knowledge.tables:ReadTables")

    policy: "Part[Any]" = Part("use_cases.knowledge.model:RetrievalPolicy")
    chunks: "Part[Any]" = Part("use_cases.knowledge.model:ChunkPolicy")

    files: "Part[Any]" = Part("services.embeddings.weights:LocalWeights", models="models_path")
    library: "Part[Library]" = Part("services.index.library:SqliteLibrary")
    lanes: "Part[Lanes]" = Part("services.index.lanes:SqliteLanes", in_memory="serving")
    database: "Part[Any]" = Part(
        "services.index.database:KnowledgeDatabase", closing=True, path="knowledge_path"
    )

    local_embedder: "Part[Embedder]" = Part(
        "services.embeddings.local:LocalEmbedder", models="models_path"
    )
    remote_embedder: "Part[Embedder]" = Part(
        "services.embeddings.remote:RemoteEmbedder",
        closing=True,
        model="embedder_name",
        api_key="embedding_key",
        base_url="embedding_address",
        api_version="azure_openai_api_version",
        dimensions="embedding_dimensions",
        timeout="embedding_timeout_seconds",
    )
    cohere: "Part[Reranker]" = Part(
        "services.rerank.cohere:CohereReranker",
        api_key="reranker_api_key",
        model="reranker_model",
        timeout="reranker_timeout_seconds",
        base_url=None,
    )
    offline_answerer: "Part[Model]" = Part(  # it remembers vectors
        "services.models.offline.model:offline_model", vocabulary="lanes"
    )

    @cached_property
    def embedder(self) -> "Embedder | None":
        """Text to vectors; None where a key is missing: then full text alone stores and finds."""
        local = self.settings.embedding_model == LOCAL_EMBEDDER
        try:
            return self.local_embedder if local else self.remote_embedder
        except EmbedderUnavailable as error:
            logger.warning("no embeddings: {} {}", error.detail, error.hint)
            return None

    @cached_property
    def install_model(self) -> "InstallModel | None":
        """Install the local embedding model; None where another one is set."""
        from use_cases.knowledge.install_model import InstallModel

        if self.embedder is None or self.settings.embedding_model != LOCAL_EMBEDDER:
            return None
        return InstallModel(files=self.files, embedder=self.embedder)

    @cached_property
    def reader(self) -> "Reader":
        """Reads documents, in processes of its own."""
        from services.documents.reader import Bounds, DocumentReader
        from use_cases.knowledge.chunking import cut

        settings = self.settings
        memory = settings.read_memory_mb * MEGABYTE
        bounds = Bounds(settings.read_processes, settings.read_timeout_seconds, memory)
        reader = DocumentReader(bounds, cut)
        self.candor.closing.push_async_callback(reader.close)
        reader.warm()
        return reader

    @cached_property
    def sources(self) -> "Sources":
        """The folders and files of this machine."""
        from services.documents.files import FolderSources

        return FolderSources(int(self.settings.max_file_mb * MEGABYTE))

    @cached_property
    def reranker(self) -> "Reranker | None":
        """Orders what was found anew, if that is wanted."""
        wanted = self.settings.reranker_enabled and self.settings.reranker_api_key
        return self.cohere if wanted else None

    @cached_property
    def data(self) -> "StructuredData":
        """The loaded tables, read-only."""
        from services.tables.structured_data import GuardedTables

        settings = self.settings
        tables = GuardedTables(
            settings.knowledge_path,
            deadline_seconds=settings.sql_timeout_seconds,
            max_rows=settings.sql_max_rows,
            max_bytes=settings.sql_max_kb * 1024,
            most_per_caller=settings.queries_per_caller(required=settings.auth_mode == "required"),
        )
        self.candor.closing.push_async_callback(tables.close)
        return tables
