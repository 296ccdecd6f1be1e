"""The route of a request, by its template: few values, and none from the client."""

from typing import cast

from starlette.routing import BaseRoute, Route
from starlette.types import Scope


def template(scope: Scope) -> str | None:
    """Return the template, such as `/chats/{chat_id}`; None before the routing, and where no route
    matched.
    """
    route = cast("BaseRoute | None", scope.get("route"))
    return route.path_format if isinstance(route, Route) else None
