"""Injected errors: as many as wanted, labelled truly, nested, and the same for the same seed."""

from collections import Counter
from functools import cache
from itertools import product

import pytest

from tests.use_cases.benchmark.injection.visits import SCHEMA, visits
from use_cases.benchmark.csv_form import digest
from use_cases.benchmark.errors import InjectionImpossible
from use_cases.benchmark.injection.inject_errors import Injection, inject_errors
from use_cases.benchmark.model import (
    CellAddress,
    Difficulty,
    Dimension,
    ErrorKind,
    TableSchema,
    TextTable,
    ValueKind,
)
from use_cases.benchmark.scoring.cell_equality import EqualityRule, same_cell

CELLS = (Dimension.ACCURACY, Dimension.COMPLETENESS, Dimension.CONSISTENCY)
LEVELS = (Difficulty.EASY, Difficulty.MEDIUM, Difficulty.HARD)
ALL = list(product((*CELLS, Dimension.UNIQUENESS), LEVELS))
OF_CELLS = list(product(CELLS, LEVELS))
CLEAN = visits()


@cache
def injected(dimension: Dimension, level: Difficulty, seed: int = 7) -> Injection:
    return inject_errors(CLEAN, SCHEMA, dimension, level, seed)


def differing(dirty: TextTable, clean: TextTable) -> set[CellAddress]:
    return {
        (row, name)
        for name in clean.columns
        for row in clean.ids
        if dirty.cell(row, name) != clean.cell(row, name)
    }


@pytest.mark.parametrize(("dimension", "level"), OF_CELLS)
def test_the_labels_are_the_cells_that_differ(dimension: Dimension, level: Difficulty) -> None:
    found = injected(dimension, level)
    labels = [(error.row, error.column) for error in found.errors]
    assert set(labels) == differing(found.dirty, found.clean)
    assert len(labels) == len(set(labels))
    for error in found.errors:
        assert error.column is not None
        assert found.clean.cell(error.row, error.column) == error.old
        assert found.dirty.cell(error.row, error.column) == error.new


@pytest.mark.parametrize(("dimension", "level"), OF_CELLS)
def test_every_error_is_one_by_both_rules(dimension: Dimension, level: Difficulty) -> None:
    for error in injected(dimension, level).errors:
        kind = SCHEMA.kinds[error.column or ""]
        for rule in EqualityRule:
            assert not same_cell(error.old, error.new, kind, rule), error


