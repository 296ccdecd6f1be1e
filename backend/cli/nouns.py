"""What commands have in common: the list and the removal of a noun, options that recur, empty results.

A noun is a table: its columns, each a title and what stands in it, and the command that makes the first
one. Its list is written as a table, and as JSON `{"answers": [...], "next_before": ...}`; removing asks
first. Leaves to others: what a noun's other commands do.
"""

import re
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any, Generic, TypeAlias, TypeVar, cast

import typer

from backend.cli.command_run import CommandApp, Shown
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.errors import ConfirmationNeeded, ExitCode
from backend.settings.settings import Settings
from use_cases.kernel.citations.sources import Outcome
from use_cases.kernel.errors import InvalidInput
from use_cases.kernel.targets import Judgement

Row = TypeVar("Row")

Columns: TypeAlias = Sequence[tuple[str, Callable[[Row], object]]]

Limit = Annotated[
    int, typer.Option("--limit", "-n", min=1, max=199, help="Show at most this many.")
]
Before = Annotated[
    str | None, typer.Option("--before", metavar="ID", help="Show those before this one.")
]
Offset = Annotated[int, typer.Option("--offset", min=0, help="Skip this many.")]
Yes = Annotated[
    bool,
    typer.Option("--yes", "-y", help="Do not ask for confirmation; required without a terminal."),
]
Model = Annotated[
    str | None, typer.Option("--model", "-m", help="Use this model, as provider:name.")
]


def of_file(about: str, *names: str) -> Any:
    """Returns an option that takes the name of a file."""
    return typer.Option(*names, metavar="FILE", help=about)


OfOutcome = Annotated[Outcome | None, typer.Option(help="Only answers that ended so.")]
OfJudgement = Annotated[
    Judgement | None, typer.Option(help="Only answers that a person called so; none: not yet.")
]
OfModel = Annotated[str | None, typer.Option("--model", "-m", help="Only of this model.")]
OfPrompt = Annotated[
    str | None, typer.Option(help="Only of this prompt version, such as chat-1-3249ce9c.")
]
Citing = Annotated[
    str | None, typer.Option(help="Only answers that cite this document: its id or name.")
]
Containing = Annotated[
    str | None, typer.Option(help="Only where this stands in the question or the answer.")
]

