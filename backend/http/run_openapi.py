"""The OpenAPI descriptions of the routes that start runs."""

from collections.abc import Mapping
from typing import Any

from backend.errors import AttachmentUnsupported, NotAUserMessage, NotJson, UserMismatch
from backend.http.problems import documented
from use_cases.advice import errors as advice
from use_cases.chat import errors as chat
from use_cases.conversations import errors as conversations
from use_cases.conversations.drafts import errors as drafts
from use_cases.kernel import errors as kernel
from use_cases.kernel.categories import CategoryUnknown
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
    kernel.ModelUnknown,
    kernel.ModelNotAllowed,
    kernel.DefaultModelUnusable,
    kernel.ModelNotConfigured,
    NotJson,
    kernel.TooLarge,
    kernel.RateLimited,
    TooManyAnswers,
    BudgetSpent,
    kernel.StorageDamaged,
)
"""What keeps any run from beginning."""
_AFTER = (
    kernel.PromptTooLong,
    kernel.ContentFiltered,
    kernel.ModelKeyRejected,
    kernel.ModelQuotaExceeded,
    kernel.ModelMisbehaved,
    kernel.ModelUnreachable,
    kernel.UpstreamFailed,
    kernel.UpstreamTimeout,
    kernel.StorageBusy,
    kernel.StorageFull,
)
"""What makes any run fail."""

_TURN = (
    chat.ChatNotFound,
    chat.ChatBusy,
    kernel.ConversationLocked,
    chat.ChatIdInvalid,
    chat.QuestionEmpty,
    chat.QuestionTooLong,
    CategoryUnknown,
    UserMismatch,
)
STREAMED_TURN = (
    *_TURN,
    kernel.StorageBusy,
    kernel.StorageFull,
    chat.MessageNotFound,
    AttachmentUnsupported,
    NotAUserMessage,
)
"""What keeps a turn from beginning, beside what keeps any run."""
ADVICE = (
    advice.ConversationInvalid,
    advice.ProfileUnknown,
    advice.ProfileBroken,
    advice.PromptTypeUnknown,
    advice.SearchOverrideConflict,
    advice.SearchOverrideAlone,
    kernel.InvalidInput,
)
"""What keeps advice from beginning, beside what keeps any run."""

DRAFTING = (
    conversations.ConversationNotFound,
    conversations.AttachmentNotFound,
    kernel.ConversationLocked,
    drafts.DraftBusy,
    drafts.DraftMessageInvalid,
    kernel.StorageBusy,
    kernel.StorageFull,
)
"""What keeps a turn about a draft from beginning, beside what keeps any run."""

DRAFTED = documented(*DRAFTING, *_BEFORE, *_AFTER)
"""The problems of a whole draft."""
ANSWERED = documented(*_TURN, *_BEFORE, *_AFTER)
"""The problems of a whole answer."""
ADVISED = documented(*ADVICE, *_BEFORE, *_AFTER)
"""The problems of whole advice."""


def streamed_run(
    description: str,
    examples: Mapping[str, str],
    problems: tuple[type[kernel.CandorError], ...],
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
