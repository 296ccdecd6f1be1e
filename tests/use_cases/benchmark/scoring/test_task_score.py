"""Whole scores. The table of outputs below has its scores written out, and each must land there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pytest

from tests.use_cases.benchmark.scoring.small_tables import table
from use_cases.benchmark.model import (
    Difficulty,
    Dimension,
    Edit,
    EditKind,
    ErrorKind,
    InjectedError,
    TableSchema,
    Task,
    TextTable,
    ValueKind,
)
from use_cases.benchmark.ports import Cleaning
from use_cases.benchmark.scoring.cell_equality import EqualityRule
from use_cases.benchmark.scoring.find_row_ids import unique_ids
from use_cases.benchmark.scoring.task_score import TaskScore, score_cleaning

STRICT, CANONICAL = EqualityRule.STRICT, EqualityRule.CANONICAL

COLUMNS = ("code", "name", "city", "age", "member", "since")
KINDS = dict(zip(COLUMNS, (*ValueKind,), strict=True)) | {
    "code": ValueKind.IDENTIFIER,
    "name": ValueKind.TEXT,
    "city": ValueKind.CATEGORY,
    "age": ValueKind.NUMBER,
    "member": ValueKind.BOOLEAN,
    "since": ValueKind.DATE,
}
ROWS = 40


def _clean() -> TextTable:
    rows = [
        (
            f"c{n:03}",
            ("ann", "bob", "cat", "dan")[n % 4],
            ("oslo", "rome")[n % 2],
            str(20 + n),
            ("yes", "no")[n % 2],
            f"2020-01-{1 + n % 28:02}",
        )
        for n in range(ROWS)
    ]
    return TextTable(COLUMNS, tuple(f"r{n}" for n in range(ROWS)), tuple(zip(*rows, strict=True)))


CLEAN = _clean()
ERRORS = (
    InjectedError(row="r1", column="name", kind=ErrorKind.TYPO, old="bob", new="bxb"),
    InjectedError(row="r2", column="city", kind=ErrorKind.TYPO, old="oslo", new="osloo"),
    InjectedError(row="r3", column="age", kind=ErrorKind.OUTLIER, old="23", new="2300"),
    InjectedError(
        row="r4", column="name", kind=ErrorKind.EXPLICIT_MISSING, old="ann", repairable=False
    ),
)
DIRTY = CLEAN.with_cells({(each.row, each.column or ""): each.new for each in ERRORS})
CELLS = ROWS * len(COLUMNS)
TASK = Task(
    task_id="people_mixed_real",
    version=1,
    table="people",
    dimension=Dimension.MIXED,
    difficulty=Difficulty.REAL,
    dirty=DIRTY,
    clean=CLEAN,
    sha256="",
    schema=TableSchema(kinds=KINDS),
    errors=ERRORS,
    traps=frozenset({("r7", "age"), ("r9", "name")}),
)


def scored(output: TextTable, task: Task = TASK, *claims: Edit) -> TaskScore:
    return score_cleaning(task, Cleaning(output=output, edits=claims)).score


def column(name: str, change: Callable[[Sequence[str]], Sequence[str]]) -> TextTable:
    """The truth with one column changed."""
    return replace(
        CLEAN, values=tuple(change(v) if n == name else v for n, v in CLEAN.by_name.items())
    )


def rows(
    chosen: list[int], base: TextTable = CLEAN, ids: tuple[str, ...] | None = None
) -> TextTable:
    return TextTable(
        base.columns,
        ids or tuple(base.ids[n] for n in chosen),
        tuple(tuple(v[n] for n in chosen) for v in base.values),
    )


@dataclass(frozen=True)
class Expected:
    """f1, corruption rate, error reduction, cell accuracy, drift: of 4 errors in 240 cells."""

    output: TextTable
    f1: float
    damaged: float
    of_right: float
    reduction: float
    right: float
    drift: float


RIGHT = CELLS - len(ERRORS)
SANITY = {
    "truth": Expected(CLEAN, 1.0, 0, RIGHT, 1.0, CELLS, 0.0),
    "nothing": Expected(DIRTY, 0.0, 0, RIGHT, 0.0, RIGHT, 0.1 / 6),
    "truth in another order": Expected(
        TextTable(COLUMNS[::-1], CLEAN.ids[::-1], tuple(v[::-1] for v in CLEAN.values[::-1])),
        1.0, 0, RIGHT, 1.0, CELLS, 0.0,
    ),
    "everything blank": Expected(
        replace(CLEAN, values=(("",) * ROWS,) * 6), 0.0, RIGHT, RIGHT, (4 - CELLS) / 4, 0, 1.0
    ),
    "rows with errors deleted": Expected(
        rows([n for n in range(ROWS) if not 1 <= n <= 4]),
        0.0, 20, RIGHT, (4 - 24) / 4, CELLS - 24,
        (4 / 40 + 4 / 40 + 4 * (2 / 40 - 1 / 36)) / 6,  # code, age and since
    ),
    "every row deleted": Expected(
        rows([]), 0.0, RIGHT, RIGHT, (4 - CELLS) / 4, 0, 1.0
    ),
    "a column shuffled": Expected(
        column("since", lambda v: (*v[1:], *v[:1])), 8 / (4 + 44), 40, RIGHT, (4 - 40) / 4, 200, 0.0
    ),
    "a constant column": Expected(
        column("city", lambda v: ("oslo",) * ROWS), 8 / (4 + 24), 20, RIGHT, (4 - 20) / 4, 220,
        0.5 / 6,
    ),
    "a column missing": Expected(
        TextTable(COLUMNS[:5], CLEAN.ids, CLEAN.values[:5]), 8 / (4 + 44), 40, RIGHT, (4 - 40) / 4, 200,
        1 / 6,
    ),
    "a column added": Expected(
        TextTable((*COLUMNS, "more"), CLEAN.ids, (*CLEAN.values, CLEAN.values[0])),
        1.0, 0, RIGHT, 1.0, CELLS, 0.0,
    ),
    "every row twice": Expected(
        rows([*range(ROWS)] * 2, ids=unique_ids((*CLEAN.ids, *CLEAN.ids))),
        8 / (4 + 4 + CELLS), CELLS, RIGHT + CELLS, (4 - CELLS) / 4, CELLS, 0.0,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SANITY)
@pytest.mark.parametrize("rule", EqualityRule)
def test_outputs_of_known_worth_have_their_scores(case: str, rule: EqualityRule) -> None:
    expected = SANITY[case]
    found = scored(expected.output).under(rule)
    assert found.repair.repair.f1 == pytest.approx(expected.f1)
    assert found.repair.corruption_rate == pytest.approx(expected.damaged / expected.of_right)
    assert found.repair.error_reduction == pytest.approx(expected.reduction)
    assert found.repair.counts.right == expected.right
    assert found.drift_score == pytest.approx(expected.drift)


def test_the_headline_is_canonical_where_kinds_are_declared() -> None:
    notation = column("age", lambda values: tuple(f"{v}.0 years" for v in values))
    found = scored(notation)
    assert found.headline is CANONICAL
    assert found.first.repair.repair.f1 == 1.0
    assert found.strict.repair.corruption_rate == 39 / RIGHT
    undeclared = replace(TASK, schema=TableSchema())
    assert scored(notation, undeclared).headline is STRICT
    assert scored(notation, undeclared).canonical.repair.corruption_rate == 39 / RIGHT


def test_a_failure_is_scored_as_doing_nothing() -> None:
    found = score_cleaning(TASK, Cleaning(failure="timeout: no answer", output=CLEAN)).score
    nothing = scored(DIRTY)
    assert (found.status, found.failure) == ("failed", "timeout: no answer")
    for one, other in ((found.canonical, nothing.canonical), (found.strict, nothing.strict)):
        assert one.audit.auditability_score is None  # nothing was said that could be compared
        assert replace(one, audit=other.audit) == other


def test_recall_is_also_over_the_errors_that_can_be_repaired() -> None:
    output = DIRTY.with_cells({("r1", "name"): "bob", ("r3", "age"): "23"})
    found = scored(output).first
    assert found.repair.repair.recall == 2 / 4
    assert found.repairable_recall == 2 / 3
    assert scored(output, replace(TASK, errors=None)).first.repairable_recall is None


def test_a_changed_trap_is_damage_of_its_own() -> None:
    assert scored(CLEAN.with_cells({("r7", "age"): "72"})).first.trap_damage == 1 / 2
    assert scored(CLEAN).first.trap_damage == 0.0
    assert scored(CLEAN, replace(TASK, traps=frozenset())).first.trap_damage is None


def test_drift_is_reduced_by_repairs() -> None:
    half = DIRTY.with_cells({("r1", "name"): "bob", ("r4", "name"): "ann"})
    found = scored(half).first
    assert found.drift_reduction == pytest.approx(0.5)


# Lists of edits.


def cell(row: str, name: str, old: str, new: str, error: ErrorKind = ErrorKind.TYPO) -> Edit:
    return Edit(kind=EditKind.CELL, rows=(row,), column=name, old=old, new=new, error=error)


def test_edits_are_applied_and_those_that_do_not_fit_are_counted() -> None:
    edits = (
        cell("r1", "name", "bxb", "bob"),
        cell("r2", "city", "oslo", "rome"),  # the cell is `osloo`
        cell("r99", "city", "oslo", "rome"),
        Edit(kind=EditKind.MAP, column="age", old="2300", new="23", error=ErrorKind.OUTLIER),
    )
    found = score_cleaning(TASK, Cleaning(edits=edits)).score
    assert found.rejected_edits == 2
    assert found.first.repair.repair.recall == 2 / 4
    assert found.first.repair.repair.precision == 1.0
    assert found.strict.audit.auditability_score == 1.0
    assert found.strict.audit.reason_accuracy == 1.0


def test_reasons_are_scored_by_kind() -> None:
    edits = (
        cell("r1", "name", "bxb", "bob", ErrorKind.TYPO),
        cell("r2", "city", "osloo", "oslo", ErrorKind.OUTLIER),
        cell("r3", "age", "2300", "23", ErrorKind.OUTLIER),
        cell("r5", "age", "25", "26", ErrorKind.OTHER),  # no injected error
    )
    found = score_cleaning(TASK, Cleaning(edits=edits)).score
    # typo: 1 of 1 said, 1 of 2 true; outlier: 1 of 2 said, 1 of 1 true.
    assert found.first.audit.reason_accuracy == pytest.approx(2 / 3)


def test_no_edits_are_a_perfect_cleaning_of_a_clean_table() -> None:
    control = replace(TASK, dirty=CLEAN, errors=(), dimension=Dimension.CONTROL)
    found = score_cleaning(control, Cleaning()).score
    assert found.first.repair.repair.recall is None
    assert found.first.repair.repair.f1 == 1.0
    assert found.first.drift_reduction is None
    assert found.first.audit.auditability_score == 1.0


# Claims about a whole table.

HALF = DIRTY.with_cells({("r1", "name"): "bob", ("r3", "age"): "23"})


def test_claims_are_compared_with_the_changes() -> None:
    found = scored(
        HALF,
        TASK,
        cell("r1", "name", "bxb", "bob"),
        cell("r2", "city", "osloo", "oslo"),  # claimed, not done
    ).first.audit
    assert (found.claims, found.changes) == (2, 2)
    assert found.claims_and_changes.precision == 0.5
    assert found.claims_and_changes.recall == 0.5
    assert found.auditability_score == 0.5


@pytest.mark.parametrize(
    ("claim", "so"),
    [
        (cell("r1", "name", "bxb", "bob"), True),
        (cell("r1", "name", "other", "bob"), False),
        (cell("r1", "name", "bxb", "bib"), False),
        (replace(cell("r1", "name", "", "bob"), old=None), True),
        (cell("r1", "none", "bxb", "bob"), False),
        (cell("none", "name", "bxb", "bob"), False),
        (Edit(kind=EditKind.MAP, column="age", old="2300", new="23"), True),
        (Edit(kind=EditKind.MAP, column="age", old="0", new="23"), False),
        (Edit(kind=EditKind.MAP, column="none", old="0", new="23"), False),
        (Edit(kind=EditKind.CELL), False),
        (Edit(kind=EditKind.DELETE, rows=("none",)), False),
    ],
)
def test_a_claim_is_so_where_the_change_is_the_claimed_one(claim: Edit, so: bool) -> None:
    found = scored(HALF, TASK, claim).strict.audit
    assert found.claims_and_changes.precision == float(so)
    assert found.claims_and_changes.recall == (0.5 if so else 0.0)


def test_a_removed_row_and_a_removed_column_are_claimed_as_their_cells() -> None:
    output = TextTable(COLUMNS[1:], CLEAN.ids[1:], tuple(v[1:] for v in DIRTY.values[1:]))
    whole = scored(
        output,
        TASK,
        Edit(kind=EditKind.DELETE, rows=("r0",)),
        Edit(kind=EditKind.DELETE, column="code"),
    )
    assert whole.strict.audit.changes == 40 + 5
    assert whole.strict.audit.auditability_score == 1.0
    row_alone = scored(output, TASK, Edit(kind=EditKind.DELETE, rows=("r0",)))
    assert row_alone.strict.audit.claims_and_changes.recall == 6 / 45


def test_a_renamed_column_is_a_missing_and_an_added_one() -> None:
    found = scored(TextTable(("code", "nom", *COLUMNS[2:]), CLEAN.ids, CLEAN.values))
    assert (found.changes.missing_columns, found.changes.added_columns) == (("name",), ("nom",))
    assert found.first.repair.corruption_rate == 38 / RIGHT


def test_changes_without_claims_are_not_auditable() -> None:
    assert scored(HALF).first.audit.auditability_score == 0.0
    assert scored(DIRTY, TASK, cell("r1", "name", "bxb", "bob")).first.audit.auditability_score == 0


# Duplicates.

TWICE = table(
    "name city", "ann rome", "bob oslo", "cat bern", "ann rome", "ann roma", ids="1 2 3 8 9"
)
ONCE = table("name city", "ann rome", "bob oslo", "cat bern", ids="1 2 3")
UNIQUE = replace(
    TASK,
    dimension=Dimension.UNIQUENESS,
    dirty=TWICE,
    clean=ONCE,
    schema=TableSchema(),
    errors=(
        InjectedError(row="8", column=None, kind=ErrorKind.EXACT_DUPLICATE, original="1"),
        InjectedError(row="9", column=None, kind=ErrorKind.FUZZY_DUPLICATE, original="1"),
    ),
    traps=frozenset(),
    duplicates={"8": "1", "9": "1"},
)


@pytest.mark.parametrize(
    ("kept", "precision", "recall", "survivors", "damage"),
    [
        ("1 2 3", 1.0, 1.0, 1.0, 0.0),
        ("2 3 8", 1.0, 1.0, 1.0, 0.0),  # the exact duplicate stands in
        ("2 3 9", 1.0, 1.0, 0.5, 1 / 6),  # the fuzzy one, whose city is wrong
        ("1 2 3 9", 1.0, 1 / 3, 1.0, 0.0),
        ("1 2 3 8 9", None, 0.0, 1.0, 0.0),
        ("1 3", 3 / 4, 1.0, 1.0, 2 / 6),  # a row that is no duplicate
        ("2 3", 0.0, 0.0, 0.0, 2 / 6),  # none of an entity is left
    ],
)
def test_removed_duplicates_are_pairs(
    kept: str, precision: float | None, recall: float, survivors: float, damage: float
) -> None:
    output = rows([TWICE.place_of[row] for row in kept.split()], TWICE)
    found = scored(output, UNIQUE).first
    assert found.duplicates is not None
    assert (found.duplicates.pairs.precision, found.duplicates.pairs.recall) == (precision, recall)
    assert found.duplicates.true_pairs == 3
    assert found.duplicates.survivor_accuracy == survivors
    assert found.repair.corruption_rate == pytest.approx(damage)


def test_a_merge_says_which_rows_are_one() -> None:
    wrong = Edit(kind=EditKind.MERGE, rows=("2", "8"))
    right = Edit(kind=EditKind.MERGE, rows=("1", "9"), error=ErrorKind.FUZZY_DUPLICATE)
    found = score_cleaning(UNIQUE, Cleaning(edits=(wrong, right))).score
    assert found.first.duplicates is not None
    assert (found.first.duplicates.found_pairs, found.first.duplicates.true_pairs) == (2, 3)
    assert found.first.duplicates.pairs.precision == 1 / 2
    assert found.first.duplicates.pairs.recall == 1 / 3
    assert found.first.repair.repair.f1 == 1.0  # both rows are duplicates and gone
    assert found.first.repairable_recall == 1.0
    assert found.first.audit.reason_accuracy == pytest.approx(1 / 3)


def test_tasks_without_duplicates_have_no_scores_of_pairs() -> None:
    assert scored(CLEAN).first.duplicates is None
    removed = scored(rows([*range(1, ROWS)])).first.duplicates
    assert removed is not None
    assert removed.pairs.precision == 0.0
    assert removed.survivor_accuracy is None


def test_edit_sets_have_the_new_values() -> None:
    one = score_cleaning(TASK, Cleaning(output=HALF)).outcomes
    assert one.edit_set(CANONICAL) == {("r1", "name", "bob"), ("r3", "age", 23.0)}
    output = DIRTY.with_cells({("r1", "name"): "bob", ("r3", "age"): "23.0"})
    other = score_cleaning(TASK, Cleaning(output=output)).outcomes
    assert other.edit_set(CANONICAL) == one.edit_set(CANONICAL)
    assert other.edit_set(STRICT) != one.edit_set(STRICT)
