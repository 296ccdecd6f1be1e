"""The values of files: YAML as plain JSON values, the fields of a record, and the files of an evaluation.

A field that Candor does not know is given to `note`: an evaluation lists it (`Plan.not_understood`), a
row of a dataset is refused for it. None is skipped in silence. An evaluation names files below its own
folder, and no other.

The types of YAML are those of YAML 1.2's core schema without its rarities, as promptfoo reads them:
`yes`, `no`, `12:30`, `010` and dates are text. Promises: only plain values are built; a repeated key is
refused, because the second would silently replace the first; aliases cannot grow a small text into a
large value (at most `MAX_NODES`), or into itself.
"""

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import NoReturn, TypeAlias, cast

import yaml
from pydantic import JsonValue

Record: TypeAlias = dict[str, JsonValue]
Note: TypeAlias = Callable[[str], None]
"""Takes a place and what is not understood there, as one sentence."""


class Misfit(Exception):
    """A record cannot be used; the message names the place and the reason."""

    @property
    def sentence(self) -> str:
        """Returns the message with a full stop."""
        return f"{str(self).rstrip('.')}."


def refuse(note: str) -> None:
    """Is the `Note` of a row: what is not understood makes it no case."""
    raise Misfit(note)


def mapping(value: JsonValue, place: str) -> Record:
    """Returns an object; nothing counts as an empty one."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Misfit(f"{place} must be an object of names and values")
    return value


def fields(value: JsonValue, known: Collection[str], place: str, note: Note) -> Record:
    """Returns an object, as `mapping` does, and notes each field that is not known."""
    record = mapping(value, place)
    note_others(record, known, place, note)
    return record


def items(value: JsonValue, place: str) -> list[JsonValue]:
    """Returns a list; nothing counts as an empty one."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise Misfit(f"{place} must be a list")
    return value


def text(value: JsonValue, place: str) -> str:
    """Returns a text that is not empty; a number counts as its digits."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.strip():
        raise Misfit(f"{place} must be a text")
    return value


def number(value: JsonValue, place: str) -> float | None:
    """Returns a number, or None for nothing; the text of a number, as CSV has it, counts."""
    if value is None or value == "":
        return None
    try:
        if isinstance(value, int | float | str) and not isinstance(value, bool):
            return float(value)
    except ValueError:
        pass
    raise Misfit(f"{place} must be a number")


def note_others(
    record: Mapping[str, JsonValue], known: Collection[str], place: str, note: Note
) -> None:
    """Notes each field that is not known; one that is empty says nothing."""
    for name, value in record.items():
        if name not in known and value not in (None, "", [], {}, False):
            note(f"{place}{'.' if place else ''}{name} is not understood")


MAX_BYTES = 8 * 2**20
"""The limit of a file that is read whole, as YAML is: it takes half a second for each megabyte."""

MAX_NODES = 1_000_000
MAX_DEPTH = 100

_TAG = "tag:yaml.org,2002:"
_SCALARS: dict[str, tuple[re.Pattern[str], Callable[[str], JsonValue]]] = {
    "null": (re.compile(r"~|null|Null|NULL|"), lambda _: None),
    "bool": (re.compile(r"true|True|TRUE|false|False|FALSE"), lambda word: word[:1] in "tT"),
    "int": (re.compile(r"[-+]?(?:0|[1-9][0-9]*)"), int),
    "float": (
        re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"),
        float,
    ),
    "str": (re.compile(".*", re.DOTALL), str),
}
"""The types of scalars: the plain texts that are of each, and their values; the first one counts."""

_parse = cast("Callable[..., Iterator[yaml.Event]]", yaml.parse)  # pyright: ignore[reportUnknownMemberType]


class YamlUnreadable(Exception):
    """The text is no YAML of plain values; the message states the fault and its place."""


def read_yaml(content: bytes) -> JsonValue:
    """Returns the value of a YAML document. Raises `YamlUnreadable`."""
    return read_yaml_items(content, ())[0]


def read_yaml_items(content: bytes, names: tuple[str, ...]) -> tuple[JsonValue, list[int]]:
    """Returns the value, and the lines of the items of its list: itself or the field of a name."""
    if len(content) > MAX_BYTES:
        raise YamlUnreadable(f"YAML is read up to {MAX_BYTES // 2**20} MB; use JSON lines.")
    try:
        reader = _Reader(content.decode("utf-8-sig"))
        value = reader.document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        fault = error.problem or error.context or "it is no valid YAML"
        raise YamlUnreadable(f"{where}{' '.join(fault.split())}.") from error
    except UnicodeDecodeError as error:
        raise YamlUnreadable("it is no UTF-8.") from error
    except (yaml.YAMLError, ValueError) as error:
        fault = " ".join(str(error).split())
        raise YamlUnreadable(f"it is no valid YAML: {fault}.") from error
    listed = value
    if isinstance(value, dict):
        listed = next((part for name, part in value.items() if name in names), None)
    return value, reader.lines.get(id(listed), [])


class _Reader:
    """Builds the value from the parser's events: what is too deep or too large is never built."""

    def __init__(self, text: str) -> None:
        # The parser in C, where PyYAML has it.
        self._events = _parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        self._anchors: dict[str, tuple[JsonValue, int]] = {}
        self._nodes = 0
        self.lines: dict[int, list[int]] = {}
        """The lines of the items of each list, by its `id`."""

    def document(self) -> JsonValue:
        next(self._events)
        if isinstance(next(self._events), yaml.StreamEndEvent):
            raise YamlUnreadable("it is empty.")
        value = self._value(next(self._events), 0)
        next(self._events)
        if not isinstance(more := next(self._events), yaml.StreamEndEvent):
            _refuse("it holds more than one document", more)
        return value

    def _value(self, event: yaml.Event, depth: int) -> JsonValue:
        before = self._nodes
        self._nodes += 1
        value: JsonValue
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                _refuse(
                    "an alias stands within what it names, or before it; it holds itself", event
                )
            value, size = self._anchors[event.anchor]
            self._nodes += size
        elif isinstance(event, yaml.ScalarEvent):
            value = _scalar(event)
        else:
            is_list = isinstance(event, yaml.SequenceStartEvent)
            tag = cast("yaml.CollectionStartEvent", event).tag
            if tag not in (None, "!", f"{_TAG}{'seq' if is_list else 'map'}"):
                _refuse_type(tag, event)
            if depth == MAX_DEPTH:
                _refuse("it is nested too deeply", event)
            value = self._list(depth + 1) if is_list else self._mapping(depth + 1)
        if self._nodes > MAX_NODES:
            _refuse("its aliases make it too large", event)
        if isinstance(event, yaml.NodeEvent) and event.anchor:
            self._anchors[event.anchor] = value, self._nodes - before
        return value

    def _list(self, depth: int) -> JsonValue:
        items: list[JsonValue] = []
        lines = self.lines[id(items)] = list[int]()
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            lines.append(event.start_mark.line + 1)
            items.append(self._value(event, depth))
        return items

    def _mapping(self, depth: int) -> JsonValue:
        fields: dict[str, JsonValue] = {}
        is_merge = False
        while not isinstance(key := next(self._events), yaml.MappingEndEvent):
            if not isinstance(key, yaml.ScalarEvent) or key.value in fields:
                _refuse(
                    f"the key {str(getattr(key, 'value', ''))[:60]!r} is repeated or no word", key
                )
            fields[key.value] = self._value(next(self._events), depth)
            is_merge |= key.value == "<<" and key.implicit[0]
        merged = fields.pop("<<") if is_merge else []
        for base in reversed(merged if isinstance(merged, list) else [merged]):
            if not isinstance(base, dict):
                raise YamlUnreadable("“<<” merges mappings only.")
            fields = {**base, **fields}
        return cast("JsonValue", fields)