_FORM = re.compile(r"([1-9][0-9]{0,5})([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def _moment(given: str) -> datetime:
    try:
        if match := _FORM.fullmatch(given.strip().lower()):
            return datetime.now(UTC) - _span(match)
        moment = datetime.fromisoformat(given.strip())
    except (ValueError, OverflowError) as error:
        raise typer.BadParameter(
            "Write a day (2026-03-01), a time (2026-03-01T12:00), or how long ago it was (12h, 30d)."
        ) from error
    return moment.replace(tzinfo=moment.tzinfo or UTC)


def _span(match: re.Match[str]) -> timedelta:
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def of_time(about: str) -> Any:
    """Returns an option that takes a moment: a day, a time (UTC where it names no zone), or how long ago."""
    return typer.Option(metavar="TIME", parser=_moment, help=about)


Since = Annotated[
    datetime | None, of_time("Only answers of then or later: 2026-03-01, or 30d for 30 days ago.")
]
Until = Annotated[datetime | None, of_time("Only answers of before then.")]


def _whole(words: list[str]) -> list[str]:
    """Returns the question in one piece, before anything else waits: Ctrl-C ends a read of stdin."""
    return [sys.stdin.read() if words == ["-"] else " ".join(words)]


QuestionWords = Annotated[
    list[str],
    typer.Argument(
        metavar="QUESTION",
        callback=_whole,
        help="The question; - reads it from stdin. Put -- before one that begins with a dash.",
    ),
]
"""A question in one piece."""


@dataclass(frozen=True, slots=True)
class Noun(Generic[Row]):
    """A kind of thing that is listed: its plural, the command that makes the first one, its columns."""

    plural: str
    begin: str
    columns: Columns[Row]

    def page(
        self,
        candor: Container,
        rows: Sequence[Row],
        more: str | int | None,
        *,
        by: str = "before",
        record: Callable[[Row], object] | None = None,
        nothing: str | None = None,
    ) -> Shown:
        """Returns some of them. `more`: the value of `--before`, or of `by`, that shows the next ones.

        `record` returns what JSON has of a row; None: the row itself.
        `nothing` is said in place of an empty list; None: nothing of the kind is stored.
        """

        def write() -> None:
            if rows:
                terminal.data(table(self.columns, rows))
            elif nothing is None:
                explain_empty_store(candor.settings, what=self.plural, begin=self.begin)
            else:
                terminal.talk(nothing)
            if more is not None:
                terminal.talk(f"There are more; add --{by} {more}")

        listed = [one if record is None else record(one) for one in rows]
        return Shown({self.plural: listed, f"next_{by}": more}, write)

    def removal(
        self,
        app: CommandApp,
        *,
        metavar: str,
        about: str,
        example: str,
        find: Callable[[Container, str], Awaitable[str]],
        remove: Callable[[Container, str], Awaitable[object]],
    ) -> None:
        """Adds the command `remove`. `find` returns what is to be removed, in words, or raises an
        error.
        """

        async def remove_one(
            candor: Container,
            name: Annotated[str, typer.Argument(metavar=metavar, help="Its id.")],
            yes: Yes = False,
        ) -> Shown | ExitCode:
            if not confirmed(await find(candor, name), yes=yes):
                return ExitCode.REFUSED
            await remove(candor, name)
            return Shown({"removed": [{"id": name}]}, f"Removed {name}")

        remove_one.__doc__ = about
        app.add("remove", example)(remove_one)


def table(columns: Columns[Row], rows: Sequence[Row]) -> str:
    """Returns these rows below their titles."""
    cells = [[cell(of(row)) for _, of in columns] for row in rows]
    return terminal.columns([title for title, _ in columns], cells)


def cell(value: object) -> str:
    """Returns a value as it stands in a table: a moment in local time, a number in groups."""
    match value:
        case None:
            return ""
        case datetime():
            return f"{value.astimezone():%Y-%m-%d %H:%M}"
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case list() | tuple():
            return ", ".join(map(str, cast("Sequence[object]", value)))
        case _:
            return terminal.line(str(value))


def confirmed(what: str, *, yes: bool) -> bool:
    """Returns whether this may be removed. Raises `ConfirmationNeeded` where nobody can be asked."""
    if yes:
        return True
    if not terminal.is_interactive():
        raise ConfirmationNeeded(f"{what} would be removed, and there is no terminal to ask at.")
    if terminal.confirm(f"Remove {what}?"):
        return True
    terminal.talk("Nothing was removed.")
    return False


_BEFORE = Path("var")
"""The former data folder of an installation without a checkout."""


async def explain_nothing(candor: Container) -> None:
    """Explains an empty result: an empty library, or no match."""
    if not await explain_not_found(candor):
        terminal.talk("Nothing was found.")


async def explain_not_found(candor: Container) -> bool:
    """Explains an empty library, with its place. Return whether it is empty."""
    if (await candor.knowledge.manage_documents.count()).documents:
        return False
    explain_empty_library(candor.settings)
    return True


def explain_empty_library(settings: Settings, *, what: str = "documents") -> None:
    """Explains that nothing is stored, with the place and the first step."""
    terminal.talk(f"No {what} in {settings.knowledge_place}.")
    if not settings.knowledge_server:
        _name_other(settings, settings.knowledge_path.name)
    terminal.talk(
        "Start with: candor ingest FOLDER (`candor samples` puts some to try into ./samples)"
    )


def explain_empty_store(settings: Settings, *, what: str, begin: str) -> None:
    """Explains that there is nothing of this kind, with the place and the first step."""
    terminal.talk(f"No {what} in {settings.store_place}. Start with: {begin}")
    _name_other(settings, "candor.sqlite")


def _name_other(settings: Settings, name: str) -> None:
    """Names a database in the former folder, if there is one that is not in use."""
    other = _BEFORE / name
    elsewhere = settings.data_path.resolve() != _BEFORE.resolve()
    if settings.data_dir is None and elsewhere and other.is_file():
        terminal.talk(f"There is one in {other}; DATA_DIR=var uses it.")


def read_duration(option: str, given: str, *, hint: str | None = None) -> timedelta:
    """Returns the duration that an option names. Raises `InvalidInput`."""
    match = _FORM.fullmatch(given.strip().lower())
    if match is None:
        raise InvalidInput(f"{option} takes a number and a unit: 30m, 12h, 90d or 52w.", hint=hint)
    return _span(match)


_SMALL = Decimal("0.001")


def dollars(amount: Decimal) -> str:
    """Formats US dollars: `$0`, `$0.000031`, `$1.2500`. What cost something is never shown as nothing."""
    return f"${amount:.{6 if amount < _SMALL else 4}f}" if amount else "$0"


def read_dollars(option: str, given: str | None) -> Decimal | None:
    """Returns the US dollars that an option names. Raises `InvalidInput`."""
    if given is None:
        return None
    try:
        amount = Decimal(given.strip().removeprefix("$"))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise InvalidInput(f"{option} takes US dollars, such as 2.50.")
    return amount
