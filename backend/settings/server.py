"""The server: a group of settings."""

from ipaddress import ip_network
from typing import ClassVar, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from backend.settings.group import Names, SettingGroup


class ServerSettings(SettingGroup):
    """The server."""

    heading: ClassVar[str] = "The server"

    host: str = Field(default="127.0.0.1", min_length=1)
    """Address that `candor serve` listens on."""
    port: int = Field(default=8000, ge=1, le=65535)
    """Port that `candor serve` listens on."""
    workers: int = Field(default=1, ge=1, le=64)
    """Processes that `candor serve` answers with, on one database; about one for each core."""
    auth_mode: Literal["local", "required"] = "local"
    """Access to the server. `local`: one local user without a login, so only this machine may connect. `required`: every request needs an API key (`candor keys create`) or a session (GOOGLE_CLIENT_ID), except for `/`, `/health`, `/docs`, `/redoc`, `/openapi.json`, the sign-in, and links that carry their own secret."""
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
