"""What a client is told of an error that comes after the headers.

Promises: our own errors with their sentence, code and hint, everything else with a fixed sentence;
never the text of an exception. The log has the cause, under the request's id.
"""

from collections.abc import Mapping

from loguru import logger
from pydantic import JsonValue

from backend.errors import InternalError, doors
from backend.observability.logs import log_fault
from use_cases.kernel.errors import CandorError

UNKNOWN = "The answer failed for a reason that is not yours."
SERVER_ERROR = 500


def told(error: BaseException) -> CandorError:
    """The error as a client may hear of it; logged where it is a fault of the server's side."""
    if not isinstance(error, CandorError):
        logger.opt(exception=error).error("the stream of an answer failed")
        return InternalError(UNKNOWN)
    if doors(error).status >= SERVER_ERROR:
        log_fault(error)
    else:
        logger.info("the stream of an answer ended in {}: {}", error.code, error.detail)
    return error


def problem_data(error: CandorError) -> Mapping[str, JsonValue]:
    """What programs need of an error; `retry_after` is in seconds, null when it is not known."""
    return {
        "code": error.code,
        "status": int(doors(error).status),
        "title": error.title,
        "detail": error.detail,
        "hint": error.hint,
        "retry_after": error.retry_after,
    }
