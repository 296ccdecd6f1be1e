"""`candor tables`: list the loaded tables and their columns."""

from backend.cli.command_run import AsJson, command_app, examples, run
from backend.cli.knowledge.empty_results import explain_empty_library
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.errors import ExitCode
from backend.schemas.knowledge import LoadedTable

app = command_app()


@app.command(epilog=examples("candor tables", "candor tables --json"))
def tables(as_json: AsJson = False) -> None:
    """List the loaded tables and their columns."""

    async def work(candor: Container) -> ExitCode:
        found = [LoadedTable.of(table) for table in await candor.knowledge.read_tables.list()]
        if as_json:
            terminal.data_json({"tables": [table.model_dump(mode="json") for table in found]})
            return ExitCode.DONE
        if not found:
            explain_empty_library(candor.settings, what="tables")
        for table in found:
            _show(table)
        return ExitCode.DONE

    run(work, as_json=as_json)


def _show(table: LoadedTable) -> None:
    terminal.data(f"{table.name} — {table.title}, {table.rows} rows, from {table.document}")
    if table.description:
        terminal.data(f"  {table.description}")
    for column in table.columns:
        meaning = f"  {column.description}" if column.description else ""
        terminal.data(terminal.labelled(f"    {column.name} {column.type}{meaning}"))
    terminal.data("")
