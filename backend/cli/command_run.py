"""The run of a command: settings, logs, a Candor, the work, and an exit code.

The error handling of the command line: a `CandorError` becomes two lines and an exit code, another
error one line and a log entry; Ctrl-C ends with 130.
"""

import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from inspect import Parameter, Signature, isawaitable, signature
from typing import Annotated, Any, NoReturn, TypeAlias, TypeVar

import anyio
import typer
import typer.main
from loguru import logger
from typer.core import TyperCommand, TyperGroup
from typer.exceptions import TyperException

from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.doctor.findings import remedy
from backend.errors import ExitCode, InternalError, doors
from backend.observability.log_lines import set_up_logs
from backend.settings.settings import Settings, colour_wanted, load_settings
from use_cases.kernel.errors import CandorError, StorageDamaged

Work: TypeAlias = Callable[[Container], Awaitable[ExitCode]]
Command = TypeVar("Command", bound=Callable[..., Awaitable["Shown | ExitCode"]])

Category = Annotated[
    str | None,
    typer.Option("--category", "-c", help="Only documents of this category, such as policies."),
]


@dataclass(frozen=True, slots=True)
class Shown:
    """The result of a command: what `--json` prints, what a person reads, and the exit code.

    `text` is written to stdout; a function writes by itself.
    """

    value: object
    text: str | Callable[[], Awaitable[None] | None]
    code: ExitCode = ExitCode.DONE


def _keep(context: typer.Context, param: typer.CallbackParam, value: bool) -> None:
    if value:
        context.meta[str(param.name)] = True


@cache
def _program_options() -> Mapping[str, Any]:
    """Returns the options that any command may have: said once, for all of them."""

    def options(
        as_json: Annotated[
            bool, typer.Option("--json", callback=_keep, expose_value=False, help="Print JSON.")
        ] = False,
        offline: Annotated[
            bool,
            typer.Option(
                "--offline",
                callback=_keep,
                expose_value=False,
                help="Use only this machine, whatever the settings say.",
            ),
        ] = False,
    ) -> None:
        """Stands for a command."""

    app = typer.Typer(add_completion=False)
    app.command()(options)
    return {option.name: option for option in typer.main.get_command(app).params}


class WorkCommand(TyperCommand):
    """A command with those of the program's options that its function takes part in."""

    # Any: typer keeps the types of this method private.
    def get_params(self, ctx: Any) -> Any:
        """Returns its own options, those of the program, and `--help`."""
        return _with_shared(self.callback, super().get_params(ctx))


def _with_shared(callback: object, own: Any) -> Any:
    shared = [_program_options()[name] for name in getattr(callback, "shared", ())]
    return [*own[:-1], *shared, own[-1]]


class NounGroup(TyperGroup):
    """The commands of one noun. What the noun alone does has a word that may be said, too: `list`."""

    # Any: typer keeps the types of these methods private.
    def get_params(self, ctx: Any) -> Any:
        """Returns its own options, those of the program, and `--help`."""
        return _with_shared(self.callback, super().get_params(ctx))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parses the words behind the noun."""
        said = args[:1] == [getattr(self.callback, "word", None)]
        return super().parse_args(ctx, args[1:] if said else args)


class CommandApp(typer.Typer):
    """The commands of one module. Each is an async function of a Candor and its options.

    It returns what is shown, or an exit code. Every one has `--json`, unless it says `json=False`; those
    that name `offline` have `--offline`. A function that needs to know of JSON has a parameter `as_json`.
    """

    def __init__(self) -> None:
        super().__init__(
            cls=NounGroup,
            rich_markup_mode=None,
            pretty_exceptions_enable=False,
            add_completion=False,
        )

    def add(
        self,
        name: str | None,
        *lines: str,
        json: bool = True,
        offline: bool = False,
        cls: type[WorkCommand] = WorkCommand,
    ) -> Callable[[Command], Command]:
        """Adds a command with examples; without a name it is the only one."""
        shared = [name for name, has in (("as_json", json), ("offline", offline)) if has]

        def register(work: Command) -> Command:
            self.command(name, epilog=examples(*lines), cls=cls)(_parsed(work, shared))
            return work

        return register

    def lists(self, *lines: str, word: str = "list") -> Callable[[Command], Command]:
        """Adds what the noun alone does; `word` may be said, too."""

        def register(work: Command) -> Command:
            callback = _parsed(work, ["as_json"])
            callback.__dict__["word"] = word
            self.callback(invoke_without_command=True, epilog=examples(*lines))(callback)
            return work

        return register


def command_app() -> typer.Typer:
    """Returns a typer app for a command, with the options that all commands share."""
    return typer.Typer(
        cls=NounGroup, rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False
    )


def examples(*lines: str) -> str:
    """Returns the end of a command's help: examples, one a line, which typer leaves unchanged."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def run(work: Work, *, as_json: bool = False, offline: bool = False) -> NoReturn:
    """Runs `work` with a Candor built from the settings, and exit with its code."""
    raise typer.Exit(_run_guarded(lambda: anyio.run(_with_candor, work, offline), as_json=as_json))


def run_settings(work: Callable[[Settings], ExitCode], *, as_json: bool = False) -> NoReturn:
    """Runs work that needs only the settings."""
    raise typer.Exit(_run_guarded(lambda: work(ready_settings()), as_json=as_json))


def ready_settings() -> Settings:
    """Returns the settings, with logs set up by them: quieter than a server's unless LOG_LEVEL is set."""
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
    except (TyperException, typer.Exit):
        raise
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


def _parsed(
    work: Callable[..., Awaitable[Shown | ExitCode]], shared: Sequence[str]
) -> Callable[..., None]:
    """Returns the function that typer calls: it has the options of `work`, and runs it."""
    wanted = signature(work).parameters
    options = [each for name, each in wanted.items() if name not in ("candor", "as_json")]
    options.append(Parameter("context", Parameter.KEYWORD_ONLY, annotation=typer.Context))

    def command(context: typer.Context, **given: Any) -> None:
        if context.invoked_subcommand is not None:
            return
        as_json, offline = (bool(context.meta.get(name)) for name in ("as_json", "offline"))
        if "as_json" in wanted:
            given["as_json"] = as_json

        async def finish(candor: Container) -> ExitCode:
            return await _show(await work(candor, **given), as_json=as_json)

        run(finish, as_json=as_json, offline=offline)

    keywords = [each.replace(kind=Parameter.KEYWORD_ONLY) for each in options]
    # typer reads the options from here.
    command.__signature__ = Signature(keywords)  # pyright: ignore[reportFunctionMemberAccess]
    command.__annotations__ = {each.name: each.annotation for each in keywords}
    command.__name__, command.__doc__ = getattr(work, "__name__", "command"), work.__doc__
    command.__dict__["shared"] = shared
    return command


async def _show(result: Shown | ExitCode, *, as_json: bool) -> ExitCode:
    if not isinstance(result, Shown):
        return result
    if as_json:
        from pydantic_core import to_jsonable_python  # not for --help

        terminal.data_json(to_jsonable_python(result.value, by_alias=False))
    elif isinstance(result.text, str):
        terminal.data(result.text)
    elif isawaitable(written := result.text()):
        await written
    return result.code
