"""The settings of a server: limits, addresses, callers, sign-in, logs and traces."""

from decimal import Decimal
from enum import StrEnum
from ipaddress import ip_network
from typing import Annotated, ClassVar, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from backend.settings.group import UPPERCASE, Names, SettingGroup, WebAddress


class LimitSettings(SettingGroup):
    """Limits."""

    heading: ClassVar[str] = "Limits"

    max_file_mb: float = Field(default=50.0, gt=0, le=2048)
    """Largest file that `candor ingest` reads, in MiB."""
    max_upload_mb: float = Field(default=25.0, gt=0, le=2048)
    """Largest file accepted over HTTP, in MiB."""
    max_body_kb: ClassVar[float] = 256.0
    """Largest HTTP request body other than an upload and `POST /api/chat`, in KiB. No setting: only uploads are longer."""
    max_chat_body_mb: ClassVar[float] = 4.0
    """Largest body of `POST /api/chat`, of `POST /api/advice` and of the routes in OpenAI's form, in MiB: a frontend sends its whole copy of the chat. No setting: a long chat fits into it."""
    read_timeout_seconds: float = Field(default=60.0, gt=0, le=3600)
    """Time limit for reading one file. It counts from when reading begins."""
    read_memory_mb: ClassVar[int] = 1024
    """Memory limit for the process that reads one file, in MiB of address space. It applies on Linux only. No setting: a file that needs more is broken or hostile."""


class ServerSettings(SettingGroup):
    """The server."""

    heading: ClassVar[str] = "The server"

    host: str = Field(default="127.0.0.1", min_length=1)
    """Address that `candor serve` listens on."""
    port: int = Field(default=8000, ge=1, le=65535)
    """Port that `candor serve` listens on."""
    console: bool = True
    """Serve the console, the pages in the browser, at `/console`. `off` leaves the routes alone."""
    workers: int = Field(default=1, ge=1, le=64)
    """Processes that `candor serve` answers with, on one database; about one for each core."""
    inline_worker: bool = True
    """Let `candor serve` also do the work beside requests: evaluations, benchmark runs, summaries, vectors and sweeps. `off` leaves it to `candor worker`, on this machine or another one."""
    runs_at_once: ClassVar[int] = 4
    """Runs that one process works on at once; each has several items in flight. No setting: `candor worker` runs as often as is wanted."""
    auth_mode: Literal["local", "required"] = "local"
    """Access to the server. `local`: one local user without a login, so only this machine may connect. `required`: every request needs an API key (`candor keys create`) or a session (GOOGLE_CLIENT_ID), except for `/`, the console's empty pages, `/health`, `/docs`, `/redoc`, `/openapi.json`, the sign-in, and links that carry their own secret."""
    first_api_key: SecretStr | None = None
    """The first API key, which `candor serve` makes valid for the user `admin` where no key was ever made: `cndr_`, 10 letters or digits, `_`, 40 letters or digits."""
    allow_public_local: bool = False
    """Allow AUTH_MODE=local on an address that other machines can reach. Everyone who can reach it may then read and delete everything."""
    allowed_hosts: Names = ("localhost", "127.0.0.1", "::1")
    """Host names that requests may use, separated by commas; `*` allows all. The list keeps other websites from reaching a local server through their own name (DNS rebinding)."""
    cors_origins: Names = ()
    """Origins of web pages that may call the server from a browser, separated by commas, such as `https://app.example`. With AUTH_MODE=local, pages of this machine may (`http://localhost`, `http://127.0.0.1`, `http://[::1]`, on any port), without being named. `*` allows every page, and only with AUTH_MODE=required and without CORS_CREDENTIALS."""
    cors_credentials: bool = False
    """Allow those pages to send cookies, for example of a login in front of the server. API keys do not need cookies."""
    trusted_proxies: Names = ()
    """Addresses or networks of proxies in front of the server, separated by commas, such as `127.0.0.1` or `172.30.0.0/24`. What they say in `X-Forwarded-For` and `X-Forwarded-Proto` is believed, and nobody else."""
    request_header_seconds: ClassVar[float] = 10.0
    """Seconds that a connection has to send the headers of a request; then it is closed, with status 408 if it has sent some. No setting: headers fit into one packet or two."""
    request_body_seconds: ClassVar[float] = 30.0
    """Seconds that a request has to send its body, and one more for each 16 KiB of it; then it is answered with status 408. No setting: a slower client holds a connection for nothing."""
    max_connections: ClassVar[int] = 1000
    """Connections that one process keeps at once; another one is answered with status 503 and closed. No setting: a process may open only so many files."""
    max_connections_per_address: ClassVar[int] = 100
    """Connections from one address at once, other than this machine and TRUSTED_PROXIES. No setting: a browser opens six."""
    shutdown_seconds: float = Field(default=20.0, ge=0, le=3600)
    """Seconds that running answers have to finish when the server stops (SIGTERM, Ctrl-C); after that they are recorded as interrupted. Set the time limit of the process manager a few seconds higher."""

    @field_validator("trusted_proxies")
    @classmethod
    def _addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """Raises `ValueError` for what is neither an address nor a network."""
        for each in value:
            ip_network(each, strict=False)
        return value

    @model_validator(mode="after")
    def _not_open_to_every_page(self) -> Self:
        if "*" in self.cors_origins:
            if self.cors_credentials:
                raise ValueError(
                    "CORS_ORIGINS=* and CORS_CREDENTIALS=true: every web page could act with the "
                    "logins of its visitors; name the origins"
                )
            if self.auth_mode == "local":
                raise ValueError(
                    "CORS_ORIGINS=* and AUTH_MODE=local: every web page could read and delete "
                    "everything; name the origins, or require API keys"
                )
        return self


