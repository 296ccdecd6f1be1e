"""Errors that come after the headers, in the form that clients receive.

Promises: our own errors with their sentence, code and hint, all others with a fixed sentence; never
the text of an exception. The log has the cause, under the request's id.
"""

from collections.abc import Mapping

from loguru import logger
from pydantic import JsonValue

from backend.errors import InternalError, doors
from backend.observability.logs import log_fault
from use_cases.kernel.errors import CandorError

UNKNOWN = "The answer failed for a reason that is not yours."
SERVER_ERROR = 500


def client_error(error: BaseException) -> CandorError:
    """Return the error for the client; log it where it is a fault on the server's side."""
    if not isinstance(error, CandorError):
        logger.opt(exception=error).error("the stream of an answer failed")
        return InternalError(UNKNOWN)
    if doors(error).status >= SERVER_ERROR:
        log_fault(error)
    else:
        logger.info("the stream of an answer ended in {}: {}", error.code, error.detail)
    return error


def problem_data(error: CandorError) -> Mapping[str, JsonValue]:
    """Return the fields of an error for programs; `retry_after` is in seconds, null when it is not
    known.
    """
    return {
        "code": error.code,
        "status": int(doors(error).status),
        "title": error.title,
        "detail": error.detail,
        "hint": error.hint,
        "retry_after": error.retry_after,
    }
