"""Embeddings: a group of settings."""

from typing import ClassVar

from pydantic import Field, SecretStr, field_validator

from backend.setting_groups.group import SettingGroup, web_address

LOCAL_EMBEDDER = "local"
"""The embedding model that runs on this machine."""


class EmbeddingSettings(SettingGroup):
    """Embeddings."""

    heading: ClassVar[str] = "Embeddings"

    embedding_model: str = Field(default=LOCAL_EMBEDDER, min_length=1)
    """Model that turns text into vectors: `local` (all-MiniLM-L6-v2 on this machine) or `provider:name`, such as `openai:text-embedding-3-small`. After a change run `candor reindex`."""
    embedding_api_key: SecretStr | None = None
    """Key for a remote embedding model. Unset: OPENAI_API_KEY, for a model of the provider `openai`."""
    embedding_base_url: str | None = None
    """Base URL for a remote embedding model. Unset: OPENAI_BASE_URL, for a model of the provider `openai`."""
    embedding_dimensions: int | None = Field(default=None, ge=8, le=4096)
    """Length of a remote model's vectors, where it can be chosen. Unset: the model's own."""
    embedding_timeout_seconds: float = Field(default=30.0, gt=0, le=600)
    """How long a remote embedding model may take for one request."""

    @field_validator("embedding_model")
    @classmethod
    def _named(cls, value: str) -> str:
        """A bare name has no provider to ask."""
        if value != LOCAL_EMBEDDER and ":" not in value:
            raise ValueError("must be local or provider:name")
        return value

    @field_validator("embedding_base_url")
    @classmethod
    def _reachable(cls, value: str | None) -> str | None:
        """A missing scheme would fail only at the first text."""
        return web_address(value)
