"""Errors put into a clean table: of one dimension and one difficulty, seeded and labelled.

| difficulty | rate | kinds |
| --- | --- | --- |
| easy | 2 % | one, gross |
| medium | 5 % | two |
| hard | 15 % | all of the dimension, subtle; and traps, 10 % of the errors |

The rate is of all cells; for duplicates, of all rows. Promises: the errors of easy are among those of
medium, and those among hard's; every error is one under both rules of equality; the same seed gives the
same bytes; the rate is met within one cell, or the table can carry no more, which `wanted` shows.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce

from use_cases.benchmark.errors import InjectionImpossible
from use_cases.benchmark.injection.cell_errors import PROPOSE, takes
from use_cases.benchmark.injection.column_site import CleanColumn, Proposal, Site, column_kinds
from use_cases.benchmark.injection.duplicate_rows import (
    DuplicateRow,
    DuplicateRows,
    anonymous_ids,
    with_duplicates,
)
from use_cases.benchmark.injection.odd_values import odd_values
from use_cases.benchmark.injection.repair_evidence import DependencyGroups, WrongCell, labelled
from use_cases.benchmark.injection.text_changes import Draws
from use_cases.benchmark.model import (
    CellAddress,
    Difficulty,
    Dimension,
    ErrorKind,
    InjectedError,
    TableColumn,
    TableSchema,
    TextTable,
)

RATES = {Difficulty.EASY: 0.02, Difficulty.MEDIUM: 0.05, Difficulty.HARD: 0.15}
TRAP_SHARE = 0.1
KINDS: Mapping[Dimension, Mapping[Difficulty, Sequence[ErrorKind]]] = {
    Dimension.ACCURACY: {
        Difficulty.EASY: [ErrorKind.TYPO],
        Difficulty.MEDIUM: [ErrorKind.TYPO, ErrorKind.OUTLIER],
        Difficulty.HARD: [
            ErrorKind.TYPO,
            ErrorKind.SWAP_IN_DOMAIN,
            ErrorKind.OUTLIER,
            ErrorKind.WRONG_UNIT,
            ErrorKind.TRANSPOSED_DIGITS,
        ],
    },
    Dimension.COMPLETENESS: {
        Difficulty.EASY: [ErrorKind.EXPLICIT_MISSING],
        Difficulty.MEDIUM: [ErrorKind.EXPLICIT_MISSING, ErrorKind.DISGUISED_MISSING],
        Difficulty.HARD: [ErrorKind.EXPLICIT_MISSING, ErrorKind.DISGUISED_MISSING],
    },
    Dimension.CONSISTENCY: {
        Difficulty.EASY: [ErrorKind.BROKEN_DEPENDENCY],
        Difficulty.MEDIUM: [ErrorKind.BROKEN_DEPENDENCY, ErrorKind.FORMAT_VARIANT],
        Difficulty.HARD: [
            ErrorKind.BROKEN_DEPENDENCY,
            ErrorKind.BROKEN_REFERENCE,
            ErrorKind.SWAPPED_FIELDS,
            ErrorKind.FORMAT_VARIANT,
        ],
    },
    Dimension.UNIQUENESS: {
        Difficulty.EASY: [ErrorKind.EXACT_DUPLICATE],
        Difficulty.MEDIUM: [ErrorKind.EXACT_DUPLICATE, ErrorKind.FUZZY_DUPLICATE],
        Difficulty.HARD: [ErrorKind.FUZZY_DUPLICATE, ErrorKind.CONFLICTING_DUPLICATE],
    },
}
"""What each difficulty adds to the errors of the one before."""


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
    if dimension not in KINDS or difficulty not in RATES:
        raise InjectionImpossible(
            f"Errors of {dimension.value} and {difficulty.value} are not injected.",
            hint=f"Dimensions: {', '.join(KINDS)}, control. Difficulties: {', '.join(RATES)}.",
        )
    columns = _columns(clean, schema)
    if dimension is Dimension.UNIQUENESS:
        found = _add_rows(anonymous_ids(clean, seed), schema, columns, difficulty, seed)
    else:
        found = _Injecting(clean, schema, columns, dimension, seed).run(difficulty)
    if not found.errors:
        raise InjectionImpossible(f"The table can carry no errors of {dimension.value}.")
    return found


def _columns(clean: TextTable, schema: TableSchema) -> Mapping[str, CleanColumn]:
    kinds = column_kinds(clean, schema)
    return {name: CleanColumn(name, kinds[name], cells) for name, cells in clean.by_name.items()}


def _levels(difficulty: Difficulty) -> Sequence[Difficulty]:
    """Returns the difficulty and those before it."""
    levels = list(RATES)
    return levels[: levels.index(difficulty) + 1]


def _kinds(dimension: Dimension, level: Difficulty) -> Sequence[ErrorKind]:
    """Returns the kinds of a level; then the others of the dimension, which serve where those find no
    cell.
    """
    first = KINDS[dimension][level]
    return [*first, *(kind for kind in KINDS[dimension][Difficulty.HARD] if kind not in first)]


def _traps(difficulty: Difficulty, errors: int) -> int:
    return round(TRAP_SHARE * errors) if difficulty is Difficulty.HARD else 0


def _add_rows(
    clean: TextTable,
    schema: TableSchema,
    columns: Mapping[str, CleanColumn],
    difficulty: Difficulty,
    seed: int,
) -> Injection:
    rows = DuplicateRows(clean, schema, columns, seed)
    added: list[DuplicateRow] = []
    wanted = 0
    for level in _levels(difficulty):
        wanted = round(RATES[level] * len(clean.ids))
        kinds = KINDS[Dimension.UNIQUENESS][level]
        for left, kind in zip(range(len(kinds), 0, -1), kinds, strict=True):
            quota = -(-(wanted - len(added)) // left)
            for _, row in zip(range(quota), rows.propose(kind, level), strict=False):
                added.append(row)
    repeated = {row.place for row in added}
    odd = odd_values(
        clean,
        columns,
        schema,
        Dimension.UNIQUENESS,
        _traps(difficulty, len(added)),
        seed,
        lambda at, _: at not in repeated,
    )
    clean = clean.with_cells({(clean.ids[at], name): new for (at, name), new in odd.items()})
    return Injection(
        dirty=with_duplicates(clean, added, seed),
        clean=clean,
        errors=[row.error for row in added],
        wanted=wanted,
        traps=frozenset((clean.ids[at], name) for at, name in odd),
    )


class _Injecting:
    """Cells of one table that become wrong."""

    def __init__(
        self,
        clean: TextTable,
        schema: TableSchema,
        columns: Mapping[str, CleanColumn],
        dimension: Dimension,
        seed: int,
    ) -> None:
        self._clean = clean
        self._schema = schema
        self._columns = columns
        self._dimension = dimension
        self._seed = seed
        guarded = schema.dependencies if dimension is Dimension.CONSISTENCY else ()
        self._groups = DependencyGroups(clean, guarded)
        self._sites: dict[tuple[ErrorKind, str, Difficulty], _OpenSite] = {}
        self._changed: dict[str, dict[int, str]] = {name: {} for name in clean.columns}
        self._kinds: dict[str, dict[int, ErrorKind]] = {name: {} for name in clean.columns}
        self._count = 0

    def run(self, difficulty: Difficulty) -> Injection:
        """Puts in the errors of each level up to this one."""
        wanted = 0
        for level in _levels(difficulty):
            wanted = round(RATES[level] * len(self._clean.ids) * len(self._clean.columns))
            kinds = _kinds(self._dimension, level)
            of_level = len(KINDS[self._dimension][level])
            for number, kind in enumerate(kinds):
                left = wanted - self._count
                self._fill(kind, level, -(-left // max(1, of_level - number)))
            for kind in kinds:  # what a kind could not place is left to all
                self._fill(kind, level, wanted - self._count)
        return self._injection(wanted, _traps(difficulty, self._count))

    def _fill(self, kind: ErrorKind, level: Difficulty, quota: int) -> None:
        """Places errors of a kind, equally many in each column that takes them."""
        end = self._count + quota
        if not quota:
            return
        sites = (self._site(kind, name, level) for name in self._clean.columns)
        left = deque(site for site in sites if site.takes)
        while left and self._count < end:
            share = max(1, (end - self._count) // len(left))
            for _ in range(len(left)):
                site = left.popleft()
                if self._place(site, kind, min(end, self._count + share), end):
                    left.append(site)

    def _place(self, site: "_OpenSite", kind: ErrorKind, enough: int, end: int) -> bool:
        """Places a column's share of errors; whether it may have room for more."""
        while self._count < enough:
            proposal = next(site.proposals, None)
            if proposal is None or self._count + len(proposal) > end:
                return False
            if self._are_errors(proposal, kind, site.site.level):
                for at, name, new in proposal:
                    self._changed[name][at] = new
                    self._kinds[name][at] = kind
                    self._groups.spoil(at, name)
                self._count += len(proposal)
        return True

    def _site(self, kind: ErrorKind, name: str, level: Difficulty) -> "_OpenSite":
        found = self._sites.get((kind, name, level))
        if found is None:
            site = Site(
                self._columns[name],
                self._columns,
                self._clean,
                self._schema,
                level,
                Draws(self._seed, name, kind, level),
                self._is_free(name, kind, level),
            )
            found = _OpenSite(site, takes(kind, site), PROPOSE[kind](site))
            self._sites[kind, name, level] = found
        return found

    def _is_free(self, name: str, kind: ErrorKind, level: Difficulty) -> Callable[[int], bool]:
        """Returns whether a cell is still right, and the majorities of its groups stay so without it."""
        changed = self._changed[name]

        def is_free(at: int) -> bool:
            return at not in changed

        return reduce(_both, self._groups.permits(name, kind, level), is_free)

    def _are_errors(self, proposal: Proposal, kind: ErrorKind, level: Difficulty) -> bool:
        """Returns whether the cells become wrong by both rules, and those beside the first are free."""
        for at, name, _ in proposal[1:]:
            if not self._site(kind, name, level).site.is_free(at):
                return False
        for at, name, new in proposal:
            column = self._columns[name]
            if column.mean_the_same(column.cells[at], new):
                return False
        return True

    def _injection(self, wanted: int, traps: int) -> Injection:
        odd = odd_values(
            self._clean,
            self._columns,
            self._schema,
            self._dimension,
            traps,
            self._seed,
            lambda at, name: at not in self._changed[name],
        )
        ids = self._clean.ids
        clean = self._clean.with_cells({(ids[at], name): new for (at, name), new in odd.items()})
        dirty = replace(
            clean,
            values=tuple(
                _with(cells, self._changed[name]) for name, cells in clean.by_name.items()
            ),
        )
        wrong = (
            WrongCell(at, self._columns[name], self._kinds[name][at], self._changed[name][at])
            for name in self._changed
            for at in self._changed[name]
        )
        return Injection(
            dirty=dirty,
            clean=clean,
            errors=labelled(wrong, dirty, self._schema),
            wanted=wanted,
            traps=frozenset((ids[at], name) for at, name in odd),
        )


@dataclass(frozen=True, slots=True)
class _OpenSite:
    """A column under injection, whether it takes the kind of errors, and the proposals that are left."""

    site: Site
    takes: bool
    proposals: Iterator[Proposal]


def _both(one: Callable[[int], bool], other: Callable[[int], bool]) -> Callable[[int], bool]:
    return lambda at: one(at) and other(at)


def _with(cells: TableColumn, changed: Mapping[int, str]) -> TableColumn:
    texts = list(cells)
    for at, new in changed.items():
        texts[at] = new
    return tuple(texts)
