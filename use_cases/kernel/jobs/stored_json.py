"""The JSON in which jobs keep their specs and results: every store holds it.

Promises: what is no character (half of a surrogate pair) is replaced; a value that has none is written at
once.
"""

from typing import TypeVar

from pydantic import JsonValue, TypeAdapter
from pydantic.main import IncEx
from pydantic_core import PydanticSerializationError, to_json

from use_cases.kernel.text.storable_text import storable

Value = TypeVar("Value")


def as_json(form: TypeAdapter[Value], value: Value, exclude: IncEx | None = None) -> str:
    """Return a value as JSON, without what has its default or is excluded."""
    try:
        return form.dump_json(value, exclude_defaults=True, exclude=exclude).decode()
    except PydanticSerializationError:  # a lone surrogate
        plain = form.dump_python(value, mode="json", exclude_defaults=True, exclude=exclude)
        return as_text(plain)


def as_text(value: JsonValue) -> str:
    """Return a JSON value as JSON."""
    try:
        return to_json(value).decode()
    except PydanticSerializationError:  # a lone surrogate
        return to_json(_clean(value)).decode()


def _clean(value: JsonValue) -> JsonValue:
    match value:
        case str():
            return storable(value)
        case dict():
            return {storable(name): _clean(each) for name, each in value.items()}
        case list():
            return [_clean(each) for each in value]
        case _:
            return value
