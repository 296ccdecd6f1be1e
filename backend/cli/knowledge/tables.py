"""`candor tables` and `candor sql`: the loaded tables and their columns, and queries over them, read-only."""

import re
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from backend.cli.command_run import CommandApp, Shown, WorkCommand
from backend.cli.nouns import explain_empty_library
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.schemas.knowledge_schemas import LoadedTable, TableRows
from use_cases.kernel.model import LOCAL, Rows, Table

app = CommandApp()
sql_app = CommandApp()

_COMMENT = re.compile(r"--\S*\s")


class StatementCommand(WorkCommand):
    """A command whose argument may begin with a comment of SQL, `-- so`, which is no option."""

    # Any: typer keeps the type of a context private.
    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parses the words behind the command; no option has a blank or a line break in it."""
        return super().parse_args(
            ctx, [f" {word}" if _COMMENT.match(word) else word for word in args]
        )


@app.add(None, "candor tables", "candor tables --json")
async def tables(candor: Container) -> Shown:
    """List the loaded tables and their columns."""
    found = await candor.knowledge.read_tables.list()
    shown = [LoadedTable.of(table) for table in found]
    return Shown({"tables": shown}, lambda: _show_tables(candor, found))


@sql_app.add(
    None,
    'candor sql "SELECT name, email FROM directory LIMIT 5"',
    'candor sql "SELECT count(*) FROM directory" --json',
    cls=StatementCommand,
)
async def sql(
    candor: Container,
    query: Annotated[
        str,
        typer.Argument(
            metavar="QUERY", help="One SELECT over the tables that `candor tables` lists."
        ),
    ],
) -> Shown:
    """Query the loaded tables in SQL (read-only).

    Runs one statement, limited in time, rows and size. A statement that does more than read is
    refused with exit code 4.
    """
    rows = await candor.knowledge.read_tables.query(query.strip(), caller=LOCAL)
    return Shown(TableRows.of(rows), lambda: _show_rows(rows))


def _show_tables(candor: Container, found: Sequence[Table]) -> None:
    if not found:
        explain_empty_library(candor.settings, what="tables")
    for table in found:
        document = table.document.name
        terminal.data(f"{table.name} — {table.title}, {table.row_count} rows, from {document}")
        if table.description:
            terminal.data(f"  {table.description}")
        for column in table.columns:
            meaning = f"  {column.description}" if column.description else ""
            terminal.data(terminal.labelled(f"    {column.name} {column.type}{meaning}"))
        terminal.data("")


def _show_rows(rows: Rows) -> None:
    cells = [["" if cell is None else str(cell) for cell in row] for row in rows.rows]
    terminal.data(terminal.columns(rows.columns, cells))
    if rows.truncated:
        terminal.talk(f"note: Only the first {len(rows.rows)} rows are shown.")
