"""The chat model: a group of settings."""

from typing import ClassVar

from pydantic import Field, SecretStr, field_validator

from backend.setting_groups.group import SettingGroup, web_address

OFFLINE_MODEL = "offline:extractive"
"""The answerer that needs no key and no network."""

KEYED_MODEL = "openai:gpt-4.1-mini"
"""The chat model when a key is there and CHAT_MODEL is not."""


class ModelSettings(SettingGroup):
    """The chat model."""

    heading: ClassVar[str] = "The chat model"

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

    @field_validator("openai_base_url")
    @classmethod
    def _web_address(cls, value: str | None) -> str | None:
        """A missing scheme would fail only at the first question."""
        return web_address(value)

    @property
    def model(self) -> str:
        """The chat model that is really used: as set, or by whether there is a key."""
        if self.chat_model is not None:
            return self.chat_model
        return KEYED_MODEL if self.openai_api_key is not None else OFFLINE_MODEL
