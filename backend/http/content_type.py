"""The body and the answer of a request by their headers: JSON only, negotiation by Accept, no unknown fields.

A page of another site can make a browser send forms and plain text without CORS, but not JSON: for
that the browser asks first. So a route for JSON accepts nothing else.

Promises: the client's identity plays no part; a client without a preference, or that accepts none
of the forms, gets the first one.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated

from fastapi import Depends, Header, Request
from fastapi.params import Depends as Dependency
from pydantic import BaseModel, ConfigDict

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


def negotiate(accept: str | None, offered: Sequence[str]) -> str:
    """Returns the offered media type that the header prefers; among equals, and without a header, the
    first.
    """
    ranges = [_range(part) for part in (accept or "").lower().split(",") if part.strip()]
    weights = {media: _weight(media, ranges) for media in offered}
    best = max(weights.values())
    return next(media for media in offered if weights[media] == best)


def _range(part: str) -> tuple[str, float]:
    """Returns a media range and its weight; parameters other than `q` do not count."""
    media, *parameters = (piece.strip() for piece in part.split(";"))
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            with suppress(ValueError):
                return media, float(value)
    return media, 1.0


def _weight(media: str, ranges: Sequence[tuple[str, float]]) -> float:
    """Returns the weight of the most specific range; 0 where none matches."""
    kind = media.partition("/")[0]
    for wanted in (media, f"{kind}/*", "*/*"):
        for found, weight in ranges:
            if found == wanted:
                return weight
    return 0.0


class StrictBody(BaseModel):
    """A body that holds no other fields than its own."""

    model_config = ConfigDict(extra="forbid")
