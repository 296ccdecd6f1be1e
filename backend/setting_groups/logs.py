"""Logs: a group of settings."""

from enum import StrEnum
from typing import ClassVar, Literal

from pydantic import Field, field_validator

from backend.setting_groups.group import SettingGroup


class LogFormat(StrEnum):
    """How a log line is written."""

    TEXT = "text"
    JSON = "json"


class LogSettings(SettingGroup):
    """Logs."""

    heading: ClassVar[str] = "Logs"

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """Least severe level that is logged. Unset, the command line logs from WARNING."""
    log_format: LogFormat = LogFormat.TEXT
    """`text` for people, `json` for one JSON object a line."""
    log_message_preview: int = Field(default=0, ge=0, le=500)
    """How many characters of each question the log shows. 0 shows only how long it is: what people ask is theirs, and logs travel further than databases."""

    @field_validator("log_level", mode="before")
    @classmethod
    def _uppercase_level(cls, value: object) -> object:
        """`info` is as good as `INFO`."""
        return value.upper() if isinstance(value, str) else value
