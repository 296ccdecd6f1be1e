"""The records of a file that are a table's header and rows, and those that are not: titles, totals, other tables.

A record is a list of texts, an empty one an empty line. The same rules hold for tables that are cleaned and for
those that are asked. Promises: each record below the header is yielded once and in order, as a row or with the
reason why it is none; of a long table a few at a time are held.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, pairwise, takewhile

Record = list[str]

REPEATED_NAMES = "the columns' names for cells"
TOTALS = "totals for cells"
_SAMPLED_RECORDS = 200
_CELLS_AT_ONCE = 4_000
_DATUM = re.compile(r"(?!(?:19|20)\d\d$)[-+]?[$€£]? ?\d[\d.,:/ -]*[%€]?|true|false", re.IGNORECASE)
_TOTAL = re.compile(
    r"(?:(?:grand |sub-?)?totals?|sum|(?:zwischen|gesamt)?summe|gesamt|insgesamt|somme)"
    r"(?: ?:| ?\(\d[\d.,]*(?: \w+)?\)|: ?\d[\d.,]*(?: \w+)?)?",
    re.IGNORECASE,
)
_MOST_TOTALS = 3


@dataclass(frozen=True, slots=True)
class Layout:
    """The records above the header, the header, empty without one, the usual number of columns, and the rest.

    `parts` yields it once: rows, one or many, or one that is no row, with what it has. `blank` counts the empty lines
    above each record of the file, as far as they are read.
    """

    above: Sequence[Record]
    header: Record
    width: int
    parts: Iterator[tuple[Sequence[Record], str]]
    blank: Counter[int]


def lay_out(records: Iterator[Record]) -> Layout | None:
    """Finds where a table begins, by its first records; None without any that is not empty."""
    sample = list(islice(records, _SAMPLED_RECORDS))
    filled = list(filter(None, sample))
    if not filled:
        return None
    pairs = enumerate(pairwise(map(len, filled)))
    wide = next((at for at, pair in pairs if min(pair) > 1), 0)  # below titles
    usual = Counter(map(len, filled[wide:])).most_common(1)[0][0]
    above = _above(filled, usual)
    first, *below = filled[len(above) :] or filled
    header = first if _is_header(first, below) else []
    width, blank = max(len(first), usual), Counter[int]()
    spaced = len(sample) >= 2 * len(filled) - 1
    parts = _parts(chain(sample, records), len(above) + bool(header), blank, width, spaced=spaced)
    return Layout(above, header, width, _tell_apart(parts, header, width), blank)


def _tell_apart(
    parts: Iterator[tuple[bool, list[Record], Record, bool]], header: Record, width: int
) -> Iterator[tuple[Sequence[Record], str]]:
    has_rows = second = titled = False
    for apart, part, next_part, ends in parts:
        first_total = len(part) - (_totals_at_end(part) if ends else 0)
        usual = part[:first_total]
        if usual and not (apart or titled or second) and _are_usual(header, width, usual):
            yield usual, ""
            has_rows = True
            del part[:first_total]
            first_total = 0
        for at, (row, after) in enumerate(pairwise([*part, next_part])):
            below = (titled or (apart and not at)) and has_rows
            # Below its own names the table goes on.
            second = row != header and (second or (below and _begins_table(row, after, width)))
            titled = below and _is_title(row, width)
            if row == header and width > 1:
                why = REPEATED_NAMES
            elif has_rows and width > 1 and not any(row):
                why = "no value"
            elif has_rows and at >= first_total:
                why = TOTALS
            else:
                why = "a place below this table" if second or titled else ""
            yield [row], why
            has_rows = has_rows or not why


def _are_usual(header: Record, width: int, rows: Sequence[Record]) -> bool:
    """Returns whether each of some records is a whole row."""
    return set(map(len, rows)) == {width} and all(map(any, rows)) and header not in rows


def _parts(
    records: Iterator[Record], passed: int, blank: Counter[int], width: int, *, spaced: bool
) -> Iterator[tuple[bool, list[Record], Record, bool]]:
    """Yields the records behind those that are passed in parts without an empty one between: whether one stands
    above, the records, the next one, and whether an empty one or nothing follows.

    In a file that is `spaced`, with an empty line below each record, such a line means nothing.
    """
    at_once = _CELLS_AT_ONCE // width or 1
    part: list[Record] = []
    apart = is_blank = False
    place = 0
    for row in records:
        if not row:
            is_blank = not spaced
            blank[place] += 1
            continue
        place += 1
        if place <= passed:
            continue
        is_empty = not any(row)
        if part and (is_blank or is_empty):
            yield apart, part, row, True
            part = []
        elif len(part) == at_once + _MOST_TOTALS:
            yield apart, part[:at_once], part[at_once], False
            part, apart = part[at_once:], False
        if not part:
            apart = is_blank
        part.append(row)
        is_blank = is_empty
    if part:
        yield apart, part, [], True


def _totals_at_end(part: Sequence[Record]) -> int:
    """Counts the records at the end that have totals, each by another name."""
    names: list[str] = []
    for row in part[: -_MOST_TOTALS - 1 : -1]:
        name = next(filter(_TOTAL.fullmatch, row), "")
        if not name or name in names:
            break
        names.append(name)
    return len(names)


def _above(rows: Sequence[list[str]], usual: int) -> list[list[str]]:
    """Returns the first rows that are no header: the hint of a delimiter, what has fewer cells than names over data
    below it, one text each, alone or, above names, before empty cells.
    """
    if rows and rows[0] == ["sep=", ""]:
        return [*rows[:1], *_above(rows[1:], usual)]
    padded = list(takewhile(lambda row: _is_title(row, usual), rows))
    rest = rows[len(padded) :]
    if padded and rest and _is_header(rest[0], rest[1:]):
        return padded
    short = list(takewhile(lambda row: len(row) < usual, rows))
    names, *below = rows[len(short) :] or [[]]
    over = _over_data(names, below)
    if any(map(_is_name, over)) and not any(map(_DATUM.fullmatch, over)):
        return short
    return list(takewhile(lambda row: len(row) == 1 < usual, rows))


def _is_title(row: Sequence[str], width: int) -> bool:
    """Returns whether a record is one text, alone or before empty cells."""
    return width > 2 and bool(row[0]) and not any(row[1:])


def _is_header(row: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Returns whether a first record has names: no number or day over others of its column, or over nothing."""
    return not any(map(_DATUM.fullmatch, _over_data(row, rows) if rows else row))


def _over_data(row: Sequence[str], rows: Sequence[Sequence[str]]) -> Sequence[str]:
    """Returns the cells of a record below which most are numbers or days."""
    found: list[str] = []
    for at, cell in enumerate(row):
        below = [each[at] for each in rows if at < len(each) and each[at]]
        if sum(_DATUM.fullmatch(each) is not None for each in below) > len(below) / 2:
            found.append(cell)
    return found


def _begins_table(row: Sequence[str], after: Sequence[str], width: int) -> bool:
    """Returns whether a record below an empty line has names, and the next one values: numbers or days, or as few
    texts as there are names, where rows of the table have more cells.
    """
    names = row[: _filled(row)]
    if len(set(names)) < len(names) or len(names) < 2 or not all(map(_is_name, names)):
        return False
    values = any(map(_DATUM.fullmatch, after)) and (
        len(names) == width or _filled(after) <= len(names)
    )
    return values or len(row) == len(after) < width


def _filled(row: Sequence[str]) -> int:
    """Returns the cells up to the last one that is not empty."""
    return max((at for at, cell in enumerate(row, 1) if cell), default=0)


def _is_name(cell: str) -> bool:
    return bool(cell) and _DATUM.fullmatch(cell) is None
