"""Every setting of Candor, read once from the environment and from `.env` in the working directory.

Promises: this is the only module that reads the environment; every field has a description, from
which `docs/reference/settings.md` is made; a wrong value is an error that names the variable and
never shows a secret. Secrets are `SecretStr`, so that printing the settings shows none.

Leaves to others: what a setting means to a part (`backend/composition` hands each part the few values it
needs, as small frozen policies).
"""

import os
from collections.abc import Mapping
from typing import Any

from dotenv import dotenv_values
from pydantic import SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from backend.errors import SettingsInvalid
from backend.settings.answering import (
    AdviceSettings,
    AttachmentSettings,
    BenchmarkSettings,
    ChatSettings,
    ImportSettings,
    LinearSettings,
    PlaygroundSettings,
    SummarySettings,
)
from backend.settings.group import SettingGroup
from backend.settings.models import (
    LOCAL_EMBEDDER,
    OFFLINE_MODEL,
    EmbeddingSettings,
    ModelSettings,
    RetrievalSettings,
)
from backend.settings.server import (
    IdentitySettings,
    LimitSettings,
    LogSettings,
    ServerSettings,
    SignInSettings,
)
from backend.settings.storage import StorageSettings

OTHER_NAMES = {"co_api_url": "cohere_base_url"}
"""Variables that other tools read for the same, and the fields that they set here."""


class Settings(
    StorageSettings,
    ModelSettings,
    EmbeddingSettings,
    RetrievalSettings,
    ChatSettings,
    AdviceSettings,
    PlaygroundSettings,
    BenchmarkSettings,
    ImportSettings,
    AttachmentSettings,
    LinearSettings,
    SummarySettings,
    LimitSettings,
    ServerSettings,
    IdentitySettings,
    SignInSettings,
    LogSettings,
):
    """The settings. A field `chat_model` is the variable `CHAT_MODEL`; empty values count as unset."""

    model_config = SettingsConfigDict(
        defer_build=False, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        *_others: Any,
        **_more: Any,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Replaces pydantic's own sources, which analyse the type of each field at each reading."""
        return init_settings, InitSettingsSource(settings_cls, _variables(settings_cls))

    @property
    def requestable_models(self) -> tuple[str, ...] | None:
        """Models that requests may name beside the offline ones; None for any."""
        named = self.chat_models
        if "*" in (named or ()) or (named is None and self.auth_mode == "local"):
            return None
        own = (self.model, self.openai_default_model, *(named or ()))
        return tuple(name for name in own if name)

    @property
    def requires_keys(self) -> bool:
        """True where a request needs an API key or a session."""
        return self.auth_mode == "required"

    @property
    def signs_in(self) -> bool:
        """True where users sign in with a browser."""
        return self.requires_keys and self.google_client_id is not None

    @property
    def asks_per_minute(self) -> int:
        """The limit in force; 0 is none. So are the six that follow."""
        return self._limit(self.rate_limit_per_minute, 60)

    @property
    def reads_per_minute(self) -> int:
        """The limit of other requests."""
        return self._limit(self.rate_limit_reads_per_minute, 600)

    @property
    def benchmarks_per_minute(self) -> int:
        """The limit of runs of the benchmark."""
        return self.rate_limit_benchmarks_per_minute if self.requires_keys else 0

    @property
    def streams_per_caller(self) -> int:
        """The limit of running answers."""
        return self._limit(self.max_streams_per_caller, 10)

    @property
    def requests_per_caller(self) -> int:
        """The limit of requests in flight, of which some are running answers."""
        answers = self.streams_per_caller
        return answers + self.other_requests_per_caller if self.requires_keys and answers else 0

    @property
    def uploads_per_caller(self) -> int:
        """The limit of running uploads."""
        return self.max_uploads_per_caller if self.requires_keys else 0

    @property
    def queries_per_caller(self) -> int:
        """The limit of running and waiting SQL queries."""
        return self.max_queries_per_caller if self.requires_keys else 0

    @property
    def embedding_key(self) -> SecretStr | None:
        """Its own, or the chat's; but one provider's key is never sent to another."""
        return self.embedding_api_key or self._chat_access[0]

    @property
    def embedding_address(self) -> str | None:
        """Base URL: its own, or the chat's."""
        return self.embedding_base_url or self._chat_access[1]

    def _limit(self, own: int | None, with_keys: int) -> int:
        """Returns a limit of one caller: as set, else the default of its mode of access."""
        return own if own is not None else with_keys if self.requires_keys else 0

    @property
    def _chat_access(self) -> tuple[SecretStr | None, str | None]:
        """Key and address of the chat models of the embedder's provider."""
        provider = self.embedder_name.partition(":")[0]
        if provider != "azure":
            return self.providers.get(provider, (None, None))
        return (
            self.azure_openai_embedding_api_key or self.azure_openai_api_key,
            self.azure_openai_embedding_endpoint or self.azure_openai_endpoint,
        )

    def secrets(self) -> Mapping[str, str]:
        """Returns the secret values that are set, by variable, so that logs can mask them."""
        found = ((name, getattr(self, name)) for name in type(self).model_fields)
        return {
            name.upper(): value.get_secret_value()
            for name, value in found
            if isinstance(value, SecretStr)
        }

    def offline(self) -> "Settings":
        """Returns the same settings, but nothing in them reaches for the network."""
        return self.model_copy(
            update={
                "chat_model": OFFLINE_MODEL,
                "openai_default_model": None,
                "web_search_url": None,
                "linear_access_key": None,
                "aws_s3_bucket_name": None,
                "metacognition_api_url": None,
                "mem0_api_url": None,
                "embedding_model": self.embedding_model if self.embeds_here else LOCAL_EMBEDDER,
                "reranker_enabled": False,
            }
        )


GROUPS = tuple(group for group in Settings.__bases__ if issubclass(group, SettingGroup))
"""The groups in the order of the reference."""


def _variables(settings: type[BaseSettings]) -> dict[str, Any]:
    """Returns the variables that are set and not empty, by field; the environment wins over `.env`."""
    found = {
        name.lower(): value
        for variables in (dotenv_values(".env"), os.environ)
        for name, value in variables.items()
        if value
    }
    found = {OTHER_NAMES[name]: found[name] for name in OTHER_NAMES if name in found} | found
    return {name: found[name] for name in settings.model_fields if name in found}


def load_settings() -> Settings:
    """Reads the environment and `.env`. Raises `SettingsInvalid`."""
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsInvalid(_readable(error)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsInvalid(f".env cannot be read ({type(error).__name__}).") from None


def names_in_env_file() -> frozenset[str]:
    """Returns the variables that `.env` sets, so that a misspelled one can be reported."""
    found = (name.lower() for name in dotenv_values(".env"))
    return frozenset(OTHER_NAMES.get(name, name).upper() for name in found)


def colour_wanted() -> bool:
    """False when NO_COLOR is set to anything (https://no-color.org) or the terminal is dumb."""
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _readable(error: ValidationError) -> str:
    """Returns each wrong variable with what is wrong with it, and never its value."""
    wrong = error.errors(include_input=False, include_url=False, include_context=False)
    return "; ".join(
        sorted(
            ": ".join([*(str(part).upper() for part in item["loc"][:1]), _sentence(item["msg"])])
            for item in wrong
        )
    )


def _sentence(message: str) -> str:
    """Pydantic's words, without its prefix."""
    return message.removeprefix("Value error, ").replace("Input should be", "should be")
