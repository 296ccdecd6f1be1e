"""What chat adds to the events of an agent run.

A turn is a stream of pydantic-ai's own events (text parts and deltas, tool calls and results) and
of these. Text deltas have been through citation checking: what a reader sees is what is recorded,
unless `AnswerReplaced` says otherwise. The last event is always `AnswerRecorded`.
"""

from dataclasses import dataclass

from pydantic_ai import CustomEvent

from use_cases.chat.model import Answer


@dataclass(kw_only=True)
class AnswerReplaced(CustomEvent):
    """Everything shown so far is void; `text` is the answer (for example a polite refusal)."""

    text: str
    reason: str


@dataclass(kw_only=True)
class AnswerRecorded(CustomEvent):
    """The turn is over and stored: outcome, verified sources, model, tokens, cost."""

    answer: Answer
