"""`candor confidence`: show whether confidence is calibrated, and correct it; also by forecasts and cases of
a user's own in CSV files.

Promises: an unusable file is one error with the line and the fault; unused columns are ignored; no
value is guessed.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from backend.cli.command_run import CommandApp, Shown
from backend.cli.confidence.report_view import (
    check_picture,
    report_json,
    show_report,
    write_picture,
)
from backend.cli.confidence.tuning_commands import rollback, status, tune
from backend.cli.nouns import Before, Limit, Noun
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.errors import ExitCode
from backend.schemas.advice_figures import CalibrationReply
from backend.schemas.advice_schemas import RecentAdvice, ResolvedReply
from use_cases.advice.confidence.report_model import RecentRequest, ReportRequest, Which
from use_cases.advice.errors import CasesInvalid
from use_cases.advice.model import OutcomeState, Response
from use_cases.advice.profile import CERTAIN
from use_cases.kernel.model import LOCAL
from use_cases.kernel.statistics.figures import Forecast, counted
from use_cases.kernel.statistics.report import calibration_report, score_report

_RIGHT = {"1", "1.0", "true", "right", "yes"}
_WRONG = {"0", "0.0", "false", "wrong", "no"}
_VOID = {"void"}
_PENDING = {"", "pending"}


@dataclass(frozen=True, slots=True)
class CsvLine:
    """One row of a file: its line number, and its cells by column, trimmed."""

    number: int
    cells: Mapping[str, str]

    def number_in(self, column: str) -> float:
        """Returns a cell as a number. Raises `CasesInvalid`."""
        try:
            return float(self.cells[column])
        except ValueError:
            raise self.error(f"{column} {self.cells[column]!r} is no number.") from None

    def error(self, what: str) -> CasesInvalid:
        """Returns the error with the line number."""
        return CasesInvalid(f"Line {self.number}: {what}")


@dataclass(frozen=True, slots=True)
class Forecasts:
    """The forecasts of a file: those with an outcome, and the number without."""

    decided: Sequence[Forecast]
    pending: int = 0
    void: int = 0

    @property
    def coverage(self) -> float | None:
        """The share that has an outcome, without void ones. None where there are none at all."""
        total = len(self.decided) + self.pending
        return len(self.decided) / total if total else None


def read_forecasts(path: Path) -> Forecasts:
    """Reads columns `probability` (0 to 1) and `outcome`, and optionally `event` and `date`.

    An outcome is 1, 0, true, false, right or wrong; `void` is left out, empty and `pending` count
    against coverage. Raises `CasesInvalid`.
    """
    decided: list[Forecast] = []
    pending = void = 0
    for line in read_lines(path, needed=("probability", "outcome")):
        outcome = line.cells["outcome"].lower()
        void += outcome in _VOID
        pending += outcome in _PENDING
        if outcome not in _VOID | _PENDING:
            decided.append(_forecast(line, outcome))
    return Forecasts(decided, pending, void)


def read_lines(path: Path, *, needed: Sequence[str]) -> Iterator[CsvLine]:
    """Yields the rows of a CSV file with a header that has the `needed` columns. Raises `CasesInvalid`."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = [cell.strip() for row in islice(reader, 1) for cell in row]
            _check(path, header, needed)
            yield from _lines(reader, header)
    except UnicodeDecodeError:
        raise CasesInvalid(f"{path} is not in UTF-8.") from None
    except OSError as error:
        raise CasesInvalid(f"{path} cannot be read: {error.strerror}.") from error
    except csv.Error as error:
        raise CasesInvalid(f"{path} is no CSV file: {error}.") from None


def _check(path: Path, header: Sequence[str], needed: Sequence[str]) -> None:
    missing = [column for column in needed if column not in header]
    if missing:
        raise CasesInvalid(f"{path} has no column {' and no column '.join(missing)}.")
    twice = [column for column in needed if header.count(column) > 1]
    if twice:
        raise CasesInvalid(f"{path} has the column {twice[0]} twice.")


