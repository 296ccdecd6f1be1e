"""The declarations of routes: value types with their bounds; the body and the answer by their headers (JSON
only, negotiation by Accept, no unknown fields); the running Candor, the caller with a scope, a page.

Promises: a valid value can be stored, logged and repeated in an error; free text is cleaned rather
than refused, because half a pasted emoji is no mistake of the user's.

A page of another site can make a browser send forms and plain text without CORS, but not JSON: for
that the browser asks first. So a route for JSON accepts nothing else.

Promises: the client's identity plays no part; a client without a preference, or that accepts none
of the forms, gets the first one.

A route that takes a `Person`, or has `needs(…)` among its dependencies, is open only to callers
with that scope, and says so in the OpenAPI document. A test fails for a route without either.
"""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, TypeAlias, TypeVar, cast

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response, Security
from fastapi.params import Depends as BodyRule
from fastapi.params import Security as Dependency
from fastapi.security import (
    APIKeyCookie,
    APIKeyHeader,
    HTTPAuthorizationCredentials,
    HTTPBearer,
    SecurityScopes,
)
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from backend.composition.container import Container
from backend.errors import NotJson, UserMismatch
from backend.http.middleware.asgi import TOTAL_COUNT
from backend.http.middleware.request_caller import API_KEY, caller_of
from use_cases.chat.model import Mode, Within
from use_cases.kernel import model as values
from use_cases.kernel.errors import InvalidInput, Unauthenticated
from use_cases.kernel.identity.errors import ScopeMissing
from use_cases.kernel.model import Caller, Scope

LONGEST_ID = 128
MOST_LISTED = 100
ID = r"^[A-Za-z0-9._:\-]+$"
_LINE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]+$"
"""One line without characters that end or hide a line in a log."""


def storable(value: object) -> object:
    """Returns text without lone surrogates, which no encoding holds; anything else unchanged."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def numeric(value: object) -> object:
    """Returns a number, which 1.0 is in JSON; a number in quotes, or `true`, is none."""
    if isinstance(value, str | bool):
        raise ValueError("Input should be a number")  # noqa: TRY004  (what pydantic expects)
    return value


NUMERIC = BeforeValidator(numeric)
"""The validator of numbers in JSON bodies; it stands last, or the bounds miss in the OpenAPI
document.
"""

FreeText = Annotated[str, BeforeValidator(storable)]
"""Any text that a user can write."""

UserId = Annotated[str, Field(min_length=1, max_length=LONGEST_ID, pattern=_LINE)]
"""A user's id in the installation: a number, a name, an e-mail address."""

OwnerQuery = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=LONGEST_ID,
        pattern=_LINE,
        description="The user of the chat; in local mode, several users may have a chat with the same id.",
    ),
]

ThingId = Annotated[str, Path(max_length=LONGEST_ID, pattern=ID)]
"""An id in an address."""

ChatId = Annotated[
    str,
    Path(
        max_length=LONGEST_ID,
        pattern=ID,
        description="The chat's id, or the one that the person's frontend gave it.",
    ),
]

Before = Annotated[
    str | None,
    Query(max_length=LONGEST_ID, pattern=ID, description="Return what comes before this id."),
]

Limit = Annotated[int, Query(ge=1, le=MOST_LISTED, description="The most to return.")]

ModelName = Annotated[
    str | None,
    Field(
        max_length=200,
        description="Such as `openai:gpt-4.1-mini`; without it the server's default.",
    ),
]

ChatMode = Annotated[
    Mode | None,
    Field(
        description="The chat's mode from now on: `grounded` (a text without a source is withdrawn) or `open` (it stays, with the outcome `unsourced`). Null: as it is; a new chat is grounded, an imported one open.",
    ),
]

SearchedIn = Annotated[
    Within,
    Field(
        alias="in",
        description="What the answer rests on: `documents`, one's own `conversations` (what was said there, not verified), or `both`.",
    ),
]

CategoryName = Annotated[
    str | None,
    Field(max_length=100, description="Only documents of this category, such as `policies`."),
]


def _written_out(value: object) -> object:
    if not isinstance(value, str) or not re.match(r"\d{4}-\d\d-\d\d", value):
        raise ValueError("Write the moment as 2026-03-02T09:00:00Z.")
    return value


