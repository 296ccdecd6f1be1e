"""`candor confidence`: show whether confidence is calibrated, and correct it."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from backend.cli.command_run import AsJson, command_app, examples, run, run_settings
from backend.cli.confidence.forecast_files import read_forecasts
from backend.cli.confidence.report_view import (
    check_picture,
    report_json,
    show_report,
    write_picture,
)
from backend.cli.confidence.tuning_commands import rollback, status, tune
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.errors import ExitCode
from use_cases.advice.confidence.report_model import RecentRequest, ReportRequest, Which
from use_cases.advice.model import OutcomeState
from use_cases.kernel.model import LOCAL
from use_cases.kernel.statistics.report import calibration_report, score_report

app = command_app()

Profile = Annotated[str | None, typer.Option("--profile", "-p", help="Only this domain.")]
Model = Annotated[str | None, typer.Option("--model", "-m", help="Only this model.")]
Days = Annotated[
    int | None, typer.Option("--days", min=1, max=3650, help="Only the last so many days.")
]

_YEAR = 365
_ASK = 'Ask for advice: candor advise "…"'
_RECORD = (
    "Record the outcome of the {} pending: candor feedback last right, or candor confidence resolve"
)
_ADD = "Add rows with an outcome; --json has the figures of few."


@app.callback(
    invoke_without_command=True,
    epilog=examples(
        "candor confidence",
        "candor confidence report --out calibration.svg",
        "candor confidence recent --outcome pending",
        "candor confidence tune --profile fantasy-nfl",
    ),
)
def confidence(context: typer.Context) -> None:
    """Show whether confidence is calibrated, and correct it.

    Without a command it shows the report.
    """
    if context.invoked_subcommand is None:
        _report_record(ReportRequest(days_back=_YEAR), None, as_json=False)


@app.command(
    epilog=examples(
        "candor confidence report --days 90 --profile fantasy-nfl",
        "candor confidence report --which stated --out stated.svg",
        "candor confidence report --csv forecasts.csv --edges right --json",
    )
)
def report(
    days: Annotated[
        int | None,
        typer.Option(min=1, max=3650, help="Only the last so many days.  [default: 365]"),
    ] = None,
    profile: Profile = None,
    model: Model = None,
    which: Annotated[
        Which,
        typer.Option(help="Judge the confidence that was shown, or the one the model stated."),
    ] = Which.CALIBRATED,
    bands: Annotated[int, typer.Option(min=5, max=20, help="Number of bands.")] = 10,
    edges: Annotated[
        Literal["left", "right"],
        typer.Option(help="Which edge belongs to a band: [0.3, 0.4) or (0.3, 0.4]."),
    ] = "left",
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
    as_json: AsJson = False,
) -> None:
    """Show how often advice was right at each confidence.

    The diagram shows the share right in each band of confidence, with its 95% interval; on the
    dotted line confidence is calibrated. Each figure below it stands beside its yardstick.
    """
    if csv is not None and (days or profile or model):
        raise typer.BadParameter(
            "--csv reports on a whole file: leave out --days, --profile and --model."
        )
    request = ReportRequest(
        days_back=days or _YEAR, profile=profile, model=model, which=which, bands=bands, edges=edges
    )
    if csv is None:
        _report_record(request, out, as_json=as_json)
    else:
        _report_file(csv, request, out, as_json=as_json)


@app.command(
    epilog=examples(
        "candor confidence recent --limit 5",
        "candor confidence recent --outcome pending --profile fantasy-nfl --json",
    )
)
def recent(
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, max=200, help="How many at most.")
    ] = 20,
    before: Annotated[str | None, typer.Option(help="Id of the last one already seen.")] = None,
    outcome: Annotated[
        OutcomeState | None, typer.Option(help="Only advice with this outcome.")
    ] = None,
    profile: Profile = None,
    model: Model = None,
    days: Days = None,
    as_json: AsJson = False,
) -> None:
    """List recorded advice with its confidence and outcome, newest first."""
    request = RecentRequest(
        limit=limit, before=before, outcome=outcome, profile=profile, model=model, days_back=days
    )

    async def work(candor: Container) -> ExitCode:
        from backend.cli.confidence.recent_view import (
            show_recent,  # pydantic's models: not for --help
        )

        show_recent(await candor.advice.report_confidence.recent(LOCAL, request), as_json=as_json)
        return ExitCode.DONE

    run(work, as_json=as_json)


app.command(
    epilog=examples("candor confidence status", "candor confidence status -p fantasy-nfl --json")
)(status)
app.command(
    epilog=examples(
        "candor confidence tune --profile fantasy-nfl",
        "candor confidence tune --profile fantasy-nfl --apply",
    )
)(tune)
app.command(
    epilog=examples(
        "candor confidence rollback --profile fantasy-nfl",
        "candor confidence rollback --to cal_01K9ZC3W5T0000000000000000",
        "candor confidence rollback --profile fantasy-nfl --to nothing",
    )
)(rollback)


@app.command(
    epilog=examples(
        "candor confidence resolve",
        "candor confidence resolve --profile fantasy-nfl --json",
    )
)
def resolve(profile: Profile = None, as_json: AsJson = False) -> None:
    """Judge advice by the loaded tables.

    The profile's query judges all advice that has no outcome yet. Outcomes that a person recorded
    are kept.
    """

    async def work(candor: Container) -> ExitCode:
        from backend.cli.confidence.recent_view import show_resolved

        found = await candor.advice.resolve_outcomes.run(LOCAL, profile)
        show_resolved(found, as_json=as_json)
        return ExitCode.FAILED if found.failed else ExitCode.DONE

    run(work, as_json=as_json)


def _report_record(request: ReportRequest, out: Path | None, *, as_json: bool) -> None:
    async def work(candor: Container) -> ExitCode:
        check_picture(out)
        found = await candor.advice.report_confidence.calibration(LOCAL, request)
        title = (
            "Confidence as shown" if request.which is Which.CALIBRATED else "Confidence as stated"
        )
        title += f", last {found.window.days_back} days"
        if request.profile:
            title += f", {request.profile}"
        if as_json:
            from backend.schemas.confidence import CalibrationReport

            terminal.data_json(CalibrationReport.of(found).model_dump(mode="json"))
        else:
            counts, unsure = found.window.counts, found.window.unsure
            show_report(
                found.scores,
                found.calibration,
                title=title,
                more=_ASK if not counts.pending else _RECORD.format(counts.pending),
                void=counts.void,
                unsure=unsure,
            )
        if out is not None:
            write_picture(out, found.scores, found.calibration, title=title)
        return ExitCode.DONE

    run(work, as_json=as_json)


def _report_file(csv: Path, request: ReportRequest, out: Path | None, *, as_json: bool) -> None:
    def work(_: object) -> ExitCode:
        check_picture(out)
        found = read_forecasts(csv)
        rows, coverage = found.decided, found.coverage
        scores = score_report(rows, coverage=coverage, bands=request.bands, edges=request.edges)
        calibration = calibration_report(
            rows, coverage=coverage, bands=request.bands, edges=request.edges
        )
        if as_json:
            terminal.data_json(report_json(scores, calibration))
        else:
            show_report(scores, calibration, title=csv.name, more=_ADD, void=found.void)
        if out is not None:
            write_picture(out, scores, calibration, title=csv.name)
        return ExitCode.DONE if found.decided else ExitCode.NOT_FOUND

    run_settings(work, as_json=as_json)
