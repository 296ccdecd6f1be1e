"""`candor sql`: ask the loaded tables in SQL, read-only."""

import re
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from backend.cli.command_run import AsJson, command_app, examples, run
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.errors import ExitCode
from backend.schemas.knowledge import TableRows
from use_cases.kernel.model import LOCAL

app = command_app()


class StatementCommand(TyperCommand):
    """A command whose argument may begin with a comment of SQL, `-- so`, which is no option."""

    # Any: typer keeps the type of a context private.
    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the words behind the command; no option has a blank or a line break in it."""
        return super().parse_args(
            ctx, [f" {word}" if _COMMENT.match(word) else word for word in args]
        )


_COMMENT = re.compile(r"--\S*\s")


@app.command(
    cls=StatementCommand,
    epilog=examples(
        'candor sql "SELECT name, email FROM directory LIMIT 5"',
        'candor sql "SELECT count(*) FROM directory" --json',
    ),
)
def sql(
    query: Annotated[
        str,
        typer.Argument(
            metavar="QUERY", help="One SELECT over the tables that `candor tables` lists."
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Query the loaded tables in SQL (read-only).

    Runs one statement, limited in time, rows and size. A statement that does more than read is
    refused with exit code 4.
    """

    async def work(candor: Container) -> ExitCode:
        rows = TableRows.of(await candor.knowledge.read_tables.query(query.strip(), caller=LOCAL))
        if as_json:
            terminal.data_json(rows.model_dump(mode="json"))
        else:
            _show(rows)
        return ExitCode.DONE

    run(work, as_json=as_json)


def _show(rows: TableRows) -> None:
    cells = [["" if cell is None else str(cell) for cell in row] for row in rows.rows]
    terminal.data(terminal.columns(rows.columns, cells))
    if rows.truncated:
        terminal.talk(f"note: Only the first {len(rows.rows)} rows are shown.")
