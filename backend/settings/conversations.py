"""Imports of conversations: a group of settings."""

from typing import ClassVar

from pydantic import Field

from backend.settings.group import SettingGroup


class ImportSettings(SettingGroup):
    """Imports of conversations."""

    heading: ClassVar[str] = "Imports of conversations"

    max_import_mb: float = Field(default=250.0, gt=0, le=8192)
    """Largest file of conversations that is imported over HTTP, in MiB."""
