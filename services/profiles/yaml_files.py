"""YAML files that a person writes: read whole, or refused with the line.

Only plain values are built, whatever the file says, and a key that stands twice is refused, because
the second would silently take the place of the first.
"""

from collections.abc import Hashable
from pathlib import Path
from typing import cast

import yaml

MAX_BYTES = 256 * 1024
"""Longer ones are refused: parsing YAML takes about a second for each 100 KB."""


class Unreadable(Exception):
    """Not a file of the wanted kind; the text says what is wrong and where."""


class _Loader(yaml.SafeLoader):
    def construct_mapping(
        self, node: yaml.MappingNode, deep: bool = False
    ) -> dict[Hashable, object]:
        seen: set[object] = set()
        for key, _ in node.value:
            value: object = key.value
            if isinstance(value, str) and value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{value!r} stands there twice", key.start_mark
                )
            seen.add(value) if isinstance(value, str) else None
        return cast("dict[Hashable, object]", super().construct_mapping(node, deep))


def mapping_of(path: Path) -> tuple[dict[str, object], bytes]:
    """What the file says by its fields, and its bytes. Raises `Unreadable`."""
    content = _bytes(path)
    try:
        found = cast("object", yaml.load(content, Loader=_Loader))  # noqa: S506  (builds plain values)
    except yaml.MarkedYAMLError as error:
        raise Unreadable(_sentence(error)) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Unreadable(f"it is no valid YAML: {_one_line(str(error))}.") from error
    if not isinstance(found, dict):
        raise Unreadable("it must be a mapping of fields to values.")
    fields = cast("dict[object, object]", found)
    if strange := [key for key in fields if not isinstance(key, str)]:
        raise Unreadable(f"the field {strange[0]!r} must be a word; put it into quotes.")
    return cast("dict[str, object]", found), content


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise Unreadable(f"it cannot be read: {error.strerror}.") from error
    if len(content) > MAX_BYTES:
        raise Unreadable(f"it is larger than {MAX_BYTES // 1024} KB.")
    return content


def _sentence(error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    return f"{where}{_one_line(error.problem or error.context or 'it is no valid YAML')}."


def _one_line(text: str) -> str:
    return " ".join(text.split())
