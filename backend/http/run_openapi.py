"""What the routes that start runs say of themselves in the OpenAPI document."""

from collections.abc import Mapping
from typing import Any

from backend.errors import AttachmentUnsupported, NotAUserMessage, NotJson, UserMismatch
from backend.http.problems import documented
from use_cases.advice.errors import (
    ConversationInvalid,
    ProfileBroken,
    ProfileUnknown,
    PromptTypeUnknown,
    SearchOverrideAlone,
    SearchOverrideConflict,
)
from use_cases.chat.errors import (
    ChatBusy,
    ChatIdInvalid,
    ChatNotFound,
    MessageNotFound,
    QuestionEmpty,
    QuestionTooLong,
)
from use_cases.kernel.categories import CategoryUnknown
from use_cases.kernel.errors import (
    CandorError,
    ContentFiltered,
    DefaultModelUnusable,
    InvalidInput,
    ModelKeyRejected,
    ModelMisbehaved,
    ModelNotAllowed,
    ModelNotConfigured,
    ModelQuotaExceeded,
    ModelUnknown,
    ModelUnreachable,
    PromptTooLong,
    RateLimited,
    StorageBusy,
    StorageDamaged,
    StorageFull,
    TooLarge,
    UpstreamFailed,
    UpstreamTimeout,
)
from use_cases.kernel.identity.errors import BudgetSpent, TooManyAnswers

EVENTS = "text/event-stream"
TEXT = {"type": "string"}
ONE_EVENT = {
    "type": "object",
    "description": "One server-sent event.",
    "properties": {"event": {"type": "string"}, "data": {"type": "string"}},
    "required": ["data"],
}

_BEFORE = (
    ModelUnknown,
    ModelNotAllowed,
    DefaultModelUnusable,
    ModelNotConfigured,
    NotJson,
    TooLarge,
    RateLimited,
    TooManyAnswers,
    BudgetSpent,
    StorageDamaged,
)
"""What keeps any run from beginning."""
_AFTER = (
    PromptTooLong,
    ContentFiltered,
    ModelKeyRejected,
    ModelQuotaExceeded,
    ModelMisbehaved,
    ModelUnreachable,
    UpstreamFailed,
    UpstreamTimeout,
    StorageBusy,
    StorageFull,
)
"""What makes any run fail."""

_TURN = (
    ChatNotFound,
    ChatBusy,
    ChatIdInvalid,
    QuestionEmpty,
    QuestionTooLong,
    CategoryUnknown,
    UserMismatch,
)
STREAMED_TURN = (
    *_TURN,
    StorageBusy,
    StorageFull,
    MessageNotFound,
    AttachmentUnsupported,
    NotAUserMessage,
)
"""What keeps a turn from beginning, beside what keeps any run."""
ADVICE = (
    ConversationInvalid,
    ProfileUnknown,
    ProfileBroken,
    PromptTypeUnknown,
    SearchOverrideConflict,
    SearchOverrideAlone,
    InvalidInput,
)
"""What keeps advice from beginning, beside what keeps any run."""

ANSWERED = documented(*_TURN, *_BEFORE, *_AFTER)
"""The problems of a whole answer."""
ADVISED = documented(*ADVICE, *_BEFORE, *_AFTER)
"""The problems of whole advice."""


def streamed_run(
    description: str,
    examples: Mapping[str, str],
    problems: tuple[type[CandorError], ...],
    *,
    headers: Mapping[str, str],
    event: Mapping[str, Any] = TEXT,
) -> dict[int | str, Any]:
    """The stream in its media types, and the problems that keep it from beginning; later errors are
    parts of it. `headers` are described, `event` is the schema of a server-sent event.
    """
    answer = {
        "description": description,
        "headers": {name: {"schema": TEXT, "description": text} for name, text in headers.items()},
        "content": {
            media: {"schema": event if media == EVENTS else TEXT, "example": example}
            for media, example in examples.items()
        },
    }
    return {200: answer, **documented(*problems, *_BEFORE)}
