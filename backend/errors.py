"""One table from error families to an HTTP status and an exit code.

Promises: every `CandorError`, and every other exception, has exactly one status, one exit code and
one machine-readable form; the text of an unknown exception is never shown. Errors of settings and
requests are defined here. Leaves to others: presentation over HTTP (`backend/http/problems.py`) and
on a terminal (`backend/cli/terminal/terminal.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from http import HTTPStatus
from math import ceil
from typing import Any, TypeAlias, cast

from use_cases.kernel.errors import (
    CandorError,
    Conflict,
    InvalidInput,
    NotFound,
    RateLimited,
    Refused,
    TooLarge,
    Unauthenticated,
    Unavailable,
    Unsupported,
    UpstreamFailed,
    UpstreamTimeout,
)
from use_cases.kernel.text.plain_text import storable

Problem: TypeAlias = dict[str, object]
"""A problem object (RFC 9457) with our `code` and `hint`."""


class ExitCode(IntEnum):
    """The exit codes of commands. `docs/reference/cli.md` shows this table."""

    DONE = 0
    FAILED = 1
    WRONG_INPUT = 2
    NOT_FOUND = 3
    INCOMPLETE = 3  # of `eval`; the same number
    REFUSED = 4
    CONFLICT = 5
    PROVIDER = 6
    UNAVAILABLE = 7
    TENTATIVE = 8
    INTERRUPTED = 130


EXIT_CODE_MEANINGS = {
    ExitCode.DONE: "Done; for `ask`: answered, answered with both sides of a conflict, or small talk; for `advise`: advised; for `eval`: nothing speaks against the candidates.",
    ExitCode.FAILED: "An internal error, or only part of the work was done (some files failed to ingest, a check of `doctor` failed); for `eval`: a candidate is worse than the baseline or failed a required assertion.",
    ExitCode.WRONG_INPUT: "The command line, a setting or the input is wrong.",
    ExitCode.NOT_FOUND: "Not found; for `ask`: the knowledge base has no answer, or the reply asks what is meant; for `advise`: no basis for a choice; for `eval`: cells ended in errors, or the run did not come to its end.",
    ExitCode.REFUSED: "A rule forbids it; for `ask` and `advise`: the question was declined.",
    ExitCode.CONFLICT: "It contradicts what is stored, such as an index built with another embedder.",
    ExitCode.PROVIDER: "A model's or reranker's provider failed, was too slow or limits the rate.",
    ExitCode.UNAVAILABLE: "Something needed is missing, locked, full or broken; `candor doctor` tells.",
    ExitCode.TENTATIVE: "For `ask`: an answer that may not hold; its notes say why.",
    ExitCode.INTERRUPTED: "Stopped with Ctrl-C.",
}


@dataclass(frozen=True, slots=True)
class Doors:
    """The HTTP status and the exit code of one family of errors."""

    status: HTTPStatus
    exit_code: ExitCode


FAMILIES: dict[type[CandorError], Doors] = {
    InvalidInput: Doors(HTTPStatus.UNPROCESSABLE_ENTITY, ExitCode.WRONG_INPUT),
    Unauthenticated: Doors(HTTPStatus.UNAUTHORIZED, ExitCode.REFUSED),
    Refused: Doors(HTTPStatus.FORBIDDEN, ExitCode.REFUSED),
    NotFound: Doors(HTTPStatus.NOT_FOUND, ExitCode.NOT_FOUND),
    Conflict: Doors(HTTPStatus.CONFLICT, ExitCode.CONFLICT),
    TooLarge: Doors(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, ExitCode.WRONG_INPUT),
    Unsupported: Doors(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, ExitCode.WRONG_INPUT),
    RateLimited: Doors(HTTPStatus.TOO_MANY_REQUESTS, ExitCode.PROVIDER),
    UpstreamFailed: Doors(HTTPStatus.BAD_GATEWAY, ExitCode.PROVIDER),
    UpstreamTimeout: Doors(HTTPStatus.GATEWAY_TIMEOUT, ExitCode.PROVIDER),
    Unavailable: Doors(HTTPStatus.SERVICE_UNAVAILABLE, ExitCode.UNAVAILABLE),
}
UNKNOWN = Doors(HTTPStatus.INTERNAL_SERVER_ERROR, ExitCode.FAILED)


class SettingsInvalid(InvalidInput):
    """An environment variable or a line of `.env` has a value that cannot be used."""

    code = "settings_invalid"
    title = "A setting is wrong"
    default_hint = "Correct the variable in the environment or in .env; `.env.example` shows each."


class PublicAddressRefused(Refused):
    """Local mode has no logins, so a public address would let anyone in."""

    code = "public_address_refused"
    title = "Not on a public address"
    default_hint = "Set AUTH_MODE=required and make API keys (`candor keys create`); or listen on 127.0.0.1; or set ALLOW_PUBLIC_LOCAL=true if everyone who reaches it may read and delete everything."


class ConfirmationNeeded(Refused):
    """The command asks before it removes anything or spends money, and there is no terminal to ask at."""

    code = "confirmation_needed"
    title = "Confirmation needed"
    default_hint = "Run the same command with --yes. Nothing was changed."


class HostRefused(Refused):
    """The request is addressed to a host name, or comes from a web page, that is not allowed."""

    code = "host_refused"
    title = "Not addressed to this server"
    default_hint = "Use http://localhost, or add the name to ALLOWED_HOSTS (a web page's origin: to CORS_ORIGINS)."


class RequestTooSlow(CandorError):
    """The client did not send its request in time."""

    code = "request_timeout"
    title = "The request came too slowly"
    default_hint = "Send the request again, its headers within 10 seconds and its body within 30."


class ServerFull(Unavailable):
    """The server has as many connections as it may have, in all or from one address."""

    code = "server_full"
    title = "Too many connections"
    default_hint = "Try again in a moment, with fewer connections at once."


class UserMismatch(Refused):
    """A request names a user who is not the one whose key it carries."""

    code = "user_mismatch"
    title = "Not your user id"
    default_hint = "Send the user_id that your key belongs to."


class NotJson(Unsupported):
    """The body is not announced as JSON; a page of another site could send any other kind unasked."""

    code = "not_json"
    title = "The body must be JSON"
    default_hint = "Send it with `Content-Type: application/json`."


class AttachmentUnsupported(Unsupported):
    """A chat message carries a file."""

    code = "attachment_unsupported"
    title = "Messages carry no files"
    default_hint = "Upload the document (`POST /knowledge/documents` or `candor ingest`) and ask about it in words."


class TracingNotInstalled(Unavailable):
    """Traces are asked for, and the packages that send them are not installed."""

    code = "tracing_not_installed"
    title = "Traces cannot be sent"
    default_hint = (
        "Install them: pip install opentelemetry-sdk opentelemetry-exporter-otlp-proto-http; "
        "or unset OTEL_ENABLED."
    )


class NotAUserMessage(InvalidInput):
    """A frontend sent a chat whose last message is not the user's."""

    code = "not_a_user_message"
    title = "The last message is not the user's"
    default_hint = (
        "Send the user's new message last; what the assistant said is kept by the server."
    )


