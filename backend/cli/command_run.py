"""The run of a command: settings, logs, a Candor, the work, and an exit code.

The error handling of the command line: a `CandorError` becomes two lines and an exit code, another
error one line and a log entry; Ctrl-C ends with 130.
"""

import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, NoReturn, TypeAlias

import anyio
import typer
from loguru import logger

from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.doctor.repair_hints import remedy
from backend.errors import ExitCode, InternalError, doors
from backend.observability.logs import set_up_logs
from backend.settings.settings import Settings, colour_wanted, load_settings
from use_cases.kernel.errors import CandorError, StorageDamaged

Work: TypeAlias = Callable[[Container], Awaitable[ExitCode]]

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Category = Annotated[
    str | None,
    typer.Option("--category", "-c", help="Only documents of this category, such as policies."),
]


def command_app() -> typer.Typer:
    """Return a typer app for a command, with the options that all commands share."""
    return typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False)


def examples(*lines: str) -> str:
    """Return the end of a command's help: examples, one a line, which typer leaves unchanged."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def run(work: Work, *, as_json: bool = False, offline: bool = False) -> NoReturn:
    """Run `work` with a Candor built from the settings, and exit with its code."""
    raise typer.Exit(_run_guarded(lambda: anyio.run(_with_candor, work, offline), as_json=as_json))


def run_settings(work: Callable[[Settings], ExitCode], *, as_json: bool = False) -> NoReturn:
    """Run work that needs only the settings."""
    raise typer.Exit(_run_guarded(lambda: work(ready_settings()), as_json=as_json))


def ready_settings() -> Settings:
    """Return the settings, with logs set up by them: quieter than a server's unless LOG_LEVEL is
    set.
    """
    settings = load_settings()
    explicit = "log_level" in settings.model_fields_set
    set_up_logs(
        level=settings.log_level if explicit else "WARNING",
        form=settings.log_format,
        secrets=settings.secrets().values(),
        colour=sys.stderr.isatty() and colour_wanted(),
    )
    return settings


async def _with_candor(work: Work, offline: bool) -> ExitCode:
    settings = ready_settings()
    try:
        async with Container(settings, offline=offline) as candor:
            return await work(candor)
    except StorageDamaged as error:
        if error.file is not None:
            error.hint = remedy(error.file, settings)
        raise


def _run_guarded(work: Callable[[], ExitCode], *, as_json: bool) -> ExitCode:
    try:
        code = work()
        terminal.flush()
    except CandorError as error:
        terminal.report(error, as_json=as_json)
        return doors(error).exit_code
    except KeyboardInterrupt:
        terminal.talk("Stopped.")
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # The reader of a stream has seen enough (`| head`), which is no failure.
        return ExitCode.DONE
    except Exception:  # noqa: BLE001  (the door: no traceback for a person, all of it in the log)
        logger.exception("The command failed")
        terminal.report(
            InternalError("The command failed.", hint="See the log above for the cause."),
            as_json=as_json,
        )
        return ExitCode.FAILED
    return code
