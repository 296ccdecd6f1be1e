"""Advice: a group of settings."""

from pathlib import Path
from typing import ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, field_validator

from backend.settings.group import SettingGroup, web_address


class AdviceSettings(SettingGroup):
    """Advice."""

    heading: ClassVar[str] = "Advice"

    advice_profile: str = Field(default="general", min_length=1)
    """The domain of advice when a request names none."""
    profiles_path: Path | None = None
    """Folder with your own profiles, one `name.yaml` (or `.yml`) each. A profile with the name of a shipped one replaces it."""
    openai_default_model: str | None = Field(default=None, min_length=1)
    """Model for advice when a request names none. Unset: CHAT_MODEL."""
    system_prompt: str | None = Field(default=None, min_length=1)
    """Instructions of the prompt type `default`; they replace those of the profile. The rules about sources, form and confidence are always added."""
    prompt_file: Path | None = None
    """YAML file of prompt types with their instructions; they replace those of the profile with the same type."""
    time_zone: str = Field(default="UTC", min_length=1)
    """Time zone of the date in the prompt, such as `America/New_York`."""
    web_search_enabled: bool = True
    """Allow advice to search the web when a question needs it and a search is available."""
    web_search_url: str | None = None
    """Address of a SearXNG server (`https://searx.example`), used when the model's provider has no web search."""
    web_search_key: SecretStr | None = None
    """Key of the SearXNG server, sent as a bearer token, if it needs one."""
    web_search_budget: ClassVar[int] = 3
    """Maximum number of web searches for one advice. No setting: each search costs money."""
    resolve_minutes: ClassVar[float] = 60.0
    """Interval, in minutes, at which the server looks up outcomes in the tables for advice that has none yet. No setting: tables change by ingestion, not by the minute."""

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError("is no time zone, such as Europe/Berlin") from error
        return value

    @property
    def zone(self) -> ZoneInfo:
        """The time zone itself."""
        return ZoneInfo(self.time_zone)

    @field_validator("web_search_url")
    @classmethod
    def _search_address(cls, value: str | None) -> str | None:
        return web_address(value)
