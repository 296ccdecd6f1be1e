"""Advice: a group of settings."""

from pathlib import Path
from typing import ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, field_validator

from backend.setting_groups.group import SettingGroup, web_address


class AdviceSettings(SettingGroup):
    """Advice."""

    heading: ClassVar[str] = "Advice"

    advice_profile: str = Field(default="general", min_length=1)
    """The domain of advice when a request names none."""
    profiles_path: Path | None = None
    """Folder with profiles of your own, one `name.yaml` (or `.yml`) each; one that is called as a shipped one replaces it."""
    openai_default_model: str | None = Field(default=None, min_length=1)
    """Model that advises when a request names none. Unset: as CHAT_MODEL says."""
    system_prompt: str | None = Field(default=None, min_length=1)
    """Instructions of the prompt type `default`, in place of the profile's. The rules about sources, form and confidence are always added."""
    prompt_file: Path | None = None
    """YAML file of prompt types and their instructions, in place of the profile's of the same type."""
    time_zone: str = Field(default="UTC", min_length=1)
    """Time zone of the date that the model is given, such as `America/New_York`."""
    web_search_enabled: bool = True
    """Whether advice may search the web at all, where the question needs it and there is something to search with."""
    web_search_url: str | None = None
    """Address of a SearXNG server (`https://searx.example`), which is asked when the model's provider has no web search of its own."""
    web_search_key: SecretStr | None = None
    """Key of that server, sent as a bearer token, if it asks for one."""
    web_search_budget: int = Field(default=3, ge=0, le=20)
    """Most web searches for one advice; 0 allows none."""
    resolve_minutes: float = Field(default=60.0, ge=0, le=10080)
    """How often the server looks up in the tables who was right, for advice that has no outcome yet, in minutes; 0 never does."""

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError("is no time zone, such as Europe/Berlin") from error
        return value

    @field_validator("web_search_url")
    @classmethod
    def _search_address(cls, value: str | None) -> str | None:
        return web_address(value)
