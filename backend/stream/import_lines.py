"""An import as lines of JSON, each `{"type": ..., "data": ...}`.

`state` (importing; summarizing where a summary was begun), `progress` after each conversation,
`conflict`, `model_limit_conflict`, and at the end either `done` or `error` with its `code`. What an import
leaves out is in the report of `done`.
"""

from collections.abc import AsyncGenerator, Iterator, Mapping
from types import MappingProxyType

from backend.schemas.conversations_schemas import ConversationReply, ImportResult, StoredReply
from backend.stream.wire import client_error, json_of
from use_cases.conversations.errors import SharedChatNotFound
from use_cases.conversations.model import (
    ConversationConflict,
    ConversationStored,
    Fault,
    ImportBegun,
    ImportDone,
    ImportEvent,
    ModelLimitConflict,
    NotRead,
    SummaryBegun,
)
from use_cases.kernel.errors import CandorError
from use_cases.kernel.runs.surroundings import closing

_CODES = {SharedChatNotFound.code: "CHAT_NOT_FOUND"}
"""Codes that clients know by another name; all others are ours in capitals."""


class ImportLines:
    """A `Wire` of lines. One for each stream."""

    media_type = "application/x-ndjson"
    headers: Mapping[str, str] = MappingProxyType({})

    def __init__(self) -> None:
        self._count = 0
        self._first: str | None = None
        self._last = _line("state", "importing")

    @property
    def heartbeat(self) -> str:
        """The last state or progress again."""
        return self._last

    async def encode(self, events: AsyncGenerator[ImportEvent]) -> AsyncGenerator[str]:
        """Yields the events of one import as lines."""
        async with closing(events):
            try:
                async for event in events:
                    for line in self._lines(event):
                        yield line
            except Exception as error:  # noqa: BLE001  (the last door: a stream has no status any more)
                yield _error(client_error(error))

    def _lines(self, event: ImportEvent) -> Iterator[str]:
        match event:
            case ImportBegun():
                yield self._last
            case ConversationStored():
                self._count += 1
                self._first = self._first or event.stored.chat_id
                stored = StoredReply.of(event).model_dump(mode="json")
                progress = {"phase": "importing", "current": self._count, "total": None}
                self._last = _line("progress", progress)
                yield _line("progress", {**progress, "conversation": stored})
            case ConversationConflict(conversations=found):
                listed = [ConversationReply.of(one).model_dump(mode="json") for one in found]
                yield _line("conflict", {"conversations": listed})
            case ModelLimitConflict():
                yield _line("model_limit_conflict", _limit(event))
            case SummaryBegun():
                yield _line("state", "summarizing")
            case ImportDone():
                result = ImportResult.of(event).model_dump(mode="json")
                yield _line("done", {"conversation_id": self._first, **result})
            case NotRead() | Fault():
                pass


def _limit(conflict: ModelLimitConflict) -> Mapping[str, object]:
    title, model = conflict.report.title or "The conversation", conflict.limit.model
    return {
        "message": f"{title!r} has about {conflict.tokens:,} tokens, and {model} has room for "
        f"{conflict.limit.tokens:,}. Nothing was stored.",
        "suggestion": "Choose a model with more room, or accept a summary (accept_summarization).",
        "title": conflict.report.title,
        "tokens": conflict.tokens,
        "limit": conflict.limit.tokens,
    }


def _error(error: CandorError) -> str:
    code = _CODES.get(error.code, error.code.upper())
    return _line("error", {"code": code, "message": error.detail, "hint": error.hint})


def _line(kind: str, data: object) -> str:
    return json_of({"type": kind, "data": data}) + "\n"
