"""Passages and retrieval: a group of settings."""

from typing import ClassVar, Self

from pydantic import Field, SecretStr, model_validator

from backend.settings.group import SettingGroup


class RetrievalSettings(SettingGroup):
    """Passages and retrieval."""

    heading: ClassVar[str] = "Passages and retrieval"

    passage_characters: ClassVar[int] = 800
    """Target size of a retrieved passage. No setting: docs/decisions/0002-passage-sizes.md measured it."""
    reading_characters: ClassVar[int] = 1600
    """Target size of the section around a passage that the model reads. No setting: docs/decisions/0002-passage-sizes.md measured it."""
    vector_search_limit: int = Field(default=100, ge=1, le=1000)
    """Candidates taken from vector search."""
    bm25_search_limit: int = Field(default=100, ge=1, le=1000)
    """Candidates taken from full-text search (BM25)."""
    final_results_limit: int = Field(default=5, ge=1, le=50)
    """Number of passages that a search returns."""
    rrf_k: int = Field(default=60, ge=1, le=1000)
    """Smoothing constant k of reciprocal rank fusion."""
    vector_weight: ClassVar[float] = 1.0
    """Weight of vector search in the fusion. No setting: the benchmarks of retrieval measure this value."""
    bm25_weight: ClassVar[float] = 1.0
    """Weight of full-text search in the fusion. No setting: the benchmarks of retrieval measure this value."""
    name_weight: ClassVar[float] = 1.0
    """Weight in the fusion of passages that contain a name from the question, such as FIN-01. No setting: the benchmarks of retrieval measure this value."""
    rescored_passages: ClassVar[int] = 30
    """Number of fused passages that are compared with the question token by token. Only with the local embedding model and without a reranker. No setting: the benchmarks of retrieval measure this value."""
    reranker_enabled: bool = False
    """Let a cross-encoder (Cohere) rescore the fused candidates."""
    reranker_api_key: SecretStr | None = None
    """Key for the reranker; required when RERANKER_ENABLED is true."""
    reranker_model: str = Field(default="rerank-v3.5", min_length=1)
    """Model of the reranker."""
    reranker_top_n: int = Field(default=5, ge=1, le=50)
    """Passages kept after reranking."""
    reranker_candidates: ClassVar[int] = 50
    """Number of fused passages that the reranker scores. No setting: the benchmarks of retrieval measure this value."""
    reranker_timeout_seconds: ClassVar[float] = 5.0
    """Time limit for the reranker; after it, the fused order is used. No setting: a person waits for it."""
    citation_weak_below: ClassVar[float] = 0.5
    """A citation is marked weak when its quote covers less than this share of the sentence's content words. No setting: docs/explanation/answers.md describes this rule."""

    @model_validator(mode="after")
    def _reranker_has_a_key(self) -> Self:
        """Found at start, not at the first search."""
        if self.reranker_enabled and self.reranker_api_key is None:
            raise ValueError("RERANKER_API_KEY: needed when RERANKER_ENABLED is true")
        return self
