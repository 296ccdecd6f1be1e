"""Guards: what a model may not do to a part of a table, however it was talked into it.

Promises: a part loses no more than a small share of its rows, close doubles of rows that stay apart;
rows are merged only where they look alike; a column is not emptied, nor is one value put over its many
different ones. What is held back is returned with the reason. An edit for rows or columns outside of the part changes nothing. Leaves to others: whether `old`
fits (`use_cases.benchmark.edits`).
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeAlias

from use_cases.benchmark.contestants.guarded_vote import looks_misspelt
from use_cases.benchmark.edits import RejectedEdit
from use_cases.benchmark.model import Edit, EditKind, TextTable, ValueKind
from use_cases.benchmark.scoring.cell_equality import canonical, is_missing

MOST_REMOVED = 0.1
"""The share of a part's rows that deletions and merges may remove, doubles apart; one is allowed."""
MOST_ERASED = 0.1
"""The share of a column's cells in a part whose values may be replaced by nothing; one is allowed.
Markers of missing values do not count."""
LEAST_ALIKE = 0.5
"""The share of cells, missing ones apart, in which rows that are merged agree."""
DOUBLE = 0.8
"""The share of cells in which a row agrees with its double."""

MOST_OVERWRITTEN = 0.1
"""The share of a column's cells that one value may take whatever stood there."""
MOST_REPLACED = 4
MOST_REPLACED_SHARE = 0.1
"""So many of a column's different values, or this share of them, one value may replace where it takes
less than half of the cells; forms of itself apart."""
LEAST_USUAL = 2.0
"""A value that stands in so many times the cells that it takes is what the column says anyway."""
ONE_VALUE = "one_value"

_LONGEST_CODE = 4
_DIGIT = re.compile(r"\d")
_SMALL_WORDS = frozenset({"and", "de", "la", "of", "the", "und"})

Guarded: TypeAlias = tuple[Sequence[Edit], Sequence[RejectedEdit]]
"""The edits that may be tried, and those that are held back."""


def guard_rows(table: TextTable, rows: Sequence[str], edits: Iterable[Edit]) -> Guarded:
    """Guards a chunk of rows. A map is one of these rows alone: the model has not seen the others."""
    inside = frozenset(rows)
    kept, rejected = list[Edit](), list[RejectedEdit]()
    for edit in (cell for each in edits for cell in _cells_of_map(table, rows, each)):
        if edit.kind is EditKind.MAP:
            rejected.append(_no_cell(table, edit))
        elif not inside.issuperset(edit.rows):
            rejected.append(RejectedEdit(edit, "no_row"))
        elif edit.kind is EditKind.MERGE and any(
            _likeness(table, edit.rows[0], row) < LEAST_ALIKE for row in edit.rows[1:]
        ):
            rejected.append(RejectedEdit(edit, "rows_differ"))
        else:
            kept.append(edit)
    unlike = _removed_without_double(table, rows, kept)
    if len(unlike) > max(1, MOST_REMOVED * len(rows)):
        kept = _hold_back(
            kept, rejected, "too_many_rows", lambda one: not unlike.isdisjoint(_removed(one))
        )
    erased = Counter(edit.column for edit in kept if _erases(edit))
    return _without_erasure(kept, rejected, erased, len(rows))


def guard_values(table: TextTable, edits: Iterable[Edit]) -> Guarded:
    """Guards the value maps of columns. Other edits name rows that the model has not seen."""
    kept, rejected = list[Edit](), list[RejectedEdit]()
    for edit in edits:
        if edit.kind is EditKind.MAP:
            kept.append(edit)
        else:
            rejected.append(RejectedEdit(edit, "no_row" if edit.rows else "incomplete"))
    kept, collapsing = guard_different(table, kept)
    rejected += collapsing
    erased = Counter[str | None]()
    for edit in kept:
        if edit.column is not None and edit.column in table.by_name and _erases(edit):
            erased[edit.column] += table.by_name[edit.column].count(edit.old or "")
    return _without_erasure(kept, rejected, erased, len(table.ids))


def guard_different(table: TextTable, edits: Sequence[Edit]) -> Guarded:
    """Holds back the edits by which one value would take the place of many different ones.

    Spellings, abbreviations, misspellings and other forms of the value are not different, nor is a
    missing value.
    """
    taken = defaultdict[tuple[str, str], set[int]](set)
    written: dict[str, str] = {}
    for edit in edits:
        name = edit.column
        if name is None or name not in table.by_name or _says_nothing(edit.new or ""):
            continue
        if edit.kind is EditKind.MAP:
            places = [at for at, cell in enumerate(table.by_name[name]) if cell == edit.old]
        else:
            places = [table.place_of[row] for row in edit.rows if row in table.place_of]
        new = written.setdefault(_folded(edit.new or ""), edit.new or "")
        taken[name, new].update(places)
    collapsed = {at for at, places in taken.items() if _collapses(table, *at, places)}
    rejected = list[RejectedEdit]()
    kept = _hold_back(
        edits,
        rejected,
        ONE_VALUE,
        lambda one: (one.column or "", written.get(_folded(one.new or ""))) in collapsed,
    )
    return kept, rejected


