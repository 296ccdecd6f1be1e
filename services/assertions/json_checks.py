"""Checks that the output is JSON, or contains it, by a JSON Schema where one is given; and the port `Schemas`.

Semantics are promptfoo 0.123.1's (`src/assertions/json.ts`, MIT); JSON is read as JavaScript's
`JSON.parse` reads it. Schemas are of draft 7, unless `$schema` names another. Promises: NaN and Infinity
are refused; time and memory grow with the text, whatever is in it; no address is ever fetched; patterns
match in linear time, by RE2; formats are checked; a schema that refers to itself without end is `Unable`.
"""

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, partial
from typing import TYPE_CHECKING, NoReturn, Protocol, cast

from pydantic import JsonValue

from services.assertions.js_patterns import search
from services.assertions.observation import Observation, Unable, quoted
from use_cases.kernel.targets import TargetOutput
from use_cases.playground.errors import SchemaInvalid
from use_cases.playground.model import Assertion

if TYPE_CHECKING:
    import yaml
    from jsonschema import FormatChecker, ValidationError
    from jsonschema.protocols import Validator

_LONGEST_OBJECT = 100_000
_DEEPEST = 100
_MOST_YAML = 100_000
_MOST_OBJECTS = 10_000
_LONGEST_INTEGER = 300
_COMMENT = re.compile(r"(?m)(^|[\s,{])//+")
_BRACES = re.compile(r"[{}]")
_BRACKETS = re.compile(r"[\[\]{}]")


class UnreadableJson(Exception):
    """The text is no JSON."""


def parse(text: str) -> JsonValue:
    """Reads JSON. Raises `UnreadableJson`, and `Unable` when it is nested too deeply."""
    try:
        return cast("JsonValue", json.loads(text, parse_constant=_refuse, parse_int=_integer))
    except RecursionError:
        raise Unable("The JSON is nested too deeply.") from None
    except ValueError:
        raise UnreadableJson from None


def objects_in(text: str) -> Iterator[JsonValue]:
    """Finds the objects within a text as promptfoo 0.123.1 does.

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
        except (UnreadableJson, Unable):
            loose -= len(candidate) + 100  # short ones cost time, too
            found = _read_loosely(candidate) if loose >= 0 else None
        if isinstance(found, dict):
            after, count = end, count + 1
            yield found


def read_yaml(text: str) -> JsonValue:
    """Reads JSON or YAML's plain values. Raises `UnreadableJson` for what is broken or hostile."""
    import yaml

    if _depth(text) > _DEEPEST:
        raise UnreadableJson
    try:
        found = cast("JsonValue", yaml.load(text, Loader=_loader()))  # noqa: S506  (plain values)
    except (yaml.YAMLError, ValueError, RecursionError, TypeError):
        raise UnreadableJson from None
    if not _is_bounded(found, 2 * len(text) + 10):
        raise UnreadableJson
    return found


def _read_loosely(text: str) -> JsonValue:
    try:
        return read_yaml(_COMMENT.sub(r"\1#", text))
    except UnreadableJson:
        return None


def _balanced(text: str) -> dict[int, tuple[int, int]]:
    """Maps the place of each opening brace to its object's end and the braces missing there."""
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
    """Returns whether a value has at most so many parts; one that contains itself has more."""
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


_LONGEST_SCHEMA = 200_000
_FORMATS = {
    "date-time": r"\d{4}-(?:0\d|1[0-2])-(?:[0-2]\d|3[01])[Tt ](?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):?[0-5]\d)",
    "time": r"(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):?[0-5]\d)",
    "email": r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?",
    "uri": r"[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+",
    "hostname": r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?",
}
"""The formats that jsonschema checks only with further packages, or more loosely than ajv-formats."""


def schema_of(value: JsonValue) -> JsonValue:
    """Returns an assertion's schema: an object, or its text in JSON or YAML; None without one."""
    if isinstance(value, str) and value:
        if value.startswith("file://"):
            raise Unable("A schema in a file is read when the evaluation is read, not here.")
        try:
            value = read_yaml(value)
        except UnreadableJson:
            raise Unable("The schema is neither JSON nor YAML.") from None
        if isinstance(value, dict | bool):
            return value
    elif isinstance(value, dict) or not (value or isinstance(value, list)):
        return value if isinstance(value, dict) else None
    raise Unable("The schema must be an object, or its text.")


def fault_finder(schema: JsonValue) -> Callable[[JsonValue], str | None]:
    """Returns the function that returns how a value violates the schema; None if it does not.

    Both raise `Unable`. Without a schema (None), every value fits.
    """
    if schema is None:
        return lambda _: None
    source = json.dumps(schema)
    if len(source) > _LONGEST_SCHEMA:
        raise Unable(f"The schema is longer than {_LONGEST_SCHEMA} characters.")
    if source.count('"$schema":') > 1:
        raise Unable("Only the whole schema may name its dialect ($schema).")
    return partial(_fault, _validator(source))


