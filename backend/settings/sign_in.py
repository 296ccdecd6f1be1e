"""Sign-in by browser: a group of settings."""

from typing import ClassVar, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from backend.settings.group import Names, SettingGroup

_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


class SignInSettings(SettingGroup):
    """Sign-in by browser, with AUTH_MODE=required."""

    heading: ClassVar[str] = "Sign-in"

    google_client_id: str | None = None
    """Client id of Candor at the OpenID Connect provider, Google or another (OIDC_ISSUER)."""
    google_client_secret: SecretStr | None = None
    """Client secret of Candor at the provider."""
    google_redirect_uri: str | None = None
    """Address of this server to which the provider sends the browser back, as it is registered there: `https://candor.example/api/auth/callback`. Without TLS only a name of this machine, such as `http://localhost:8000/api/auth/callback`."""
    oidc_issuer: str = "https://accounts.google.com"
    """Issuer of the ID tokens; its configuration is read from `/.well-known/openid-configuration` below it."""
    frontend_url: str | None = None
    """Page to which a browser goes after the sign-in, such as `https://app.example`; `GET /api/auth/login?return_to=/path` names another page of its origin. Unset: `/` of this server."""
    session_expire_hours: float = Field(default=24, gt=0, le=8760)
    """Hours after which a session ends, used or not."""
    session_idle_minutes: ClassVar[float] = 120
    """Minutes without a request after which a session ends. No setting: two hours without a request: the browser was left."""
    sign_in_emails: Names = ()
    """Who may sign in, separated by commas: addresses, or `@example.com` for a domain. Unset: everyone whom the provider signs in, which at Google is everyone with an account there."""
    admin_emails: Names = ()
    """E-mail addresses of administrators, separated by commas. `candor users` makes others."""

    @property
    def session_cookie(self) -> str:
        """Name of the session's cookie: with the prefix that browsers protect, where there is TLS."""
        return "__Host-session" if self.has_tls else "session_token"

    @property
    def attempt_cookie(self) -> str:
        """Name of the cookie of a sign-in that was begun."""
        return "__Host-sign-in" if self.has_tls else "sign_in"

    @property
    def frontend_origin(self) -> str:
        """Scheme, host and port of FRONTEND_URL; empty where it is this server."""
        found = urlsplit(self.frontend_url or "")
        return f"{found.scheme}://{found.netloc}" if found.netloc else ""

    @property
    def has_tls(self) -> bool:
        """True where browsers reach this server with TLS."""
        return (self.google_redirect_uri or "").startswith("https://")

    @field_validator("google_redirect_uri", "oidc_issuer", "frontend_url")
    @classmethod
    def _protected(cls, value: str | None) -> str | None:
        """Raises `ValueError` for an address that others can read along."""
        found = urlsplit(value or "https://unset")
        local = found.scheme == "http" and found.hostname in _THIS_MACHINE
        if not found.hostname or not (found.scheme == "https" or local):
            raise ValueError("must begin with https://, or with http:// and a name of this machine")
        if found.username is not None or found.fragment:
            raise ValueError("must have neither a user nor a fragment")
        return value

    @field_validator("sign_in_emails", "admin_emails")
    @classmethod
    def _addresses_in_lower_case(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """Raises `ValueError` for what cannot be an address."""
        if any("@" not in each for each in value):
            raise ValueError("must be e-mail addresses")
        return tuple(each.lower() for each in value)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        client = (self.google_client_id, self.google_client_secret, self.google_redirect_uri)
        if any(client) and not all(client):
            raise ValueError(
                "GOOGLE_CLIENT_ID, GOOGLE_CLIENT_SECRET and GOOGLE_REDIRECT_URI go together"
            )
        if any(each.startswith("@") for each in self.admin_emails):
            raise ValueError("ADMIN_EMAILS names single addresses, not domains")
        return self
