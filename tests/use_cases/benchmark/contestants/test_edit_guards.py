"""Guards hold for any edits: few rows go, columns keep their values, and nothing is lost unsaid."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from use_cases.benchmark.contestants.edit_guards import guard_different, guard_rows, guard_values
from use_cases.benchmark.edits import apply_edits
from use_cases.benchmark.model import Edit, EditKind, TextTable

TABLE = TextTable(
    ("name", "city"),
    tuple(str(n) for n in range(40)),
    (tuple(f"name {n}" for n in range(40)), tuple(f"city {n // 20}" for n in range(40))),
)
ROWS = TABLE.ids[:20]
IDS = st.sampled_from([*TABLE.ids, "99"])
EDITS = st.builds(
    Edit,
    kind=st.sampled_from(list(EditKind)),
    rows=st.lists(IDS, max_size=20).map(tuple),
    column=st.sampled_from(["name", "city", "town", None]),
    old=st.sampled_from(["city 0", "city 1", "name 1", "", None]),
    new=st.sampled_from(["", "N/A", "city 2", None]),
)


@given(st.lists(EDITS, max_size=30))
def test_of_any_edits_a_chunk_keeps_its_rows_and_values_and_others_are_untouched(
    edits: list[Edit],
) -> None:
    kept, _ = guard_rows(TABLE, ROWS, edits)
    done = apply_edits(TABLE, kept)
    assert len(done.removed) <= 2
    assert set(done.removed) <= set(ROWS)
    for name in TABLE.columns:
        emptied = [row for row in done.table.ids if done.table.cell(row, name) in ("", "N/A")]
        assert len(emptied) <= 2
    assert {row for row, _ in done.cells} <= set(ROWS)


@given(st.lists(EDITS, max_size=30))
def test_of_any_maps_a_column_keeps_its_values_and_no_row_goes(edits: list[Edit]) -> None:
    kept, rejected = guard_values(TABLE, edits)
    done = apply_edits(TABLE, kept)
    assert not done.removed
    assert sum(done.table.by_name["city"].count(each) for each in ("", "N/A")) <= 4
    assert len(kept) + len(rejected) == len(edits)


def test_doubles_may_go_in_any_number_and_one_of_them_stays() -> None:
    same = TextTable(("a", "b"), tuple("12345"), (("x",) * 5, ("y",) * 5))
    kept, rejected = guard_rows(
        same, same.ids, [Edit(kind=EditKind.MERGE, rows=("1", "2", "3")), *_deleted("45")]
    )
    assert not rejected
    assert apply_edits(same, kept).table.ids == ("1",)
    kept, rejected = guard_rows(same, same.ids, _deleted("12345"))
    assert not kept
    assert {each.why for each in rejected} == {"too_many_rows"}


def test_of_a_chunk_one_row_may_go_that_has_no_double() -> None:
    kept, rejected = guard_rows(TABLE, ROWS[:5], [Edit(kind=EditKind.DELETE, rows=("2",))])
    assert (len(kept), rejected) == (1, [])
    outside = [Edit(kind=EditKind.DELETE, rows=("39",)), Edit(kind=EditKind.DELETE, rows=("99",))]
    assert [each.why for each in guard_rows(TABLE, ROWS[:5], outside)[1]] == ["no_row"] * 2


@pytest.mark.parametrize("new", ["", "unknown", " "])
def test_a_column_is_not_emptied(new: str) -> None:
    edits = [Edit(kind=EditKind.MAP, column="city", old=f"city {n}", new=new) for n in range(2)]
    for guarded in (guard_rows(TABLE, ROWS, edits[:1]), guard_values(TABLE, edits)):
        assert not guarded[0]
        assert {each.why for each in guarded[1]} == {"erases_column"}


def test_a_tenth_of_the_cells_of_a_column_may_lose_their_values() -> None:
    edits = [
        Edit(kind=EditKind.CELL, rows=(row,), column="city", old="city 0", new="")
        for row in ROWS[:3]
    ]
    assert guard_rows(TABLE, ROWS, edits[:2]) == (edits[:2], [])
    kept, rejected = guard_rows(TABLE, ROWS, edits)
    assert (len(kept), [each.why for each in rejected]) == (0, ["erases_column"] * 3)


def _deleted(rows: str) -> list[Edit]:
    return [Edit(kind=EditKind.DELETE, rows=(row,)) for row in rows]


TOWNS = [f"{start}{end}" for start in ("Ash", "Brad", "Chat", "Dun") for end in "abcdefghijkl"]
JOBS = ["nurse"] * 9 + ["surgeon"] * 8 + ["porter"] * 7 + ["cook"] * 6


@pytest.mark.parametrize(
    ("cells", "new"),
    [
        (TOWNS, "PWNED by a cell"),
        (TOWNS, TOWNS[0]),
        (TOWNS, "Ash"),
        (JOBS, "nurse"),
        (JOBS, "n/k"),
        (["left"] * 5 + ["right"] * 5, "middle"),
        ([f"{4000 + n}" for n in range(30)], "4000"),
        ([f"2021-03-{day:02}" for day in range(1, 29)], "2021-03-01"),
        ([f"{10_000_000 + n}" for n in range(30)], "10000000"),
        ([f"SKU-{n}" for n in range(1, 30)], "SKU"),
        ([f"Ward {letter}" for letter in "ABCDEFGHIJ"], "Ward B"),
    ],
)
def test_one_value_is_not_put_over_the_different_values_of_a_column(
    cells: list[str], new: str
) -> None:
    for kind in (EditKind.MAP, EditKind.CELL):
        kept, rejected = guard_different(*_replacing(cells, new, kind))
        assert not kept
        assert {each.why for each in rejected} == {"one_value"}


@pytest.mark.parametrize(
    ("cells", "new"),
    [
        (["N/A", "n/a", "-", "NULL", "?", "", *TOWNS[:4]], ""),
        (
            ["UK", "U.K.", "United Kingdom", "united kingdom", "Untied Kingdom"] * 4,
            "United Kingdom",
        ),
        (["UK", "U.K.", "United Kingdom", "united kingdom", "Untied Kingdom"] * 4, "UK"),
        (
            ["France"] * 20 + ["Frankreich", "Francia", "FR", "Frankrijk", "FRANCE", "Ranska"],
            "France",
        ),
        (["São Paulo", "Sao Paulo", "SAO PAULO", "sao-paulo"] * 5, "São Paulo"),
        (["3.50", "3.5", "3.500"] * 4, "3.5"),
        (["true", "T", "yes", "1"] * 6, "true"),
        (["12 May 2020", "2020-05-12", "May 12, 2020"] * 6, "2020-05-12"),
        (["12 May 2020", "2020-05-12", "May 12, 2020"] * 6, "May 12, 2020"),
        (["Dr.", "dr", "Doctor", "DR"] * 3, "Dr"),
    ],
)
def test_a_column_may_be_written_in_one_form(cells: list[str], new: str) -> None:
    for kind in (EditKind.MAP, EditKind.CELL):
        wanted = [cell for cell in cells if cell not in TOWNS]
        table, edits = _replacing(wanted, new, kind, others=[c for c in cells if c in TOWNS])
        kept, rejected = guard_different(table, edits)
        assert (len(kept), rejected) == (len(edits), [])


@given(st.lists(st.sampled_from(TOWNS), min_size=1, max_size=6, unique=True))
def test_many_values_stay_beside_whatever_is_put_over_some(replaced: list[str]) -> None:
    """A few different values of many may become one; no edit is lost unsaid."""
    table, edits = _replacing(replaced, "Elsewhere", EditKind.MAP, others=TOWNS)
    kept, rejected = guard_different(table, edits)
    assert len(kept) + len(rejected) == len(edits)


def _replacing(
    cells: list[str], new: str, kind: EditKind, others: Sequence[str] = ()
) -> tuple[TextTable, list[Edit]]:
    """A column of these and other cells, and the edits that make one value of these."""
    whole = (*cells, *others)
    ids = tuple(str(number) for number in range(len(whole)))
    old = dict.fromkeys(cells) if kind is EditKind.MAP else cells
    edits = [
        Edit(kind=kind, rows=() if kind is EditKind.MAP else (row,), column="c", old=cell, new=new)
        for row, cell in zip(ids, old, strict=False)
        if cell != new
    ]
    return TextTable(("c",), ids, (whole,)), edits
