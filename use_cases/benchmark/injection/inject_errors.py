"""Errors put into a clean table: of one dimension and one difficulty, seeded and labelled.

| difficulty | rate | kinds |
| --- | --- | --- |
| easy | 2 % | one, gross |
| medium | 5 % | two |
| hard | 15 % | all of the dimension, subtle; and traps, 10 % of the errors |

The rate is of all cells; for duplicates, of all rows. Promises: the errors of easy are among those of
medium, and those among hard's; every error is one under both rules of equality; the same seed gives the
same bytes; the rate is met within one cell, or the table can carry no more, which `wanted` shows. In tasks of
consistency the majority of every group of a dependency stays right, so that the truth can be told; a row is
spoiled once for a dependency. A table with duplicates has ids that tell nothing, and no telling order.

Traps are odd values that are right: they are put into the truth as well, and must not be touched. A number or a
date far from all others, or a name in capitals; among duplicates, a namesake of another row. The form is never
that of the errors of the same task.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import zip_longest

from use_cases.benchmark.errors import InjectionImpossible
from use_cases.benchmark.injection.clean_column import CleanColumn, clean_columns, number_form
from use_cases.benchmark.injection.error_kinds import KINDS, Change, Draws, Site, takes
from use_cases.benchmark.model import (
    CellAddress,
    Dependency,
    Difficulty,
    Dimension,
    ErrorKind,
    InjectedError,
    TableSchema,
    TextTable,
    ValueKind,
)
from use_cases.benchmark.scoring.cell_equality import parse_date, same_cell, strict

RATES = {Difficulty.EASY: 0.02, Difficulty.MEDIUM: 0.05, Difficulty.HARD: 0.15}
LEVELS = tuple(RATES)
"""The levels of difficulty, the easiest first."""

INJECTED = tuple(dict.fromkeys(each.dimension for each in KINDS.values()))
"""The dimensions of which errors are injected."""

_TRAP_SHARE = 0.1
_SIGMAS = 5.0
_SMALLEST_GROUP = 5
_MOST_IN_VAIN = 500
"""After so many cells in a row that a kind cannot change a column is left."""
_ODD_KINDS = {
    Dimension.ACCURACY: (ValueKind.DATE, ValueKind.TEXT),
    Dimension.COMPLETENESS: (ValueKind.NUMBER, ValueKind.DATE, ValueKind.TEXT),
    Dimension.CONSISTENCY: (ValueKind.NUMBER, ValueKind.DATE),
    Dimension.UNIQUENESS: (ValueKind.TEXT,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Injection:
    """A dirty table, its truth, and what was done.

    `clean` has the traps, and for duplicates other ids. `wanted` is the number of errors of the rate;
    there are fewer where the table can carry no more.
    """

    dirty: TextTable
    clean: TextTable
    errors: Sequence[InjectedError]
    wanted: int
    traps: frozenset[CellAddress] = frozenset()


def inject_errors(
    clean: TextTable, schema: TableSchema, dimension: Dimension, difficulty: Difficulty, seed: int
) -> Injection:
    """Puts errors of a dimension into a table; a control gets none.

    Raises `InjectionImpossible` where the table can carry none.
    """
    if dimension is Dimension.CONTROL:
        return Injection(dirty=clean, clean=clean, errors=(), wanted=0)
    if dimension not in INJECTED or difficulty not in RATES:
        raise InjectionImpossible(
            f"Errors of {dimension.value} and {difficulty.value} are not injected.",
            hint=f"Dimensions: {', '.join(INJECTED)}, control. Difficulties: {', '.join(RATES)}.",
        )
    found = _Injecting(clean, schema, dimension, seed).run(difficulty)
    if not found.errors:
        raise InjectionImpossible(f"The table can carry no errors of {dimension.value}.")
    return found


class _Injecting:
    """One table under injection: cells that become wrong, and rows that are repeated."""

    def __init__(
        self, clean: TextTable, schema: TableSchema, dimension: Dimension, seed: int
    ) -> None:
        self._rows = dimension is Dimension.UNIQUENESS
        if self._rows:
            clean = TextTable(
                clean.columns, tuple(_id(seed, row, "row") for row in clean.ids), clean.values
            )
        self._clean, self._schema, self._dimension, self._seed = clean, schema, dimension, seed
        self._columns = clean_columns(clean, schema)
        guarded = schema.dependencies if dimension is Dimension.CONSISTENCY else ()
        self._groups = [_Groups(clean, each) for each in guarded]
        self._sites = dict[tuple[ErrorKind, str, Difficulty], Site]()
        self._wrong = dict[tuple[int, str], tuple[ErrorKind, str]]()
        self._copies = dict[int, tuple[ErrorKind, Change]]()

    def run(self, difficulty: Difficulty) -> Injection:
        """Puts in the errors of each level up to this one."""
        wanted = 0
        for level in LEVELS[: LEVELS.index(difficulty) + 1]:
            size = len(self._clean.ids) * (1 if self._rows else len(self._clean.columns))
            wanted = round(RATES[level] * size)
            every = [kind for kind, of in KINDS.items() if of.dimension is self._dimension]
            usual = [
                kind for kind in every if LEVELS.index(KINDS[kind].level) <= LEVELS.index(level)
            ]
            for left, kind in zip(range(len(usual), 0, -1), usual, strict=True):
                self._fill(kind, level, -(-(wanted - self._count) // left))
            for kind in (*usual, *every):  # what a kind could not place is left to all
                self._fill(kind, level, wanted - self._count)
        return self._injection(wanted, difficulty)

    @property
    def _count(self) -> int:
        return len(self._wrong) + len(self._copies)

    def _fill(self, kind: ErrorKind, level: Difficulty, quota: int) -> None:
        """Places errors of a kind, equally many in each column that takes them."""
        end = self._count + quota
        names = self._clean.columns[:1] if self._rows else self._clean.columns
        left: list[Site] = [
            self._site(kind, name, level)
            for name in names
            if self._rows or takes(kind, self._columns[name], self._schema)
        ]
        while left and self._count < end:
            share = max(1, (end - self._count) // len(left))
            left = [site for site in left if self._place(site, share, end)]

    def _site(self, kind: ErrorKind, name: str, level: Difficulty) -> Site:
        draws, columns = Draws(self._seed, name, kind, level), self._columns
        new = Site(kind, level, columns[name], columns, self._schema, draws)
        return self._sites.setdefault((kind, name, level), new)

    def _place(self, site: Site, share: int, end: int) -> bool:
        """Places a column's share of errors; whether it may have room for more."""
        enough, in_vain = min(end, self._count + share), 0
        while self._count < enough:
            if in_vain > _MOST_IN_VAIN or (at := next(site.places, None)) is None:
                return False
            if self._rows:
                self._repeat(site, at)
            elif self._is_free(site, at, site.column.name):
                in_vain = 0 if self._spoil(site, at, end - self._count) else in_vain + 1
        return True

    def _repeat(self, site: Site, at: int) -> None:
        changed = site.change(at)
        if at not in self._copies and (changed or site.kind is ErrorKind.EXACT_DUPLICATE):
            self._copies[at] = site.kind, changed

    def _spoil(self, site: Site, at: int, most: int) -> bool:
        """Makes cells wrong that are wrong by both rules then; whether it did."""
        changed = site.change(at)
        fits = len(changed) <= most and all(
            (name == site.column.name or self._is_free(site, at, name))
            and not same_cell(self._columns[name].cells[at], new, self._columns[name].kind)
            for name, new in changed.items()
        )
        for name, new in changed.items() if fits else ():
            self._wrong[at, name] = site.kind, new
            for group in self._groups:
                group.spoil(at, name)
        return fits

    def _is_free(self, site: Site, at: int, name: str) -> bool:
        """Returns whether a cell is still right, and the majorities of its groups stay so without it."""
        permitted = (group.permits(site, at, name) for group in self._groups)
        return (at, name) not in self._wrong and all(permitted)

    def _injection(self, wanted: int, difficulty: Difficulty) -> Injection:
        count = round(_TRAP_SHARE * self._count) if difficulty is Difficulty.HARD else 0
        ids, traps = self._clean.ids, self._traps(count)
        clean = self._clean.with_cells(traps)
        if self._rows:
            dirty, errors = self._with_copies(clean)
        else:
            wrong = {(ids[at], name): new for (at, name), (_, new) in self._wrong.items()}
            dirty = clean.with_cells(wrong)
            errors = self._labelled(dirty)
        return Injection(
            dirty=dirty, clean=clean, errors=errors, wanted=wanted, traps=frozenset(traps)
        )

    def _traps(self, wanted: int) -> Mapping[CellAddress, str]:
        """Up to so many odd values; none in keys, ids, dependencies and references."""
        schema, found = self._schema, dict[CellAddress, str]()
        bound = {*schema.key, *(name for pair in schema.references for name in pair)}
        for each in schema.dependencies:
            bound |= {*each.determinants, each.dependent}
        open_ = [
            column
            for name, column in self._columns.items()
            if name not in bound and column.kind in _ODD_KINDS[self._dimension]
        ]
        orders = [Draws(self._seed, each.name, "trap").order(each.filled) for each in open_]
        for places in zip_longest(*orders):
            for column, at in zip(open_, places, strict=True):
                if len(found) == wanted:
                    return found
                if at is None or (at, column.name) in self._wrong or at in self._copies:
                    continue
                odd = _odd(column.cells[at], column, among_duplicates=self._rows)
                if not same_cell(column.cells[at], odd, column.kind):
                    found[self._clean.ids[at], column.name] = odd
        return found

    def _with_copies(self, clean: TextTable) -> tuple[TextTable, Sequence[InjectedError]]:
        """Returns the table with the repeated rows, each at a place drawn for its id."""
        entries: list[tuple[float, str, int, Change]] = [
            (at, row, at, {}) for at, row in enumerate(clean.ids)
        ]
        errors = list[InjectedError]()
        for at, (kind, changed) in self._copies.items():
            row = clean.ids[at]
            copy = _id(self._seed, row, "copy")
            says = f"differs in {', '.join(changed)}" if changed else "the same in all columns"
            said = f"row {row}: {says}"
            errors.append(InjectedError(copy, None, kind, original=row, evidence=said))
            place = Draws(self._seed, "position", copy).chance() * len(clean.ids)
            entries.append((place, copy, at, changed))
        entries.sort(key=lambda each: each[:2])
        columns = [
            tuple(changed.get(name, cells[at]) for _, _, at, changed in entries)
            for name, cells in clean.by_name.items()
        ]
        ids = tuple(row for _, row, _, _ in entries)
        return TextTable(clean.columns, ids, tuple(columns)), errors

    def _labelled(self, dirty: TextTable) -> Sequence[InjectedError]:
        """Returns the errors of cells with their evidence, by row, then by column."""
        votes = defaultdict[str, list[_Groups]](list)
        for each in self._schema.dependencies:
            votes[each.dependent].append(_Groups(dirty, each))
        counts = {name: Counter(cells) for name, cells in dirty.by_name.items()}
        errors = list[InjectedError]()
        for (at, name), (kind, new) in sorted(self._wrong.items()):
            column = self._columns[name]
            old = column.cells[at]
            said = next(filter(None, (each.evidence(at, old) for each in votes[name])), "")
            said = said or _trace(kind, column, old, new, counts[name][old])
            row, known = dirty.ids[at], bool(said)
            errors.append(InjectedError(row, name, kind, old, new, None, known, said))
        return errors


