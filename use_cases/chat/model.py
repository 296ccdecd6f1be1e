"""The types of the chat capability: questions, chats, messages, recorded answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from use_cases.kernel.citations.sources import Mode, Outcome
from use_cases.kernel.runs.record import AnswerRecord, PastTurn, TokenUsage
from use_cases.kernel.targets import Judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(AnswerRecord):
    """A recorded answer in the chat `chat_id` (None: recorded before there were chats). `mode` is that of
    its chat when it was given.
    """

    category: str | None
    text: str
    chat_id: str | None = None
    mode: Mode = Mode.GROUNDED

    @property
    def feedback(self) -> Judgement | None:
        """The judgement of a person; None where there is none."""
        return None if self.right is None else Judgement.of(self.right)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """A person's feedback on an answer; `right` None takes it back. The other fields are the answer's."""

    right: bool | None
    notes: str | None = None
    expected: str | None = None
    expected_document: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerFacts(TokenUsage):
    """The figures of a recorded answer, and the documents that it cites: names by id."""

    model: str
    prompt_version: str
    outcome: Outcome
    right: bool | None
    latency_ms: int
    cited: Mapping[str, str]


class Role(StrEnum):
    """The author of a message."""

    USER = "user"
    ASSISTANT = "assistant"
    SYSTEM = "system"
    """Set only in imported conversations."""
    TOOL = "tool"
    """Set only in imported conversations."""


@dataclass(frozen=True, slots=True)
class StepBegun:
    """A request to the model begins here; what follows came of it, up to the next one."""

    kind: Literal["step"] = "step"


@dataclass(frozen=True, slots=True)
class ShownText:
    """Text as it was shown."""

    text: str
    kind: Literal["text"] = "text"


@dataclass(frozen=True, slots=True)
class ShownReasoning:
    """The model's reasoning, as far as it was shown."""

    text: str
    kind: Literal["reasoning"] = "reasoning"


@dataclass(frozen=True, slots=True)
class ShownTool:
    """A tool call as it was shown. `result` is None when it never came to an end."""

    call_id: str
    name: str
    arguments: str
    result: str | None = None
    failed: bool = False
    kind: Literal["tool"] = "tool"


@dataclass(frozen=True, slots=True)
class ShownReplacement:
    """Everything shown before is void; this text is the answer."""

    text: str
    reason: str
    kind: Literal["replacement"] = "replacement"


Part: TypeAlias = Annotated[
    StepBegun | ShownText | ShownReasoning | ShownTool | ShownReplacement,
    Field(discriminator="kind"),
]
"""A piece of a message as its reader saw it, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message of a chat. Messages are a tree: two answers to one question have one parent.

    `client_id` is the id that the person's frontend gave it. `answer` is there for an answer that
    was recorded here. A `hidden` one, of an imported conversation, has its place in the tree, but no
    reader and no model sees it. `siblings` are the ids of all messages in its place, itself included,
    oldest first, where a page of a chat is read.
    """

    message_id: str
    chat_id: str
    parent_id: str | None
    role: Role
    text: str
    created_at: datetime
    parts: Sequence[Part] = ()
    client_id: str | None = None
    answer: Answer | None = None
    hidden: bool = False
    siblings: Sequence[str] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """A person's chat. `client_id` is the id that their frontend knows it by.

    `mode` is `grounded` for one that began here and `open` for an imported one, until it is changed.
    """

    chat_id: str
    user_id: str
    title: str
    created_at: datetime
    updated_at: datetime
    client_id: str | None = None
    mode: Mode = Mode.GROUNDED


class Within(StrEnum):
    """Sources that a question is answered from: documents (and tables), the person's conversations, or
    both.
    """

    DOCUMENTS = "documents"
    CONVERSATIONS = "conversations"
    BOTH = "both"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question, and the chat it belongs to.

    `chat_id` None opens a new chat. With `own_chat_id` the id is the frontend's own: the chat is
    made when there is none (and the id is not of our making, `chat_…`). `text` None asks the last
    question again (or the one that the message `at` asked or answered); text with `at` puts a new
    question in the place of that message. Either begins a new branch. Text with `after` goes on from
    that message of the chat, whatever is shown: a new branch, unless it is the last one. `client_id` is
    the frontend's id for the question. `mode` is the chat's from this question on; None: as it is.
    `earlier` are turns that the client held, for a chat that has none of its own: they are the context of
    this question, and stored only where it `keeps` them.
    """

    text: str | None
    chat_id: str | None = None
    own_chat_id: bool = False
    at: str | None = None
    after: str | None = None
    client_id: str | None = None
    category: str | None = None
    model: str | None = None
    mode: Mode | None = None
    within: Within = Within.DOCUMENTS
    earlier: Sequence[PastTurn] = ()
    keeps: bool = False
