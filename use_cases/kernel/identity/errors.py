"""The errors of API keys, their scopes and their limits."""

from use_cases.kernel.errors import NotFound, RateLimited, Refused, Unauthenticated


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
    """The key is in force, but lacks a scope; `detail` names it."""

    code = "scope_missing"
    title = "The API key lacks the scope"
    default_hint = "Create a key with that scope: `candor keys create --user … --scope …`."


class TooManyAnswers(RateLimited):
    """The caller has as many answers running as it may have at once."""

    code = "too_many_streams"
    title = "Too many answers at once"
    default_hint = "Wait until one of the running answers has ended, or cancel one."


class TooManyUploads(RateLimited):
    """The caller has as many uploads being read as it may have at once."""

    code = "too_many_uploads"
    title = "Too many uploads at once"
    default_hint = "Send the files one after the other; MAX_UPLOADS_PER_CALLER is the limit."


class BudgetSpent(RateLimited):
    """The key has used up its tokens or its money of this day; `detail` names the limit."""

    code = "budget_spent"
    title = "The day's budget is used up"
    default_hint = "Come back after midnight UTC, or have the key's limits raised."
