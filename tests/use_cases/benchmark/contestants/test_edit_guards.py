"""Guards hold for any edits: few rows go, columns keep their values, and nothing is lost unsaid."""

from hypothesis import given
from hypothesis import strategies as st

from use_cases.benchmark.contestants.edit_guards import guard_rows, guard_values
from use_cases.benchmark.edits import apply_edits
from use_cases.benchmark.model import Edit, EditKind, Table

TABLE = Table(
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
    same = Table(("a", "b"), tuple("12345"), (("x",) * 5, ("y",) * 5))
    kept, rejected = guard_rows(
        same, same.ids, [Edit(kind=EditKind.MERGE, rows=("1", "2", "3")), *_deleted("45")]
    )
    assert not rejected
    assert apply_edits(same, kept).table.ids == ("1",)
    kept, rejected = guard_rows(same, same.ids, _deleted("12345"))
    assert not kept
    assert {each.why for each in rejected} == {"too_many_rows"}


def _deleted(rows: str) -> list[Edit]:
    return [Edit(kind=EditKind.DELETE, rows=(row,)) for row in rows]
