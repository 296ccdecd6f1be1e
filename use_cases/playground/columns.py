"""The columns of a dataset: the names and JSON types of its cases' variables, as a JSON Schema.

The schema is a proposal that a person edits. Cells of CSV are text, so their type is `string`.
Leaves to others: checking cases against a schema (the `fault` of the port `EvalFiles`).
"""

from collections import Counter
from collections.abc import Iterable

from pydantic import JsonValue

from use_cases.playground.model import Case

_DRAFT = "http://json-schema.org/draft-07/schema#"
_TYPES = {
    type(None): "null",
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}


def infer_schema(cases: Iterable[Case]) -> dict[str, JsonValue]:
    """Return the JSON Schema (draft 7) that these cases fit; what all of them have is required."""
    found: dict[str, Counter[str]] = {}
    count = 0
    for case in cases:
        count += 1
        for name, value in case.variables.items():
            found.setdefault(name, Counter())[_TYPES[type(value)]] += 1
    required: list[JsonValue] = [name for name, types in found.items() if types.total() == count]
    return {
        "$schema": _DRAFT,
        "type": "object",
        "properties": {name: {"type": _widened(types)} for name, types in found.items()},
        "required": required,
    }


def _widened(types: Counter[str]) -> JsonValue:
    """Return the type, or the types by name; every integer is a number."""
    names = sorted(types.keys() - ({"integer"} if "number" in types else set[str]()))
    return names[0] if len(names) == 1 else list[JsonValue](names)