def _scalar(event: yaml.ScalarEvent) -> JsonValue:
    word = cast("str", event.value)
    if event.tag not in (None, "!"):
        _, convert = _SCALARS.get(event.tag.removeprefix(_TAG)) or _refuse_type(event.tag, event)
        return convert(word)
    if not event.implicit[0]:  # in quotes
        return word
    return next(convert(word) for is_of, convert in _SCALARS.values() if is_of.fullmatch(word))


def _refuse_type(tag: str, event: yaml.Event) -> NoReturn:
    _refuse(f"values of the type {tag.removeprefix(_TAG)} are not supported", event)


def _refuse(fault: str, event: yaml.Event) -> NoReturn:
    raise yaml.MarkedYAMLError(problem=fault, problem_mark=event.start_mark)


FILE = "file://"
CODE = (".py", ".js", ".cjs", ".mjs", ".ts", ".rb")


class PlanFolder:
    """The folder of an evaluation."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    def paths(self, reference: str, place: str) -> list[Path]:
        """Returns the files that `file://name` or a pattern with `*` names. Raises `Misfit`."""
        name = reference.removeprefix(FILE)
        if any(sign in name for sign in "*?[") and not (self._root / name).exists():
            if Path(name).is_absolute() or ".." in Path(name).parts:
                raise Misfit(f"{place}: {name[:100]!r} is outside of the folder")
            found = sorted(path for path in self._root.glob(name) if path.is_file())
        else:
            found = [self._root / name]
        paths = [path.resolve() for path in found]
        if not paths or not all(path.is_file() for path in paths):
            raise Misfit(f"{place}: there is no file {name[:100]!r}")
        if not all(path.is_relative_to(self._root) for path in paths):
            raise Misfit(f"{place}: {name[:100]!r} is outside of the folder")
        return paths

    def has(self, name: str) -> bool:
        """Returns whether a text is the name of a file below the folder."""
        try:
            path = (self._root / name).resolve()
            return path.is_relative_to(self._root) and path.is_file()
        except (OSError, ValueError):
            return False

    def text(self, path: Path, place: str = "") -> str:
        """Returns the text of a file. Raises `Misfit`."""
        where = f"{place}: {path.name}" if place else path.name
        try:
            with path.open("rb") as file:
                content = file.read(MAX_BYTES + 1)
            if len(content) > MAX_BYTES:
                raise Misfit(f"{where} is larger than {MAX_BYTES // 2**20} MB")
            return content.decode("utf-8-sig")
        except OSError as error:
            raise Misfit(f"{where} cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise Misfit(f"{where} is no UTF-8") from error

    def value(self, reference: str, place: str) -> JsonValue:
        """Returns what a file holds: JSON and YAML as values, several files as a list, others as text.

        A file of code stays a reference, with its whole path.
        """
        name, _, function = reference.removeprefix(FILE).partition(":")
        if Path(name).suffix in CODE:
            path = self.paths(name, place)[0]
            return f"{FILE}{path}{':' if function else ''}{function}"
        paths = self.paths(reference, place)
        values = [self.load(path, place) for path in paths]
        return values[0] if len(values) == 1 else values

    def load(self, path: Path, place: str = "") -> JsonValue:
        """Returns what a file holds: the value of JSON or YAML, else its text. Raises `Misfit`."""
        written = self.text(path, place)
        try:
            if path.suffix == ".json":
                return json.loads(written)
            if path.suffix in (".yaml", ".yml"):
                return read_yaml(written.encode())
        except (YamlUnreadable, ValueError, RecursionError) as error:
            where = f"{place}: {path.name}" if place else path.name
            raise Misfit(f"{where} is not valid: {str(error)[:200]}") from error
        return written.removesuffix("\n")
