"""JSON as JavaScript's `JSON.parse` reads it, and the objects within a longer text.

Promises: NaN and Infinity are refused; time and memory grow with the text, whatever is in it.
"""

import json
import math
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NoReturn, cast

from pydantic import JsonValue

from services.assertions.observation import Unable

if TYPE_CHECKING:
    import yaml

_LONGEST_OBJECT = 100_000
_DEEPEST = 100
_MOST_YAML = 100_000
_MOST_OBJECTS = 10_000
_LONGEST_INTEGER = 300
_COMMENT = re.compile(r"(?m)(^|[\s,{])//+")
_BRACES = re.compile(r"[{}]")
_BRACKETS = re.compile(r"[\[\]{}]")


class NotJson(Exception):
    """The text is no JSON."""


def parse(text: str) -> JsonValue:
    """Read JSON. Raises `NotJson`, and `Unable` when it is nested too deeply."""
    try:
        return cast("JsonValue", json.loads(text, parse_constant=_refuse, parse_int=_integer))
    except RecursionError:
        raise Unable("The JSON is nested too deeply.") from None
    except ValueError:
        raise NotJson from None


def objects_in(text: str) -> Iterator[JsonValue]:
    """Find the objects within a text as promptfoo 0.123.1 does.

    An object goes from a brace to the one that balances it (or to the end, completed); JSON without
    quotes and with comments counts, as YAML reads it (in the first 100,000 characters of such).
    """
    ends = _balanced(text)
    after = count = 0
    strict, loose = 10 * _LONGEST_OBJECT + 4 * len(text), _MOST_YAML
    for start, (end, missing) in ends.items():
        if start < after or strict <= 0 or count == _MOST_OBJECTS:
            continue
        candidate = text[start:end] + "}" * missing
        strict -= len(candidate)
        try:
            found = parse(candidate)
        except (NotJson, Unable):
            loose -= len(candidate) + 100  # short ones cost time, too
            found = _read_loosely(candidate) if loose >= 0 else None
        if isinstance(found, dict):
            after, count = end, count + 1
            yield found


def read_yaml(text: str) -> JsonValue:
    """Read JSON or YAML's plain values. Raises `NotJson` for what is broken or hostile."""
    import yaml

    if _depth(text) > _DEEPEST:
        raise NotJson
    try:
        found = cast("JsonValue", yaml.load(text, Loader=_loader()))  # noqa: S506  (plain values)
    except (yaml.YAMLError, ValueError, RecursionError, TypeError):
        raise NotJson from None
    if not _is_bounded(found, 2 * len(text) + 10):
        raise NotJson
    return found


def _read_loosely(text: str) -> JsonValue:
    try:
        return read_yaml(_COMMENT.sub(r"\1#", text))
    except NotJson:
        return None


def _balanced(text: str) -> dict[int, tuple[int, int]]:
    """Map the place of each opening brace to its object's end and the braces missing there."""
    opened: list[int] = []
    ends: dict[int, tuple[int, int]] = {}
    for brace in _BRACES.finditer(text):
        if brace[0] == "{" and brace.end() < len(text):
            ends[brace.start()] = (len(text), 0)
            opened.append(brace.start())
        elif brace[0] == "}" and opened:
            start = opened.pop()
            if brace.end() - start <= _LONGEST_OBJECT:
                ends[start] = (brace.end(), 0)
    for depth, start in enumerate(reversed(opened), 1):
        ends[start] = (len(text), depth)
    return {
        start: (end, missing)
        for start, (end, missing) in ends.items()
        if end - start <= _LONGEST_OBJECT
    }


def _depth(text: str) -> int:
    depth = deepest = 0
    for bracket in _BRACKETS.finditer(text):
        depth += 1 if bracket[0] in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _is_bounded(value: JsonValue, most: int) -> bool:
    """Return whether a value has at most so many parts; one that contains itself has more."""
    parts = [value]
    for _ in range(most):
        if not parts:
            return True
        match parts.pop():
            case dict() as fields:
                if not all(isinstance(key, str) for key in cast("dict[object, JsonValue]", fields)):
                    return False
                parts += fields.values()
            case list() as items:
                parts += items
            case _:
                pass
    return not parts


def _loader() -> "type[yaml.SafeLoader]":
    import yaml

    class Loader(yaml.SafeLoader):
        """Plain values by YAML 1.2's core schema: no dates, and `yes` is a text."""

        yaml_implicit_resolvers: dict[str, object] = {}  # noqa: RUF012  (declared by the base)

    for tag, pattern, starts in (
        ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
        ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
        ("int", r"[-+]?[0-9]{1,300}", list("-+0123456789")),
        (
            "float",
            r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?",
            list("-+.0123456789"),
        ),
    ):
        Loader.add_implicit_resolver(  # pyright: ignore[reportUnknownMemberType]
            f"tag:yaml.org,2002:{tag}", re.compile(rf"(?:{pattern})\Z"), starts
        )
    return Loader


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else math.inf


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)
