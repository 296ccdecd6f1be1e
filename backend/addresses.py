"""Loopback addresses, and the refusal of a public address without authentication.

Local mode has no logins. So it stays on the loopback address unless two settings open it (`HOST`
and `ALLOW_PUBLIC_LOCAL`). Where API keys are required, any address is accepted.
"""

import re
from ipaddress import ip_address

from backend.errors import PublicAddressRefused
from backend.settings.settings import Settings

LOCAL_PAGE = re.compile(r"https?://(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?")
"""The origin of a web page that this machine serves, on any port."""


def is_loopback(host: str) -> bool:
    """Returns whether only this machine reaches the address: `localhost`, 127.0.0.0/8 or ::1."""
    bare = host.strip("[]").lower()
    if bare == "localhost":
        return True
    try:
        return ip_address(bare).is_loopback
    except ValueError:
        return False


def web_address(host: str, port: int) -> str:
    """Returns the address for a browser on this machine, of a server that listens there."""
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104  (not bound here)
    return (
        f"http://[{name}]:{port}"
        if ":" in name.strip("[]") and "[" not in name
        else f"http://{name}:{port}"
    )


def refuse_public_address(settings: Settings, host: str) -> None:
    """Raises `PublicAddressRefused` when other machines could reach `host` and the settings do not
    allow it.
    """
    if settings.auth_mode == "local" and not settings.allow_public_local and not is_loopback(host):
        raise PublicAddressRefused(
            f"AUTH_MODE=local has no logins, and other machines can reach {host!r}."
        )
