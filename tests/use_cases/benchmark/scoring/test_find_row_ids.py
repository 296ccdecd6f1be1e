"""Outputs without ids: their rows are found again, also where they are shuffled and changed."""

import random
from dataclasses import replace

import pytest

from tests.use_cases.benchmark.scoring.small_tables import table
from use_cases.benchmark.model import TextTable
from use_cases.benchmark.scoring.find_row_ids import find_row_ids

DIRTY = table("code name city", "a1 ann rome", "b2 bxb oslo", "c3 cat bern", ids="r1 r2 r3")
CLEAN = table("code name city", "a1 ann rome", "b2 bob oslo", "c3 cat bern", ids="r1 r2 r3")


def test_a_declared_key_finds_the_rows() -> None:
    output = table("city code name", "bern c3 x", "rome a1 y", "oslo b2 z")
    found, how = find_row_ids(DIRTY, CLEAN, output, ("code",))
    assert (found.ids, how) == (("r3", "r1", "r2"), "key")


@pytest.mark.parametrize(
    "codes",
    ["a1 b2 zz", "a1 b2 b2"],
)
def test_a_key_with_other_values_is_not_trusted(codes: str) -> None:
    rows = [
        f"{code} {rest}"
        for code, rest in zip(codes.split(), ("ann rome", "bob oslo", "cat bern"), strict=True)
    ]
    found, how = find_row_ids(DIRTY, CLEAN, table("code name city", *rows), ("code",))
    assert (found.ids, how) == (("r1", "r2", "r3"), "similarity")


def test_a_row_like_no_other_is_new_and_one_without_a_likeness_is_dropped() -> None:
    output = table("code name city", "a1 ann rome", "c3 cat bern", "x y z", "u v w")
    found, _ = find_row_ids(DIRTY, CLEAN, output)
    assert found.ids[:2] == ("r1", "r3")
    assert not set(found.ids[2:]) & set(DIRTY.ids)


def test_what_is_left_of_as_many_rows_is_paired_in_order() -> None:
    output = table("code name city", "x y z", "c3 cat bern", "u v w")
    found, _ = find_row_ids(DIRTY, CLEAN, output)
    assert found.ids == ("r1", "r3", "r2")


def test_an_output_without_a_known_column_is_paired_in_order() -> None:
    found, _ = find_row_ids(DIRTY, CLEAN, table("other", "x", "y", "z"))
    assert found.ids == DIRTY.ids


def test_equal_rows_keep_their_order() -> None:
    same = table("a b", "x y", "x y", "x y", ids="r1 r2 r3")
    assert find_row_ids(same, same, table("a b", "x y", "x y", "x y"))[0].ids == same.ids
    moved = table("a b", "z w", "z v", "x y", "x y", ids="r1 r2 r3 r4")
    assert find_row_ids(moved, moved, table("a b", "x y", "x y"))[0].ids == ("r3", "r4")


def shuffled(seed: int, rows: int, wrong: float) -> tuple[TextTable, TextTable, TextTable]:
    """A table of people, its dirty copy, and a half-repaired output in another order."""
    draw = random.Random(seed)
    truth = [
        [
            f"p{draw.randrange(10 * rows)}",
            draw.choice(["ann", "bob", "cat", "dan", "eve"]),
            draw.choice(["oslo", "rome", "bern", "paris"]),
            str(draw.randrange(90)),
            f"{draw.randrange(100)} high street",
            draw.choice(["yes", "no"]),
        ]
        for _ in range(rows)
    ]
    dirty = [[c if draw.random() > wrong else c + "x" for c in row] for row in truth]
    made = [
        [draw.choice(pair) if draw.random() > 0.05 else "?" for pair in zip(*rows, strict=True)]
        for rows in zip(dirty, truth, strict=True)
    ]
    order = draw.sample(range(rows), rows)
    names = ("id", "name", "city", "age", "street", "member")
    ids = tuple(map(str, range(rows)))
    columns = [tuple(tuple(c) for c in zip(*each, strict=True)) for each in (dirty, truth, made)]
    tables = [TextTable(names, ids, values) for values in columns]
    moved = tuple(tuple(column[n] for n in order) for column in tables[2].values)
    return tables[0], tables[1], TextTable(names, tuple(ids[n] for n in order), moved)


@pytest.mark.parametrize("wrong", [0.02, 0.1, 0.3])
def test_shuffled_rows_are_found_again(wrong: float) -> None:
    dirty, clean, output = shuffled(7, 400, wrong)
    anonymous = replace(output, ids=tuple(f"o{n}" for n in range(400)))
    found, _ = find_row_ids(dirty, clean, anonymous)
    right = sum(one == other for one, other in zip(found.ids, output.ids, strict=True))
    assert right >= 398


def test_the_truth_in_another_order_is_the_truth() -> None:
    dirty, clean, output = shuffled(3, 300, 0.2)
    anonymous = TextTable(
        clean.columns, tuple(f"o{n}" for n in range(300)), tuple(c[::-1] for c in clean.values)
    )
    found, _ = find_row_ids(dirty, clean, anonymous)
    assert found.ids == clean.ids[::-1]
    assert output.ids != clean.ids
