"""`candor console`: open the pages of a running server in the browser."""

import webbrowser
from typing import Annotated
from urllib.error import URLError
from urllib.request import urlopen

import typer

from backend.addresses import web_address
from backend.cli.command_run import command_app, examples, run_settings
from backend.cli.terminal import terminal
from backend.errors import ExitCode
from backend.settings.settings import Settings
from use_cases.kernel.errors import Unavailable

app = command_app()
_PATIENCE_SECONDS = 5.0


@app.command(epilog=examples("candor console", "candor console --port 9000"))
def open_console(
    port: Annotated[
        int | None,
        typer.Option("--port", "-p", min=1, max=65535, help="The server's port. Unset: PORT."),
    ] = None,
) -> None:
    """Open the console of a running server in the browser.

    Prints its address, too, for a machine that has no browser.
    """

    def work(settings: Settings) -> ExitCode:
        address = web_address(settings.host, port or settings.port)
        if not settings.console:
            raise Unavailable("The console is off.", hint="Set CONSOLE=on, and start the server.")
        try:
            with urlopen(f"{address}/health/live", timeout=_PATIENCE_SECONDS):  # noqa: S310  (ours)
                pass
        except (URLError, OSError) as error:
            raise Unavailable(
                f"No server answers at {address}.",
                hint="Start one in another terminal: candor serve. With another port: --port.",
            ) from error
        terminal.data(f"{address}/console")
        terminal.flush()
        if not webbrowser.open(f"{address}/console"):
            terminal.talk("note: There is no browser here; open the address above in one.")
        return ExitCode.DONE

    run_settings(work)
