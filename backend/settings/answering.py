"""The settings of chat, advice, evaluations and the benchmark."""

import json
from pathlib import Path
from typing import ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, field_validator

from backend.settings.group import Names, SettingGroup, WebAddress


class ChatSettings(SettingGroup):
    """Chats."""

    heading: ClassVar[str] = "Chats"

    history_tokens: int = Field(default=24_000, ge=0, le=1_000_000)
    """Size of the earlier turns of a chat that the model gets, in estimated tokens (four bytes of UTF-8 each). The newest turns are included whole, older ones as question and answer, and the oldest not at all; the answer then says so."""
    heartbeat_seconds: ClassVar[float] = 15.0
    """Seconds of silence after which a streamed answer sends an empty frame, so that no proxy closes the connection. No setting: proxies close a silent connection after 30 seconds and more."""
    answer_link_hosts: Names = ()
    """Hosts that an answer may link to although no cited source holds the address, separated by commas, such as `docs.example.com, *.example.com`; `*` allows all. Any other address becomes text, because a poisoned document could make a model write data into it."""
    answer_image_hosts: Names = ()
    """Hosts whose images an answer may show, separated by commas; `*` allows all. All other images become text, because a client that shows an image calls its address at once."""


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
    web_search_url: WebAddress = None
    """Address of a SearXNG server (`https://searx.example`), used when the model's provider has no web search."""
    web_search_key: SecretStr | None = None
    """Key of the SearXNG server, sent as a bearer token, if it needs one."""
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


class PlaygroundSettings(SettingGroup):
    """Prompts and evaluations."""

    heading: ClassVar[str] = "Prompts and evaluations"

    eval_concurrency: int = Field(default=5, ge=1, le=100)
    """Cells of an evaluation that are worked on at once."""
    eval_timeout: float = Field(default=60.0, gt=0, le=1800)
    """Time limit for one call of an evaluation, in seconds."""
    judge_model: str | None = Field(default=None, min_length=1)
    """Model that grades, when an evaluation names none. Unset: CHAT_MODEL."""
    eval_code_files: tuple[Path, ...] = ()
    """Python files whose functions may be assertions, as a JSON list. The command line also takes `--allow-code`."""
    eval_web_hosts: Names = ()
    """Hosts inside private networks that `webhook` assertions may call, separated by commas."""
    max_dataset_mb: ClassVar[float] = 500.0
    """Largest file of cases accepted over HTTP, in MiB. It is kept in a temporary file meanwhile. No setting: larger files are imported on the command line."""

    @field_validator("eval_code_files", mode="before")
    @classmethod
    def _decode(cls, value: object) -> object:
        try:
            return json.loads(value) if isinstance(value, str) else value
        except ValueError:
            raise ValueError("must be a JSON list of files") from None


class BenchmarkSettings(SettingGroup):
    """The benchmark of cleaning tables."""

    heading: ClassVar[str] = "Benchmark of cleaning"

    rate_limit_benchmarks_per_minute: ClassVar[int] = 2
    """Runs of the benchmark that one caller (an API key) may begin in a minute. In local mode there is no limit. No setting: each is hundreds of calls."""
