"""Knowledge: documents and tables, read, stored and found."""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from loguru import logger

from backend.composition.foundation import Composition, Inner, Part
from backend.settings.group import MEGABYTE
from backend.settings.models import LOCAL_EMBEDDER
from use_cases.knowledge.errors import EmbedderUnavailable

if TYPE_CHECKING:
    from services.index.postgresql.server_lanes import ServerLanes
    from services.index.postgresql.server_library import ServerLibrary
    from services.index.sqlite.file_lanes import SqliteLanes
    from services.index.sqlite.file_library import SqliteLibrary
    from use_cases.kernel.ports import Embedder, StructuredData
    from use_cases.knowledge.check_knowledge import CheckKnowledge, CheckModel, InstallModel
    from use_cases.knowledge.complete_vectors import CompleteVectors
    from use_cases.knowledge.embed_texts import EmbedTexts
    from use_cases.knowledge.hybrid_search import SearchKnowledge
    from use_cases.knowledge.ingest_documents import IngestDocuments
    from use_cases.knowledge.manage_documents import ManageDocuments, ReadTables
    from use_cases.knowledge.ports import Reader, Reranker, TokenEmbedder
    from use_cases.knowledge.read_document import ReadDocument
    from use_cases.knowledge.reindex import ReindexKnowledge
    from use_cases.knowledge.upload import UploadDocument


