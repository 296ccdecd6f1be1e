"""What routes ask for: the running Candor, the caller, a page."""

from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Query, Request

from backend.container import Container
from use_cases.kernel.model import Caller

LARGEST_PAGE = 200
FARTHEST_OFFSET = 1_000_000


def _container(request: Request) -> Container:
    return cast("Container", request.app.state.candor)


def _caller() -> Caller:
    """In local mode everyone is the one local person."""
    return Caller()


@dataclass(frozen=True, slots=True)
class PageOf:
    """Which part of a list is asked for."""

    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="How many at most.")] = 50
    offset: Annotated[int, Query(ge=0, le=FARTHEST_OFFSET, description="How many to skip.")] = 0


Candor = Annotated[Container, Depends(_container)]
Person = Annotated[Caller, Depends(_caller)]
Page = Annotated[PageOf, Depends()]
Category = Annotated[
    str | None,
    Query(max_length=100, description="Only documents of this category, such as `policies`."),
]
