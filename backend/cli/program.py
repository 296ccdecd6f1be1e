"""The program `candor`: finds the command that is meant and imports only that one; in the place of a command
that is no more it gives a hint.

Promises: `candor --help` and shell completion of commands import no command at all, so they answer
at once; exit codes are those of `backend.errors.ExitCode`; no traceback for Ctrl-C or a closed pipe.
"""

import atexit
import gc
import os
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from io import StringIO
from types import ModuleType
from typing import Annotated, Any, TextIO, cast

import typer
import typer.main
from typer.core import TyperGroup
from typer.exceptions import TyperException

from backend.cli.terminal import layout
from backend.registry import COMMANDS
from backend.version import VERSION

REMOVED: Mapping[str, str] = {
    "backtest": "`candor confidence report --csv FILE` judges past forecasts, and a "
    "checkout of Candor replays decisions with `python -m benchmarks.start_sit FOLDER`.",
    "prompts versions": "`candor prompts history PROMPT` lists versions, labels and their moves.",
    "prompts labels": "`candor prompts history PROMPT` lists versions, labels and their moves.",
    "prompts label": "`candor prompts promote PROMPT@VERSION --label LABEL` gives a label, and "
    "`candor prompts rollback PROMPT --label LABEL --remove` takes it away.",
    "chat --list": "`candor conversations` lists chats and imported conversations.",
    "chat -l": "`candor conversations` lists chats and imported conversations.",
    "conversations rename": "`candor conversations edit ID --title TITLE`",
    "conversations switch": "`candor conversations edit ID --branch MESSAGE`",
    "conversations reparse": "`candor conversations show`, `candor search` and `candor export` read "
    "imports of an older version anew by themselves.",
    "conversations inspect": "`candor import FILE --dry-run`",
    "conversations attach": "`candor conversations files ID --attach FILE`",
    "users set": "`candor users USER --admin`, `--no-admin`, `--active` or `--inactive`",
    "conversations download": "`candor conversations files FILE_ID`",
    "prompts diff": "`candor prompts show PROMPT@VERSION OTHER@VERSION`",
    "profiles show": "`candor profiles PROFILE`",
    "profiles list": "`candor profiles`",
    "profiles check": "`candor profiles PROFILE --check`",
    "datasets items": "`candor datasets show DATASET` shows the cases, too.",
    "datasets delete": "`candor datasets remove DATASET`",
    "prompts delete": "`candor prompts remove PROMPT`",
    "eval label": "`candor eval feedback RUN` shows judged answers one by one, and `candor eval feedback RUN "
    "PLACE pass` judges one.",
    "eval retry": "`candor eval resume RUN --errors`",
    "benchmark show": "`candor eval show RUN`, and `candor eval export RUN --out page.html` for files.",
    "benchmark resume": "`candor eval resume RUN`",
    "benchmark cancel": "`candor eval cancel RUN`",
    "benchmark remove": "`candor eval remove RUN`",
}
"""What to do instead, by the command's words."""


def hint_for(words: Sequence[str]) -> str:
    """Returns the hint for these words of a command line; empty where they name no removed command."""
    named = " ".join(words)
    return next((REMOVED[each] for each in REMOVED if f"{named} ".startswith(f"{each} ")), "")


_ENDLESS = 10_000
_WIDEST = 80
_COLLECT_AFTER = 500_000

EPILOG = """Start here:

\b
  candor samples
  candor ingest samples/documents
  candor ask "How long may I work from abroad?"
  candor chat
  candor doctor

Results go to stdout, everything else to stderr. Exit codes: 0 done, 1 failed or only partly
done, 2 wrong input, 3 not found, 4 refused, 5 conflict, 6 provider failed, 7 unavailable,
8 answered with a doubt."""


