"""The values of summaries."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from use_cases.kernel.jobs.model import Job


class SummaryMethod(StrEnum):
    """The origin of a summary: written by a model, sentences of the conversation, or another service."""

    MODEL = "model"
    EXTRACTIVE = "extractive"
    EXTERNAL = "external"


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The summary of a conversation, and the newest run that was begun to make one.

    `text` was made by `method` (empty until then) from so many `messages`; `model` names the model, where
    there was one. `edited` is a person's own text, which no run replaces.
    """

    chat_id: str
    run_id: str | None = None
    text: str = ""
    method: SummaryMethod | None = None
    model: str = ""
    messages: int = 0
    made_at: datetime | None = None
    edited: str | None = None
    edited_at: datetime | None = None

    @property
    def shown(self) -> str:
        """The person's text, else the one that was made."""
        return self.text if self.edited is None else self.edited


@dataclass(frozen=True, slots=True)
class Submission:
    """The job of the other service that a run waits for."""

    external_id: str
    submitted_at: datetime


@dataclass(frozen=True, slots=True)
class SaidText:
    """The shown text of a message, and who said it: `user` or `assistant`; nobody says a file."""

    role: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryOrder:
    """The order of a summary: of a conversation to its message `leaf_id`, or of its file.

    `key_id` is the API key that is charged.
    """

    chat_id: str
    leaf_id: str = ""
    method: SummaryMethod
    model: str = ""
    key_id: str | None = None
    file_id: str | None = None


SummaryRun: TypeAlias = Job[SummaryOrder]
"""A run that makes a summary; `reason` is the error that ended or interrupted it."""
