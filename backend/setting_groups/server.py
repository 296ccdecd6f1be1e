"""The server: a group of settings."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, field_validator
from pydantic_settings import NoDecode

from backend.setting_groups.group import SettingGroup


class ServerSettings(SettingGroup):
    """The server."""

    heading: ClassVar[str] = "The server"

    host: str = Field(default="127.0.0.1", min_length=1)
    """Address that `candor serve` listens on."""
    port: int = Field(default=8000, ge=1, le=65535)
    """Port that `candor serve` listens on."""
    auth_mode: Literal["local"] = "local"
    """Who may use the server. `local`: one local user without a login, so it stays on this machine."""
    allow_public_local: bool = False
    """Allow AUTH_MODE=local on an address that other machines reach. Everyone who reaches it may then read and delete everything."""
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = ("localhost", "127.0.0.1", "::1")
    """Host names that requests may be addressed to, separated by commas; `*` allows all. It keeps other websites from reaching a local server through a name of their own (DNS rebinding)."""
    cors_origins: Annotated[tuple[str, ...], NoDecode] = ()
    """Origins of web pages that may call the server from a browser, separated by commas, such as `http://localhost:3000`."""
    stream_heartbeat_seconds: float = Field(default=15.0, gt=0, le=3600)
    """Seconds of silence after which a streamed answer sends a frame that means nothing, so that no proxy takes the connection for dead."""

    @field_validator("allowed_hosts", "cors_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        """`a, b` in a variable is a list of two."""
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value
