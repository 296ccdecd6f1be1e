"""Candor's own checks: of an answer's outcome, sources and queries, and of advice.

Promises: an output that has no such part (a prompt's, which cites nothing) is `Unable` where nothing
could be right or wrong about it.
"""

import re
from collections.abc import Iterator
from operator import attrgetter

from pydantic import JsonValue

from services.assertions.observation import (
    Check,
    Observation,
    Unable,
    as_number,
    js_text,
    listed,
    quoted,
)
from use_cases.kernel.citations.sources import QUERY_TOOL, Source, SourceKind
from use_cases.kernel.targets import TargetOutput
from use_cases.playground.model import Assertion

_MARKER = re.compile(r"\[(\d{1,4})\]")
_CELL = re.compile(r"(?<!\\)\|")
_ESCAPED = re.compile(r"\\([\\|])")
_NEAR = 1e-9


def is_one_of(attribute: str, name: str) -> Check:
    """Builds the check that a field of the output is the value, or one of its texts, in any case."""
    field = attrgetter(attribute)

    def check(assertion: Assertion, output: TargetOutput) -> Observation:
        expected = _texts(assertion)
        found: str | None = field(output)
        if found is None:
            raise Unable(f"The output has no {name}.")
        holds = str(found).casefold() in {text.casefold() for text in expected}
        return Observation(
            holds, f"have the {name} {listed(expected)}", f"It has {quoted(str(found))}."
        )

    return check


def is_confident(assertion: Assertion, output: TargetOutput) -> Observation:
    """Checks that the confidence is from the value's first number to its second (or min and max), 0 to
    1.
    """
    match assertion.value:
        case [low, high]:
            bounds = as_number(low), as_number(high)
        case dict() as value:
            bounds = as_number(value.get("min", 0)), as_number(value.get("max", 1))
        case _:
            bounds = None, None
    low, high = bounds
    if low is None or high is None or low > high:
        raise Unable("Its value must be two numbers, or have min and max.")
    if output.confidence is None:
        raise Unable("The output has no confidence.")
    return Observation(
        low <= output.confidence <= high,
        f"have a confidence from {low:g} to {high:g}",
        f"It has {output.confidence:g}.",
    )


def cites_document(assertion: Assertion, output: TargetOutput) -> Observation:
    """Checks that every document of the value is cited, by its name, title, id or last part of its
    path.
    """
    expected = _texts(assertion)
    missing = [name for name in expected if not any(_is_named(one, name) for one in output.sources)]
    cited = [source.document.name for source in output.sources]
    return _all_but(missing, expected, "cite", f"It cites {listed(cited)}.")


def quotes_span(assertion: Assertion, output: TargetOutput) -> Observation:
    """Checks that every text of the value is within a quoted span of a source, whatever the white
    space.
    """
    quotes = [_plain(quote.text) for source in output.sources for quote in source.quotes]
    expected = _texts(assertion)
    missing = [text for text in expected if not any(_plain(text) in quote for quote in quotes)]
    return _all_but(missing, expected, "quote", f"Its quotes lack {listed(missing)}.")


def cites_exactly(assertion: Assertion, output: TargetOutput) -> Observation:
    """Checks that every marker names a source, and every source is quoted from its characters, none
    weakly.
    """
    if output.outcome is None and not output.sources:
        raise Unable("The output has no citations that could be verified.")
    numbers = {source.number for source in output.sources}
    unknown = [mark[0] for mark in _MARKER.finditer(output.text) if int(mark[1]) not in numbers]
    weak = [f"[{source.number}]" for source in output.sources if not _is_exact(source)]
    faults = [*dict.fromkeys(unknown), *weak]
    return Observation(
        not faults,
        "have exact citations",
        f"These are not: {listed(faults)}.",
        score=1 - len(weak) / len(numbers) if numbers and not unknown else float(not faults),
    )


def is_not_run(assertion: Assertion, _output: TargetOutput) -> Observation:
    """Raises `Unable`: nobody decided it."""
    raise Unable(f"Not run: {assertion.value}.")


def sql_returns(assertion: Assertion, output: TargetOutput) -> Observation:
    """Checks that a query's result has each of the value's cells; a list of lists is all of its rows."""
    results: list[list[JsonValue]] = [
        list(_rows(call.result))
        for call in output.tool_calls
        if call.name == QUERY_TOOL and not call.failed
    ]
    match assertion.value:
        case None | dict():
            raise Unable("Its value must be a cell, a list of cells, or a list of rows.")
        case [list(), *_] as rows:
            expected: list[list[JsonValue]] = [
                row if isinstance(row, list) else [row] for row in rows
            ]
            holds = any(_are_rows(result, expected) for result in results)
        case value:
            cells = value if isinstance(value, list) else [value]
            holds = any(
                all(any(_is_cell(found, cell) for found in _cells(result)) for cell in cells)
                for result in results
            )
    seen = (
        f"{len(results)} queries ran, the last with {quoted(results[-1][:3])}." if results else ""
    )
    return Observation(
        holds, f"come from a query that returns {quoted(assertion.value)}", seen or "No query ran."
    )


def _all_but(missing: list[str], expected: list[str], verb: str, seen: str) -> Observation:
    """Returns the observation that these are missing; under `not-` all of the expected must be."""
    share = 1 - len(missing) / len(expected)
    return Observation(not missing, f"{verb} {listed(expected)}", seen, share, absent=share == 0)


def _texts(assertion: Assertion) -> list[str]:
    value = assertion.value
    texts = [js_text(one) for one in (value if isinstance(value, list) else [value]) if one]
    if not texts or isinstance(value, dict):
        raise Unable("Its value must be a text, or a list of texts.")
    return texts


def _is_named(source: Source, name: str) -> bool:
    document = source.document
    names = (document.name, document.title, document.document_id, document.name.split("/")[-1])
    return name.casefold() in {one.casefold() for one in names}


def _is_exact(source: Source) -> bool:
    stored = source.kind is SourceKind.PASSAGE
    return bool(source.quotes) and not any(
        quote.weak or (stored and quote.span is None) for quote in source.quotes
    )


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _rows(markdown: str) -> Iterator[JsonValue]:
    """Reads the rows of a result as the model saw it, a Markdown table."""
    lines = [line for line in markdown.splitlines() if line.startswith("| ")]
    for line in lines[2:]:
        yield [_ESCAPED.sub(r"\1", cell.strip()) for cell in _CELL.split(line)[1:-1]]


def _cells(rows: list[JsonValue]) -> Iterator[JsonValue]:
    return (cell for row in rows if isinstance(row, list) for cell in row)


def _are_rows(result: list[JsonValue], expected: list[list[JsonValue]]) -> bool:
    rest = list(result)
    for row in expected:
        fits = (
            at
            for at, found in enumerate(rest)
            if isinstance(found, list) and len(found) == len(row) and all(map(_is_cell, found, row))
        )
        at = next(fits, None)
        if at is None:
            return False
        del rest[at]
    return not rest


def _is_cell(found: JsonValue, expected: JsonValue) -> bool:
    if isinstance(expected, bool):
        return found == str(int(expected))
    if expected is None:
        return found == ""
    a, b = as_number(found) if found != "" else None, as_number(expected)
    if a is not None and b is not None and expected != "":
        return abs(a - b) <= _NEAR * max(1.0, abs(a), abs(b))
    return _plain(js_text(found)) == _plain(js_text(expected))
