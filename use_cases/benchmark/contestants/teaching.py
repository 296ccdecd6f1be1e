"""What a person teaches about a table: labelled cells, and formats of whole columns that are confirmed.

Promises: a cell that is labelled right is never changed, and nothing that a label contradicts is applied. A
correction teaches the simplest way of reading that makes all corrections of its column and changes none of its
right cells; where there is none it is of that cell alone. Labels on findings teach which detectors to trust in which
columns. Leaves to others: what is wrong without being told (`combined.py`).
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from use_cases.benchmark.contestants.filling import likely_values
from use_cases.benchmark.contestants.value_forms import date_readings, plain_number, read_number
from use_cases.benchmark.model import CellAddress, ErrorKind, Finding, TextTable
from use_cases.benchmark.scoring.cell_equality import is_missing
from use_cases.kernel.statistics.figures import counted

_Read: TypeAlias = Callable[[str], str | None]
"""Another form of a text; None where it has none."""


@dataclass(frozen=True, slots=True)
class CellLabel:
    """A label of a cell by a person. `new` is the right text of a corrected one."""

    row: str
    column: str
    label: Literal["right", "wrong", "corrected"]
    new: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatOffer:
    """A format of a whole column, for a person to confirm: `cells` change as in the example."""

    column: str
    reading: str
    cells: int
    question: str

    def findings(self, table: TextTable) -> Iterator[Finding]:
        """Yields the cells that change, with their repairs."""
        return read_column(table, self.column, self.reading, "You confirmed it.")


def _number(text: str) -> str | None:
    found = read_number(text)
    sure = found is not None and (len(found.readings) == 1 or text.lstrip("-+").startswith("0."))
    return plain_number(found.likely) if found and sure else None


def _with_point(text: str) -> str | None:
    found = read_number(text)
    values = [found.readings.get(mark) for mark in (",", ".0")] if found else []
    return next((plain_number(value) for value in values if value is not None), None)


def _without_unit(text: str) -> str | None:
    found = read_number(text)
    return text.strip("".join(found.around.split("N"))) if found and found.around != "N" else None


def _nothing(text: str) -> str | None:
    return "" if text.strip() and is_missing(text) else None


def _day(form: str) -> _Read:
    def read(text: str) -> str | None:
        days = date_readings(text).items()
        whole = (day for f, day in days if f.startswith(form) and "time" not in f)
        return next((day.isoformat() for day in whole), None)

    return read


def _without_code(text: str) -> str | None:
    rest, _, last = text.rpartition(" ")
    return rest if rest and last.isupper() and len(last) <= 3 else None


READINGS: Mapping[str, _Read] = {
    "empty cells for words that mean nothing": _nothing,
    "plain numbers": _number,
    "numbers without their unit": _without_unit,
    "numbers with a decimal comma": _with_point,
    "dates with the day first": _day("%d"),
    "dates with the month first": _day("%m"),
    "texts without a code at their end": _without_code,
    "single spaces": lambda text: " ".join(text.split()),
    "small letters": str.lower,
    "capitals": str.upper,
    "capitals at the beginning of words": str.title,
}
"""The ways of reading, the simplest first."""


def read_column(table: TextTable, column: str, reading: str, evidence: str) -> Iterator[Finding]:
    """Yields the cells of a column that a way of reading changes, with their repairs."""
    made = {text: READINGS[reading](text) for text in set(table.by_name[column])}
    for row, text in zip(table.ids, table.by_name[column], strict=True):
        new = made[text]
        if new is not None and new != text:
            kind = ErrorKind.DISGUISED_MISSING if not new else ErrorKind.FORMAT_VARIANT
            yield Finding(row, column, text, kind, evidence, new)


_MOSTLY = 0.6
_NEARLY_ALL = 0.9
_SOME = 0.05


def offer_formats(table: TextTable) -> Iterator[FormatOffer]:
    """Yields the formats of whole columns that only a person can confirm."""
    for name, cells in table.by_name.items():
        counts = Counter(cell for cell in cells if cell.strip())
        total, offers = counts.total(), list[tuple[str, str]]()
        empty, plain = "empty cells for words that mean nothing", "plain numbers"
        marked = _changed(counts, empty)
        units = _changed(counts, "numbers without their unit")
        numbers = sum(n for text, n in counts.items() if _number(text) is not None)
        if (many := marked.total()) > _SOME * total:
            said = f"{name} has {counted(many, 'cell')} such as {next(iter(marked))!r}"
            offers.append((empty, f"{said}: leave each empty?"))
        if (many := units.total()) > _MOSTLY * total and numbers > _NEARLY_ALL * (
            total - marked.total()
        ):
            text = next(iter(units))
            said = f"{many:,} cells of {name} are numbers such as {text!r}"
            offers.append((plain, f"{said}: write them all like {_number(text)!r}?"))
        first, second = (_proved(counts, form) for form in ("%d", "%m"))
        for word, proved, against in (("day", first, second), ("month", second, first)):
            if not proved or against:
                continue
            reading = f"dates with the {word} first"
            every = _changed(counts, reading).total()
            if every > _NEARLY_ALL * total - marked.total():
                said = f"{counted(proved, 'date')} of {name} can only be read {word} first"
                offers.append((reading, f"{said}: read all {every:,} so?"))
        for reading, question in offers:
            changed = _changed(counts, reading).total()
            yield FormatOffer(column=name, reading=reading, cells=changed, question=question)


def _changed(counts: Mapping[str, int], reading: str) -> Counter[str]:
    """Returns the texts that a way of reading changes, with their counts."""
    read = READINGS[reading]
    return Counter({text: n for text, n in counts.items() if read(text) not in (None, text)})


def _proved(counts: Mapping[str, int], form: str) -> int:
    """Returns how many cells can be read with this part of a date first, and with no other."""
    forms = ((date_readings(text), count) for text, count in counts.items())
    return sum(
        n
        for found, n in forms
        if len(found) == 1 and next(iter(found)).startswith((f"{form}/", f"{form}-", f"{form}."))
    )


def corrected(table: TextTable, labels: Iterable[CellLabel]) -> TextTable:
    """Returns the table as labels correct it; a wrong cell of which nobody says what is right is empty."""
    return table.with_cells({(e.row, e.column): e.new for e in labels if e.label != "right"})


def upheld(
    before: Sequence[Finding], after: Sequence[Finding], labels: Iterable[CellLabel]
) -> Sequence[Finding]:
    """Returns the findings in the labelled cells as they were, by which detectors are judged, and all others of the
    table as labels correct it: those that rested on a corrected value are gone.
    """
    labelled = {(each.row, each.column) for each in labels}
    return [
        *(each for each in before if (each.row, each.column) in labelled),
        *(each for each in after if (each.row, each.column) not in labelled),
    ]


def taught(
    table: TextTable, findings: Sequence[Finding], labels: Sequence[CellLabel]
) -> Sequence[Finding]:
    """Returns the findings as the labels have them: those of distrusted detectors are gone, the labelled
    cells are as they are labelled, and what the corrections teach is added.
    """
    said = {(each.row, each.column): each for each in labels}
    known = _trusted(findings, said)
    found = {(each.row, each.column): each for each in known}
    for column in dict.fromkeys(each.column for each in labels):
        for each in _learnt(table, column, said):
            found[each.row, each.column] = each
    for (row, column), label in said.items():
        old = table.cell(row, column)
        if label.label == "right":
            found.pop((row, column), None)
        elif label.label == "corrected":
            found[row, column] = Finding(
                row, column, old, ErrorKind.OTHER, "You corrected it.", label.new
            )
        elif (row, column) in found:
            found[row, column] = replace(found[row, column], repair=None)
        else:
            found[row, column] = Finding(row, column, old, ErrorKind.OTHER, "You said so.", None)
    return list(found.values())


def _trusted(
    findings: Sequence[Finding], said: Mapping[CellAddress, CellLabel]
) -> Sequence[Finding]:
    """Returns the findings of the detectors that labels do not contradict, in each column; a repair stays only
    where no correction of its detector says otherwise.
    """
    wrong = defaultdict[tuple[str, ErrorKind], list[bool]](list)
    misled = set[tuple[str, ErrorKind]]()
    for each in findings:
        label = said.get((each.row, each.column or ""))
        if label is not None and each.column is not None:
            wrong[each.column, each.kind].append(label.label != "right")
            if label.label == "corrected" and each.repair not in (None, label.new):
                misled.add((each.column, each.kind))
    distrusted = {key for key, all_ in wrong.items() if 2 * sum(all_) < len(all_)}
    return [
        replace(each, repair=None) if (each.column, each.kind) in misled else each
        for each in findings
        if (each.column, each.kind) not in distrusted
    ]


def _learnt(
    table: TextTable, column: str, said: Mapping[CellAddress, CellLabel]
) -> Iterator[Finding]:
    """Yields what the corrections of a column teach about its other cells."""
    cells = [
        (each, table.cell(each.row, column)) for each in said.values() if each.column == column
    ]
    corrected = {e.row: (old, e.new) for e, old in cells if e.label == "corrected"}
    right = {old for each, old in cells if each.label == "right"}
    left = dict(corrected)
    for reading, read in READINGS.items():
        makes = [row for row, (old, new) in left.items() if read(old) == new]
        contradicted = any(read(old) not in (None, old, new) for old, new in corrected.values())
        if makes and not contradicted and not any(read(text) not in (None, text) for text in right):
            old, new = left[makes[0]]
            example = f"You corrected {old!r} to {new!r}: {reading}."
            yield from read_column(table, column, reading, example)
            left = {row: pair for row, pair in left.items() if row not in makes}
    yield from _filled(table, column, left, right)


_SEVERAL = 2


def _filled(
    table: TextTable, column: str, corrected: Mapping[str, tuple[str, str]], right: Iterable[str]
) -> Iterator[Finding]:
    """Yields the missing cells that have a likely value, where missing ones were filled, unless several of
    those say otherwise: three of ten are expected to.
    """
    filled = {row: new for row, (old, new) in corrected.items() if is_missing(old) and new.strip()}
    if not filled or any(map(is_missing, right)):
        return
    known = table.with_cells({(row, column): new for row, new in filled.items()})
    missing = table.by_name[column].places_of(set(filter(is_missing, table.by_name[column].texts)))
    likely = likely_values(known, column, missing)
    told = [
        found.value == new
        for row, new in filled.items()
        if (found := likely.get(table.place_of[row]))
    ]
    if told.count(False) - told.count(True) < _SEVERAL:
        for place, found in likely.items():
            row, old = table.ids[place], table.by_name[column][place]
            said = f"You filled cells of {column}. {found.evidence}"
            yield Finding(row, column, old, ErrorKind.EXPLICIT_MISSING, said, found.value)
