"""Which route a request came to, by its template: few values, and nothing that a client made up."""

from typing import cast

from starlette.routing import BaseRoute, Route
from starlette.types import Scope


def template(scope: Scope) -> str | None:
    """Such as `/chats/{chat_id}`; None before the routing, and where no route matched."""
    route = cast("BaseRoute | None", scope.get("route"))
    return route.path_format if isinstance(route, Route) else None
