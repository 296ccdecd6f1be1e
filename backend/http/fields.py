"""The value types of requests, each with its bounds.

Promises: a valid value can be stored, logged and repeated in an error; free text is cleaned rather
than refused, because half a pasted emoji is no mistake of the user's.
"""

import re
from typing import Annotated, TypeAlias

from fastapi import Path, Query
from pydantic import AwareDatetime, BeforeValidator, Field

from use_cases.chat.model import Mode, Within

LONGEST_ID = 128
LARGEST_PAGE = 100
ID = r"^[A-Za-z0-9._:\-]+$"
_LINE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]+$"
"""One line without characters that end or hide a line in a log."""


def storable(value: object) -> object:
    """Returns text without lone surrogates, which no encoding holds; anything else unchanged."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def numeric(value: object) -> object:
    """Returns a number, which 1.0 is in JSON; a number in quotes, or `true`, is none."""
    if isinstance(value, str | bool):
        raise ValueError("Input should be a number")  # noqa: TRY004  (what pydantic expects)
    return value


NUMERIC = BeforeValidator(numeric)
"""The validator of numbers in JSON bodies; it stands last, or the bounds miss in the OpenAPI
document.
"""

FreeText = Annotated[str, BeforeValidator(storable)]
"""Any text that a user can write."""

UserId = Annotated[str, Field(min_length=1, max_length=LONGEST_ID, pattern=_LINE)]
"""A user's id in the installation: a number, a name, an e-mail address."""

OwnerQuery = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=LONGEST_ID,
        pattern=_LINE,
        description="The user of the chat; in local mode, several users may have a chat with the same id.",
    ),
]

ThingId = Annotated[str, Path(max_length=LONGEST_ID, pattern=ID)]
"""An id in an address."""

ChatId = Annotated[
    str,
    Path(
        max_length=LONGEST_ID,
        pattern=ID,
        description="The chat's id, or the one that the person's frontend gave it.",
    ),
]

Before = Annotated[
    str | None,
    Query(max_length=LONGEST_ID, pattern=ID, description="Return what comes before this id."),
]

Limit = Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="The most to return.")]

ModelName = Annotated[
    str | None,
    Field(
        max_length=200,
        description="Such as `openai:gpt-4.1-mini`; without it the server's default.",
    ),
]

ChatMode = Annotated[
    Mode | None,
    Field(
        description="The chat's mode from now on: `grounded` (a text without a source is withdrawn) or `open` (it stays, with the outcome `unsourced`). Null: as it is; a new chat is grounded, an imported one open.",
    ),
]

SearchedIn = Annotated[
    Within,
    Field(
        alias="in",
        description="What the answer rests on: `documents`, one's own `conversations` (what was said there, not verified), or `both`.",
    ),
]

CategoryName = Annotated[
    str | None,
    Field(max_length=100, description="Only documents of this category, such as `policies`."),
]


def _written_out(value: object) -> object:
    if isinstance(value, str) and not re.match(r"\d{4}-\d\d-\d\d", value):
        raise ValueError("Write the moment as 2026-03-02T09:00:00Z.")
    return value


Moment: TypeAlias = Annotated[AwareDatetime, BeforeValidator(_written_out)]
"""A moment with its time zone, written out: pydantic would take a bare number for seconds since 1970."""