def _lines(reader: Iterator[list[str]], header: Sequence[str]) -> Iterator[CsvLine]:
    for number, row in enumerate(reader, start=2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(header):
            raise CasesInvalid(f"Row {number}: {len(row)} cells under {len(header)} columns.")
        cells = (cell.strip() for cell in row)
        yield CsvLine(number, dict(zip(header, cells, strict=True)))


def _forecast(line: CsvLine, outcome: str) -> Forecast:
    if outcome not in _RIGHT | _WRONG:
        what = "is none of 1, 0, true, false, right, wrong, void, pending."
        raise line.error(f"outcome {line.cells['outcome']!r} {what}")
    probability = line.number_in("probability")
    if not 0 <= probability <= 1:
        raise line.error(f"probability {line.cells['probability']!r} is not from 0 to 1.")
    event, date = line.cells.get("event"), line.cells.get("date")
    return Forecast(probability, outcome in _RIGHT, event or None, _moment(line, date))


def _moment(line: CsvLine, date: str | None) -> datetime | None:
    if not date:
        return None
    try:
        return datetime.fromisoformat(date)
    except ValueError:
        raise line.error(f"date {date!r} is not written as 2025-10-31.") from None


app = CommandApp()

Profile = Annotated[str | None, typer.Option("--profile", "-p", help="Only this domain.")]
ModelOnly = Annotated[str | None, typer.Option("--model", "-m", help="Only this model.")]

_YEAR = 365
_ASK = 'Ask for advice: candor advise "…"'
_RECORD = (
    "Record the outcome of the {} pending: candor feedback last right, or candor confidence resolve"
)
_ADD = "Add rows with an outcome; --json has the figures of few."
_ADVICE: Noun[Response] = Noun(
    "advice",
    'candor advise "…"',
    (
        ("ID", lambda one: one.response_id),
        ("ASKED", lambda one: one.created_at),
        ("STATED", lambda one: _percent(one.advice.confidence and one.advice.confidence.stated)),
        ("SHOWN", lambda one: _percent(one.advice.confidence and one.advice.confidence.calibrated)),
        ("OUTCOME", lambda one: one.outcome.value),
        ("QUESTION", lambda one: one.question),
    ),
)


@app.lists(
    "candor confidence",
    "candor confidence --days 90 --profile fantasy-nfl",
    "candor confidence report --which stated --out stated.svg",
    "candor confidence report --csv forecasts.csv --json",
    "candor confidence recent --outcome pending",
    "candor confidence tune --profile fantasy-nfl",
    word="report",
)
async def report(
    candor: Container,
    days: Annotated[
        int | None,
        typer.Option(min=1, max=3650, help="Only the last so many days.  [default: 365]"),
    ] = None,
    profile: Profile = None,
    model: ModelOnly = None,
    which: Annotated[
        Which,
        typer.Option(help="Judge the confidence that was shown, or the one the model stated."),
    ] = Which.CALIBRATED,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Write the diagram as a picture (.svg)."),
    ] = None,
    csv: Annotated[
        Path | None,
        typer.Option(
            help="Report on this file instead of the record: columns probability, outcome "
            "(1, 0, void or empty), and optionally event and date."
        ),
    ] = None,
) -> Shown:
    """Show whether confidence is calibrated, and correct it.

    Without a subcommand (`report` may be said) it shows how often advice was right at each confidence.
    Each line has the share right in a band of confidence, with its 95% interval. Each figure below
    stands beside its yardstick. --out draws both as a diagram.
    """
    if csv is not None and (days or profile or model):
        raise typer.BadParameter(
            "--csv reports on a whole file: leave out --days, --profile and --model."
        )
    check_picture(out)
    request = ReportRequest(days_back=days or _YEAR, profile=profile, model=model, which=which)
    if csv is None:
        return await _report_record(candor, request, out)
    return _report_file(csv, request, out)