class ValidationFailed(InvalidInput):
    """A request lacks a field, or a field has a wrong value; `detail` names each, `field` the first."""

    code = "validation_error"
    title = "The request is not valid"
    default_hint = "Compare the request with /docs."

    def __init__(self, detail: str, *, field: str | None = None, hint: str | None = None) -> None:
        super().__init__(detail, hint=hint)
        self.field = field


class ParameterUnsupported(ValidationFailed):
    """A request in OpenAI's form asks for something that Candor does not do."""

    code = "parameter_unsupported"
    title = "Not supported here"
    default_hint = "Leave it out; docs/how-to/use-from-openai-clients.md lists what is supported."


class ModelNotListed(NotFound):
    """`GET /v1/models` does not list the model."""

    code = "model_not_found"
    title = "No such model"
    default_hint = "GET /v1/models lists them."


class RouteNotFound(NotFound):
    """No route has this path."""

    code = "route_not_found"
    title = "No such address"
    default_hint = "/docs lists every route."


class ToolUnknown(NotFound):
    """No tool has this name."""

    code = "tool_unknown"
    title = "No such tool"
    default_hint = "`tools/list` names those that the caller may use."


class MethodNotAllowed(InvalidInput):
    """The path exists, but not with this method (HTTP status 405)."""

    code = "method_not_allowed"
    title = "Method not allowed"
    default_hint = "The Allow header names the methods; /docs lists every route."


