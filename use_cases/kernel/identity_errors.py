"""Errors about API keys and what they may be used for."""

from use_cases.kernel.errors import NotFound, Refused, Unauthenticated


class ApiKeyInvalid(Unauthenticated):
    """The key that was sent cannot be used: never made, revoked or expired, which is not told."""

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
    """The key is in force, but was not made for this; `detail` names the scope."""

    code = "scope_missing"
    title = "The API key lacks the scope"
    default_hint = "Create a key with that scope: `candor keys create --user … --scope …`."