def _fault(validator: "Validator", value: JsonValue) -> str | None:
    from referencing.exceptions import Unresolvable

    try:
        error = next(iter(validator.iter_errors(value)), None)
    except RecursionError:
        raise Unable("The schema refers to itself without end, or the JSON is too deep.") from None
    except Unresolvable as missing:
        raise Unable(f"The schema refers to {missing.ref!r}, which it does not hold.") from None
    except (ArithmeticError, ValueError) as error:
        raise Unable(f"The schema cannot be applied: {str(error)[:200]}.") from None
    if error is None:
        return None
    return f"{error.json_path}: {error.message}"[:300]


@lru_cache(maxsize=64)
def _validator(source: str) -> "Validator":
    from jsonschema import Draft7Validator, exceptions, validators
    from referencing.exceptions import Unresolvable
    from referencing.jsonschema import EMPTY_REGISTRY

    schema = cast("dict[str, JsonValue]", json.loads(source))
    draft = validators.validator_for(schema, default=Draft7Validator)
    try:
        draft.check_schema(schema)
    except (exceptions.SchemaError, RecursionError) as error:
        shown = error.message if isinstance(error, exceptions.SchemaError) else "it is too deep"
        raise Unable(f"The schema is invalid: {shown[:200]}.") from None
    except Unresolvable:
        raise Unable("The schema's own dialect ($schema) is unknown.") from None
    build = cast(
        "Callable[..., Validator]",
        validators.extend(  # pyright: ignore[reportUnknownMemberType]
            draft,
            {
                "pattern": _pattern,
                "patternProperties": _pattern_properties,
                "additionalProperties": _additional_properties,
            },
        ),
    )
    return build(schema, registry=EMPTY_REGISTRY, format_checker=_formats())


@lru_cache(maxsize=1)
def _formats() -> "FormatChecker":
    from jsonschema import FormatChecker

    checker = FormatChecker()
    for name, pattern in _FORMATS.items():
        checker.checks(name)(partial(_fits, f"^(?:{pattern})$"))
    return checker


def _fits(pattern: str, value: object) -> bool:
    return not isinstance(value, str) or search(pattern, value)


class _Descends(Protocol):
    """The part of jsonschema's validator that the keywords below use."""

    def descend(
        self,
        instance: JsonValue,
        schema: JsonValue,
        path: str | None = None,
        schema_path: str | None = None,
    ) -> "Iterator[ValidationError]": ...


# The three keywords that match patterns; jsonschema's own use `re`, whose time has no bound.


def _pattern(
    validator: _Descends, pattern: str, instance: object, schema: object
) -> "Iterator[ValidationError]":
    from jsonschema import ValidationError

    del validator, schema
    if isinstance(instance, str) and not search(pattern, instance):
        yield ValidationError(f"{instance[:60]!r} does not match {pattern[:60]!r}")


def _pattern_properties(
    validator: _Descends,
    patterns: Mapping[str, JsonValue],
    instance: object,
    schema: object,
) -> "Iterator[ValidationError]":
    del schema
    if not isinstance(instance, dict):
        return
    for pattern, part in patterns.items():
        for key, value in cast("dict[str, JsonValue]", instance).items():
            if search(pattern, key):
                yield from validator.descend(value, part, path=key, schema_path=pattern)


def _additional_properties(
    validator: _Descends,
    rest: JsonValue,
    instance: object,
    schema: Mapping[str, Mapping[str, JsonValue]],
) -> "Iterator[ValidationError]":
    from jsonschema import ValidationError

    if not isinstance(instance, dict):
        return
    patterns = schema.get("patternProperties", {})
    for key, value in cast("dict[str, JsonValue]", instance).items():
        if key in schema.get("properties", {}) or any(search(p, key) for p in patterns):
            continue
        if rest is False:
            yield ValidationError(f"the property {key[:60]!r} is not allowed")
        elif rest is not True:
            yield from validator.descend(value, rest, path=key)


def is_json(assertion: Assertion, output: TargetOutput) -> Observation:
    """Checks that the whole text is JSON, and fits the schema."""
    schema = schema_of(assertion.value)
    should = "be JSON" if schema is None else "be JSON that fits the schema"
    fault_of = fault_finder(schema)
    try:
        value = parse(output.text)
    except UnreadableJson:
        return Observation(False, should, f"It is {quoted(output.text)}.")
    fault = fault_of(value)
    return Observation(fault is None, should, fault or "")


def contains_json(assertion: Assertion, output: TargetOutput) -> Observation:
    """Checks that the text contains a JSON object, one of which fits the schema."""
    schema = schema_of(assertion.value)
    should = "contain JSON" if schema is None else "contain JSON that fits the schema"
    fault_of = fault_finder(schema)
    seen = "It contains none."
    for found in objects_in(output.text):
        fault = fault_of(found)
        if fault is None:
            return Observation(True, should)
        seen = fault
    return Observation(False, should, seen)


class ItemSchemas:
    """Implementation of the port `Schemas`."""

    def checker(
        self, schema: Mapping[str, JsonValue]
    ) -> Callable[[Mapping[str, JsonValue]], str | None]:
        """Returns the function that says how variables violate the schema. Both raise `SchemaInvalid`."""
        try:
            find = fault_finder(dict(schema))
        except Unable as error:
            raise SchemaInvalid(str(error)) from error

        def fault(variables: Mapping[str, JsonValue]) -> str | None:
            try:
                return find(dict(variables))
            except Unable as error:
                raise SchemaInvalid(str(error)) from error

        return fault
