"""Helpers of the pure ASGI middlewares: reading a request and its route, and answering with a problem."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import cast

from starlette.datastructures import Headers
from starlette.routing import BaseRoute, Route
from starlette.types import Scope, Send

from backend.errors import OPENAI, Problem, doors, openai_error, problem, retry_after
from use_cases.kernel.errors import CandorError, Unauthenticated
from use_cases.kernel.identity.errors import ApiKeyInvalid, ScopeMissing

# RFC 9110, 7.2: a host and a port. A user before an `@`, or a path, has no place there.
_AUTHORITY = re.compile(r"(?:\[(?P<address>[0-9A-Fa-f:.]+)\]|(?P<name>[\w.-]+))(?::\d{1,5})?")
TOTAL_COUNT = "X-Total-Count"
"""The header of a list that is a JSON array: how many there are in all."""

PROBLEM_TYPE = "application/problem+json"
JSON_TYPE = "application/json"
_REFUSALS: Mapping[type[CandorError], str] = {
    ApiKeyInvalid: "invalid_token",
    ScopeMissing: "insufficient_scope",
}


def header(scope: Scope, name: str) -> str | None:
    """Returns a request header's value, decoded as Latin-1; None when it is absent."""
    return Headers(scope=scope).get(name)


def host_name(authority: str) -> str:
    """Returns the host of an authority: `[::1]:8000` is `::1`; a malformed one is an empty name, which
    no setting allows.
    """
    found = _AUTHORITY.fullmatch(authority)
    return (found["address"] or found["name"]).lower() if found else ""


def route_path(scope: Scope) -> str:
    """Returns the path as routes know it, also behind a proxy that serves us under a path of its own."""
    path, root = str(scope["path"]), str(scope.get("root_path", ""))
    return path.removeprefix(root) if path.startswith(f"{root}/") else path


def problem_headers(error: CandorError) -> dict[str, str]:
    """Returns the headers of an error: the time of the next try, where that is known, and the login
    scheme.
    """
    headers: dict[str, str] = {}
    seconds = retry_after(error)
    if seconds is not None:
        headers["Retry-After"] = seconds
    if isinstance(error, Unauthenticated | ScopeMissing):
        # RFC 6750: an error code only for a client that sent a key.
        error_parameter = f', error="{_REFUSALS[type(error)]}"' if type(error) in _REFUSALS else ""
        headers["WWW-Authenticate"] = f'Bearer realm="candor"{error_parameter}'
    return headers


def error_body(scope: Scope, error: CandorError) -> tuple[Problem, str]:
    """Returns the JSON of an error and its media type: a problem object, or OpenAI's form."""
    if is_openai(scope):
        return openai_error(error), JSON_TYPE
    return problem(error), PROBLEM_TYPE


def is_openai(scope: Scope) -> bool:
    """Returns whether the errors of this address have OpenAI's form."""
    return route_path(scope).startswith(OPENAI)


async def send_problem(scope: Scope, send: Send, error: CandorError, **members: object) -> None:
    """Sends a whole response with an error; `members` are added to it."""
    found, media_type = error_body(scope, error)
    body = json.dumps({**found, **members}, ensure_ascii=False).encode()
    headers: Sequence[tuple[bytes, bytes]] = [
        (b"content-type", media_type.encode()),
        (b"content-length", str(len(body)).encode()),
        *(
            (name.lower().encode(), value.encode())
            for name, value in problem_headers(error).items()
        ),
    ]
    status = int(doors(error).status)
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def template(scope: Scope) -> str | None:
    """Returns the template, such as `/chats/{chat_id}`; None before the routing, and where no route
    matched.
    """
    route = cast("BaseRoute | None", scope.get("route"))
    return route.path_format if isinstance(route, Route) else None
