"""Refuses a body that is not announced as JSON.

A page of another site can make a browser send forms and plain text without CORS, but not JSON: for
that the browser asks first. So a route for JSON accepts nothing else.
"""

from typing import Annotated

from fastapi import Depends, Header, Request
from fastapi.params import Depends as Dependency

from backend.errors import NotJson


async def _json_only(
    content_type: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> None:
    kind = (content_type or "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise NotJson("The request's Content-Type is not JSON.")


async def _json_or_nothing(
    request: Request,
    content_type: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> None:
    if await request.body():
        await _json_only(content_type)


JSON_ONLY: Dependency = Depends(_json_only)
"""The entry in `dependencies=[…]` of every route with a JSON body."""

JSON_OR_NOTHING: Dependency = Depends(_json_or_nothing)
"""The same for a body whose fields may all be missing, and so the whole."""
