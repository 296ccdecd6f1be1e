"""Routes of sign-in: begin it, complete it, who is signed in, end it."""

from http import HTTPStatus
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from backend.errors import doors
from backend.http.dependencies import Administrator, Candor, Known, Router, Visitor
from backend.http.middleware.request_caller import address_of, caller_of, cookie, keep_cookie
from backend.http.problems import documented
from backend.observability.log_lines import log_fault
from backend.settings.settings import Settings
from use_cases.kernel.errors import CandorError
from use_cases.kernel.identity.errors import (
    EmailNotVerified,
    EmailTaken,
    IdentityProviderFailed,
    IdTokenInvalid,
    SessionNeedsKey,
    SignInCodeRefused,
    SignInDenied,
    SignInNotAllowed,
    SignInNotConfigured,
    SignInStateInvalid,
)
from use_cases.kernel.identity.sign_in import ATTEMPT_LIFE
from use_cases.kernel.model import Caller, Scope

router = Router(prefix="/api/auth", tags=["sign-in"])

_HOUR = 3600
_REQUESTS_OF_A_SIGN_IN = 2
_LONGEST_ANSWER = 4096
_REDIRECT = {HTTPStatus.FOUND: {"description": "To the provider, or to the frontend."}}

ReturnPath = Annotated[
    str | None,
    Query(
        max_length=2000,
        # A path of the origin alone: `//host` and `/\\host` are other sites for a browser.
        pattern=r"^/(?:[!-.0-\[\]-~][!-\[\]-~]*)?$",
        description="The path to go to afterwards, on the origin of FRONTEND_URL.",
    ),
]
Answer = Annotated[str | None, Query(max_length=_LONGEST_ANSWER)]


class CurrentUser(BaseModel):
    """The user of this request."""

    id: str
    name: str | None
    email: str | None
    is_admin: bool
    scopes: list[str] = Field(description="The permissions of this request.")


class SignInStatus(BaseModel):
    """The signed-in user, and whether sign-in is available."""

    authenticated: bool
    auth_mode: Literal["local", "required"]
    sign_in: bool = Field(description="Whether `GET /api/auth/login` leads to a provider.")
    user: CurrentUser | None


class Cleaned(BaseModel):
    """The result of a cleanup."""

    removed: int = Field(description="The number of expired sessions.")


@router.get(
    "/login",
    status_code=HTTPStatus.FOUND,
    response_class=RedirectResponse,
    responses={**_REDIRECT, **documented(SignInNotConfigured, IdentityProviderFailed)},
)
async def begin_sign_in(candor: Candor, return_to: ReturnPath = None) -> RedirectResponse:
    """Go to the sign-in provider."""
    begun = await candor.identity.sign_in.begin(return_to)
    response = RedirectResponse(begun.address, HTTPStatus.FOUND)
    seconds = int(ATTEMPT_LIFE.total_seconds())
    _keep(response, candor.settings, candor.settings.attempt_cookie, begun.token, seconds)
    return response


@router.get(
    "/callback",
    status_code=HTTPStatus.FOUND,
    response_class=RedirectResponse,
    responses={
        **_REDIRECT,
        **documented(
            SignInNotConfigured,
            SignInStateInvalid,
            SignInDenied,
            SignInCodeRefused,
            IdTokenInvalid,
            EmailNotVerified,
            SignInNotAllowed,
            EmailTaken,
            IdentityProviderFailed,
        ),
    },
)
async def complete_sign_in(
    request: Request,
    candor: Candor,
    state: Answer = None,
    code: Answer = None,
    error: Answer = None,
) -> Response:
    """Where the provider sends the browser back: sets the session's cookie, goes to the frontend.

    An error goes to FRONTEND_URL too, as `?sign_in_error=` and its code; without it, a browser is sent to
    the console so, where that is on.
    """
    settings = candor.settings
    shows = settings.console and "text/html" in request.headers.get("accept", "")
    frontend = settings.frontend_url or ("../../console" if shows else None)
    try:
        done = await candor.identity.sign_in.complete(
            token=cookie(request.scope, settings.attempt_cookie),
            state=state,
            code=code,
            error=error,
            replaced=cookie(request.scope, settings.session_cookie),
        )
    except CandorError as refusal:
        if frontend is None:
            raise
        if doors(refusal).status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            log_fault(refusal)
        mark = "&" if "?" in frontend else "?"
        failed = urlencode({"sign_in_error": refusal.code})
        return RedirectResponse(f"{frontend}{mark}{failed}", HTTPStatus.FOUND)
    # Two requests, both without a session: an office behind one address may sign in together.
    if caller_of(request.scope) is None:  # with a session nothing was counted
        candor.identity.limits.forgive(address_of(request.scope), _REQUESTS_OF_A_SIGN_IN)
    # The origin comes first and the path begins with a slash, so this never leads elsewhere.
    path = f"{settings.frontend_origin}{done.return_to}" if done.return_to else None
    response = RedirectResponse(path or settings.frontend_url or "/", HTTPStatus.FOUND)
    seconds = int(settings.session_expire_hours * _HOUR)
    _keep(response, settings, settings.session_cookie, done.token, seconds)
    _keep(response, settings, settings.attempt_cookie, "", 0)
    return response


