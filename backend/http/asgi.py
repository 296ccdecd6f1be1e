"""What the pure ASGI middlewares share: the shape of a request, and answering with a problem."""

import json
from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.types import Scope, Send

from backend.errors import problem, retry_after
from use_cases.kernel.errors import CandorError

PROBLEM_TYPE = "application/problem+json"


def header(scope: Scope, name: str) -> str | None:
    """A request header's value, decoded as Latin-1; None when it is absent."""
    return Headers(scope=scope).get(name)


def problem_headers(error: CandorError) -> dict[str, str]:
    """Headers that go with an error: when to come back, where that is known."""
    seconds = retry_after(error)
    return {} if seconds is None else {"Retry-After": seconds}


async def send_problem(send: Send, error: CandorError, **members: object) -> None:
    """A whole response of a problem object; `members` are added to it."""
    found = {**problem(error), **members}
    body = json.dumps(found, ensure_ascii=False).encode()
    headers: Sequence[tuple[bytes, bytes]] = [
        (b"content-type", PROBLEM_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        *(
            (name.lower().encode(), value.encode())
            for name, value in problem_headers(error).items()
        ),
    ]
    await send({"type": "http.response.start", "status": found["status"], "headers": headers})
    await send({"type": "http.response.body", "body": body})
