"""`candor sql`: ask the loaded tables in SQL, read-only."""

from typing import Annotated

import typer

from backend.cli.command_run import AsJson, command_app, examples, run
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.errors import ExitCode
from backend.schemas.knowledge import TableRows
from use_cases.kernel.model import LOCAL

app = command_app()


@app.command(
    epilog=examples(
        'candor sql "SELECT name, email FROM directory LIMIT 5"',
        'candor sql "SELECT count(*) FROM directory" --json',
    )
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
        rows = TableRows.of(await candor.knowledge.read_tables.query(query, caller=LOCAL))
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
