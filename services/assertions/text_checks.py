"""Checks of the output's text: equality, parts, patterns, distance, length, refusals.

Semantics are promptfoo 0.123.1's (`src/assertions/{equals,contains,startsWith,regex,levenshtein,
wordCount,refusal}.ts`, MIT).
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

from pydantic import JsonValue

from services.assertions.js_patterns import search
from services.assertions.json_checks import UnreadableJson, parse
from services.assertions.observation import (
    BLANKS,
    Check,
    Observation,
    Unable,
    as_number,
    is_same,
    js_text,
    listed,
    quoted,
    text_of,
)
from use_cases.kernel.targets import TargetOutput
from use_cases.playground.model import Assertion

_BETWEEN = re.escape(BLANKS)
_FIELD = re.compile(
    rf'[,{_BETWEEN}]*+(?:"(?P<quoted>(?:\\["\\]|""|[^"])*+)(?P<end>"[{_BETWEEN}]*+(?:,|\Z))?|(?P<plain>[^,]+))'
)
_ESCAPE = re.compile(r'\\(["\\])|""')
_WORD = re.compile(f"[^{re.escape(BLANKS)}]+")
_APOSTROPHES = str.maketrans("′’", "''")
_DISTANCE = 5
_MOST_STEPS = 2_000_000_000


def equals(assertion: Assertion, output: TargetOutput) -> Observation:
    """Checks that the text is the value; a list or an object is compared with the text's JSON."""
    value, text = assertion.value, output.text
    if isinstance(value, list | dict) or value is None:
        try:
            holds = is_same(value, parse(text))
        except UnreadableJson:
            holds = False
    else:
        holds = js_text(value) == text
    return Observation(holds, f"equal {quoted(value)}", f"It is {quoted(text)}.")


def contains(fold: Callable[[str], str]) -> Check:
    """Builds the check that the text contains the value, both folded."""

    def check(assertion: Assertion, output: TargetOutput) -> Observation:
        value = assertion.value
        if value == "" or isinstance(value, bool) or not isinstance(value, str | int | float):
            raise Unable("Its value must be a number, or a text that is not empty.")
        return Observation(fold(js_text(value)) in fold(output.text), f"contain {quoted(value)}")

    return check


def contains_some(needed: Callable[[list[bool]], bool], fold: Callable[[str], str]) -> Check:
    """Builds the check that the text contains any, or all, of the values."""
    word = "any" if needed is any else "all"

    def check(assertion: Assertion, output: TargetOutput) -> Observation:
        values = [js_text(value) for value in _values(assertion.value)]
        text = fold(output.text)
        found = [fold(value) in text for value in values]
        missing = [value for value, there in zip(values, found, strict=True) if not there]
        return Observation(
            needed(found), f"contain {word} of {listed(values)}", f"Missing: {listed(missing)}."
        )

    return check


def starts_with(assertion: Assertion, output: TargetOutput) -> Observation:
    """Checks that the text begins with the value."""
    value = text_of(assertion)
    return Observation(output.text.startswith(value), f"start with {quoted(value)}")


def matches(assertion: Assertion, output: TargetOutput) -> Observation:
    """Checks that the value, a JavaScript pattern, matches somewhere in the text."""
    pattern = text_of(assertion)
    flags = js_text(assertion.config.get("flags", ""))
    return Observation(search(pattern, output.text, flags), f"match the pattern {quoted(pattern)}")


def is_near(assertion: Assertion, output: TargetOutput) -> Observation:
    """Checks that the Levenshtein distance to the value is at most the threshold, in characters."""
    from rapidfuzz.distance import Levenshtein

    if not isinstance(assertion.value, str):
        raise Unable("Its value must be a text.")
    threshold = _DISTANCE if assertion.threshold is None else assertion.threshold
    shorter, longer = sorted((len(output.text), len(assertion.value)))
    limit = int(min(max(0, threshold), longer))
    if shorter * limit > _MOST_STEPS:
        raise Unable("The texts are too long for so large a threshold.")
    distance = Levenshtein.distance(output.text, assertion.value, score_cutoff=limit)
    seen = f"The distance is {distance}." if distance <= limit else f"It is more than {limit}."
    return Observation(
        distance <= threshold,
        f"be at most {threshold:g} edits (Levenshtein) from {quoted(assertion.value)}",
        seen,
    )


def counts_words(assertion: Assertion, output: TargetOutput) -> Observation:
    """Checks that the number of words is the value, or from `min` to `max`."""
    count = sum(1 for _ in _WORD.finditer(output.text))
    match assertion.value:
        case dict() as bounds if "min" in bounds or "max" in bounds:
            low, high = (
                as_number(bounds[key]) if key in bounds else None for key in ("min", "max")
            )
            if (low is None) == ("min" in bounds) or (high is None) == ("max" in bounds):
                raise Unable("Its min and max must be numbers.")
            if low is not None and high is not None and low > high:
                raise Unable("Its min is larger than its max.")
        case value:
            low = high = as_number(value)
            if low is None:
                raise Unable("Its value must be a number, or have min and max.")
    holds = (low is None or count >= low) and (high is None or count <= high)
    return Observation(holds, f"have {_range(low, high)} words", f"It has {count}.")


def is_refusal(assertion: Assertion, output: TargetOutput) -> Observation:
    """Checks that the text refuses, by promptfoo's list of phrases; an empty text counts as a refusal."""
    text = output.text.strip(BLANKS).lower().translate(_APOSTROPHES)
    starts, phrases = _refusals()
    holds = not text or text.startswith(starts) or phrases.search(text) is not None
    # promptfoo scores an empty output with 0, whatever the verdict.
    return Observation(
        holds, "be a refusal", score=float(holds and bool(text)), unlike=float(not holds)
    )


@lru_cache(maxsize=1)
def _refusals() -> tuple[tuple[str, ...], re.Pattern[str]]:
    lines = Path(__file__).with_name("refusals.txt").read_text("utf-8").lower().splitlines()
    starts = tuple(line[1:] for line in lines if line.startswith("^"))
    phrases = [re.escape(line) for line in lines if line and line[0] not in "^#"]
    return starts, re.compile(rf"\b(?:{'|'.join(phrases)})\b", re.ASCII)


def _range(low: float | None, high: float | None) -> str:
    if low == high:
        return f"{low:g}"
    if low is None or high is None:
        return f"at most {high:g}" if low is None else f"at least {low:g}"
    return f"{low:g} to {high:g}"


def _values(value: JsonValue) -> list[JsonValue]:
    if isinstance(value, list):
        return value
    if not isinstance(value, str) or not value:
        raise Unable("Its value must be a list, or a text with commas.")
    return list(_fields(value))


def _fields(text: str) -> Iterator[str]:
    for found in _FIELD.finditer(text.strip(f",{BLANKS}")):
        if found["plain"]:
            yield found["plain"].strip(BLANKS)
        elif found["end"]:
            yield _ESCAPE.sub(lambda escape: escape[1] or '"', found["quoted"])
        else:
            raise Unable("Its value has a quote that does not end before a comma, or at all.")
