"""Completes the OpenAPI document with the parts common to all routes: problems, keys, limits.

Promises: the document states the scope of the key for each route, and the refusals to expect; with
`AUTH_MODE=local` it states that a key is optional.
"""

from collections.abc import Mapping
from typing import Any, cast

from fastapi import FastAPI

from backend.errors import HostRefused
from backend.http.middleware.authentication import is_question, is_upload
from backend.http.problems import ProblemBody, documented
from use_cases.kernel.errors import CandorError, RateLimited, Unauthenticated
from use_cases.kernel.identity.errors import (
    ApiKeyInvalid,
    CrossSiteWrite,
    ScopeMissing,
    SessionInvalid,
    TooManyAnswers,
    TooManyUploads,
)

_ANYONE = (HostRefused,)
_CALLERS = (
    *_ANYONE,
    Unauthenticated,
    ApiKeyInvalid,
    SessionInvalid,
    ScopeMissing,
    CrossSiteWrite,
    RateLimited,
)
_WAIT = {"schema": {"type": "integer"}, "description": "Seconds to wait before the next try."}
_LOG_IN = {"schema": {"type": "string"}, "description": "Asks for a bearer token (RFC 6750)."}
_HEADERS: Mapping[str, Mapping[str, object]] = {
    "401": {"WWW-Authenticate": _LOG_IN},
    "429": {"Retry-After": _WAIT},
}

_Node = dict[str, Any]


def describe(app: FastAPI, *, required: bool) -> None:
    """Extend `app.openapi()` with these parts; `required`: a key cannot be left out."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _complete_document(plain(), required=required)
        return app.openapi_schema

    app.openapi = described  # FastAPI's own way to extend the document


def _complete_document(document: _Node, *, required: bool) -> _Node:
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas["ProblemBody"] = ProblemBody.model_json_schema()
    for path, operations in cast("_Node", document["paths"]).items():
        for method, operation in cast("_Node", operations).items():
            _complete(operation, (method.upper(), str(path)), required=required)
    return document


def _complete(operation: _Node, route: tuple[str, str], *, required: bool) -> None:
    secured = "security" in operation
    more = (
        (TooManyAnswers,) if is_question(*route) else (TooManyUploads,) if is_upload(*route) else ()
    )
    _add(operation, *(_CALLERS if secured else _ANYONE), *more)
    if secured and not required:
        operation["security"].append({})


def _add(operation: _Node, *errors: type[CandorError]) -> None:
    """Add problems to those that the route describes itself."""
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