class InternalError(CandorError):
    """A fault of Candor's own; the log has the cause under the request id."""

    code = "internal_error"
    title = "Something went wrong inside Candor"
    default_hint = "Look in the log for the request id."


def doors(error: CandorError | type[CandorError]) -> Doors:
    """Returns status and exit code, by the nearest family of the error."""
    kind = error if isinstance(error, type) else type(error)
    if issubclass(kind, MethodNotAllowed):
        return Doors(HTTPStatus.METHOD_NOT_ALLOWED, ExitCode.WRONG_INPUT)
    if issubclass(kind, RequestTooSlow):
        return Doors(HTTPStatus.REQUEST_TIMEOUT, ExitCode.WRONG_INPUT)
    return next((FAMILIES[base] for base in kind.__mro__ if base in FAMILIES), UNKNOWN)


def problem(error: CandorError) -> Problem:
    """Returns the JSON form of an error, the same over HTTP and with `--json`."""
    return {
        "type": f"urn:candor:error:{error.code}",
        "title": error.title,
        "status": int(doors(error).status),
        "detail": storable(error.detail),  # it may name a field with half a character
        "code": error.code,
        "hint": error.hint,
    }


OPENAI = "/v1/"
"""The beginning of the addresses whose errors have OpenAI's form."""

_OPENAI_TYPES = {
    HTTPStatus.UNAUTHORIZED: "authentication_error",
    HTTPStatus.FORBIDDEN: "permission_error",
    HTTPStatus.NOT_FOUND: "not_found_error",
    HTTPStatus.TOO_MANY_REQUESTS: "rate_limit_error",
}


def openai_error(error: CandorError) -> Problem:
    """Returns an error in OpenAI's form."""
    return openai_form(problem(error), error.field if isinstance(error, ValidationFailed) else None)


def openai_form(found: Problem, field: str | None = None) -> Problem:
    """Returns a problem in OpenAI's form. Its clients show `message` alone, so the hint is part of it."""
    status = HTTPStatus(cast("int", found["status"]))
    kind = "server_error" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "invalid_request_error"
    about = {
        "message": f"{found['detail']} {found['hint']}",
        "type": _OPENAI_TYPES.get(status, kind),
        "param": field,
        "code": found["code"],
    }
    return {"error": about}


def validation_failed(
    wrong: Sequence[Mapping[str, Any]], hint: str | None = None
) -> ValidationFailed:
    """Returns the error for what pydantic found wrong in a request; never with its values."""
    fields = [_field(one) for one in wrong]
    detail = "; ".join(f"{name}: {text}" for name, text in fields)
    return ValidationFailed(f"{detail}.", hint=hint, field=fields[0][0])


def _field(item: Mapping[str, Any]) -> tuple[str, str]:
    """Returns the place and the reason of a fault."""
    if item["type"] == "json_invalid":  # its location is an offset, not a field
        return "body", "This is not JSON"
    return ".".join(map(str, item["loc"])), str(item["msg"]).removeprefix("Value error, ")


def retry_after(error: CandorError) -> str | None:
    """Returns the value of the Retry-After header: whole seconds, at least 1; None when the time is not
    known.
    """
    return None if error.retry_after is None else str(max(1, ceil(error.retry_after)))
