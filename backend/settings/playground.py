"""Evaluations: a group of settings."""

import json
from pathlib import Path
from typing import ClassVar

from pydantic import Field, field_validator

from backend.settings.group import Names, SettingGroup


class PlaygroundSettings(SettingGroup):
    """Prompts and evaluations."""

    heading: ClassVar[str] = "Prompts and evaluations"

    eval_concurrency: int = Field(default=5, ge=1, le=100)
    """Cells of an evaluation that are worked on at once."""
    eval_retries: int = Field(default=3, ge=0, le=10)
    """Further attempts of a call that failed for a passing reason. A rate limit is waited for and does not count."""
    eval_timeout: float = Field(default=60.0, gt=0, le=1800)
    """Time limit for one call of an evaluation, in seconds."""
    judge_model: str | None = Field(default=None, min_length=1)
    """Model that grades, when an evaluation names none. Unset: CHAT_MODEL."""
    eval_code_files: tuple[Path, ...] = ()
    """Python files whose functions may be assertions, as a JSON list. The command line also takes `--allow-code`."""
    eval_web_hosts: Names = ()
    """Hosts inside private networks that `webhook` assertions may call, separated by commas."""
    report_link_days: ClassVar[float] = 30.0
    """Days after which a shared report's link expires, when none are named. No setting: a link of another age names it (`--days`, `days`)."""
    max_dataset_mb: ClassVar[float] = 500.0
    """Largest file of cases accepted over HTTP, in MiB. It is kept in a temporary file meanwhile. No setting: larger files are imported on the command line."""

    @field_validator("eval_code_files", mode="before")
    @classmethod
    def _decode(cls, value: object) -> object:
        try:
            return json.loads(value) if isinstance(value, str) else value
        except ValueError:
            raise ValueError("must be a JSON list of files") from None
