"""JSON values as text, and their parts by a path: said once for every template and file."""

import json
from collections.abc import Mapping

from pydantic import JsonValue


def value_text(value: JsonValue) -> str:
    """Returns a string as it is, null as nothing, any other value as JSON."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def part_of(values: Mapping[str, JsonValue], path: str) -> JsonValue:
    """Returns the part that a dotted path leads to: names of objects, and places (from 0) of lists.

    Raises LookupError where there is none.
    """
    first, *rest = path.split(".")
    found = values[first]
    for step in rest:
        if isinstance(found, dict):
            found = found[step]
        elif isinstance(found, list) and step.isdecimal() and len(step) < 10:
            found = found[int(step)]
        else:
            raise LookupError(path)
    return found