@pytest.mark.parametrize(("dimension", "level"), ALL)
def test_the_rate_is_met(dimension: Dimension, level: Difficulty) -> None:
    found = injected(dimension, level)
    of = 200 if dimension is Dimension.UNIQUENESS else 2400
    wanted = {Difficulty.EASY: of // 50, Difficulty.MEDIUM: of // 20, Difficulty.HARD: 3 * of // 20}
    assert found.wanted == wanted[level]
    assert abs(len(found.errors) - wanted[level]) <= 1


@pytest.mark.parametrize("dimension", [*CELLS, Dimension.UNIQUENESS])
def test_levels_are_nested(dimension: Dimension) -> None:
    easy, medium, hard = (
        {
            (error.row, error.column, error.kind, error.new)
            for error in injected(dimension, level).errors
        }
        for level in LEVELS
    )
    assert easy < medium < hard


@pytest.mark.parametrize(
    ("dimension", "kinds"),
    [
        (Dimension.ACCURACY, (1, 2, 5)),
        (Dimension.COMPLETENESS, (1, 2, 2)),
        (Dimension.CONSISTENCY, (1, 2, 4)),
        (Dimension.UNIQUENESS, (1, 2, 3)),
    ],
)
def test_harder_tasks_have_more_kinds(dimension: Dimension, kinds: tuple[int, ...]) -> None:
    found = [{error.kind for error in injected(dimension, level).errors} for level in LEVELS]
    assert tuple(map(len, found)) == kinds


@pytest.mark.parametrize("dimension", [*CELLS, Dimension.UNIQUENESS])
def test_another_seed_makes_other_errors(dimension: Dimension) -> None:
    one, other = (injected(dimension, Difficulty.EASY, seed) for seed in (7, 8))
    assert digest(one.dirty) != digest(other.dirty)
    assert len(one.errors) == len(other.errors)


def test_the_same_seed_makes_the_same_bytes() -> None:
    found = {
        dimension.value: digest(injected(dimension, Difficulty.HARD).dirty)[:16]
        for dimension in (*CELLS, Dimension.UNIQUENESS)
    }
    assert found == {
        "accuracy": "1d906b066953070f",
        "completeness": "70da8d5cceaa1fcd",
        "consistency": "b20fcfd95b20807b",
        "uniqueness": "9824cb2368437918",
    }


def test_the_majority_of_every_group_stays_right() -> None:
    found = injected(Dimension.CONSISTENCY, Difficulty.HARD)
    for dependency in SCHEMA.dependencies:
        [left] = dependency.determinants
        groups: dict[str, Counter[str]] = {}
        rows = zip(
            found.dirty.by_name[left], found.dirty.by_name[dependency.dependent], strict=True
        )
        for value, other in rows:
            groups.setdefault(value, Counter())[other] += 1
        clean = dict(zip(CLEAN.by_name[left], CLEAN.by_name[dependency.dependent], strict=True))
        for value, right in clean.items():
            assert groups[value].most_common(1)[0][0] == right
    broken = [error for error in found.errors if error.kind is ErrorKind.BROKEN_DEPENDENCY]
    assert broken
    assert all(error.repairable and "rows of the same" in error.evidence for error in broken)


@pytest.mark.parametrize(("dimension", "level"), OF_CELLS)
def test_keys_stay_right_and_ids_are_not_mistyped(dimension: Dimension, level: Difficulty) -> None:
    errors = injected(dimension, level).errors
    assert all(error.column != "visit" for error in errors)
    ids = {error.kind for error in errors if error.column in ("before", "postcode")}
    assert ids <= {
        ErrorKind.EXPLICIT_MISSING,
        ErrorKind.DISGUISED_MISSING,
        ErrorKind.BROKEN_REFERENCE,
    }


@pytest.mark.parametrize("dimension", CELLS)
def test_traps_are_odd_right_and_not_wrong(dimension: Dimension) -> None:
    found = injected(dimension, Difficulty.HARD)
    assert len(found.traps) == 36
    assert found.traps == differing(found.clean, CLEAN)
    assert not found.traps & {(error.row, error.column or "") for error in found.errors}
    for row, name in found.traps:
        assert found.dirty.cell(row, name) == found.clean.cell(row, name)
    assert not injected(dimension, Difficulty.MEDIUM).traps


def test_namesakes_are_traps_among_duplicates() -> None:
    found = injected(Dimension.UNIQUENESS, Difficulty.HARD)
    names = found.clean.by_name["technician"]
    changed = [at for at, name in enumerate(names) if name != CLEAN.by_name["technician"][at]]
    assert found.traps == {(found.clean.ids[at], "technician") for at in changed}
    assert len(changed) == 3
    assert not {found.clean.ids[at] for at in changed} & {each.original for each in found.errors}
    others = [column for column in CLEAN.columns if column != "technician"]
    assert all(found.clean.by_name[name] == CLEAN.by_name[name] for name in others)


def test_duplicates_have_ids_and_places_that_tell_nothing() -> None:
    found = injected(Dimension.UNIQUENESS, Difficulty.HARD)
    added = {error.row: error.original for error in found.errors}
    assert len(found.dirty.ids) == 230
    assert set(found.dirty.ids) - set(found.clean.ids) == set(added)
    assert {len(row) for row in found.dirty.ids} == {12}
    assert [row for row in found.dirty.ids if row in found.clean.place_of] == list(found.clean.ids)
    before = [
        found.dirty.place_of[row] < found.dirty.place_of[str(of)] for row, of in added.items()
    ]
    assert {True, False} == set(before)
    for error in found.errors:
        one, other = (
            tuple(column[found.dirty.place_of[row]] for column in found.dirty.values)
            for row in (error.row, str(error.original))
        )
        assert (one == other) is (error.kind is ErrorKind.EXACT_DUPLICATE)


def test_a_control_has_no_error() -> None:
    found = inject_errors(CLEAN, SCHEMA, Dimension.CONTROL, Difficulty.NONE, 7)
    assert (found.dirty, found.clean, list(found.errors)) == (CLEAN, CLEAN, [])


def test_a_table_that_can_carry_fewer_errors_says_so() -> None:
    table = TextTable(("a",), tuple("12345"), (("1", "2", "3", "4", ""),))
    schema = TableSchema(kinds={"a": ValueKind.NUMBER}, dependencies=())
    with pytest.raises(InjectionImpossible):
        inject_errors(table, schema, Dimension.COMPLETENESS, Difficulty.EASY, 7)
    wide = visits(20)
    flags = TextTable(
        ("urgent", "visit"), wide.ids, (wide.by_name["urgent"], wide.by_name["visit"])
    )
    found = inject_errors(flags, SCHEMA_OF_FLAGS, Dimension.ACCURACY, Difficulty.HARD, 7)
    assert (found.wanted, len(found.errors)) == (6, 6)
    with pytest.raises(InjectionImpossible, match="consistency"):
        inject_errors(flags, SCHEMA_OF_FLAGS, Dimension.CONSISTENCY, Difficulty.HARD, 7)


SCHEMA_OF_FLAGS = TableSchema(
    kinds={"urgent": ValueKind.BOOLEAN, "visit": ValueKind.IDENTIFIER}, key=("visit",)
)


def test_mixed_tasks_are_not_injected() -> None:
    with pytest.raises(InjectionImpossible, match="mixed and real"):
        inject_errors(CLEAN, SCHEMA, Dimension.MIXED, Difficulty.REAL, 7)


def test_a_table_without_a_schema_carries_errors_too() -> None:
    for dimension in (*CELLS, Dimension.UNIQUENESS):
        found = inject_errors(CLEAN, TableSchema(), dimension, Difficulty.HARD, 7)
        assert abs(len(found.errors) - found.wanted) <= 1


def test_values_that_are_high_go_missing_in_hard_tasks() -> None:
    errors = injected(Dimension.COMPLETENESS, Difficulty.HARD).errors
    easy = {
        (error.row, error.column)
        for error in injected(Dimension.COMPLETENESS, Difficulty.MEDIUM).errors
    }
    gone = [
        float(each.old)
        for each in errors
        if each.column == "price" and (each.row, "price") not in easy
    ]
    middle = sorted(map(float, CLEAN.by_name["price"]))[100]
    assert len(gone) > 15
    assert min(gone) >= middle