class _Groups:
    """The groups of a dependency: how many rows of each are spoiled, and how its rows vote."""

    def __init__(self, table: TextTable, dependency: Dependency) -> None:
        self._dependency = dependency
        self._names = {*dependency.determinants, dependency.dependent}
        self._keys = list(
            zip(*map(table.by_name.__getitem__, dependency.determinants), strict=True)
        )
        self._votes = defaultdict[tuple[str, ...], Counter[str]](Counter)
        for key, value in zip(self._keys, table.by_name[dependency.dependent], strict=True):
            self._votes[key][value] += 1
        self._sizes = Counter(self._keys)
        self._spoiled = Counter[tuple[str, ...]]()
        self._rows = set[int]()

    def permits(self, site: Site, at: int, name: str) -> bool:
        """Returns whether a cell may become wrong. A broken dependency needs a group of at least 5 rows, and
        spoils a fifth of it, or two fifths where errors are hard.
        """
        if name not in self._names:
            return True
        size = self._sizes[self._keys[at]]
        most = max((size - 1) // 2, size == 1)
        if site.kind is ErrorKind.BROKEN_DEPENDENCY and name == self._dependency.dependent:
            share = size * (2 if site.hard else 1) // 5
            most = share if size >= _SMALLEST_GROUP else 0
        return at not in self._rows and self._spoiled[self._keys[at]] < most

    def spoil(self, at: int, name: str) -> None:
        """Notes that a cell is wrong now."""
        if name in self._names:
            self._rows.add(at)
            self._spoiled[self._keys[at]] += 1

    def evidence(self, at: int, right: str) -> str:
        """Returns what the row's group says, where at least 3 rows have the right value most often."""
        votes = self._votes[self._keys[at]]
        others = max((count for value, count in votes.items() if value != right), default=0)
        if votes[right] <= others or votes.total() < 3:
            return ""
        same = ", ".join(self._dependency.determinants)
        return f"{votes[right]} of {votes.total()} rows of the same {same} have it"


_MISSPELT = (ErrorKind.TYPO, ErrorKind.FORMAT_VARIANT, ErrorKind.TRANSPOSED_DIGITS)


def _trace(kind: ErrorKind, column: CleanColumn, old: str, new: str, times: int) -> str:
    if kind is ErrorKind.SWAPPED_FIELDS:
        return "another field of the row has it"
    if kind in _MISSPELT and times:
        return f"{times} other rows have it"
    # A date with slashes and a decimal point for a comma can be read in two ways.
    ambiguous = "/" in new if column.kind is ValueKind.DATE else "," not in new[-3:]
    if kind is ErrorKind.FORMAT_VARIANT and (column.kind is ValueKind.TEXT or not ambiguous):
        return "the form of the other cells of the column"
    form = number_form(new)
    if kind is ErrorKind.WRONG_UNIT and form and form.value > column.numbers[-1]:
        return "a number beyond all others of the column"
    return ""


def _odd(text: str, column: CleanColumn, *, among_duplicates: bool) -> str:
    if column.kind is ValueKind.NUMBER:
        form, (mean, deviation) = number_form(text), column.spread
        return form.write(mean + _SIGMAS * deviation) if form else text
    if column.kind is ValueKind.DATE:
        year = (parse_date(strict(text)) or "")[:4]
        return text.replace(year, str(int(year) - 60)) if year and year in text else text
    if among_duplicates:
        return column.likest(text) if len(column.domain) > 1 else text
    return text.upper()


def _id(seed: int, row: str, what: str) -> str:
    written = f"{seed}\x1f{row}\x1f{what}".encode("utf-8", "surrogatepass")
    return sha256(written).hexdigest()[:12]