Moment: TypeAlias = Annotated[AwareDatetime, BeforeValidator(_written_out)]
"""A moment with its time zone, written out: pydantic would take a bare number for seconds since 1970."""


async def _json_only(
    content_type: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> None:
    kind = (content_type or "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise NotJson("The request's Content-Type is not JSON.")


async def _json_or_nothing(
    request: Request,
    content_type: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> None:
    if await request.body():
        await _json_only(content_type)


JSON_ONLY: BodyRule = Depends(_json_only)
"""The entry in `dependencies=[…]` of every route with a JSON body."""

JSON_OR_NOTHING: BodyRule = Depends(_json_or_nothing)
"""The same for a body whose fields may all be missing, and so the whole."""


def negotiate(accept: str | None, offered: Sequence[str]) -> str:
    """Returns the offered media type that the header prefers; among equals, and without a header, the
    first.
    """
    ranges = [_range(part) for part in (accept or "").lower().split(",") if part.strip()]
    weights = {media: _weight(media, ranges) for media in offered}
    best = max(weights.values())
    return next(media for media in offered if weights[media] == best)


def _range(part: str) -> tuple[str, float]:
    """Returns a media range and its weight; parameters other than `q` do not count."""
    media, *parameters = (piece.strip() for piece in part.split(";"))
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            with suppress(ValueError):
                return media, float(value)
    return media, 1.0


def _weight(media: str, ranges: Sequence[tuple[str, float]]) -> float:
    """Returns the weight of the most specific range; 0 where none matches."""
    kind = media.partition("/")[0]
    for wanted in (media, f"{kind}/*", "*/*"):
        for found, weight in ranges:
            if found == wanted:
                return weight
    return 0.0


class StrictBody(BaseModel):
    """A body that holds no other fields than its own."""

    model_config = ConfigDict(extra="forbid")


Router = partial(APIRouter, generate_unique_id_function=lambda route: route.name)


LARGEST_PAGE = 200
LARGEST_SKIPPED_PAGE = 1000
FARTHEST_OFFSET = 1_000_000

_header = APIKeyHeader(
    name=API_KEY,
    scheme_name="ApiKey",
    description="A key that `candor keys create` made. The list names the scope that it needs.",
    auto_error=False,
)
_bearer = HTTPBearer(
    scheme_name="Bearer", description="The same key, as a bearer token.", auto_error=False
)
_session = APIKeyCookie(
    name="__Host-session",
    scheme_name="Session",
    description="The cookie that `GET /api/auth/login` leads to; without TLS its name is "
    "`session_token`. A write also needs the header `X-CSRF-Protection: 1`.",
    auto_error=False,
)


# async, all of these: a plain function would be sent to a thread for each request.
async def _container(request: Request) -> Container:
    return cast("Container", request.app.state.candor)


async def permitted(
    request: Request,
    needed: SecurityScopes,
    # Only described here: the middleware has read the key, before the body was.
    _key: Annotated[str | None, Security(_header)],
    _token: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
    _cookie: Annotated[str | None, Security(_session)],
) -> Caller:
    """Returns the caller with the required scopes. Raises `Unauthenticated` and `ScopeMissing`."""
    caller = caller_of(request.scope)
    if caller is None:
        raise Unauthenticated("This address answers only requests that carry an API key.")
    for scope in needed.scopes:
        if scope not in caller.scopes:
            raise ScopeMissing(f"The caller lacks the scope `{scope}`.")
    return caller


def needs(scope: Scope) -> Dependency:
    """Returns an entry for `dependencies=[…]` of a route that asks for no caller, but for a scope."""
    return cast("Dependency", Security(permitted, scopes=[scope.value]))


async def _one_file(request: Request) -> None:
    if len((await request.form()).getlist("file")) > 1:
        raise InvalidInput(
            "The form has several files.", hint="Send each file in a request of its own."
        )


ONE_FILE = Depends(_one_file)
"""For `dependencies=[…]` of a route that takes a file: of several, all but the last would be lost."""


async def _anyone(request: Request) -> Caller | None:
    return caller_of(request.scope)


@dataclass(frozen=True, slots=True)
class PageOf:
    """The requested part of a list."""

    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="The most to return.")] = 50
    offset: Annotated[int, Query(ge=0, le=FARTHEST_OFFSET, description="The number to skip.")] = 0


@dataclass(frozen=True, slots=True)
class SkippedTo:
    """The requested part of a list under `/api/v1`."""

    skip: Annotated[int, Query(ge=0, le=FARTHEST_OFFSET, description="The number to skip.")] = 0
    limit: Annotated[
        int, Query(ge=1, le=LARGEST_SKIPPED_PAGE, description="The most to return.")
    ] = 100


Candor = Annotated[Container, Depends(_container)]

Person: TypeAlias = Annotated[Caller, Security(permitted, scopes=[Scope.CHAT.value])]
"""The caller, who may ask, and read and change what is theirs."""
Reader: TypeAlias = Annotated[Caller, Security(permitted, scopes=[Scope.KNOWLEDGE_READ.value])]
"""The caller, who may read the documents and tables."""
Writer: TypeAlias = Annotated[Caller, Security(permitted, scopes=[Scope.KNOWLEDGE_WRITE.value])]
"""The caller, who may store and remove documents."""
Adviser: TypeAlias = Annotated[Caller, Security(permitted, scopes=[Scope.ADVICE.value])]
"""The caller, who may ask for advice, say what came of it, and read the statistics of theirs."""
Tuner: TypeAlias = Annotated[Caller, Security(permitted, scopes=[Scope.TUNE.value])]
"""The caller, who may change how stated confidence is corrected."""
Author: TypeAlias = Annotated[Caller, Security(permitted, scopes=[Scope.PLAYGROUND.value])]
"""The caller, who may read and change prompts, datasets and evaluations."""
Promoter: TypeAlias = Annotated[Caller, Security(permitted, scopes=[Scope.PROMOTE.value])]
"""The caller, who may decide which prompts and models the product uses."""
Benchmarker: TypeAlias = Annotated[Caller, Security(permitted, scopes=[Scope.BENCHMARK.value])]
"""The caller, who may run the benchmark and read its tasks, runs and leaderboard."""
Importer: TypeAlias = Annotated[Caller, Security(permitted, scopes=[Scope.CONVERSATIONS.value])]
"""The caller, who may import and change their own conversations, and what is made of them."""
Administrator: TypeAlias = Annotated[Caller, Security(permitted, scopes=[Scope.ADMIN.value])]
"""The caller, who may administer the server."""
Known: TypeAlias = Annotated[Caller, Security(permitted)]
"""The caller, with any scope or none."""
Service: TypeAlias = Annotated[Caller, Security(permitted, scopes=[Scope.SERVICE.value])]
"""A program, which may act for the user that its request names."""
Visitor: TypeAlias = Annotated[Caller | None, Depends(_anyone)]
"""The reader of a public page; None for a stranger."""

Page = Annotated[PageOf, Depends()]
Skipped = Annotated[SkippedTo, Depends()]
Category = Annotated[
    str | None,
    Query(max_length=100, description="Only documents of this category, such as `policies`."),
]


def acting_for(caller: Caller, user_id: str | None) -> Caller:
    """Returns the caller as this user. Raises `UserMismatch` for a user who is not the caller.

    The one user of local mode may act for any: their frontend keeps its users apart by these ids.
    """
    if user_id is None or user_id == caller.user_id:
        return caller
    if caller.owns_all:
        return replace(caller, user_id=user_id)
    raise UserMismatch("The request names a user who is not the caller.")


async def _owner(person: Person, user_id: OwnerQuery = None) -> Caller:
    """Returns the caller, or exactly the user that the address names."""
    acting = acting_for(person, user_id)
    return acting if user_id is None else replace(acting, owns_all=False)


Owner: TypeAlias = Annotated[Caller, Depends(_owner)]
"""The owner of the chat: in local mode, frontends of two users may have given the same id to
theirs.
"""


Thing = TypeVar("Thing")
Shape = TypeVar("Shape")


def counted(
    response: Response, page: values.Page[Thing], shape: Callable[[Thing], Shape]
) -> list[Shape]:
    """Returns the page's things in their JSON shape, and state their total in the header."""
    response.headers[TOTAL_COUNT] = str(page.total)
    return [shape(each) for each in page]