@router.post("/session", responses=documented(SessionNeedsKey))
async def exchange_key(
    request: Request, response: Response, candor: Candor, caller: Known
) -> CurrentUser:
    """Exchange the API key of this request for a session of the browser, so that no page keeps the key.

    The cookie is HttpOnly and SameSite=Strict. The session has the rights and the limits of the key, and
    ends with it.
    """
    if caller.key_id is None:
        raise SessionNeedsKey("This request carries no API key.")
    settings = candor.settings
    replaced = cookie(request.scope, settings.session_cookie)
    token = await candor.identity.manage_sessions.begin(caller.key_id, replaced=replaced)
    keep_cookie(
        response,
        settings.session_cookie,
        token,
        seconds=int(settings.session_expire_hours * _HOUR),
        tls=settings.has_tls or request.url.scheme == "https",
        same_site="strict",
    )
    return await _current(candor, caller)


@router.get("/me", responses=documented())
async def show_current_user(candor: Candor, caller: Known) -> CurrentUser:
    """The user of this request, by session or API key; in local mode the local one."""
    return await _current(candor, caller)


@router.get("/status", responses=documented())
async def show_sign_in_status(candor: Candor, visitor: Visitor) -> SignInStatus:
    """Whether this request is authenticated, without an error where it is not."""
    return SignInStatus(
        authenticated=visitor is not None,
        auth_mode=candor.settings.auth_mode,
        sign_in=candor.identity.sign_in.configured,
        user=None if visitor is None else await _current(candor, visitor),
    )


@router.post("/logout", status_code=HTTPStatus.NO_CONTENT, responses=documented())
async def sign_out(
    request: Request,
    candor: Candor,
    caller: Known,
    everywhere: Annotated[
        bool, Query(description="End the user's sessions in all browsers.")
    ] = False,
) -> Response:
    """End this browser's session. Without one there is nothing to end."""
    settings = candor.settings
    token = cookie(request.scope, settings.session_cookie)
    if token is not None:
        await candor.identity.manage_sessions.end(token, everywhere=everywhere)
    response = Response(status_code=HTTPStatus.NO_CONTENT)
    _keep(response, settings, settings.session_cookie, "", 0)
    return response


@router.delete("/cleanup", responses=documented())
async def clean_sessions(candor: Candor, administrator: Administrator) -> Cleaned:
    """Remove expired sessions, of all users."""
    return Cleaned(removed=await candor.identity.manage_sessions.clean())


def _keep(response: Response, settings: Settings, name: str, value: str, seconds: int) -> None:
    keep_cookie(response, name, value, seconds=seconds, tls=settings.has_tls)


async def _current(candor: Candor, caller: Caller) -> CurrentUser:
    name = email = None
    if not caller.owns_all:
        user = await candor.identity.manage_users.show(caller.user_id)
        name, email = user.name, user.email
    return CurrentUser(
        id=caller.user_id,
        name=name,
        email=email,
        is_admin=Scope.ADMIN in caller.scopes,
        scopes=sorted(caller.scopes),
    )
