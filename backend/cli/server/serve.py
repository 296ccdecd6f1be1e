"""`candor serve`: serve HTTP."""

import os
from typing import Annotated, Any

import anyio
import typer

from backend.addresses import refuse_public_address, web_address
from backend.cli.command_run import command_app, examples, run_settings
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.errors import ExitCode
from backend.settings.server import LogFormat
from backend.settings.settings import Settings
from use_cases.kernel.errors import Unavailable

app = command_app()


@app.command(
    epilog=examples(
        "candor serve",
        "candor serve --port 9000",
        "candor serve --workers 4",
        "AUTH_MODE=required candor serve --host 0.0.0.0",
        "AUTH_MODE=required candor serve --first-key",
        "LOG_FORMAT=json candor serve",
    )
)
def serve(
    host: Annotated[
        str | None, typer.Option("--host", help="Address to listen on. Unset: HOST.")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option("--port", "-p", min=1, max=65535, help="Port to listen on. Unset: PORT."),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers", "-w", min=1, max=64, help="Processes that answer. Unset: WORKERS."
        ),
    ] = None,
    first_key: Annotated[
        bool,
        typer.Option(
            "--first-key",
            help="Where no API key was ever made, make one, and write it to first.key in DATA_DIR.",
        ),
    ] = False,
) -> None:
    """Serve the HTTP API and the console, by default on this machine only.

    The first line names the address for a browser. AUTH_MODE=local has no logins, so an address that other machines can reach is refused, unless
    ALLOW_PUBLIC_LOCAL=true gives access to everyone. AUTH_MODE=required allows any address, and
    every request needs an API key: candor keys create. With --workers, several processes answer
    on one database; one that dies is replaced.
    """

    def work(settings: Settings) -> ExitCode:
        address = host or settings.host
        refuse_public_address(settings, address)
        if settings.auth_mode == "required" and (first_key or settings.first_api_key):
            anyio.run(_make_first_key, settings)
        import uvicorn  # only this command needs it

        number = port or settings.port
        if settings.console and settings.log_format is LogFormat.TEXT:
            terminal.talk(f"The console: {web_address(address, number)} (Ctrl-C stops the server)")
        try:
            if (count := workers or settings.workers) > 1:
                from backend.processes.workers import serve_together

                serve_together(settings, count, _options(settings, address, number))
            else:
                uvicorn.run(**_options(settings, address, number))
        except SystemExit as ended:
            if not ended.code:
                return ExitCode.DONE
            raise Unavailable(
                f"The server could not start on {address}:{number}.",
                hint="See the log above for the cause; if the port is in use, choose another with --port.",
            ) from None
        return ExitCode.DONE

    run_settings(work)


async def _make_first_key(settings: Settings) -> None:
    """Makes the first key, so that a server in a container needs no second command.

    It goes to a file: the collectors of a server's output keep what it prints.
    """
    given = settings.first_api_key.get_secret_value() if settings.first_api_key else None
    async with Container(settings) as candor:
        made = await candor.identity.manage_keys.first(given)
    if made is None or given is not None:
        return
    path = settings.data_path.absolute() / "first.key"
    try:
        path.unlink(missing_ok=True)  # an older one, of another database
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"{made.secret}\n")
    except OSError as error:
        raise Unavailable(
            f"The first API key cannot be written to {path}: {error.strerror}.",
            hint="Nobody knows this key; make another one: candor keys create --user NAME --label LABEL",
        ) from error
    terminal.data(str(path))
    terminal.talk(
        f"note: The file above holds the first API key, of the user {made.key.user_id}; nobody else may "
        "read it. Move it to a safe place. `candor keys` lists, creates and revokes keys."
    )
    terminal.flush()


def _options(settings: Settings, host: str, port: int) -> dict[str, Any]:
    """Returns uvicorn's options, for one process or several."""
    return {
        "app": "backend.main:app",
        "host": host,
        "port": port,
        "log_config": None,  # our own logs are set up when the application is made
        "server_header": False,
        "http": "backend.http.middleware.connections:BoundedConnections",
        "ws": "none",
        "proxy_headers": bool(settings.trusted_proxies),
        "forwarded_allow_ips": list(settings.trusted_proxies),
    }