def _collapses(table: TextTable, name: str, new: str, places: set[int]) -> bool:
    """Returns whether a value takes too much of what is different in a column."""
    cells = table.by_name[name]
    counts = Counter(cell for cell in cells if not is_missing(cell))
    replaced = Counter(cells[at] for at in places)
    different = {old: n for old, n in replaced.items() if old in counts and not _is_form(old, new)}
    lost, whole = sum(different.values()), counts.total()
    if lost <= max(1, MOST_OVERWRITTEN * whole):
        return False
    usual = sum(n for cell, n in counts.items() if cell not in different and _is_form(cell, new))
    if usual >= LEAST_USUAL * lost:
        return False
    kinds = len({_folded(cell) for cell in counts})
    replaced_kinds = len({_folded(old) for old in different})
    if replaced_kinds > max(MOST_REPLACED, MOST_REPLACED_SHARE * kinds):
        return True
    return replaced_kinds + (usual > 0) > 1 and 2 * lost > whole


def _folded(text: str) -> str:
    """Words in lower case without accents and punctuation; what has no letter or digit, as it is."""
    number = canonical(text, ValueKind.NUMBER)
    if isinstance(number, float):
        return repr(number)
    plain = unicodedata.normalize("NFKD", text.casefold().replace(".", ""))
    plain = "".join(each for each in plain if not unicodedata.combining(each))
    return " ".join(re.findall(r"[\w-]+" if _DIGIT.search(plain) else r"\w+", plain)) or text


def _is_form(old: str, new: str) -> bool:
    """Returns whether a value says the same as another, as far as its letters tell."""
    one, other = _folded(old), _folded(new)
    parsed = (ValueKind.DATE, ValueKind.BOOLEAN)
    if one.replace(" ", "") == other.replace(" ", "") or any(
        canonical(old, kind) == canonical(new, kind) for kind in parsed
    ):
        return True
    words, others = one.split(), other.split()
    if len(words) == len(others) and all(
        a == b or looks_misspelt(a, b) for a, b in zip(words, others, strict=True)
    ):
        return True
    return _abbreviates(one, other) or _abbreviates(other, one)


def _abbreviates(short: str, long: str) -> bool:
    """Returns whether at most four letters begin another word, or are the first letters of several."""
    if not (short.isalpha() and len(short) < len(long) and len(short) <= _LONGEST_CODE):
        return False
    parts = [word for word in long.split() if word not in _SMALL_WORDS]
    if len(parts) == 1:
        return long.isalpha() and long.startswith(short)
    return len(short) > 1 and "".join(word[0] for word in parts).startswith(short)


def _without_erasure(
    edits: Sequence[Edit], rejected: list[RejectedEdit], erased: Counter[str | None], rows: int
) -> Guarded:
    emptied = {name for name, count in erased.items() if count > max(1, MOST_ERASED * rows)}
    kept = _hold_back(
        edits, rejected, "erases_column", lambda one: one.column in emptied and _erases(one)
    )
    return kept, rejected


def _hold_back(
    edits: Iterable[Edit],
    rejected: list[RejectedEdit],
    why: str,
    is_bad: Callable[[Edit], bool],
) -> list[Edit]:
    kept = list[Edit]()
    for edit in edits:
        if is_bad(edit):
            rejected.append(RejectedEdit(edit, why))
        else:
            kept.append(edit)
    return kept


def _erases(edit: Edit) -> bool:
    nothing = _says_nothing(edit.new or "")
    return edit.column is not None and nothing and not is_missing(edit.old or "")


def _says_nothing(new: str) -> bool:
    return is_missing(new) or new.strip().lower() == "unknown"


def _removed(edit: Edit) -> Sequence[str]:
    match edit.kind:
        case EditKind.DELETE:
            return edit.rows
        case EditKind.MERGE:
            return edit.rows[1:]
        case _:
            return ()


def _removed_without_double(
    table: TextTable, rows: Sequence[str], edits: Iterable[Edit]
) -> frozenset[str]:
    """Returns the rows that edits remove while no double of them stays in the part."""
    gone = {row for edit in edits for row in _removed(edit)}
    staying = [row for row in rows if row not in gone]
    return frozenset(
        row for row in gone if not any(_likeness(table, other, row) >= DOUBLE for other in staying)
    )


def _cells_of_map(table: TextTable, rows: Sequence[str], edit: Edit) -> Sequence[Edit]:
    """Returns a map as edits of the cells among these rows; itself where there are none."""
    name = edit.column
    if edit.kind is not EditKind.MAP or name is None or name not in table.by_name:
        return (edit,)
    found = [row for row in rows if table.cell(row, name) == edit.old]
    return [replace(edit, kind=EditKind.CELL, rows=(row,)) for row in found] or (edit,)


def _no_cell(table: TextTable, edit: Edit) -> RejectedEdit:
    return RejectedEdit(edit, "old_differs" if edit.column in table.by_name else "no_column")


def _likeness(table: TextTable, one: str, other: str) -> float:
    """Returns the share of the cells that both rows have in which they agree; case is ignored."""
    both = [
        a == b
        for a, b in zip(_texts(table, one), _texts(table, other), strict=True)
        if not (is_missing(a) or is_missing(b))
    ]
    return sum(both) / len(both) if both else 0.0


def _texts(table: TextTable, row: str) -> Sequence[str]:
    place = table.place_of[row]
    return [column[place].strip().casefold() for column in table.values]