class FittingContext(typer.Context):
    """Help as wide as the terminal, at most 80 columns, and no word of it cut."""

    # Any: typer keeps the type of a formatter private.
    def make_formatter(self) -> Any:
        """Creates a formatter that does not wrap; we wrap lines ourselves."""
        return self.formatter_class(width=_ENDLESS)

    def get_help(self) -> str:
        """Returns a command's help."""
        return self._fitted(super().get_help())

    def get_usage(self) -> str:
        """Returns a command's usage in a line."""
        return self._fitted(super().get_usage())

    def _fitted(self, text: str) -> str:
        return layout.labelled(
            text, self.terminal_width or min(layout.width_of(sys.stdout) or _WIDEST, _WIDEST)
        )


class LazyGroup(TyperGroup):
    """A group of commands that are imported when they are run; listing them imports nothing."""

    context_class = FittingContext

    # Any: typer keeps the types of this method private.
    def main(self, args: Any = None, *rest: Any, standalone_mode: bool = True, **extra: Any) -> Any:
        """Runs a command; a usage error is written as all other text is."""
        if not standalone_mode:
            return super().main(args, *rest, standalone_mode=False, **extra)
        try:
            code = super().main(args, *rest, standalone_mode=False, **extra)
        except TyperException as error:
            _show_usage_error(error)
            if hint := hint_for(list(args or sys.argv[1:])):
                typer.echo(layout.wrap(f"hint: {hint}", layout.width_of(sys.stderr)), err=True)
            code = error.exit_code
        except typer.Abort:
            typer.echo("Aborted!", err=True)
            code = 1
        except SystemExit as ended:
            # Typer ends with 1 where the reader of its help has seen enough (`| head`).
            code = 0 if isinstance(ended.__context__, BrokenPipeError) else ended.code
        sys.exit(code)

    # Any: typer keeps the types of this method private.
    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Returns the command's name, the command itself, and what is left for it."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, load(name) if name and name in COMMANDS else command, rest


@cache
def load(name: str) -> Any:
    """Imports a command's module and makes its command, once."""
    module, _, app_name = COMMANDS[name].module.partition(":")
    made = cast("typer.Typer", getattr(import_module(f"backend.cli.{module}"), app_name or "app"))
    command: Any = typer.main.get_command(made)
    command.name = name
    for each in (command, *getattr(command, "commands", {}).values()):
        each.context_class = FittingContext
    return command


app = typer.Typer(
    cls=LazyGroup,
    name="candor",
    help="Answers from your documents and tables, with sources that code has verified.",
    epilog=EPILOG,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _nothing() -> None:
    """Stands for a command until it is imported."""


for _name, _command in COMMANDS.items():
    app.command(_name, help=_command.summary)(_nothing)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"candor {VERSION}")
        raise typer.Exit


@app.callback()
def _candor(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    pass


def _show_usage_error(error: Any) -> None:
    shown = StringIO()
    error.show(shown)
    said = shown.getvalue().replace(": Value error, ", ": ")  # pydantic's prefix
    sys.stderr.write(layout.wrap(said, layout.width_of(sys.stderr)))


def _nowhere() -> TextIO:
    return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123  (open to the end)


def _start_light() -> None:
    """Keeps what no command needs out of the start and out of the end."""
    # A start makes half a million objects that stay: to traverse them again and again took a sixth of it.
    # A server sets a threshold of its own (`backend/processes/scheduling.py`).
    gc.set_threshold(_COLLECT_AFTER)
    # The interpreter ends with several collections of all that there is, which takes longer than most
    # commands: the memory goes back to the system anyway.
    atexit.register(gc.freeze)
    # httpx's own command line, which brings rich, pygments and click with it. Where it is missing, as in
    # an installation without `httpx[cli]`, httpx goes without.
    sys.modules.setdefault("httpx._main", cast("ModuleType", None))


def main() -> None:
    """Runs the program."""
    _start_light()
    # Python leaves None where the caller has closed a stream (`>&-`).
    sys.stdout, sys.stderr = sys.stdout or _nowhere(), sys.stderr or _nowhere()
    for stream in (sys.stdout, sys.stderr):
        # A name with bytes that are no text must not end a list with a traceback.
        cast("Any", stream).reconfigure(errors="backslashreplace")
    app(prog_name="candor")


if __name__ == "__main__":
    main()
