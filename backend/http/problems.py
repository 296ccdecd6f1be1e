"""Every error response is a problem object (RFC 9457), below `/v1` in OpenAI's form, made of our errors and
the framework's.

Promises: `{type, title, status, detail, code, hint}` with media type `application/problem+json` and
Retry-After where the time is known; request data is never repeated. Leaves to others: the status of
each error (`backend/errors.py`), unknown exceptions (`backend/http/middleware/request_figures.py`).
"""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.routing import Match, Route

from backend.errors import (
    FAMILIES,
    InternalError,
    MethodNotAllowed,
    NotJson,
    RouteNotFound,
    ValidationFailed,
    doors,
    problem,
    validation_failed,
)
from backend.http.middleware.asgi import PROBLEM_TYPE, error_body, problem_headers, route_path
from backend.http.middleware.body_limit import BodyRefused
from backend.observability.log_lines import log_fault
from use_cases.kernel.errors import CandorError, InvalidInput, StorageBusy, TooLarge


class ProblemBody(BaseModel):
    """An error, for programs (`code`) and for people (`detail`, `hint`)."""

    type: str = Field(description="A URN made of the code.")
    title: str = Field(description="The kind of error, in words.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What happened to this request, in one sentence.")
    code: str = Field(description="A stable name for programs; docs/reference/errors.md lists all.")
    hint: str = Field(description="What can be done next.")


class OpenAIError(BaseModel):
    """What happened."""

    message: str = Field(description="What happened to this request, and what can be done next.")
    type: str = Field(description="The family of the error, such as `invalid_request_error`.")
    param: str | None = Field(description="The field that is wrong, where it is one.")
    code: str = Field(description="A stable name for programs; docs/reference/errors.md lists all.")


class OpenAIErrorBody(BaseModel):
    """An error of the routes below `/v1`, in OpenAI's form."""

    error: OpenAIError


WRITING = (NotJson, TooLarge, StorageBusy)
"""The problems of every route that writes what a JSON body says."""


def documented(*errors: type[CandorError]) -> dict[int | str, dict[str, Any]]:
    """Returns OpenAPI's description of the problems of a route; every route may answer 422."""
    by_status: dict[int | str, list[type[CandorError]]] = {}
    for kind in dict.fromkeys((*errors, ValidationFailed)):
        by_status.setdefault(int(doors(kind).status), []).append(kind)
    return {status: _describe(kinds) for status, kinds in by_status.items()}


def text_of(description: str, *media: str) -> dict[int | str, dict[str, Any]]:
    """Returns OpenAPI's description of an answer that is a text, of one of these media types."""
    content = {each: {"schema": {"type": "string"}} for each in media}
    return {200: {"description": description, "content": content}}


def answer_with_problems(app: FastAPI) -> None:
    """Installs the exception handlers."""
    app.add_exception_handler(CandorError, _handle_candor_error)
    app.add_exception_handler(RequestValidationError, _handle_invalid_request)
    app.add_exception_handler(HTTPException, _handle_framework_error)


def _describe(kinds: Sequence[type[CandorError]]) -> dict[str, Any]:
    examples = {
        kind.code: {"summary": kind.title, "value": problem(kind(kind.title + "."))}
        for kind in kinds
    }
    schema = {"$ref": "#/components/schemas/ProblemBody"}
    return {
        "description": "; ".join(kind.title for kind in kinds),
        "content": {PROBLEM_TYPE: {"schema": schema, "examples": examples}},
    }


async def _handle_candor_error(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, CandorError):
        raise error
    if doors(error).status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log_fault(error)
    return _response(request, error)


async def _handle_invalid_request(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    wrong = [{**one, "loc": one["loc"][1:] or one["loc"]} for one in error.errors()]
    return _response(request, validation_failed(wrong))


async def _handle_framework_error(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    if isinstance(error, BodyRefused):
        return _response(request, error.error)
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        response = _response(request, MethodNotAllowed("This address does not support the method."))
        response.headers["Allow"] = ", ".join(_allowed(request))
        return response
    if error.status_code == HTTPStatus.NOT_FOUND:
        return _response(request, RouteNotFound("Unknown address."))
    if error.status_code == HTTPStatus.BAD_REQUEST:
        return _response(request, InvalidInput("The request body cannot be read."))
    family = next(
        (kind for kind, door in FAMILIES.items() if door.status == error.status_code), None
    )
    return _response(request, (family or InternalError)(error.detail))


def _allowed(request: Request) -> Sequence[str]:
    """Returns the methods of every route at this address; the framework names those of the first one. A
    fixed address, such as `/api/conversations/import`, is not one of `{conversation_id}`, too.
    """
    routes = [route for route in request.app.routes if isinstance(route, Route)]
    here = [route for route in routes if route.path == route_path(request.scope)] or [
        route for route in routes if route.matches(request.scope)[0] is not Match.NONE
    ]
    return sorted({method for route in here for method in route.methods or ()})


def _response(request: Request, error: CandorError) -> JSONResponse:
    body, media_type = error_body(request.scope, error)
    return JSONResponse(
        body, int(doors(error).status), problem_headers(error), media_type=media_type
    )
