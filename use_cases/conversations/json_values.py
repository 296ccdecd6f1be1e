"""Values of somebody else's JSON, read without trust.

Promises: a value of the wrong type reads as nothing, never as an error; a text can be stored; a moment
is in UTC. Leaves to others: the meaning of fields.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeAlias, TypeGuard

from use_cases.kernel.text.plain_text import storable

Fields: TypeAlias = Mapping[str, object]

_NO_FIELDS: Fields = {}
_MILLISECONDS = 1e11
"""Epoch seconds are below it until the year 5138."""


def is_object(value: object) -> TypeGuard[dict[str, object]]:
    """Returns whether it is a JSON object."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[object]]:
    """Returns whether it is a JSON list."""
    return isinstance(value, list)


def fields(value: object) -> Fields:
    """Returns an object's fields; none for anything else."""
    return value if is_object(value) else _NO_FIELDS


def elements(value: object) -> Sequence[object]:
    """Returns a list's elements; none for anything else."""
    return value if is_list(value) else ()


def objects(value: object) -> Sequence[Fields]:
    """Returns the objects of a list."""
    return [one for one in elements(value) if is_object(one)]


def text(value: object) -> str:
    """Returns a text, or a number written out; nothing for anything else."""
    if isinstance(value, str):
        return storable(value)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number else ""


def first_text(values: Fields, *names: str) -> str:
    """Returns the first of these fields that has a text."""
    return next((found for name in names if (found := text(values.get(name)))), "")


def whole_number(value: object) -> int | None:
    """Returns a whole number; None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def moment(value: object) -> datetime | None:
    """Reads a moment from epoch seconds, milliseconds or ISO 8601, also as MongoDB writes them; else
    None.
    """
    value = fields(value).get("$date", value)
    value = fields(value).get("$numberLong", value)
    try:
        if isinstance(value, str) and not value.lstrip("-").replace(".", "", 1).isdecimal():
            found = datetime.fromisoformat(value)
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            seconds = float(value)
            return datetime.fromtimestamp(
                seconds / 1000 if abs(seconds) > _MILLISECONDS else seconds, UTC
            )
    except (ValueError, OverflowError, OSError):
        return None
    return None


def as_json(value: object) -> str:
    """Returns a value as JSON text, or as it is if it is a text; what is nested too deeply says so."""
    if isinstance(value, str):
        return storable(value)
    try:
        return storable(json.dumps(value, ensure_ascii=False))
    except RecursionError:
        return '"nested too deeply"'


def field_names(words: str) -> frozenset[str]:
    """Returns the names that a text lists."""
    return frozenset(words.split())
