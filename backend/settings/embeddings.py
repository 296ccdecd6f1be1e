"""Embeddings: a group of settings."""

from typing import ClassVar

from pydantic import Field, SecretStr, field_validator

from backend.settings.group import SettingGroup, web_address

LOCAL_EMBEDDER = "local"
"""The embedding model that runs on this machine."""


class EmbeddingSettings(SettingGroup):
    """Embeddings."""

    heading: ClassVar[str] = "Embeddings"

    embedding_model: str = Field(default=LOCAL_EMBEDDER, min_length=1)
    """Model that turns text into vectors: `local` (all-MiniLM-L6-v2 on this machine), `azure` (the deployment below) or `provider:name`, such as `openai:text-embedding-3-small`. After a change run `candor reindex`."""
    embedding_api_key: SecretStr | None = None
    """Key for a remote embedding model. Unset: the key of the same provider's chat models."""
    embedding_base_url: str | None = None
    """Base URL for a remote embedding model. Unset: the address of the same provider's chat models."""
    azure_openai_embedding_endpoint: str | None = None
    """Address of the Azure OpenAI resource for embeddings. Unset: AZURE_OPENAI_ENDPOINT."""
    azure_openai_embedding_api_key: SecretStr | None = None
    """Key of that resource. Unset: AZURE_OPENAI_API_KEY."""
    azure_openai_embedding_deployment: str = Field(default="text-embedding-3-small", min_length=1)
    """Azure OpenAI deployment for `EMBEDDING_MODEL=azure`."""
    embedding_dimensions: int | None = Field(default=None, ge=8, le=4096)
    """Vector length of a remote model, if the model offers a choice. Unset: the model's default."""
    embedding_timeout_seconds: ClassVar[float] = 30.0
    """Time limit for one request to a remote embedding model. No setting: a batch that takes longer has failed."""

    @field_validator("embedding_model")
    @classmethod
    def _named(cls, value: str) -> str:
        """A bare name has no provider to ask."""
        if value not in (LOCAL_EMBEDDER, "azure") and ":" not in value:
            raise ValueError("must be local, azure or provider:name")
        return value

    @field_validator("embedding_base_url", "azure_openai_embedding_endpoint")
    @classmethod
    def _reachable(cls, value: str | None) -> str | None:
        """A missing scheme would fail only at the first text."""
        return web_address(value)

    @property
    def embedder_name(self) -> str:
        """`local` or `provider:name`, with Azure's deployment as the name."""
        if self.embedding_model == "azure":
            return f"azure:{self.azure_openai_embedding_deployment}"
        return self.embedding_model
