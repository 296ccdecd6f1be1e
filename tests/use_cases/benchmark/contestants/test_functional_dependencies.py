"""Dependencies are found where few rows break them, and only where they say something."""

import pytest

from tests.use_cases.benchmark.contestants.tables import table
from use_cases.benchmark.contestants import functional_dependencies
from use_cases.benchmark.contestants.functional_dependencies import (
    applicable,
    discover_dependencies,
    group_rows,
    measure_dependencies,
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
    groups = group_rows(dirty, Dependency(("a", "b"), "c"))
    assert [dict(groups.votes_on(place)) for place in range(4)] == [
        {"p": 1, "q": 1},
        {"p": 1, "q": 1},
        {},
        {"p": 1, "q": 1},
    ]
    assert list(groups.contested(dirty)) == [1, 3]


def test_dependencies_of_columns_that_are_not_there_are_passed_over() -> None:
    one = Dependency(("town",), "canton")
    stated = [one, Dependency(("town",), "mayor"), Dependency(("zip",), "canton"), one]
    assert applicable(stated, towns(8, 0)) == [one]


def test_an_empty_table_has_none() -> None:
    assert discover_dependencies(table(a=[], b=[])) == []


def test_the_measures_of_a_dependency_are_those_of_their_definitions() -> None:
    dirty = table(a=["1"] * 6 + ["2"] * 4, b=["x"] * 5 + ["y"] + ["y"] * 4)
    (found,) = [
        one for one in measure_dependencies(dirty, 0.9) if one.dependency == Dependency(("a",), "b")
    ]
    # 9 of 10 rows are kept; guessing x or y is wrong in 5 rows, with a in 1.
    assert (found.kept, found.strength, found.scattered) == (0.9, 0.8, 1.0)


def test_exceptions_that_repeat_in_their_group_are_not_scattered() -> None:
    dirty = table(a=["1"] * 20 + ["2"] * 20, b=["x"] * 18 + ["z"] * 2 + ["y"] * 20)
    (found,) = [
        one for one in measure_dependencies(dirty, 0.9) if one.dependency == Dependency(("a",), "b")
    ]
    assert found.scattered == 0.0


def test_of_a_wide_table_near_columns_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(functional_dependencies, "_MOST_PAIRS", 400)
    cells = tuple("abc"[row % 3] for row in range(9))
    names = tuple(f"c{number}" for number in range(25))
    wide = TextTable(names, tuple(map(str, range(9))), (cells,) * 25)
    found = [each.dependency for each in measure_dependencies(wide, 0.9)]
    near = {abs(int(one.determinants[0][1:]) - int(one.dependent[1:])) for one in found}
    assert near == set(range(1, 9))
    assert len(found) <= 400
