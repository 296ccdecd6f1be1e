"""Rows as Markdown, for a model or a user at a terminal.

Promises: the table keeps its shape for any cell, and states any omission. Leaves to others: the typed
rows.
"""

from use_cases.kernel.model import Rows, Scalar


def rows_as_markdown(rows: Rows) -> str:
    """Format the rows as a Markdown table, with a sentence for no rows or omitted ones."""
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
    """Format a cell on one line; NULL is empty."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.15g}"
    text = " ".join(str(value).split())
    return text.replace("\\", "\\\\").replace("|", "\\|")
