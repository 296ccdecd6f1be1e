"""Chats: a group of settings."""

from typing import ClassVar

from pydantic import Field

from backend.setting_groups.group import SettingGroup


class ChatSettings(SettingGroup):
    """Chats."""

    heading: ClassVar[str] = "Chats"

    max_question_characters: int = Field(default=8000, ge=1, le=200_000)
    """Longest question that is taken."""
    history_tokens: int = Field(default=24_000, ge=0, le=1_000_000)
    """How much of a chat's earlier turns the model is given, in estimated tokens (four bytes of UTF-8 each). The newest turns are given whole, older ones as question and answer, the oldest not at all; then the answer says so."""
    heartbeat_seconds: float = Field(default=15.0, gt=0, le=600)
    """A streamed answer that is silent for this long sends a frame without meaning, so that no proxy takes the connection for dead."""
