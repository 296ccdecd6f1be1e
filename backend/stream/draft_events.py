"""The wire of the chat about a project draft: server-sent events, each a JSON object with its `type`.

Promises: `status`, `content`, `project_updated`, `project_proposed` and `conversation_locked` as they come; the pieces of
`content`, one after the other, are the text that is recorded; exactly one `done` or `error` ends it.
"""

from collections.abc import AsyncGenerator, Iterator, Mapping
from types import MappingProxyType

from pydantic_ai import (
    FunctionToolCallEvent,
    PartDeltaEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
)

from backend.schemas.conversations_projects import (
    DraftResponse,
    ProjectDraftReply,
    ProjectProposal,
    draft_response,
)
from backend.stream.advice import sse
from backend.stream.wire import encode_frames, json_of
from use_cases.conversations.drafts.events import (
    ConversationWasLocked,
    DraftEvent,
    DraftReplyRecorded,
    DraftTurnBegun,
    DraftUpdated,
    ProjectProposed,
)
from use_cases.conversations.drafts.model import UPDATE_TOOL, ProjectDraft
from use_cases.kernel.errors import CandorError


class DraftEventStream:
    """A `Wire` of one turn."""

    media_type = "text/event-stream"
    headers: Mapping[str, str] = MappingProxyType({})
    heartbeat = ": ping\n\n"

    def encode(self, events: AsyncGenerator[DraftEvent]) -> AsyncGenerator[str]:
        """Yields the events of one turn as frames."""
        return encode_frames(_Frames(), events, DraftReplyRecorded)


class _Frames:
    def __init__(self) -> None:
        self._status = ""
        self._said = False
        self._parting = False

    def of(self, event: DraftEvent) -> Iterator[str]:
        match event:
            case DraftTurnBegun():
                yield from self._now("analyzing_request")
            case PartStartEvent(part=TextPart(content=text)):
                self._parting = self._said
                yield from self._text(text.lstrip())
            case PartDeltaEvent(delta=TextPartDelta(content_delta=text)):
                yield from self._text(text)
            case FunctionToolCallEvent(part=part):
                yield from self._now("executing_tools")
                if part.tool_name == UPDATE_TOOL:
                    yield from self._now("updating_project_draft")
            case DraftUpdated(draft=draft):
                yield from self._now("getting_project_draft")
                yield _frame("project_updated", project_draft=_json(ProjectDraftReply.of(draft)))
            case ProjectProposed(draft=ProjectDraft(active_version=proposed)) if proposed:
                yield _frame("project_proposed", proposal=_json(ProjectProposal.of(proposed)))
            case ConversationWasLocked():
                yield _frame("conversation_locked")
            case DraftReplyRecorded():
                yield from self._now("done")
                yield _frame("done", response=_json(draft_response(event)))
            case _:
                pass

    def failed(self, error: CandorError) -> Iterator[str]:
        yield _frame("error", message=error.detail, code=error.code, hint=error.hint)

    def _now(self, status: str) -> Iterator[str]:
        if status != self._status:
            self._status = status
            yield _frame("status", status=status)

    def _text(self, text: str) -> Iterator[str]:
        if self._parting:  # as the record joins two texts
            text = text.lstrip()
        if not text:
            return
        yield from self._now("generating_response")
        yield _frame("content", content=f"\n\n{text}" if self._parting else text)
        self._said, self._parting = True, False


def _json(shape: DraftResponse | ProjectDraftReply | ProjectProposal) -> object:
    return shape.model_dump(mode="json")


def _frame(kind: str, **fields: object) -> str:
    return sse(json_of({"type": kind, **fields}))
