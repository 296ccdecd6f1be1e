"""The settings of chat models and their providers, of embeddings, and of retrieval."""

from pathlib import Path
from typing import ClassVar, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from backend.settings.group import Key, Names, SettingGroup, WebAddress

OFFLINE_MODEL = "offline:extractive"
"""The answerer that needs no key and no network."""


class ModelSettings(SettingGroup):
    """The chat model and the providers it may come from."""

    heading: ClassVar[str] = "The chat model and its providers"

    chat_model: str | None = Field(default=None, min_length=1)
    """Model that writes answers, as `provider:name`, or several separated by commas: if one is unavailable, the next is used. Unset: decided by the first of these keys that is set, in this order: OPENAI_API_KEY (`openai:gpt-4.1-mini`), AZURE_OPENAI_API_KEY (`azure:` and its deployment), ANTHROPIC_API_KEY (`anthropic:claude-haiku-4-5`), GOOGLE_API_KEY (`google:gemini-3.5-flash-lite`), XAI_API_KEY (`xai:grok-4.3`), COHERE_API_KEY (`cohere:command-a-03-2025`), OPENROUTER_API_KEY (`openrouter:openai/gpt-4.1-mini`); else `offline:extractive`, which needs no key and no network."""
    chat_models: Names | None = None
    """Models that requests over HTTP may name, beside those of CHAT_MODEL, OPENAI_DEFAULT_MODEL and the offline ones, separated by commas; `*` allows every model of a configured provider. Unset: no others with AUTH_MODE=required, every model in local mode. The command line may name any model."""
    chat_timeout_seconds: float = Field(default=60.0, gt=0, le=600)
    """Time limit for a chat model's first word, and for each pause within its answer. A temporary failure (such as a rate limit) is retried twice within the time for the first word."""
    turn_timeout_seconds: float = Field(default=120.0, gt=0, le=1800)
    """Time limit for a whole answer, with all its searches and requests."""

    openai_api_key: Key = None
    """Key of OpenAI, or of any server with the OpenAI API."""
    openai_base_url: WebAddress = None
    """Base URL of a server with the OpenAI API, such as `http://localhost:11434/v1`. Unset: OpenAI's own."""

    azure_openai_api_key: Key = None
    """Key of an Azure OpenAI resource."""
    azure_openai_endpoint: WebAddress = None
    """Address of the Azure OpenAI resource, such as `https://name.openai.azure.com`."""
    azure_openai_chat_deployment: str = Field(default="gpt-4o-mini", min_length=1)
    """Deployment to use when no model is named."""
    azure_openai_api_version: str | None = None
    """A dated API version, such as `2024-10-21`. Unset: the resource's `/openai/v1/`, which needs none."""

    anthropic_api_key: Key = None
    """Key of Anthropic, for `anthropic:` models."""
    anthropic_base_url: WebAddress = None
    """Another server with Anthropic's API. Unset: Anthropic's own."""
    google_api_key: Key = None
    """Key of the Gemini API, for `google:` models."""
    xai_api_key: Key = None
    """Key of xAI, for `xai:` models."""
    cohere_api_key: Key = None
    """Key of Cohere, for `cohere:` models. The reranker has a key of its own."""
    cohere_base_url: WebAddress = None
    """Another server with Cohere's API, for `cohere:` models and the reranker. Unset: CO_API_URL, as Cohere's own tools have it; else Cohere's."""
    openrouter_api_key: Key = None
    """Key of OpenRouter, for `openrouter:vendor/model`."""
    ollama_base_url: WebAddress = None
    """Address of an Ollama server's OpenAI API, such as `http://localhost:11434/v1`, for `ollama:` models."""
    ollama_api_key: Key = None
    """Key of the Ollama server, if it needs one."""
    vllm_base_url: WebAddress = None
    """Address of a vLLM server, such as `http://localhost:8000/v1`, for `vllm:` models."""
    vllm_api_key: Key = None
    """Key of the vLLM server, if it needs one."""

    @property
    def model(self) -> str:
        """The chat model that is really used: as set, or by which keys there are."""
        if self.chat_model is not None:
            return self.chat_model
        return next(iter(self.default_models.values()), OFFLINE_MODEL)

    @property
    def default_models(self) -> dict[str, str]:
        """The model that is asked of each provider whose key is set, when none is named."""
        by_key = {
            "openai": (self.openai_api_key, "openai:gpt-4.1-mini"),
            "azure": (self.azure_openai_api_key, f"azure:{self.azure_openai_chat_deployment}"),
            "anthropic": (self.anthropic_api_key, "anthropic:claude-haiku-4-5"),
            "google": (self.google_api_key, "google:gemini-3.5-flash-lite"),
            "xai": (self.xai_api_key, "xai:grok-4.3"),
            "cohere": (self.cohere_api_key, "cohere:command-a-03-2025"),
            "openrouter": (self.openrouter_api_key, "openrouter:openai/gpt-4.1-mini"),
        }
        return {name: model for name, (key, model) in by_key.items() if key is not None}

    @property
    def providers(self) -> dict[str, tuple[SecretStr | None, str | None]]:
        """The key and address of each provider that is configured, by its name."""
        found = {
            "openai": (self.openai_api_key, self.openai_base_url),
            "azure": (self.azure_openai_api_key, self.azure_openai_endpoint),
            "anthropic": (self.anthropic_api_key, self.anthropic_base_url),
            "google": (self.google_api_key, None),
            "xai": (self.xai_api_key, None),
            "cohere": (self.cohere_api_key, self.cohere_base_url),
            "openrouter": (self.openrouter_api_key, None),
            "ollama": (self.ollama_api_key, self.ollama_base_url),
            "vllm": (self.vllm_api_key, self.vllm_base_url),
        }
        return {name: reached for name, reached in found.items() if _complete(name, *reached)}


