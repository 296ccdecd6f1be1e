"""Validation by JSON Schema (draft 7, unless `$schema` names another).

Promises: no address is ever fetched; patterns match in linear time, by RE2; formats are checked; a
schema that refers to itself without end is `Unable`.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Protocol, cast

from pydantic import JsonValue

from services.assertions.js_patterns import search
from services.assertions.observation import Unable
from services.assertions.strict_json import NotJson, read_yaml

if TYPE_CHECKING:
    from jsonschema import FormatChecker, ValidationError
    from jsonschema.protocols import Validator

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
    """Return an assertion's schema: an object, or its text in JSON or YAML; None without one."""
    if isinstance(value, str) and value:
        if value.startswith("file://"):
            raise Unable("A schema in a file is read when the evaluation is read, not here.")
        try:
            value = read_yaml(value)
        except NotJson:
            raise Unable("The schema is neither JSON nor YAML.") from None
        if isinstance(value, dict | bool):
            return value
    elif isinstance(value, dict) or not (value or isinstance(value, list)):
        return value if isinstance(value, dict) else None
    raise Unable("The schema must be an object, or its text.")


def fault_finder(schema: JsonValue) -> Callable[[JsonValue], str | None]:
    """Return the function that returns how a value violates the schema; None if it does not.

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
    """What the keywords below use of jsonschema's validator."""

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
