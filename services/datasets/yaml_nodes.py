"""YAML text as plain JSON values, with the line of each item of a list.

The types are those of YAML 1.2's core schema without its rarities, as promptfoo reads them: `yes`,
`no`, `12:30`, `010` and dates are text. Promises: only plain values are built; a repeated key is
refused, because the second would silently replace the first; aliases cannot grow a small text into a
large value (at most `MAX_NODES`), or into itself.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, cast

import yaml
from pydantic import JsonValue

MAX_BYTES = 8 * 2**20
"""The size limit of YAML, which takes about a second for each megabyte and is read whole."""

MAX_NODES = 1_000_000
MAX_DEPTH = 100

_TAG = "tag:yaml.org,2002:"
_PLAIN = frozenset(_TAG + name for name in ("str", "int", "float", "bool", "null", "seq", "map"))
_MERGE = f"{_TAG}merge"


class YamlUnreadable(Exception):
    """The text is no YAML of plain values; the message states the fault and its place."""


# The loader in C, where PyYAML has it; both build plain values.
_Loader = cast(
    "type[yaml.SafeLoader]",
    type(
        "_Loader",
        (getattr(yaml, "CSafeLoader", yaml.SafeLoader),),
        {"yaml_implicit_resolvers": {}},
    ),
)
for _name, _pattern, _first in (
    ("null", r"(?:~|null|Null|NULL|)\Z", "~nN"),
    ("bool", r"(?:true|True|TRUE|false|False|FALSE)\Z", "tTfF"),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)\Z", "-+0123456789"),
    (
        "float",
        r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z",
        "-+.0123456789",
    ),
    ("merge", r"<<\Z", "<"),
):
    _firsts = [*_first, ""] if _name == "null" else list(_first)
    cast("Any", _Loader).add_implicit_resolver(_TAG + _name, re.compile(_pattern), _firsts)


def read_yaml(content: bytes) -> JsonValue:
    """Return the value of a YAML document. Raises `YamlUnreadable`."""
    return _read(content, ())[0]


def read_yaml_items(content: bytes, names: tuple[str, ...]) -> tuple[JsonValue, list[int]]:
    """Return the value, and the lines of the items of its list: itself or the field of a name."""
    return _read(content, names)


def _read(content: bytes, names: tuple[str, ...]) -> tuple[JsonValue, list[int]]:
    if len(content) > MAX_BYTES:
        raise YamlUnreadable(f"YAML is read up to {MAX_BYTES // 2**20} MB; use JSON lines.")
    try:
        text = content.decode("utf-8-sig")
        _check_depth(text)
        loader: Any = _Loader(text)
        try:
            node = loader.get_single_node()
            if node is None:
                raise YamlUnreadable("it is empty.")
            _check(node)
            lines = _lines(node, names)
            return loader.construct_document(node), lines
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        raise YamlUnreadable(_fault(error)) from error
    except UnicodeDecodeError as error:
        raise YamlUnreadable("it is no UTF-8.") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise YamlUnreadable(f"it is no valid YAML: {_one_line(str(error))}.") from error


def _check_depth(text: str) -> None:
    """Refuse deep nesting before it is built: the composer in C would crash the process."""
    depth = 0
    parse = cast("Callable[..., Iterator[yaml.Event]]", yaml.parse)  # pyright: ignore[reportUnknownMemberType]
    for event in parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise yaml.MarkedYAMLError(
                    problem="it is nested too deeply", problem_mark=event.start_mark
                )
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _lines(node: yaml.Node, names: tuple[str, ...]) -> list[int]:
    """Return the lines of the items of a list, or of the first field with one of the names."""
    if isinstance(node, yaml.MappingNode):
        fields = [value for key, value in _pairs(node) if key.value in names]
        node = fields[0] if fields else node
    listed = cast("list[yaml.Node]", node.value) if isinstance(node, yaml.SequenceNode) else []
    return [item.start_mark.line + 1 for item in listed]


def _check(root: yaml.Node) -> None:
    """Refuse other types than JSON's, repeated keys, and more nodes than `MAX_NODES` with aliases."""
    sizes: dict[int, int] = {}
    open_nodes: set[int] = set()

    def size(node: yaml.Node) -> int:
        if id(node) in open_nodes:
            raise yaml.MarkedYAMLError(problem="it holds itself", problem_mark=node.start_mark)
        if id(node) not in sizes:
            open_nodes.add(id(node))
            sizes[id(node)] = 1 + sum(map(size, _children(node)))
            open_nodes.discard(id(node))
        if sizes[id(node)] > MAX_NODES:
            raise yaml.MarkedYAMLError(
                problem="its aliases make it too large", problem_mark=node.start_mark
            )
        return sizes[id(node)]

    size(root)


def _children(node: yaml.Node) -> Iterator[yaml.Node]:
    if node.tag not in _PLAIN:
        raise yaml.MarkedYAMLError(
            problem=f"values of the type {node.tag.removeprefix(_TAG)} are not supported",
            problem_mark=node.start_mark,
        )
    if isinstance(node, yaml.SequenceNode):
        yield from cast("list[yaml.Node]", node.value)
    elif isinstance(node, yaml.MappingNode):
        seen: set[object] = set()
        for key, value in _pairs(node):
            if not isinstance(key, yaml.ScalarNode) or key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key {str(key.value)[:60]!r} is repeated or no word",
                    problem_mark=key.start_mark,
                )
            seen.add(key.value)
            if key.tag != _MERGE:
                key.tag = f"{_TAG}str"
            yield value


def _pairs(node: yaml.MappingNode) -> list[tuple[yaml.Node, yaml.Node]]:
    return cast("list[tuple[yaml.Node, yaml.Node]]", node.value)


def _fault(error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    return f"{where}{_one_line(error.problem or error.context or 'it is no valid YAML')}."


def _one_line(words: str) -> str:
    return " ".join(words.split())
