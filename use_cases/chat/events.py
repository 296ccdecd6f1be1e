"""The events that chat adds to those of an agent run.

A turn is a stream of pydantic-ai's own events (text parts and deltas, tool calls and results) and
of these. Text deltas have been through citation checking: a reader sees the text that is recorded,
unless `AnswerReplaced` says otherwise. The first event is always `TurnBegun`, the last
`AnswerRecorded`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from pydantic_ai import AgentStreamEvent, CustomEvent

from use_cases.chat.model import Answer, Chat, Message
from use_cases.kernel.runs.turn import RunBegun


@dataclass(kw_only=True)
class TurnBegun(RunBegun):
    """The question is kept; `answer_id` will be the id of the answer and of its message."""

    chat: Chat
    question: Message
    answer_id: str

    @property
    def labels(self) -> Mapping[str, str]:
        """Chat and answer."""
        return {"chat_id": self.chat.chat_id, "run_id": self.answer_id}


@dataclass(kw_only=True)
class AnswerReplaced(CustomEvent):
    """Everything shown so far is void; `text` is the answer (for example a polite refusal)."""

    text: str
    reason: str


@dataclass(kw_only=True)
class AnswerRecorded(CustomEvent):
    """The turn is over and stored: outcome, verified sources, model, tokens, cost."""

    answer: Answer


ChatEvent: TypeAlias = AgentStreamEvent | TurnBegun | AnswerReplaced | AnswerRecorded
"""An event of a turn."""
