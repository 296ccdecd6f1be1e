"""Passages and retrieval: a group of settings."""

from typing import ClassVar, Self

from pydantic import Field, SecretStr, model_validator

from backend.settings.group import SettingGroup


class RetrievalSettings(SettingGroup):
    """Passages and retrieval."""

    heading: ClassVar[str] = "Passages and retrieval"

    passage_characters: int = Field(default=800, ge=200, le=4000)
    """Target size of a retrieved passage. After a change run `candor reindex`."""
    reading_characters: int = Field(default=1600, ge=400, le=16000)
    """Target size of the section around a passage that the model reads. After a change run `candor reindex`."""
    vector_search_limit: int = Field(default=100, ge=1, le=1000)
    """Candidates taken from vector search."""
    bm25_search_limit: int = Field(default=100, ge=1, le=1000)
    """Candidates taken from full-text search (BM25)."""
    final_results_limit: int = Field(default=5, ge=1, le=50)
    """Number of passages that a search returns."""
    rrf_k: int = Field(default=60, ge=1, le=1000)
    """Smoothing constant k of reciprocal rank fusion."""
    vector_weight: float = Field(default=1.0, ge=0, le=10)
    """Weight of vector search in the fusion."""
    bm25_weight: float = Field(default=1.0, ge=0, le=10)
    """Weight of full-text search in the fusion."""
    name_weight: float = Field(default=1.0, ge=0, le=10)
    """Weight in the fusion of passages that contain a name from the question, such as FIN-01."""
    rescored_passages: int = Field(default=30, ge=0, le=200)
    """Number of fused passages that are compared with the question token by token; 0 turns that off. Only with the local embedding model and without a reranker."""
    reranker_enabled: bool = False
    """Let a cross-encoder (Cohere) rescore the fused candidates."""
    reranker_api_key: SecretStr | None = None
    """Key for the reranker; required when RERANKER_ENABLED is true."""
    reranker_model: str = Field(default="rerank-v3.5", min_length=1)
    """Model of the reranker."""
    reranker_top_n: int = Field(default=5, ge=1, le=50)
    """Passages kept after reranking."""
    reranker_candidates: int = Field(default=50, ge=1, le=200)
    """Number of fused passages that the reranker scores."""
    reranker_timeout_seconds: float = Field(default=5.0, gt=0, le=120)
    """Time limit for the reranker; after it, the fused order is used."""
    citation_weak_below: float = Field(default=0.5, ge=0, le=1)
    """A citation is marked weak when its quote covers less than this share of the sentence's content words."""

    @model_validator(mode="after")
    def _reranker_has_a_key(self) -> Self:
        """Found at start, not at the first search."""
        if self.reranker_enabled and self.reranker_api_key is None:
            raise ValueError("RERANKER_API_KEY: needed when RERANKER_ENABLED is true")
        return self
