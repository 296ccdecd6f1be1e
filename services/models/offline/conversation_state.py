"""The state of a conversation, read from the messages that every model receives."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pydantic_ai.messages import (
    ModelMessage,
    ModelResponse,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)

from use_cases.kernel.citations.sources import SAID_TOOL, SEARCH_TOOL, PassageEntry, Retrieved
from use_cases.kernel.model import DocumentRef


@dataclass(frozen=True, slots=True)
class Lookup:
    """A search of this turn: the id of its document (None: all documents) and its results."""

    document: str | None
    entries: Sequence[PassageEntry]


@dataclass(slots=True)
class ConversationState:
    """The newest question, those before it with what was answered, and the searches since.

    `said` are the messages that were found in conversations; None before a search there.
    """

    question: str = ""
    earlier: list[str] = field(default_factory=list[str])
    answers: list[str] = field(default_factory=list[str])
    lookups: list[Lookup] = field(default_factory=list[Lookup])
    said: Sequence[PassageEntry] | None = None

    def found_in(self, document: DocumentRef) -> Sequence[PassageEntry] | None:
        """Return the results of this version from the search in its document; None before a search."""
        for lookup in self.lookups:
            if lookup.document == document.document_id:
                version = document.version_id
                return [e for e in lookup.entries if e.passage.document.version_id == version]
        return None


def read_conversation(messages: Sequence[ModelMessage]) -> ConversationState:
    """Read the state of the conversation from its messages."""
    known = ConversationState()
    documents: dict[str, str | None] = {}
    for message in messages:
        if isinstance(message, ModelResponse):
            known.answers += [part.content for part in message.parts if isinstance(part, TextPart)]
            for part in message.parts:
                if isinstance(part, ToolCallPart):
                    documents[part.tool_call_id] = _document(part)
            continue
        for part in message.parts:
            if isinstance(part, UserPromptPart) and isinstance(part.content, str):
                if known.question:
                    known.earlier.append(known.question)
                known.question = part.content
                known.lookups, known.said = [], None
            elif isinstance(part, ToolReturnPart) and part.tool_name == SEARCH_TOOL:
                found = part.metadata
                entries = found.passages if isinstance(found, Retrieved) else ()
                known.lookups.append(Lookup(documents.get(part.tool_call_id), entries))
            elif isinstance(part, ToolReturnPart) and part.tool_name == SAID_TOOL:
                found = part.metadata
                known.said = found.passages if isinstance(found, Retrieved) else ()
    return known


def _document(call: ToolCallPart) -> str | None:
    given = call.args_as_dict().get("document")
    return given if isinstance(given, str) else None
