"""Dependencies are found where few rows break them, and only where they say something."""

import random

from tests.use_cases.benchmark.contestants.tables import table
from use_cases.benchmark.contestants.draft_table import DraftTable
from use_cases.benchmark.contestants.functional_dependencies import (
    LEAST_STRENGTH,
    applicable,
    group_rows,
    is_no_chance,
    measure_dependencies,
    measure_dependency,
)
from use_cases.benchmark.model import Dependency, TextTable

TOWNS = ["Bern", "Genf", "Basel", "Zug"]
CANTONS = {"Bern": "BE", "Genf": "GE", "Basel": "BS", "Zug": "ZG"}


def towns(rows: int, broken: int) -> TextTable:
    """Towns with their canton, an id, a constant, and a column that nothing determines."""
    town = [TOWNS[row % 4] for row in range(rows)]
    canton = ["XX" if row < broken else CANTONS[name] for row, name in enumerate(town)]
    return table(
        id=[str(row) for row in range(rows)],
        town=town,
        canton=canton,
        country=["CH"] * (rows - 1) + ["FR"],
        other=[str(row // 4 % 3) for row in range(rows)],
    )


def discover_dependencies(given: TextTable) -> list[Dependency]:
    """Those that nine in ten rows keep, and that say something."""
    found = measure_dependencies(DraftTable(given), 0.9)
    return [one.dependency for one in found if one.strength >= LEAST_STRENGTH]


def test_few_broken_rows_do_not_hide_a_dependency() -> None:
    found = discover_dependencies(towns(200, 10))
    assert Dependency(("town",), "canton") in found
    assert {(one.determinants, one.dependent) for one in found} <= {
        (("town",), "canton"),
        (("canton",), "town"),
    }


def test_many_broken_rows_do() -> None:
    assert discover_dependencies(towns(200, 100)) == []


def test_a_sample_of_a_big_table_loses_no_dependency() -> None:
    assert Dependency(("town",), "canton") in discover_dependencies(towns(20_000, 1_000))


def test_rows_without_a_determinant_are_in_no_group() -> None:
    dirty = table(a=["1", "1", "", "1"], b=["x", "x", "x", "x"], c=["p", "q", "p", "N/A"])
    groups = group_rows(DraftTable(dirty), Dependency(("a", "b"), "c"))
    assert [dict(groups.votes_on(place)) for place in range(4)] == [
        {"p": 1, "q": 1},
        {"p": 1, "q": 1},
        {},
        {"p": 1, "q": 1},
    ]
    assert list(groups.contested()) == [1, 3]


def test_dependencies_of_columns_that_are_not_there_are_passed_over() -> None:
    one = Dependency(("town",), "canton")
    stated = [one, Dependency(("town",), "mayor"), Dependency(("zip",), "canton"), one]
    assert applicable(stated, towns(8, 0)) == [one]


def test_an_empty_table_has_none() -> None:
    assert discover_dependencies(table(a=[], b=[])) == []


def test_the_measures_of_a_dependency_are_those_of_their_definitions() -> None:
    dirty = table(a=["1"] * 6 + ["2"] * 4, b=["x"] * 5 + ["y"] + ["y"] * 4)
    (found,) = [
        one
        for one in measure_dependencies(DraftTable(dirty), 0.9)
        if one.dependency == Dependency(("a",), "b")
    ]
    # 9 of 10 rows are kept; guessing x or y is wrong in 5 rows, with a in 1.
    assert (found.kept, found.strength, found.scattered) == (0.9, 0.8, 1.0)


def test_exceptions_that_repeat_in_their_group_are_not_scattered() -> None:
    dirty = table(a=["1"] * 20 + ["2"] * 20, b=["x"] * 18 + ["z"] * 2 + ["y"] * 20)
    (found,) = [
        one
        for one in measure_dependencies(DraftTable(dirty), 0.9)
        if one.dependency == Dependency(("a",), "b")
    ]
    assert found.scattered == 0.0


def test_of_a_wide_table_all_pairs_are_looked_at() -> None:
    chance = random.Random(3)
    noise = {f"n{number}": [chance.choice("abc") for _ in range(60)] for number in range(40)}
    towns_of = [chance.choice(TOWNS) for _ in range(60)]
    cantons = [CANTONS[town] for town in towns_of]
    found = discover_dependencies(table(town=towns_of, **noise, canton=cantons))
    assert set(found) == {Dependency(("town",), "canton"), Dependency(("canton",), "town")}


def test_what_small_groups_keep_by_chance_is_no_dependency() -> None:
    few = table(a=list("112233"), b=list("xxyyzz"))
    many = table(a=list("123") * 20, b=list("xyz") * 20)
    for dirty, expected in ((few, False), (many, True)):
        found = measure_dependency(DraftTable(dirty), Dependency(("a",), "b"))
        assert found is not None
        assert (found.kept, is_no_chance(found, dirty)) == (1.0, expected)
