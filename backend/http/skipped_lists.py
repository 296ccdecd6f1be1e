"""Lists under `/api/v1`: a JSON array, whose whole length stands in a header."""

from collections.abc import Callable
from typing import TypeVar

from fastapi import Response

from backend.http.middleware.asgi import TOTAL_COUNT
from use_cases.kernel.page import Page

Thing = TypeVar("Thing")
Shape = TypeVar("Shape")


def counted(response: Response, page: Page[Thing], shape: Callable[[Thing], Shape]) -> list[Shape]:
    """Return the page's things in their JSON shape, and state their total in the header."""
    response.headers[TOTAL_COUNT] = str(page.total)
    return [shape(each) for each in page]