class KnowledgeComposition(Composition):
    """Ingest, search, and query tables."""

    within = "use_cases.knowledge"

    ingest: "Part[IngestDocuments]" = Part(".ingest_documents:IngestDocuments")
    upload: "Part[UploadDocument]" = Part(".upload:UploadDocument")
    reindex: "Part[ReindexKnowledge]" = Part(".reindex:ReindexKnowledge")
    complete_vectors: "Part[CompleteVectors]" = Part(".complete_vectors:CompleteVectors")
    manage_documents: "Part[ManageDocuments]" = Part(".manage_documents:ManageDocuments")
    read_document: "Part[ReadDocument]" = Part(".read_document:ReadDocument")
    search: "Part[SearchKnowledge]" = Part(".hybrid_search:SearchKnowledge")
    # It asks no provider: with the embedding model of this machine or none, and without a reranker.
    local_search: "Part[SearchKnowledge]" = Part(
        ".hybrid_search:SearchKnowledge", embedder="own_embedder", reranker=None
    )
    # Only for the model of this machine: vectors for others cost the owner no money.
    embed_texts: "Part[EmbedTexts | None]" = Part(
        ".embed_texts:EmbedTexts",
        embedder="own_embedder",
        only_if=lambda settings: settings.embeds_here,
    )
    read_tables: "Part[ReadTables]" = Part(".manage_documents:ReadTables")
    check: "Part[CheckKnowledge]" = Part(".check_knowledge:CheckKnowledge")
    check_model: "Part[CheckModel]" = Part(".check_knowledge:CheckModel", models="local_models")
    install_model: "Part[InstallModel | None]" = Part(
        ".check_knowledge:InstallModel",
        only_if=lambda settings: settings.embedding_model == LOCAL_EMBEDDER,
    )

    similarity = Inner(".token_matches:TextSimilarity")
    policy = Inner(".model:RetrievalPolicy")
    chunks = Inner(".model:ChunkPolicy")
    files = Inner("services.embeddings.weights:LocalWeights", models="models_path")
    database = Inner(
        "services.index.sqlite.database:KnowledgeDatabase", closing=True, path="knowledge_path"
    )
    file_library = Inner("services.index.sqlite.file_library:SqliteLibrary")
    file_lanes = Inner("services.index.sqlite.file_lanes:SqliteLanes", in_memory="serving")
    guarded_tables = Inner(
        "services.tables.structured_data:GuardedTables",
        closing=True,
        path="tables_path",
        max_bytes=lambda _: 100 * 1024,
        most_per_caller="queries_per_caller",
    )
    knowledge_database = Inner(
        "services.index.postgresql.knowledge_server:KnowledgeServer",
        closing=True,
        url=lambda settings: settings.knowledge_server or "postgresql://",
        busy_timeout=None,
    )
    server_library = Inner(
        "services.index.postgresql.server_library:ServerLibrary",
        database="knowledge_database",
    )
    server_lanes = Inner(
        "services.index.postgresql.server_lanes:ServerLanes",
        database="knowledge_database",
    )
    server_tables = Inner(
        "services.index.postgresql.tables_copy:ServerTables",
        copy="tables_copy",
        guarded="guarded_tables",
    )
    tables_copy = Inner(
        "services.index.postgresql.tables_copy:TablesCopy",
        server="knowledge_database",
        database="copied_tables",
    )
    copied_tables = Inner(
        "services.index.sqlite.database:KnowledgeDatabase", closing=True, path="tables_path"
    )
    sources = Inner(
        "services.documents.folder_sources:FolderSources",
        max_file_bytes=lambda settings: int(settings.max_file_mb * MEGABYTE),
    )
    local_models = Inner("services.embeddings.local_models:LocalModels", models="models_path")
    local_embedder = Inner(
        "services.embeddings.local:LocalEmbedder", models="models_path", folder="embedding_folder"
    )
    remote_embedder = Inner(
        "services.embeddings.remote:RemoteEmbedder",
        closing=True,
        model="embedder_name",
        api_key="embedding_key",
        base_url="embedding_address",
        api_version="azure_openai_api_version",
        dimensions="embedding_dimensions",
    )
    matches = Inner(".token_matches:MatchTokens", vocabulary="lanes")
    cross_encoder = Inner(
        "services.embeddings.cross_encoder:CrossEncoder",
        folder=lambda settings: settings.reranker_folder or Path(),
    )
    provider_reranker = Inner(
        "services.rerank:CohereReranker",
        only_if=lambda settings: settings.reranker_enabled,
        api_key="reranker_api_key",
        model="reranker_model",
        base_url="cohere_base_url",
    )
    offline_answerer = Inner("services.models.offline.model:OfflineAnswerer", vocabulary="lanes")

    @cached_property
    def library(self) -> "SqliteLibrary | ServerLibrary":
        """The stored documents, on the server where there is one."""
        return self.server_library if self.settings.knowledge_server else self.file_library

    @cached_property
    def lanes(self) -> "SqliteLanes | ServerLanes":
        """The retrieval of passages and the frequency of words, beside the documents."""
        return self.server_lanes if self.settings.knowledge_server else self.file_lanes

    @cached_property
    def data(self) -> "StructuredData":
        """The loaded tables, beside the documents."""
        return self.server_tables if self.settings.knowledge_server else self.guarded_tables

    @cached_property
    def embedder(self) -> "Embedder | None":
        """Text to vectors; None where a key is missing: then full text alone stores and finds."""
        try:
            return self.local_embedder if self.settings.embeds_here else self.remote_embedder
        except EmbedderUnavailable as error:
            logger.warning("no embeddings: {} {}", error.detail, error.hint)
            return None

    @cached_property
    def own_embedder(self) -> "Embedder | None":
        """The embedder of this machine; None where a provider's is set."""
        return self.embedder if self.settings.embeds_here else None

    @cached_property
    def token_embedder(self) -> "TokenEmbedder | None":
        """The embedder of token vectors; providers' models make none, nor those that pool another way."""
        own = self.own_embedder
        makes = own is not None and own is self.local_embedder and self.local_embedder.makes_tokens
        return self.local_embedder if makes else None

    @cached_property
    def reranker(self) -> "Reranker | None":
        """The model that rescores candidates, of this machine or a provider's."""
        return self.cross_encoder if self.settings.reranker_folder else self.provider_reranker

    @cached_property
    def reader(self) -> "Reader":
        """Reads documents, in processes of its own."""
        from services.documents.reader import Bounds, DocumentReader
        from use_cases.knowledge.chunking import cut

        settings = self.settings
        memory = settings.read_memory_mb * MEGABYTE
        bounds = Bounds(seconds=settings.read_timeout_seconds, memory_bytes=memory)
        reader = DocumentReader(bounds, cut)
        self.candor.closing.push_async_callback(reader.close)
        reader.warm()
        return reader
