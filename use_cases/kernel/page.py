"""A page of a list: the things themselves, and whether there are more."""

from collections.abc import Iterable, Sequence
from typing import Self, TypeVar

from use_cases.kernel.errors import InvalidInput

T = TypeVar("T")


class Page(tuple[T, ...]):
    """Some things of a list, in its order; `more`: others come after them, where the list goes on.

    `total` counts all that match; 0 where nobody counts.
    """

    more: bool
    total: int

    def __new__(cls, items: Iterable[T] = (), *, more: bool = False, total: int = 0) -> Self:
        """Returns a page of these."""
        page = super().__new__(cls, items)
        page.more = more
        page.total = total
        return page


def page_of(found: Sequence[T], limit: int, *, total: int = 0) -> Page[T]:
    """Returns the first `limit` of what was found; one more than that says that there are more."""
    return Page(found[:limit], more=len(found) > limit, total=total)


def require_limit(limit: int, most: int) -> None:
    """Raises `InvalidInput` for a limit outside 1 to `most`."""
    if not 1 <= limit <= most:
        raise InvalidInput(f"The limit must be from 1 to {most}, not {limit}.")
