"""The errors of API keys, sign-in and sessions, and of their limits."""

from use_cases.kernel.errors import (
    Conflict,
    NotFound,
    RateLimited,
    Refused,
    Unauthenticated,
    UpstreamFailed,
)


class ApiKeyInvalid(Unauthenticated):
    """The key is invalid: unknown, revoked or expired, without a distinction for the client."""

    code = "api_key_invalid"
    title = "The API key is not valid"
    default_hint = (
        "Check that the whole key was sent; `candor keys list` on the server shows the valid keys."
    )


class ApiKeyNotFound(NotFound):
    """No API key has this id or prefix."""

    code = "api_key_not_found"
    title = "API key not found"
    default_hint = "`candor keys list` shows the keys with their ids."


class ScopeMissing(Refused):
    """The key or session is in force, but lacks a scope; `detail` names it."""

    code = "scope_missing"
    title = "The scope is missing"
    default_hint = "Create a key with that scope: `candor keys create --user … --scope …`; or ask an administrator."


class TooManyAnswers(RateLimited):
    """The caller has as many answers running as it may have at once."""

    code = "too_many_streams"
    title = "Too many answers at once"
    default_hint = "Wait until one of the running answers has ended, or cancel one."


class TooManyRequests(RateLimited):
    """The caller has as many requests in flight as it may have at once, and none of them ended soon."""

    code = "too_many_requests"
    title = "Too many requests at once"
    default_hint = (
        "Wait until some of the running requests have ended, and close streams that nobody reads."
    )


class TooManyUploads(RateLimited):
    """The caller has as many uploads being read as it may have at once."""

    code = "too_many_uploads"
    title = "Too many uploads at once"
    default_hint = "Send the files one after the other."


class BudgetSpent(RateLimited):
    """The key has used up its tokens or its money of this day; `detail` names the limit."""

    code = "budget_spent"
    title = "The day's budget is used up"
    default_hint = "Come back after midnight UTC, or have the key's limits raised."


class SessionInvalid(Unauthenticated):
    """The session is unknown, expired or ended, without a distinction for the client."""

    code = "session_invalid"
    title = "The session has ended"
    default_hint = "Sign in again: GET /api/auth/login, or POST /api/auth/session with an API key."


class SessionNeedsKey(Conflict):
    """A session was asked for by a request that carries no API key to exchange."""

    code = "session_needs_key"
    title = "There is no API key to exchange"
    default_hint = "Send the key in `X-API-Key`; in local mode nobody needs a session."


class CrossSiteWrite(Refused):
    """A write that carries a session comes from another site's page, or does not show that it does not."""

    code = "cross_site_write"
    title = "A page of another site may not write here"
    default_hint = (
        "Send the header `X-CSRF-Protection: 1` from a page of this server, of FRONTEND_URL or of "
        "CORS_ORIGINS; a program sends an API key instead of a session."
    )


class SignInNotConfigured(NotFound):
    """The server has no provider to sign in with, or needs none."""

    code = "sign_in_not_configured"
    title = "There is no sign-in here"
    default_hint = (
        "Set AUTH_MODE=required, GOOGLE_CLIENT_ID, GOOGLE_CLIENT_SECRET and GOOGLE_REDIRECT_URI. In "
        "local mode nobody needs to sign in."
    )


class SignInStateInvalid(Refused):
    """The answer belongs to no sign-in of this browser: unknown, used, expired, or another's."""

    code = "sign_in_state_invalid"
    title = "The sign-in was not begun here"
    default_hint = "Begin again: GET /api/auth/login, in the same browser and within ten minutes."


class SignInDenied(Refused):
    """The user, or the provider's rules, denied the sign-in."""

    code = "sign_in_denied"
    title = "The sign-in was denied"
    default_hint = "Begin again and allow it, or use another account."


class SignInCodeRefused(Refused):
    """The provider does not accept the code: it expired, was used, or is not of this sign-in."""

    code = "sign_in_code_refused"
    title = "The provider did not accept the sign-in"
    default_hint = "Begin again: GET /api/auth/login."


class IdTokenInvalid(Refused):
    """The ID token is not the provider's, not for this server, not of this sign-in, or expired."""

    code = "id_token_invalid"
    title = "The provider's token is not valid"
    default_hint = "Begin again; if it happens again, check OIDC_ISSUER and both machines' clocks."


class EmailNotVerified(Refused):
    """The provider names no e-mail address of the user, or has not verified it."""

    code = "email_not_verified"
    title = "No verified e-mail address"
    default_hint = "Verify the address at the provider, then sign in again."


class SignInNotAllowed(Refused):
    """The user may not sign in here: not among SIGN_IN_EMAILS, or deactivated."""

    code = "sign_in_not_allowed"
    title = "This account may not sign in"
    default_hint = "Ask an administrator of this server."


class EmailTaken(Conflict):
    """Another user has this e-mail address."""

    code = "email_taken"
    title = "The e-mail address belongs to another user"
    default_hint = "`candor users` on the server shows whose it is."


class UserNotFound(NotFound):
    """There is no user with this id or e-mail address."""

    code = "user_not_found"
    title = "No such user"
    default_hint = "`candor users` shows the users."


class IdentityProviderFailed(UpstreamFailed):
    """The sign-in provider cannot be reached, or answers with an error."""

    code = "identity_provider_failed"
    title = "The sign-in provider failed"
    default_hint = (
        "Try again; if it happens again, check OIDC_ISSUER and the client's settings there."
    )
