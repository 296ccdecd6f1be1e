"""Every setting of Candor, read once from the environment and from `.env` in the working directory.

Promises: this is the only module that reads the environment; every field has a description, from
which `docs/reference/settings.md` is made; a wrong value is an error that names the variable and
never shows a secret. Secrets are `SecretStr`, so that printing the settings shows none.

Leaves to others: what a setting means to a part (`backend/bootstrap.py` hands each part the few
values it needs, as small frozen policies).
"""

import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from backend.errors import SettingsInvalid

OFFLINE_MODEL = "offline:extractive"
"""The answerer that needs no key and no network."""

LOCAL_EMBEDDER = "local"
"""The embedding model that runs on this machine."""

KEYED_MODEL = "openai:gpt-4.1-mini"
"""The chat model when a key is there and CHAT_MODEL is not."""

MEGABYTE = 1024 * 1024


class LogFormat(StrEnum):
    """How a log line is written."""

    TEXT = "text"
    JSON = "json"


class Settings(BaseSettings):
    """The settings. A field `chat_model` is the variable `CHAT_MODEL`; empty values count as unset."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )

    # Where things are kept
    data_dir: Path = Path("var")
    """Folder for the databases and the cached embedding model."""
    knowledge_db: Path | None = None
    """File of the knowledge database (documents, passages, vectors, tables). Unset: `knowledge.sqlite` in DATA_DIR. It can be rebuilt from the sources."""
    database_url: SecretStr | None = None
    """URL of the database of what people made (recorded answers), such as `sqlite+aiosqlite:///var/candor.sqlite`. Unset: `candor.sqlite` in DATA_DIR. Back this one up."""
    sqlite_synchronous: Literal["NORMAL", "FULL"] = "NORMAL"
    """How hard SQLite waits for the disk. NORMAL survives a crash of the program; FULL also keeps the last commits over a power cut, and writes more slowly."""

    # The chat model
    chat_model: str | None = Field(default=None, min_length=1)
    """Model that writes answers, as `provider:name`. Unset: `openai:gpt-4.1-mini` when OPENAI_API_KEY is set, else `offline:extractive`, which needs no key and no network."""
    openai_api_key: SecretStr | None = None
    """Key of OpenAI or of any server that speaks its API."""
    openai_base_url: str | None = None
    """Base URL of a server that speaks the OpenAI API, such as `http://localhost:11434/v1`. Unset: OpenAI's own."""
    chat_timeout_seconds: float = Field(default=60.0, gt=0, le=600)
    """How long a chat model may take for one request."""
    turn_timeout_seconds: float = Field(default=120.0, gt=0, le=1800)
    """How long a whole answer may take, with all its searches and requests."""

    # Embeddings
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

    # Passages and retrieval
    passage_characters: int = Field(default=800, ge=200, le=4000)
    """Aimed size of a retrieved passage. After a change run `candor reindex`."""
    reading_characters: int = Field(default=1600, ge=400, le=16000)
    """Aimed size of the section around a passage that the model reads. After a change run `candor reindex`."""
    vector_search_limit: int = Field(default=100, ge=1, le=1000)
    """Candidates taken from vector search."""
    bm25_search_limit: int = Field(default=100, ge=1, le=1000)
    """Candidates taken from full-text search (BM25)."""
    final_results_limit: int = Field(default=5, ge=1, le=50)
    """Passages a search returns."""
    rrf_k: int = Field(default=60, ge=1, le=1000)
    """Smoothing constant k of reciprocal rank fusion."""
    vector_weight: float = Field(default=1.0, ge=0, le=10)
    """Weight of vector search in the fusion."""
    bm25_weight: float = Field(default=1.0, ge=0, le=10)
    """Weight of full-text search in the fusion."""
    name_weight: float = Field(default=1.0, ge=0, le=10)
    """Weight of passages that hold a name of the question, such as FIN-01, in the fusion."""
    reranker_enabled: bool = False
    """Let a cross-encoder (Cohere) rescore the fused candidates."""
    reranker_api_key: SecretStr | None = None
    """Key for the reranker; needed when RERANKER_ENABLED is true."""
    reranker_model: str = Field(default="rerank-v3.5", min_length=1)
    """Model of the reranker."""
    reranker_top_n: int = Field(default=5, ge=1, le=50)
    """Passages kept after reranking."""
    reranker_candidates: int = Field(default=50, ge=1, le=200)
    """Fused passages that the reranker is given to order."""
    reranker_timeout_seconds: float = Field(default=5.0, gt=0, le=120)
    """How long the reranker may take; after that the fused order is used."""
    citation_weak_below: float = Field(default=0.5, ge=0, le=1)
    """A citation is marked weak when its quote covers less than this share of the sentence's content words."""

    # Limits
    max_file_mb: float = Field(default=50.0, gt=0, le=2048)
    """Largest file that `candor ingest` reads, in MiB."""
    max_upload_mb: float = Field(default=25.0, gt=0, le=2048)
    """Largest file accepted over HTTP, in MiB."""
    max_body_kb: float = Field(default=256.0, gt=0, le=65536)
    """Largest HTTP request body other than an upload, in KiB."""
    sql_timeout_seconds: float = Field(default=2.0, gt=0, le=60)
    """How long one read-only query on the tables may run."""
    sql_max_rows: int = Field(default=200, ge=1, le=10000)
    """Rows that one read-only query returns at most."""
    sql_max_kb: int = Field(default=100, ge=1, le=65536)
    """Size of the result of one read-only query at most, in KiB."""

    # The server
    host: str = Field(default="127.0.0.1", min_length=1)
    """Address that `candor serve` listens on."""
    port: int = Field(default=8000, ge=1, le=65535)
    """Port that `candor serve` listens on."""
    auth_mode: Literal["local"] = "local"
    """Who may use the server. `local`: one local user without a login, so it stays on this machine."""
    allow_public_local: bool = False
    """Allow AUTH_MODE=local on an address that other machines reach. Everyone who reaches it may then read and delete everything."""
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = ("localhost", "127.0.0.1", "::1")
    """Host names that requests may be addressed to, separated by commas; `*` allows all. It keeps other websites from reaching a local server through a name of their own (DNS rebinding)."""
    cors_origins: Annotated[tuple[str, ...], NoDecode] = ()
    """Origins of web pages that may call the server from a browser, separated by commas, such as `http://localhost:3000`."""

    # Logs
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """Least severe level that is logged. Unset, the command line logs from WARNING."""
    log_format: LogFormat = LogFormat.TEXT
    """`text` for people, `json` for one JSON object a line."""

    @field_validator("allowed_hosts", "cors_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        """`a, b` in a variable is a list of two."""
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("log_level", "sqlite_synchronous", mode="before")
    @classmethod
    def _uppercase(cls, value: object) -> object:
        """`info` is as good as `INFO`."""
        return value.upper() if isinstance(value, str) else value

    @field_validator("embedding_model")
    @classmethod
    def _named(cls, value: str) -> str:
        """A bare name has no provider to ask."""
        if value != LOCAL_EMBEDDER and ":" not in value:
            raise ValueError("must be local or provider:name")
        return value

    @field_validator("data_dir", "knowledge_db")
    @classmethod
    def _home(cls, value: Path | None) -> Path | None:
        """No shell expands `~` in `.env`."""
        return None if value is None else value.expanduser()

    @field_validator("openai_base_url", "embedding_base_url")
    @classmethod
    def _web_address(cls, value: str | None) -> str | None:
        """A missing scheme would fail only at the first question."""
        if value is not None and not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return value

    @model_validator(mode="after")
    def _reranker_has_a_key(self) -> Self:
        """Found at start, not at the first search."""
        if self.reranker_enabled and self.reranker_api_key is None:
            raise ValueError("RERANKER_API_KEY: needed when RERANKER_ENABLED is true")
        return self

    @property
    def knowledge_path(self) -> Path:
        """File of the knowledge database."""
        return self.knowledge_db or self.data_dir / "knowledge.sqlite"

    @property
    def store_url(self) -> str:
        """URL of the database of what people made."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite+aiosqlite:///{self.data_dir / 'candor.sqlite'}"

    @property
    def model(self) -> str:
        """The chat model that is really used: as set, or by whether there is a key."""
        if self.chat_model is not None:
            return self.chat_model
        return KEYED_MODEL if self.openai_api_key is not None else OFFLINE_MODEL

    @property
    def embedding_key(self) -> SecretStr | None:
        """Its own, or the chat's; but one provider's key is never sent to another."""
        return self.embedding_api_key or (self.openai_api_key if self._embeds_with_openai else None)

    @property
    def embedding_address(self) -> str | None:
        """Base URL: its own, or the chat's."""
        return self.embedding_base_url or (
            self.openai_base_url if self._embeds_with_openai else None
        )

    @property
    def _embeds_with_openai(self) -> bool:
        return self.embedding_model.startswith("openai:")

    def secrets(self) -> Mapping[str, str]:
        """The secret values that are set, by variable, so that logs can mask them."""
        found = ((name, getattr(self, name)) for name in type(self).model_fields)
        return {
            name.upper(): value.get_secret_value()
            for name, value in found
            if isinstance(value, SecretStr)
        }

    def offline(self) -> "Settings":
        """The same settings, but nothing in them reaches for the network."""
        return self.model_copy(
            update={
                "chat_model": OFFLINE_MODEL,
                "embedding_model": LOCAL_EMBEDDER,
                "reranker_enabled": False,
            }
        )


def load_settings() -> Settings:
    """Read the environment and `.env`. Raises `SettingsInvalid`."""
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsInvalid(_readable(error)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsInvalid(f".env cannot be read ({type(error).__name__}).") from None


def names_in_env_file() -> frozenset[str]:
    """The variables that `.env` sets, so that a misspelled one can be told."""
    return frozenset(name.upper() for name in dotenv_values(".env"))


def colour_wanted() -> bool:
    """False when NO_COLOR is set to anything (https://no-color.org) or the terminal is dumb."""
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _readable(error: ValidationError) -> str:
    """Each wrong variable with what is wrong with it, and never its value."""
    return "; ".join(
        ": ".join([*(str(part).upper() for part in item["loc"][:1]), _sentence(item["msg"])])
        for item in error.errors(include_input=False, include_url=False, include_context=False)
    )


def _sentence(message: str) -> str:
    """Pydantic's words, without its prefix."""
    return message.removeprefix("Value error, ").replace("Input should be", "should be")
