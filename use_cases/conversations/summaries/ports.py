"""The needs of summaries."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from use_cases.conversations.summaries.model import SaidText, Submission, Summary
from use_cases.kernel.model import Caller


class Summaries(Protocol):
    """The stored summaries, one for each conversation; another person's is as absent as none."""

    async def summary(self, caller: Caller, chat_id: str) -> Summary | None:
        """Return it. Raises `ConversationNotFound`."""
        ...

    async def begin(self, caller: Caller, chat_id: str, run_id: str) -> None:
        """Note the newest run of a conversation. Raises `ConversationNotFound`."""
        ...

    async def keep(self, summary: Summary) -> None:
        """Store what a run made, beside a person's edit; nothing where the conversation is gone."""
        ...

    async def edit(self, caller: Caller, chat_id: str, text: str, at: datetime) -> Summary:
        """Store a person's text. Raises `ConversationNotFound`."""
        ...

    async def submission(self, run_id: str) -> Submission | None:
        """Return what a run waits for."""
        ...

    async def submit(self, run_id: str, submission: Submission) -> None:
        """Note what a run waits for."""
        ...


class Summariser(Protocol):
    """Another service that summarises, as a job of its own."""

    async def submit(self, messages: Sequence[SaidText]) -> str:
        """Begin a job, and return its id.

        Raises `SummariserRefused`, `RateLimited`, `UpstreamFailed` and `UpstreamTimeout`.
        """
        ...

    async def poll(self, external_id: str, messages: int) -> str | None:
        """Return the summary of a job when it covers so many messages; None before.

        Raises as `submit` does.
        """
        ...
