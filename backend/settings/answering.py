"""The settings of chat, advice, evaluations, the benchmark, and conversations: imports, files, projects,
summaries and memories.
"""

import json
from pathlib import Path
from typing import ClassVar, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, field_validator, model_validator

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


class ImportSettings(SettingGroup):
    """Imports of conversations."""

    heading: ClassVar[str] = "Imports of conversations"

    max_import_mb: ClassVar[float] = 250.0
    """Largest file of conversations that is imported over HTTP, in MiB. No setting: larger exports are imported on the command line."""


class AttachmentSettings(SettingGroup):
    """Files of conversations."""

    heading: ClassVar[str] = "Files of conversations"

    max_attachment_mb: ClassVar[float] = 10.0
    """Largest file that can be attached to a conversation, in MiB. No setting: a file beside a conversation is a text or a picture."""
    aws_s3_bucket_name: str | None = Field(default=None, min_length=1)
    """Bucket for attached files. Unset: the folder `files` in DATA_DIR."""
    aws_access_key_id: SecretStr | None = None
    """Account that may read, write and delete in that bucket."""
    aws_secret_access_key: SecretStr | None = None
    """Its secret."""
    aws_region: str = Field(default="us-east-1", min_length=1)
    """Region of the bucket."""
    aws_endpoint_url: WebAddress = None
    """Address of another store that speaks S3, such as `http://localhost:9000`. Unset: AWS."""
    aws_signed_links: bool = True
    """Browsers load files from the bucket, by links that it signs. Off: files pass through Candor, for a bucket that only servers reach."""

    @model_validator(mode="after")
    def _account_for_the_bucket(self) -> Self:
        if self.aws_s3_bucket_name and not (self.aws_access_key_id and self.aws_secret_access_key):
            raise ValueError(
                "AWS_S3_BUCKET_NAME needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY as well"
            )
        return self


class LinearSettings(SettingGroup):
    """Projects that are created at Linear."""

    heading: ClassVar[str] = "Projects at Linear"

    linear_access_key: SecretStr | None = None
    """Personal API key of Linear, with which projects are created there. Unset: a project is recorded on this installation alone."""
    linear_team_key: str | None = Field(default=None, min_length=1, max_length=50)
    """Key of the team that gets the projects: the letters before the numbers of its issues, such as `ENG`. Unset: the only team that the access key sees."""
    linear_api_url: ClassVar[str] = "https://api.linear.app/graphql"
    """Address of Linear's API. No setting: Linear has one address."""


class SummarySettings(SettingGroup):
    """Summaries and memories of conversations."""

    heading: ClassVar[str] = "Summaries and memories of conversations"

    metacognition_api_url: WebAddress = None
    """Address of a service that summarises conversations. Unset: the model of the purpose `conversation_summary`, or without a key the conversation's own sentences."""
    metacognition_auth_token: SecretStr | None = None
    """Its token."""
    mem0_api_url: WebAddress = None
    """Address of a mem0 server that remembers what a person said, such as `https://api.mem0.ai/v3/memories` or `http://localhost:8888`. Unset: the summaries of the person's conversations."""
    mem0_api_key: SecretStr | None = None
    """Its key."""
    mem0_user_id: str | None = Field(default=None, min_length=1)
    """User whose memories are searched there, for all people. Unset: each person's own id."""

    @model_validator(mode="after")
    def _token_for_the_summariser(self) -> Self:
        if self.metacognition_api_url and not self.metacognition_auth_token:
            raise ValueError("METACOGNITION_API_URL needs METACOGNITION_AUTH_TOKEN as well")
        return self