def _complete(name: str, key: SecretStr | None, address: str | None) -> bool:
    """Returns whether the settings suffice: a server of one's own needs no key, Azure needs both."""
    if name == "azure":
        return key is not None and address is not None
    if name in ("ollama", "vllm"):
        return address is not None
    return key is not None or (name == "openai" and address is not None)


LOCAL_EMBEDDER = "local"
"""The embedding model that is installed on this machine."""

_FOLDER = "local:"
"""What stands before the folder of another model that runs here."""


class EmbeddingSettings(SettingGroup):
    """Embeddings."""

    heading: ClassVar[str] = "Embeddings"

    embedding_model: str = Field(default=LOCAL_EMBEDDER, min_length=1)
    """Model that turns text into vectors: `local` (all-MiniLM-L6-v2 on this machine), `local:/folder` (an ONNX model with its tokenizer; see docs/how-to/use-your-own-model.md), `azure` (the deployment below) or `provider:name`, such as `openai:text-embedding-3-small`. After a change run `candor reindex`."""
    embedding_api_key: Key = None
    """Key for a remote embedding model. Unset: the key of the same provider's chat models."""
    embedding_base_url: WebAddress = None
    """Base URL for a remote embedding model. Unset: the address of the same provider's chat models."""
    azure_openai_embedding_endpoint: WebAddress = None
    """Address of the Azure OpenAI resource for embeddings. Unset: AZURE_OPENAI_ENDPOINT."""
    azure_openai_embedding_api_key: Key = None
    """Key of that resource. Unset: AZURE_OPENAI_API_KEY."""
    azure_openai_embedding_deployment: str = Field(default="text-embedding-3-small", min_length=1)
    """Azure OpenAI deployment for `EMBEDDING_MODEL=azure`."""
    embedding_dimensions: int | None = Field(default=None, ge=8, le=4096)
    """Vector length of a remote model, if the model offers a choice. Unset: the model's default."""

    @field_validator("embedding_model")
    @classmethod
    def _named(cls, value: str) -> str:
        """A bare name has no provider to ask."""
        if value not in (LOCAL_EMBEDDER, "azure") and ":" not in value:
            raise ValueError("must be local, local:/folder, azure or provider:name")
        return value

    @property
    def embedding_folder(self) -> Path | None:
        """The folder of the embedding model, where EMBEDDING_MODEL names one."""
        return _folder(self.embedding_model)

    @property
    def embeds_here(self) -> bool:
        """Whether texts become vectors on this machine."""
        return self.embedding_model == LOCAL_EMBEDDER or self.embedding_folder is not None

    @property
    def embedder_label(self) -> str:
        """The model as others may see it: of a folder its name alone."""
        folder = self.embedding_folder
        return f"{_FOLDER}{folder.name}" if folder else self.embedding_model

    @property
    def embedder_name(self) -> str:
        """`local` or `provider:name`, with Azure's deployment as the name."""
        if self.embedding_model == "azure":
            return f"azure:{self.azure_openai_embedding_deployment}"
        return self.embedding_model


class RetrievalSettings(SettingGroup):
    """Passages and retrieval."""

    heading: ClassVar[str] = "Passages and retrieval"

    vector_search_limit: int = Field(default=100, ge=1, le=1000)
    """Candidates taken from vector search."""
    bm25_search_limit: int = Field(default=100, ge=1, le=1000)
    """Candidates taken from full-text search (BM25)."""
    final_results_limit: int = Field(default=5, ge=1, le=50)
    """Number of passages that a search returns."""
    rrf_k: int = Field(default=60, ge=1, le=1000)
    """Smoothing constant k of reciprocal rank fusion."""
    reranker: str | None = Field(default=None, min_length=1)
    """`local:/folder` of a cross-encoder (an ONNX model with its tokenizer) that rescores the fused candidates on this machine. Unset: Cohere's, where RERANKER_ENABLED is true."""
    reranker_enabled: bool = False
    """Let a cross-encoder (Cohere) rescore the fused candidates."""
    reranker_api_key: Key = None
    """Key for the reranker; required when RERANKER_ENABLED is true."""
    reranker_model: str = Field(default="rerank-v3.5", min_length=1)
    """Model of the reranker."""
    reranker_top_n: int = Field(default=5, ge=1, le=50)
    """Passages kept after reranking."""

    @field_validator("reranker")
    @classmethod
    def _in_a_folder(cls, value: str | None) -> str | None:
        """Another name would be taken for a model of a provider."""
        if value is not None and _folder(value) is None:
            raise ValueError("must be local:/folder")
        return value

    @property
    def reranker_folder(self) -> Path | None:
        """The folder of the cross-encoder, where there is one."""
        return _folder(self.reranker or "")

    @model_validator(mode="after")
    def _reranker_has_a_key(self) -> Self:
        """Found at start, not at the first search."""
        if self.reranker_enabled and self.reranker_api_key is None:
            raise ValueError("RERANKER_API_KEY: needed when RERANKER_ENABLED is true")
        return self


def _folder(name: str) -> Path | None:
    path = name.removeprefix(_FOLDER).strip()
    return Path(path).expanduser() if path != name.strip() and path else None
