"""Values as Markdown: what a model, or a person at a terminal, reads of them.

Promises: whatever a cell holds, the table keeps its shape, and nothing is left out without saying
so. Leaves the typed rows to those who compute with them.
"""

from use_cases.kernel.model import Rows, Scalar


def rows_as_markdown(rows: Rows) -> str:
    """A Markdown table of the rows, and a sentence where there are none or more than shown."""
    lines = [
        _line([_cell(name) for name in rows.columns]),
        _line(["---"] * len(rows.columns)),
        *(_line([_cell(value) for value in row]) for row in rows.rows),
    ]
    if not rows.rows:
        lines.extend(["", "No rows."])
    elif rows.truncated:
        lines.extend(["", _truncation(len(rows.rows), rows.limit)])
    return "\n".join(lines)


def _truncation(shown: int, limit: int) -> str:
    reason = f"{limit} is the most" if shown == limit else "more would be too long"
    rows = "row is" if shown == 1 else f"{shown} rows are"
    return (
        f"Only the first {rows} shown ({reason}); there are more. "
        "Count, group or filter in the query instead of reading on."
    )


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(value: Scalar) -> str:
    """One cell on one line; NULL stays empty."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.15g}"
    text = " ".join(str(value).split())
    return text.replace("\\", "\\\\").replace("|", "\\|")
