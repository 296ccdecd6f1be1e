"""Rows become a Markdown table that keeps its shape."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from use_cases.kernel.citations.source_text import rows_as_markdown
from use_cases.kernel.model import Rows, Scalar


def table(
    columns: Sequence[str],
    rows: Sequence[Sequence[Scalar]],
    *,
    truncated: bool = False,
    limit: int = 200,
) -> str:
    return rows_as_markdown(Rows("SELECT", columns, rows, truncated, limit))


def test_rows_become_a_table() -> None:
    assert table(["name", "target"], [("Ann", 85.5), ("Ben", None), ("Cleo", 60.0)]) == (
        "| name | target |\n| --- | --- |\n| Ann | 85.5 |\n| Ben |  |\n| Cleo | 60 |"
    )


def test_cells_cannot_break_the_table() -> None:
    assert table(["a|b"], [("x | y\nz\\",)]) == "| a\\|b |\n| --- |\n| x \\| y z\\\\ |"


def test_no_rows_are_stated() -> None:
    assert table(["a"], []) == "| a |\n| --- |\n\nNo rows."


def test_truncation_is_stated_with_its_reason() -> None:
    advice = "Count, group or filter in the query instead of reading on."
    by_number = table(["a"], [(1,), (2,)], truncated=True, limit=2)
    by_size = table(["a"], [(1,)], truncated=True, limit=2)

    assert by_number.endswith(
        f"\n\nOnly the first 2 rows are shown (2 is the most); there are more. {advice}"
    )
    assert by_size.endswith(
        f"\n\nOnly the first row is shown (more would be too long); there are more. {advice}"
    )


@given(st.lists(st.tuples(st.text(), st.none() | st.integers() | st.floats()), min_size=1))
def test_every_row_is_one_line_with_its_cells(rows: list[tuple[str, float | None]]) -> None:
    lines = table(["a", "b"], rows).split("\n")

    assert len(lines) == len(rows) + 2
    for line in lines:
        assert line.replace("\\\\", "").replace("\\|", "").count("|") == 3
