"""What the routes that ask a question say of themselves in the OpenAPI document."""

from typing import Any

from backend.errors import AttachmentUnsupported, NotAUserMessage, NotJson, UserMismatch
from backend.http.problems import documented
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
    ContentFiltered,
    DefaultModelUnusable,
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

_BEFORE = (
    ChatNotFound,
    ChatBusy,
    ChatIdInvalid,
    QuestionEmpty,
    QuestionTooLong,
    CategoryUnknown,
    ModelUnknown,
    ModelNotAllowed,
    DefaultModelUnusable,
    ModelNotConfigured,
    NotJson,
    TooLarge,
    UserMismatch,
    RateLimited,
    TooManyAnswers,
    BudgetSpent,
    StorageBusy,
    StorageFull,
    StorageDamaged,
)
_AFTER = (
    PromptTooLong,
    ContentFiltered,
    ModelKeyRejected,
    ModelQuotaExceeded,
    ModelMisbehaved,
    ModelUnreachable,
    UpstreamFailed,
    UpstreamTimeout,
)

ANSWERED = documented(*_BEFORE, *_AFTER)
"""The problems of a whole answer."""


def streamed(description: str, example: str, header: str) -> dict[int | str, Any]:
    """The problems of a stream that could not begin, and the stream; later errors are parts of it."""
    answer = {
        "description": description,
        "headers": {header: {"schema": {"type": "string"}, "description": "Names the protocol."}},
        "content": {"text/event-stream": {"schema": {"type": "string"}, "example": example}},
    }
    problems = documented(*_BEFORE, MessageNotFound, AttachmentUnsupported, NotAUserMessage)
    return {200: answer, **problems}
