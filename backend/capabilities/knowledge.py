"""Knowledge: documents and tables, stored and found."""

from backend.capabilities.declaration import Capability, Command

KNOWLEDGE = Capability(
    commands={
        "ingest": Command(
            10,
            "backend.cli.knowledge.ingest",
            "Store the documents and tables of files and folders.",
        ),
        "search": Command(
            70,
            "backend.cli.knowledge.search",
            "Find passages in documents, and texts in conversations.",
        ),
        "documents": Command(
            80, "backend.cli.knowledge.documents", "List, show or remove the stored documents."
        ),
        "tables": Command(
            90, "backend.cli.knowledge.tables", "List the loaded tables and their columns."
        ),
        "sql": Command(
            100,
            "backend.cli.knowledge.tables:sql_app",
            "Query the loaded tables in SQL (read-only).",
        ),
        "reindex": Command(
            140,
            "backend.cli.knowledge.ingest:reindex_app",
            "Rebuild the passages and vectors of all documents.",
        ),
        "samples": Command(
            150,
            "backend.cli.knowledge.samples",
            "Copy the sample documents, tables and league into a folder.",
        ),
        "models": Command(
            160,
            "backend.cli.knowledge.models",
            "Show or install the embedding model that runs on this machine.",
        ),
    },
    routes=("backend.http.routes.knowledge",),
    scopes=("knowledge:read", "knowledge:write"),
    settings=(
        "backend.settings.embeddings:EmbeddingSettings",
        "backend.settings.retrieval:RetrievalSettings",
    ),
    compositions={"knowledge": "backend.composition.knowledge:KnowledgeComposition"},
)
