"""Content negotiation by the Accept header (RFC 9110, 12.5.1).

Promises: the client's identity plays no part; a client without a preference, or that accepts none
of the forms, gets the first one.
"""

from collections.abc import Sequence
from contextlib import suppress


def negotiate(accept: str | None, offered: Sequence[str]) -> str:
    """Return the offered media type that the header prefers; among equals, and without a header,
    the first.
    """
    ranges = [_range(part) for part in (accept or "").lower().split(",") if part.strip()]
    weights = {media: _weight(media, ranges) for media in offered}
    best = max(weights.values())
    return next(media for media in offered if weights[media] == best)


def _range(part: str) -> tuple[str, float]:
    """Return a media range and its weight; parameters other than `q` do not count."""
    media, *parameters = (piece.strip() for piece in part.split(";"))
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            with suppress(ValueError):
                return media, float(value)
    return media, 1.0


def _weight(media: str, ranges: Sequence[tuple[str, float]]) -> float:
    """Return the weight of the most specific range; 0 where none matches."""
    kind = media.partition("/")[0]
    for wanted in (media, f"{kind}/*", "*/*"):
        for found, weight in ranges:
            if found == wanted:
                return weight
    return 0.0
