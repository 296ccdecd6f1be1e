"""Summaries and memories of conversations: a group of settings."""

from typing import ClassVar, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from backend.settings.group import SettingGroup, web_address


class SummarySettings(SettingGroup):
    """Summaries and memories of conversations."""

    heading: ClassVar[str] = "Summaries and memories of conversations"

    metacognition_api_url: str | None = None
    """Address of a service that summarises conversations. Unset: the model of the purpose `conversation_summary`, or without a key the conversation's own sentences."""
    metacognition_auth_token: SecretStr | None = None
    """Its token."""
    mem0_api_url: str | None = None
    """Address of a mem0 server that remembers what a person said, such as `https://api.mem0.ai/v3/memories` or `http://localhost:8888`. Unset: the summaries of the person's conversations."""
    mem0_api_key: SecretStr | None = None
    """Its key."""
    mem0_user_id: str | None = Field(default=None, min_length=1)
    """User whose memories are searched there, for all people. Unset: each person's own id."""

    _are_addresses = field_validator("metacognition_api_url", "mem0_api_url")(web_address)

    @model_validator(mode="after")
    def _token_for_the_summariser(self) -> Self:
        if self.metacognition_api_url and not self.metacognition_auth_token:
            raise ValueError("METACOGNITION_API_URL needs METACOGNITION_AUTH_TOKEN as well")
        return self