@app.add(
    "recent",
    "candor confidence recent --limit 5",
    "candor confidence recent --outcome pending --profile fantasy-nfl --json",
)
async def recent(
    candor: Container,
    limit: Limit = 20,
    before: Before = None,
    outcome: Annotated[
        OutcomeState | None, typer.Option(help="Only advice with this outcome.")
    ] = None,
    profile: Profile = None,
    model: ModelOnly = None,
) -> Shown:
    """List recorded advice with its confidence and outcome, newest first."""
    request = RecentRequest(
        limit=limit, before=before, outcome=outcome, profile=profile, model=model
    )
    found = await candor.advice.report_confidence.recent(LOCAL, request)
    nothing = f"No such advice is recorded. {_ASK}"
    page = _ADVICE.page(candor, found.responses, found.next_before, nothing=nothing)
    return Shown(RecentAdvice.of_recent(found), page.text)


@app.add("show", "candor confidence show resp_01K9ZC3W5T0000000000000000")
async def show(
    candor: Container,
    advice: Annotated[str, typer.Argument(metavar="ADVICE", help="The advice's id.")],
) -> Shown:
    """Show recorded advice as it was given, with its sources and what came of it."""
    # The agent's events take seconds to import: not for --help.
    from backend.cli.advice.advise import recorded_advice

    return await recorded_advice(candor, advice)


app.add("status", "candor confidence status", "candor confidence status -p fantasy-nfl --json")(
    status
)
app.add(
    "tune",
    "candor confidence tune --profile fantasy-nfl",
    "candor confidence tune --profile fantasy-nfl --apply",
)(tune)
app.add(
    "rollback",
    "candor confidence rollback --profile fantasy-nfl",
    "candor confidence rollback --to cal_01K9ZC3W5T0000000000000000",
    "candor confidence rollback --profile fantasy-nfl --to nothing",
)(rollback)


@app.add(
    "resolve", "candor confidence resolve", "candor confidence resolve --profile fantasy-nfl --json"
)
async def resolve(candor: Container, profile: Profile = None) -> Shown:
    """Judge advice by the loaded tables.

    The profile's query judges all advice that has no outcome yet. Outcomes that a person recorded
    are kept.
    """
    found = await candor.advice.resolve_outcomes.run(LOCAL, profile)

    def write() -> None:
        counts = f"{found.right} right, {found.wrong} wrong, {found.void} void"
        terminal.data(f"{counts}; {found.pending} not over yet")
        for failed in found.failed:
            count = len(failed.responses)
            terminal.talk(f"note: {failed.profile}, {count} undecided: {failed.reason}")
            terminal.talk(f"Say what came of it: candor feedback {failed.responses[0]} right")

    code = ExitCode.FAILED if found.failed else ExitCode.DONE
    return Shown(ResolvedReply.of(found), write, code)


async def _report_record(candor: Container, request: ReportRequest, out: Path | None) -> Shown:

    found = await candor.advice.report_confidence.calibration(LOCAL, request)
    title = "Confidence as shown" if request.which is Which.CALIBRATED else "Confidence as stated"
    title += f", last {counted(found.window.days_back, 'day')}"
    if request.profile:
        title += f", {request.profile}"
    counts = found.window.counts
    if out is not None:
        write_picture(out, found.scores, found.calibration, title=title)
    return Shown(
        CalibrationReply.of(found),
        lambda: show_report(
            found.scores,
            found.calibration,
            title=title,
            more=_ASK if not counts.pending else _RECORD.format(counts.pending),
            void=counts.void,
            unsure=found.window.unsure,
        ),
    )


def _report_file(csv: Path, request: ReportRequest, out: Path | None) -> Shown:
    found = read_forecasts(csv)
    rows, coverage = found.decided, found.coverage
    scores = score_report(rows, coverage=coverage, bands=request.bands, edges=request.edges)
    calibration = calibration_report(
        rows, coverage=coverage, bands=request.bands, edges=request.edges
    )
    if out is not None:
        write_picture(out, scores, calibration, title=csv.name)
    return Shown(
        report_json(scores, calibration),
        lambda: show_report(scores, calibration, title=csv.name, more=_ADD, void=found.void),
        ExitCode.DONE if rows else ExitCode.NOT_FOUND,
    )


def _percent(basis_points: int | None) -> str:
    return "none" if basis_points is None else f"{basis_points / CERTAIN:.0%}"
