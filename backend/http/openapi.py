"""The OpenAPI document: the parts common to all routes, and the descriptions of those that start runs.

Promises: the document states the scope of the key for each route, and the refusals to expect; with
`AUTH_MODE=local` it states that a key is optional.
"""

from collections.abc import Mapping
from typing import Any, cast

from fastapi import FastAPI

from backend.errors import (
    OPENAI,
    AttachmentUnsupported,
    HostRefused,
    NotAUserMessage,
    NotJson,
    RequestTooSlow,
    ServerFull,
    UserMismatch,
    openai_form,
)
from backend.http.middleware.asgi import JSON_TYPE, PROBLEM_TYPE
from backend.http.middleware.request_caller import is_question, is_upload
from backend.http.problems import OpenAIErrorBody, ProblemBody, documented
from use_cases.advice import errors as advice
from use_cases.chat import errors as chat
from use_cases.conversations import errors as conversations
from use_cases.kernel import errors as kernel
from use_cases.kernel.errors import CandorError, RateLimited, Unauthenticated
from use_cases.kernel.identity.errors import (
    ApiKeyInvalid,
    BudgetSpent,
    CrossSiteWrite,
    ScopeMissing,
    SessionInvalid,
    TooManyAnswers,
    TooManyRequests,
    TooManyUploads,
)
from use_cases.kernel.model import CategoryUnknown

_ANYONE = (HostRefused, ApiKeyInvalid, RateLimited, TooManyRequests, ServerFull)
"""What also a public page answers: to a key that is none, or whose limits are reached."""
_CALLERS = (
    *_ANYONE,
    Unauthenticated,
    SessionInvalid,
    ScopeMissing,
    CrossSiteWrite,
    kernel.StorageBusy,
)
_WAIT = {"schema": {"type": "integer"}, "description": "Seconds to wait before the next try."}
_LOG_IN = {"schema": {"type": "string"}, "description": "Asks for a bearer token (RFC 6750)."}
_HEADERS: Mapping[str, Mapping[str, object]] = {
    "401": {"WWW-Authenticate": _LOG_IN},
    "429": {"Retry-After": _WAIT},
}

_Node = dict[str, Any]


def describe(app: FastAPI, *, required: bool) -> None:
    """Extends `app.openapi()` with these parts; `required`: a key cannot be left out."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _complete_document(plain(), required=required)
        return app.openapi_schema

    app.openapi = described  # FastAPI's own way to extend the document


def _complete_document(document: _Node, *, required: bool) -> _Node:
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas["ProblemBody"] = ProblemBody.model_json_schema()
    schemas["OpenAIErrorBody"] = OpenAIErrorBody.model_json_schema(
        ref_template="#/components/schemas/{model}"
    )
    schemas |= schemas["OpenAIErrorBody"].pop("$defs")
    for path, operations in cast("_Node", document["paths"]).items():
        for method, operation in cast("_Node", operations).items():
            _complete(operation, (method.upper(), str(path)), required=required)
            if str(path).startswith(OPENAI):
                _use_openai_form(operation)
    return document


def _complete(operation: _Node, route: tuple[str, str], *, required: bool) -> None:
    secured = "security" in operation
    more = (
        (TooManyAnswers,) if is_question(*route) else (TooManyUploads,) if is_upload(*route) else ()
    )
    slow = (RequestTooSlow,) if "requestBody" in operation else ()
    _add(operation, *(_CALLERS if secured else _ANYONE), *slow, *more)
    if secured and not required:
        operation["security"].append({})


def _use_openai_form(operation: _Node) -> None:
    """Describes the problems of a route below `/v1` as what they are there."""
    for described in cast("_Node", operation["responses"]).values():
        content = cast("_Node", described.get("content", {}))
        if (problems := content.pop(PROBLEM_TYPE, None)) is not None:
            examples = {
                code: {**one, "value": openai_form(one["value"])}
                for code, one in problems["examples"].items()
            }
            schema = {"$ref": "#/components/schemas/OpenAIErrorBody"}
            content[JSON_TYPE] = {"schema": schema, "examples": examples}


def _add(operation: _Node, *errors: type[CandorError]) -> None:
    """Adds problems to those that the route describes itself."""
    own = cast("_Node", operation["responses"])
    for status, found in documented(*errors).items():
        if str(status) == "422":  # which `documented` always has; a route says itself whether
            continue
        described = own.setdefault(str(status), found)
        if described is not found:
            _merge(described, found)
        if str(status) in _HEADERS:
            described.setdefault("headers", {}).update(_HEADERS[str(status)])


def _merge(described: _Node, found: _Node) -> None:
    for media, content in cast("_Node", found["content"]).items():
        mine = described.setdefault("content", {}).setdefault(media, content)
        examples = mine.setdefault("examples", {})
        new = {code: one for code, one in content["examples"].items() if code not in examples}
        examples.update(new)
        if new:
            titles = (one["summary"] for one in new.values())
            described["description"] = "; ".join([str(described["description"]), *titles])


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
UI_STREAM = """data: {"type":"start","messageId":"ans_01","messageMetadata":{"chat_id":"chat_01"}}

data: {"type":"text-start","id":"0"}

data: {"type":"text-delta","id":"0","delta":"Passwords must be rotated every 90 days. [1]"}

data: {"type":"text-end","id":"0"}

data: {"type":"finish","finishReason":"stop"}

data: [DONE]

"""
"""An example of the stream of `POST /api/chat`."""
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
    conversations.DraftBusy,
    conversations.DraftMessageInvalid,
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
    """Returns the stream in its media types, and the problems that keep it from beginning; later errors
    are parts of it. `headers` are described, `event` is the schema of a server-sent event.
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
