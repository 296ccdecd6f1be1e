"""The columns of a dataset: the names and JSON types of its cases' variables, as a JSON Schema.

The schema is a proposal that a person edits. Cells of CSV are text, so their type is `string`.
Leaves to others: checking cases against a schema (the `fault` of the port `EvalFiles`).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class CaseColumn:
    """A variable of a dataset: the JSON types of its values, and in how many cases it is."""

    name: str
    types: Sequence[str]
    cases: int


def infer_columns(cases: Iterable[Case]) -> tuple[list[CaseColumn], int]:
    """Return the columns in the order of their first appearance, and the number of cases."""
    found: dict[str, Counter[str]] = {}
    count = 0
    for case in cases:
        count += 1
        for name, value in case.variables.items():
            found.setdefault(name, Counter())[_TYPES[type(value)]] += 1
    return [
        CaseColumn(name, _widened(types), types.total()) for name, types in found.items()
    ], count


def infer_schema(cases: Iterable[Case]) -> dict[str, JsonValue]:
    """Return the JSON Schema (draft 7) that these cases fit; what all of them have is required."""
    columns, count = infer_columns(cases)
    properties: dict[str, JsonValue] = {
        column.name: {
            "type": column.types[0] if len(column.types) == 1 else list[JsonValue](column.types)
        }
        for column in columns
    }
    required: list[JsonValue] = [column.name for column in columns if column.cases == count]
    return {
        "$schema": _DRAFT,
        "type": "object",
        "properties": properties,
        "required": required,
    }


def _widened(types: Counter[str]) -> list[str]:
    """Return the types by name; every integer is a number."""
    return sorted(types.keys() - ({"integer"} if "number" in types else set[str]()))
