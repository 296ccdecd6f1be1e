"""The fields of a record from a file, with the place of each for messages.

A field that Candor does not know is given to `note`: an evaluation lists it (`Plan.not_understood`),
a row of a dataset is refused for it. None is skipped in silence.
"""

from collections.abc import Callable, Collection, Mapping
from typing import TypeAlias

from pydantic import JsonValue

Record: TypeAlias = dict[str, JsonValue]
Note: TypeAlias = Callable[[str], None]
"""Takes a place and what is not understood there, as one sentence."""


class Misfit(Exception):
    """A record cannot be used; the message names the place and the reason."""

    @property
    def sentence(self) -> str:
        """The message with a full stop."""
        return f"{str(self).rstrip('.')}."


def refuse(note: str) -> None:
    """Be the `Note` of a row: what is not understood makes it no case."""
    raise Misfit(note)


def mapping(value: JsonValue, place: str) -> Record:
    """Return an object; nothing counts as an empty one."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Misfit(f"{place} must be an object of names and values")
    return value


def fields(value: JsonValue, known: Collection[str], place: str, note: Note) -> Record:
    """Return an object, as `mapping` does, and note each field that is not known."""
    record = mapping(value, place)
    note_others(record, known, place, note)
    return record


def items(value: JsonValue, place: str) -> list[JsonValue]:
    """Return a list; nothing counts as an empty one."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise Misfit(f"{place} must be a list")
    return value


def text(value: JsonValue, place: str) -> str:
    """Return a text that is not empty; a number counts as its digits."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.strip():
        raise Misfit(f"{place} must be a text")
    return value


def number(value: JsonValue, place: str) -> float | None:
    """Return a number, or None for nothing; the text of a number, as CSV has it, counts."""
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
    """Note each field that is not known; one that is empty says nothing."""
    for name, value in record.items():
        if name not in known and value not in (None, "", [], {}, False):
            note(f"{place}{'.' if place else ''}{name} is not understood")
