"""Schemas of tables for the benchmark: YAML, dependencies `A ⇒ B`, and simple denial constraints.

    id: visit
    key: [visit]
    kinds: {price: number, on: date}
    dependencies: ["postcode -> city", "city, street -> district"]
    references: ["referred by -> customer"]

Promises: a fault of a schema is an error that names its place. A list of rules beside a public table
often has lines of other forms; those are passed over. The forms are those of
https://github.com/WelkinNi/Automatic-Data-Repair (`A ⇒ B`) and of HoloClean
(`t1&t2&EQ(t1.A,t2.A)&IQ(t1.B,t2.B)`). Leaves to others: whether the table has these columns.
"""

import re
from collections.abc import Iterator
from typing import cast

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from use_cases.benchmark.errors import TableSchemaInvalid
from use_cases.benchmark.model import Dependency, TableSchema, ValueKind

MAX_SCHEMA_BYTES = 128 * 1024
_ARROW = re.compile(r"\s*(?:⇒|->|→)\s*")
_PAIR = re.compile(r"(EQ|IQ)\(t1\.(?P<name>[^,()]+),t2\.(?P=name)\)")


class SchemaFile(BaseModel):
    """The fields of a schema in YAML; each may be left out."""

    model_config = ConfigDict(extra="forbid")

    id: str | None = None
    kinds: dict[str, ValueKind] = Field(default_factory=dict[str, ValueKind])
    key: list[str] = Field(default_factory=list[str])
    dependencies: list[str] = Field(default_factory=list[str])
    references: list[str] = Field(default_factory=list[str])


def parse_schema(content: bytes) -> TableSchema:
    """Read a schema in YAML. Raises `TableSchemaInvalid`."""
    if len(content) > MAX_SCHEMA_BYTES:
        raise TableSchemaInvalid(f"The schema has more than {MAX_SCHEMA_BYTES // 1024} KB.")
    try:
        # All scalars are texts: a column may be named `no` or `2026`.
        loaded = cast("object", yaml.load(content, Loader=yaml.BaseLoader))  # noqa: S506
        found = SchemaFile.model_validate(loaded or {})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the whole"
        raise TableSchemaInvalid(f"The schema is wrong at {place}: {first['msg']}.") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise TableSchemaInvalid("The schema is no YAML.") from error
    dependencies = (_dependencies(written) for written in found.dependencies)
    references = (_sides(written) for written in found.references)
    return TableSchema(
        kinds=found.kinds,
        key=tuple(found.key),
        dependencies=tuple(dict.fromkeys(each for some in dependencies for each in some)),
        references=tuple((left, right) for left, right in references),
        id_column=found.id,
    )


def parse_rules(text: str) -> TableSchema:
    """Read a list of dependencies or of denial constraints, one a line; other lines are passed over."""
    found = (
        each
        for line in text.splitlines()
        for each in (_dependencies(line) if _ARROW.search(line) else _denied(line))
    )
    return TableSchema(dependencies=tuple(dict.fromkeys(found)))


def _dependencies(written: str) -> Iterator[Dependency]:
    left, right = _sides(written)
    determinants = tuple(name.strip() for name in left.split(","))
    yield from (Dependency(determinants, name.strip()) for name in right.split(","))


def _sides(written: str) -> tuple[str, str]:
    sides = _ARROW.split(written.strip())
    if len(sides) != 2 or not all(sides):
        raise TableSchemaInvalid(f"{written[:60]!r} is not of the form `a -> b`.")
    return sides[0], sides[1]


def _denied(line: str) -> Iterator[Dependency]:
    """A constraint that forbids two rows to agree in some columns and to differ in one."""
    pairs = [
        (found[1], found["name"])
        for found in map(_PAIR.fullmatch, line.strip().split("&")[2:])
        if found
    ]
    same = tuple(name for relation, name in pairs if relation == "EQ")
    other = [name for relation, name in pairs if relation == "IQ"]
    if same and len(other) == 1 and len(pairs) == line.count("&") - 1:
        yield Dependency(same, other[0])
