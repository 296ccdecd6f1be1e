"""JSON shapes of the summaries of conversations."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from backend.schemas.schema import Schema, attribute
from use_cases.conversations.summaries.model import Summary, SummaryMethod, SummaryRun
from use_cases.kernel.jobs.model import JobState


class SummaryReply(BaseModel):
    """The summary of a conversation, and the run that makes one."""

    conversation_id: str
    summary: str = Field(
        description="The person's text, else the made one; empty until it is made."
    )
    edited: bool = Field(description="True for a person's text, which no run replaces.")
    generated: str = Field(description="What was made last.")
    method: SummaryMethod | None = Field(
        description="`model`, `extractive` (sentences of the conversation, word for word), `external`."
    )
    model: str
    messages: int = Field(description="How many messages the made summary covers.")
    generated_at: datetime | None
    edited_at: datetime | None
    run: str | None = Field(description="The state of the newest run; null without one.")
    reason: str = Field(description="Why the newest run made nothing.")

    @classmethod
    def of(cls, found: Summary, run: SummaryRun | None = None) -> Self:
        """Read the shape from a summary."""
        return cls(
            conversation_id=found.chat_id,
            summary=found.shown,
            edited=found.edited is not None,
            generated=found.text,
            method=found.method,
            model=found.model,
            messages=found.messages,
            generated_at=found.made_at,
            edited_at=found.edited_at,
            run=None if run is None else run.state.value,
            reason="" if run is None else run.reason,
        )


class SummaryRunReply(Schema):
    """A run that makes a summary."""

    id: str = attribute("job_id")
    conversation_id: str = attribute("spec.chat_id")
    file_id: str | None = attribute(
        "spec.file_id", "The file that is summarised; null for its conversation."
    )
    method: SummaryMethod = attribute("spec.method")
    state: JobState
