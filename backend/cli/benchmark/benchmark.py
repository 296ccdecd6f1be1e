"""`candor benchmark`: measure whether models clean dirty tables without breaking them."""

from backend.cli.command_run import command_app, examples

app = command_app()


@app.callback(epilog=examples("candor benchmark --help"))
def benchmark() -> None:
    """Measure whether models clean dirty tables without breaking them."""
