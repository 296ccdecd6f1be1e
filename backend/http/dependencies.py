"""Dependencies of routes: the running Candor, the caller with a scope, a page.

A route that takes a `Person`, or has `needs(…)` among its dependencies, is open only to callers
with that scope, and says so in the OpenAPI document. A test fails for a route without either.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, TypeAlias, TypeVar, cast

from fastapi import APIRouter, Depends, Query, Request, Response, Security
from fastapi.params import Security as Dependency
from fastapi.security import (
    APIKeyCookie,
    APIKeyHeader,
    HTTPAuthorizationCredentials,
    HTTPBearer,
    SecurityScopes,
)

from backend.composition.container import Container
from backend.errors import UserMismatch
from backend.http.fields import OwnerQuery
from backend.http.middleware.asgi import TOTAL_COUNT
from backend.http.middleware.request_caller import API_KEY, caller_of
from use_cases.kernel import model as values
from use_cases.kernel.errors import InvalidInput, Unauthenticated
from use_cases.kernel.identity.errors import ScopeMissing
from use_cases.kernel.model import Caller, Scope

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
