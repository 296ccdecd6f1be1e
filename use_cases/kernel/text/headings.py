"""The headings above each unit of a reading, which may begin in the middle of its document.

Marked headings (`## Keys`) stand under each other by their levels. Others are lines that repeat the title
or a known heading, lines in capitals and, in a text without marks, such as that of a PDF, short lines of
their own. Leaves to others: what the units are (`words.py`). Pure.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from use_cases.kernel.model import Passage
from use_cases.kernel.text.words import Unit, UnitKind, units

_LONGEST_IN_CAPITALS = 60
_LINE = re.compile(r"[^\W\d_][^\n\d.,:;!?…|<>]{1,58}(?<=[\w)])(?=[ \t]*\n[ \t]*\n)")
"""A short line of its own, without a figure or an end, in front of something else."""

_LINK = re.compile(r"\[([^\[\]]*)\]\([^()]*\)")


@dataclass(frozen=True, slots=True)
class PlacedUnit:
    """A unit with its text, and the headings above it without the document's title.

    The last of those of a heading is this one.
    """

    unit: Unit
    text: str
    path: tuple[str, ...]
    is_heading: bool


def placed_units(passage: Passage) -> Iterator[PlacedUnit]:
    """Yields the units of a passage's reading, in their order."""
    each, known = list(units(passage.reading_text)), [_bare(name) for name in passage.headings]
    # A chat has its first question for a title, which is no heading of it.
    title = "" if passage.document.said else _bare(passage.document.title)
    unmarked = _unmarked(each, passage, {title, *known})
    above = list(enumerate(passage.headings, 2))  # with levels, as under a title of level 1
    has_begun = False
    for unit in each:
        text = unit.span.cut(passage.reading_text)
        is_marked = unit.kind is UnitKind.HEADING and text.startswith("#")
        if is_heading := is_marked or unit in unmarked:
            name = _LINK.sub(r"\1", text.strip("# \t"))
            level = len(text) - len(text.lstrip("#")) or 1
            if is_marked and not has_begun and _bare(name) in known:
                # The first of its reading: those above it are named by the passage alone.
                above = [(0, one) for one in passage.headings[: known.index(_bare(name))]]
            above = [one for one in above if one[0] < level and is_marked]
            if _bare(name) != title or above:
                above.append((level, " ".join(name.split())))
            has_begun = True
        yield PlacedUnit(unit, text, tuple(one for _, one in above), is_heading)


def _unmarked(each: Sequence[Unit], passage: Passage, names: set[str]) -> set[Unit]:
    """Returns the units that are headings without marks. Lines one below the other are none."""
    reading = passage.reading_text
    texts = {unit: unit.span.cut(reading) for unit in each if unit.kind is UnitKind.SENTENCE}
    named = {unit for unit, text in texts.items() if _bare(text) in names or _is_capitals(text)}
    if passage.document.is_markdown:
        return named
    alone = [
        unit in texts.keys() - named and not unit.item and _is_line(unit, reading) for unit in each
    ]
    beside = zip(each, alone, [False, *alone], [*alone[1:], False], strict=False)
    return named | {unit for unit, line, *others in beside if line and not any(others)}


def _is_line(unit: Unit, reading: str) -> bool:
    line = _LINE.match(reading, unit.span.start)
    return line is not None and line.end() == unit.span.end


def _is_capitals(text: str) -> bool:
    return text.isupper() and len(text) <= _LONGEST_IN_CAPITALS and text[-1] not in ".!?:;,"


def _bare(title: str) -> str:
    """Returns a heading without its number: `units` takes `6. ACCIDENTS` for a list item."""
    return " ".join(re.sub(r"^[\d.)\s]+", "", title).split()).casefold()
