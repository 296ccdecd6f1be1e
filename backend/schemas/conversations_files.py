"""JSON shapes of the files of conversations."""

from datetime import datetime
from typing import Self

from pydantic import Field

from backend.schemas.schema import Schema, attribute
from use_cases.conversations.attachments import Attached


class AttachedFile(Schema):
    """A file of a conversation."""

    id: str = attribute("file_id")
    conversation_id: str = attribute("chat_id")
    filename: str = attribute("name")
    file_type: str = attribute("media_type", "The media type by its content.")
    file_size: int = attribute("size", "In bytes.")
    sha256: str = Field(description="Of its bytes, in hexadecimal digits.")
    text_characters: int | None = attribute(
        "characters", "Characters of the text that was read from it; null without text."
    )
    text_note: str = Field(description="Why no text was read, or not all of it.")
    created_at: datetime


class Attachment(AttachedFile):
    """A file that was attached."""

    new: bool = Field(description="False where the conversation had this file already.")

    @classmethod
    def made(cls, attached: Attached) -> Self:
        """Read the shape from what was attached."""
        shown = AttachedFile.of(attached.attachment)
        return cls.model_validate(shown.model_dump() | {"new": attached.new})
