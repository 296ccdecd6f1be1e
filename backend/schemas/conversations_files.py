"""JSON shapes of the files of conversations."""

from datetime import datetime
from typing import Self

from pydantic import Field

from backend.schemas.schema import Schema, attribute
from use_cases.conversations import model
from use_cases.conversations.attachments import Attached
from use_cases.conversations.summaries.model import SummaryRun


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
    summary_text: str | None = attribute("summary.text", "Null where none was made.", None)
    summary_model: str | None = attribute(
        "summary.model", "The model that wrote it; empty for sentences of the file itself.", None
    )
    summarised_at: datetime | None = attribute("summary.made_at", None, None)


class Attachment(AttachedFile):
    """A file that was attached."""

    new: bool = Field(description="False where the conversation had this file already.")

    @classmethod
    def made(cls, attached: Attached) -> Self:
        """Read the shape from what was attached."""
        shown = AttachedFile.of(attached.attachment)
        return cls.model_validate(shown.model_dump() | {"new": attached.new})


class FileSummaryReply(AttachedFile):
    """A file with its summary, and the run that makes one."""

    run: str | None = Field(description="The state of the newest run; null without one.")
    reason: str = Field(description="Why the newest run made nothing.")

    @classmethod
    def with_run(cls, file: model.Attachment, run: SummaryRun | None) -> Self:
        """Read the shape from a file and its newest run."""
        shown = AttachedFile.of(file).model_dump()
        state = None if run is None else run.state.value
        return cls.model_validate(shown | {"run": state, "reason": run.reason if run else ""})
