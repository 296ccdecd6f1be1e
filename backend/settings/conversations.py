"""Imports of conversations: a group of settings."""

from typing import ClassVar

from backend.settings.group import SettingGroup


class ImportSettings(SettingGroup):
    """Imports of conversations."""

    heading: ClassVar[str] = "Imports of conversations"

    max_import_mb: ClassVar[float] = 250.0
    """Largest file of conversations that is imported over HTTP, in MiB. No setting: larger exports are imported on the command line."""
