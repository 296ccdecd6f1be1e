"""The quotable units of a stored text, with their exact spans.

A unit is a sentence of a paragraph, a list item, a table row or a line of code, in plain text or
Markdown. Offsets are characters of the given text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise, zip_longest

from use_cases.kernel.model import Span


class UnitKind(StrEnum):
    """The kind of a unit. The first row of a table is the heading of the others."""

    SENTENCE = "sentence"
    HEADING = "heading"
    ROW = "row"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Unit:
    """One quotable unit; `item` is true inside a list."""

    span: Span
    kind: UnitKind
    item: bool = False


# Each pattern takes time in proportion to its text: no two loops in a row match the same characters.
_FENCE = re.compile(
    r"[\s>]*(?:(?:[-*+•]|\d{1,3}[.)])\s[\s>]*)?(?P<mark>`{3,}(?=[^`]*$)|~{3,})(?P<info>.*)"
)
_HEADING = re.compile(r"\s{0,3}#{1,6}\s")
_ITEM = re.compile(r"\s*(?:[-*+•]|\(?\d{1,3}[.)])\s+")
_ROW = re.compile(r"\s*\|")
_TABLE_RULE = re.compile(r"(?=[\s|:]*-[\s:-]*\|)[\s|:-]*$")
_RULE = re.compile(r"[\s|:+=*_-]*$")
_QUOTE = re.compile(r"(?:\s*>)+\s?")
# Capitals of Latin, Greek and Cyrillic, and the letters of scripts without capitals.
_BEGINS = "A-Z0-9À-ÖØ-ÞΆ-ΫЀ-Я\u0590-\u10ff\u1e00-\u1eff\u3040-\uffdc"
_MARKS = ".!?…。！？؟۔।"
_END = re.compile(
    rf"""(?<![{_MARKS}])(?:
    [{_MARKS}]++["'”’»)\]*_]*+(?=\s+["'“‘«(\[*_`]*[{_BEGINS}]|\s*$)
    |[{_MARKS}]*[。！？]
    )""",
    re.VERBOSE,
)
_ABBREVIATED = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|cf|approx|no|nos|fig|sec|mr|mrs|ms|dr|prof|st|inc|ltd|co|corp|dept|min|max|[A-Z]))\.$",
    re.IGNORECASE,
)


def units(text: str) -> Iterator[Unit]:
    """Yield the units of `text`, in order, without overlap, blank lines and rules."""
    run: Span | None = None
    item = False
    fence = ""
    lines = list(_lines(text))
    for line, following in zip_longest(lines, lines[1:], fillvalue=Span(0, 0)):
        raw = line.cut(text)
        found = _FENCE.match(raw)
        if found and (not fence or _closes(fence, found)):
            yield from _sentences(text, run, item=item)
            run, fence = None, "" if fence else found["mark"]
        elif fence:
            yield from _whole(text, line, UnitKind.CODE)
        elif not raw.strip() or _RULE.match(raw):
            yield from _sentences(text, run, item=item)
            run, item = None, False
        elif _ROW.match(raw) or _HEADING.match(raw):
            yield from _sentences(text, run, item=item)
            run, item = None, False
            titled = _HEADING.match(raw) or _TABLE_RULE.match(following.cut(text))
            yield from _whole(text, line, UnitKind.HEADING if titled else UnitKind.ROW)
        elif start := _ITEM.match(raw):
            yield from _sentences(text, run, item=item)
            run, item = Span(line.start + start.end(), line.end), True
        else:
            quoted = _QUOTE.match(raw)
            begin = line.start + (quoted.end() if quoted and run is None else 0)
            run = Span(begin if run is None else run.start, line.end)
    yield from _sentences(text, run, item=item)


def sentences(text: str) -> list[Span]:
    """Return the sentences of a paragraph: cut after an end mark before a new sentence."""
    ends = [
        match.end()
        for match in _END.finditer(text)
        if not _ABBREVIATED.search(text[max(0, match.start() - 8) : match.start() + 1])
    ]
    found = (_trim(text, Span(a, b)) for a, b in pairwise([0, *ends, len(text)]))
    return [span for span in found if span is not None]


def _closes(fence: str, found: re.Match[str]) -> bool:
    """Return whether a fence closes the one that began with `fence`: same kind and length, alone."""
    return found["mark"].startswith(fence) and not found["info"].strip()


def _sentences(text: str, run: Span | None, *, item: bool) -> Iterator[Unit]:
    if run is None:
        return
    for span in sentences(run.cut(text)):
        yield Unit(Span(run.start + span.start, run.start + span.end), UnitKind.SENTENCE, item)


def _whole(text: str, line: Span, kind: UnitKind) -> Iterator[Unit]:
    span = _trim(text, line)
    if span is not None:
        yield Unit(span, kind)


def _trim(text: str, span: Span) -> Span | None:
    raw = span.cut(text)
    kept = raw.strip()
    if not kept:
        return None
    start = span.start + len(raw) - len(raw.lstrip())
    return Span(start, start + len(kept))


def _lines(text: str) -> Iterator[Span]:
    start = 0
    for line in text.splitlines(keepends=True):
        yield Span(start, start + len(line.rstrip("\r\n")))
        start += len(line)
