"""The observation of a check, and an assertion's value read as JavaScript reads it.

Promises: what cannot be checked is `Unable`, never a observation. Leaves to others: `not-` and the
verdict (`services/assertions/checks.py`).
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from pydantic import JsonValue

from use_cases.kernel.targets import TargetOutput
from use_cases.kernel.text.plain_text import whole
from use_cases.playground.model import Assertion

BLANKS = "\t\n\v\f\r \xa0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(
    map(chr, range(0x2000, 0x200B))
)
"""JavaScript's white space, which `trim()` removes and `\\s` matches."""

_LONGEST_SHOWN = 200


class Unable(Exception):
    """The check cannot be done; the message is the reason."""


@dataclass(frozen=True, slots=True)
class Observation:
    """The observation of a check, before `not-`.

    `should` completes "The output should …" and `seen` is a sentence on what is there instead.
    `score` is 0 to 1, where the check measures one, and `unlike` the score under `not-` (else
    1 - score). `absent` is whether `not-` holds, where that is not the opposite.
    """

    holds: bool
    should: str
    seen: str = ""
    score: float | None = None
    unlike: float | None = None
    absent: bool | None = None


Check: TypeAlias = Callable[[Assertion, TargetOutput], Observation]
"""A check of one output. Raises `Unable`."""


def quoted(value: JsonValue) -> str:
    """Formats a value for a reason: short, in quotes, and storable."""
    text = whole(js_text(value))
    shown = text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
    return f'"{shown}"'


def js_text(value: JsonValue) -> str:
    """Returns JavaScript's `String(value)`; JSON for a list or an object."""
    match value:
        case str():
            return value
        case float() if value.is_integer() and abs(value) < 1e21:
            return str(int(value))
        case _:
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def as_number(value: JsonValue) -> float | None:
    """Returns a number, or the number that a text states as in JavaScript; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value.strip(BLANKS) or 0) if isinstance(value, str) else float(value)
    except (ValueError, OverflowError):
        return None
    return None if math.isnan(number) else number


def text_of(assertion: Assertion) -> str:
    """Returns the value, which must be a text that is not empty."""
    if isinstance(assertion.value, str) and assertion.value:
        return assertion.value
    raise Unable("Its value must be a text that is not empty.")


def references_of(assertion: Assertion) -> list[str]:
    """Returns the value's text or texts, at least one."""
    match assertion.value:
        case str() as text:
            return [text]
        case [_, *_] as texts if all(isinstance(text, str) for text in texts):
            return [text for text in texts if isinstance(text, str)]
        case _:
            raise Unable("Its value must be a text, or a list of texts.")


def strings_of(assertion: Assertion) -> list[str]:
    """Returns the value as a list of names: a list, or a text with commas."""
    value = assertion.value
    found = value.split(",") if isinstance(value, str) else value
    if not isinstance(found, list):
        raise Unable("Its value must be a list of names, or a text with commas between them.")
    names = [js_text(name).strip(BLANKS) for name in found]
    if not any(names):
        raise Unable("Its value names nothing.")
    return [name for name in names if name]


def threshold_of(assertion: Assertion) -> float:
    """Returns the threshold, which the assertion must have."""
    if assertion.threshold is None:
        raise Unable("It needs a threshold.")
    return assertion.threshold


def at_least(score: float, threshold: float, name: str) -> Observation:
    """Returns the observation of a measure of likeness."""
    return Observation(
        score >= threshold,
        f"have a {name} of at least {threshold:g}",
        f"It has {score:.4f}.",
        score=score,
    )


def is_same(a: JsonValue, b: JsonValue) -> bool:
    """Returns whether two JSON values are deeply equal; true and 1 are not, 1 and 1.0 are."""
    match a, b:
        case (bool(), _) | (_, bool()):
            return a is b
        case Mapping(), Mapping():
            return a.keys() == b.keys() and all(is_same(a[key], b[key]) for key in a)
        case list(), list():
            return len(a) == len(b) and all(map(is_same, a, b))
        case _:
            return a == b


def listed(names: Sequence[str]) -> str:
    """Formats names for a reason, at most ten."""
    shown = ", ".join(quoted(name) for name in names[:10])
    return f"{shown} and {len(names) - 10} more" if len(names) > 10 else shown or "nothing"
