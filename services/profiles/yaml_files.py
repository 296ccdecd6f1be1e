"""YAML files that users write: read whole, or refused with the line.

Promises: only plain values are built; a repeated key is refused, because the second would silently
replace the first.
"""

from collections.abc import Hashable
from pathlib import Path
from typing import cast

import yaml

MAX_BYTES = 256 * 1024
"""The size limit: YAML takes about a second for each 100 KB."""


class Unreadable(Exception):
    """The file is invalid; the message states the fault and its place."""


class _Loader(yaml.SafeLoader):
    def construct_mapping(
        self, node: yaml.MappingNode, deep: bool = False
    ) -> dict[Hashable, object]:
        seen: set[object] = set()
        for key, _ in node.value:
            value: object = key.value
            if isinstance(value, str) and value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{value!r} is repeated", key.start_mark
                )
            seen.add(value) if isinstance(value, str) else None
        return cast("dict[Hashable, object]", super().construct_mapping(node, deep))


def read_mapping(path: Path) -> tuple[dict[str, object], bytes]:
    """Read the file's fields and its bytes. Raises `Unreadable`."""
    content = _bytes(path)
    try:
        found = cast("object", yaml.load(content, Loader=_Loader))  # noqa: S506  (builds plain values)
    except yaml.MarkedYAMLError as error:
        raise Unreadable(_fault(error)) from error
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


def _fault(error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    return f"{where}{_one_line(error.problem or error.context or 'it is no valid YAML')}."


def _one_line(text: str) -> str:
    return " ".join(text.split())