class IdentitySettings(SettingGroup):
    """Limits of one caller: a group of settings."""

    heading: ClassVar[str] = "Limits of one caller"

    rate_limit_per_minute: int | None = Field(default=None, ge=0, le=1_000_000)
    """Questions that one caller (an API key) may ask in a minute; 0 is no limit. Unset: 60 with AUTH_MODE=required, no limit in local mode, where everyone is one caller."""
    rate_limit_reads_per_minute: int | None = Field(default=None, ge=0, le=1_000_000)
    """Other requests of one caller in a minute; 0 is no limit. Unset: 600 with AUTH_MODE=required, no limit in local mode."""
    rate_limit_failures_per_minute: ClassVar[int] = 30
    """Requests without a valid key that one address may send in a minute before it gets 429 instead of 401. A valid key is always accepted. No setting: enough for a client with a wrong key, too few to guess one."""
    max_streams_per_caller: int | None = Field(default=None, ge=0, le=1_000_000)
    """Answers that one caller may have running at once; 0 is no limit. Unset: 10 with AUTH_MODE=required, no limit in local mode."""
    other_requests_per_caller: ClassVar[int] = 14
    """Requests that one caller may have in flight in a process beside its running answers (MAX_STREAMS_PER_CALLER; where those have no limit, requests have none): 24 unless that is set. In local mode there is no limit. No setting: a browser opens six connections."""
    max_queries_per_caller: ClassVar[int] = 20
    """SQL queries on the tables that one caller may have running or waiting at once. In local mode there is no limit. No setting: a query takes two seconds at most."""
    max_uploads_per_caller: ClassVar[int] = 4
    """Uploads that one caller may have running at once. In local mode there is no limit. No setting: two files are read at a time."""

    tokens_per_day: int | None = Field(default=None, ge=0)
    """Tokens (input and output together) that one API key may use on a day (UTC), unless the key has a limit of its own (`candor keys create --tokens-per-day`). Unset or 0: no limit."""
    cost_per_day: Decimal | None = Field(default=None, ge=0)
    """US dollars that one API key may cost on a day (UTC), unless the key has a limit of its own (`candor keys create --cost-per-day`). Unset or 0: no limit."""
    unknown_cost: Decimal = Field(default=Decimal("0.05"), ge=0)
    """US dollars that count for an answer whose price is not known, and for the unfinished request of one that was stopped or lost with its process. Set it to 0 if your models cost nothing; the offline ones never count."""


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


class LogFormat(StrEnum):
    """The format of a log line."""

    TEXT = "text"
    JSON = "json"


class LogSettings(SettingGroup):
    """Logs and traces."""

    heading: ClassVar[str] = "Logs and traces"

    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], UPPERCASE] = "INFO"
    """Least severe level that is logged. Unset, the command line logs from WARNING."""
    log_format: LogFormat = LogFormat.TEXT
    """`text` for people, `json` for one JSON object a line."""
    otel_enabled: bool | None = None
    """Send traces with OpenTelemetry (`make setup` installs the packages; elsewhere `pip install opentelemetry-sdk opentelemetry-exporter-otlp-proto-http`). Unset: only where OTEL_EXPORTER_OTLP_ENDPOINT is set."""
    otel_exporter_otlp_endpoint: WebAddress = None
    """Base URL of a collector that takes OTLP over HTTP, such as `http://localhost:4318`. Unset: that one."""
    otel_exporter_otlp_headers: SecretStr | None = None
    """Headers for the collector, such as `authorization=Bearer%20…`, separated by commas."""
    otel_service_name: str = Field(default="candor", min_length=1, max_length=100)
    """Name of this service in traces."""
    otel_include_content: bool = False
    """Put questions, answers, tool results and error messages into traces, too. By default they hold none."""

    @property
    def traced(self) -> bool:
        """True if traces are enabled."""
        if self.otel_enabled is None:
            return self.otel_exporter_otlp_endpoint is not None
        return self.otel_enabled
