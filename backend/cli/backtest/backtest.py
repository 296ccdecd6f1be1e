"""`candor backtest`: replay decided cases, and compare confidence with outcomes."""

import re
from pathlib import Path
from typing import Annotated

import anyio
import typer

from backend.cli.backtest.case_files import read_season
from backend.cli.command_run import AsJson, command_app, examples, run_settings
from backend.cli.terminal import terminal
from backend.errors import ExitCode
from backend.settings.settings import Settings
from use_cases.advice.backtest.replayed_decisions import Adviser
from use_cases.advice.errors import CasesInvalid

app = command_app()

_WEEKS = re.compile(r"([0-9]{1,3})(?:-([0-9]{1,3}))?")


@app.callback(
    epilog=examples("candor backtest start-sit samples/backtest/start_sit_cases.csv"),
)
def backtest() -> None:
    """Replay decided cases, and see what confidence was worth."""


@app.command(
    "start-sit",
    epilog=examples(
        "candor backtest start-sit samples/backtest/start_sit_cases.csv",
        "candor backtest start-sit cases.csv --adviser confident --out tuned.png",
        "candor backtest start-sit cases.csv --train-weeks 1-12 --test-weeks 13-17 --json",
    ),
)
def start_sit(
    csv: Annotated[
        Path,
        typer.Argument(
            metavar="CSV",
            help="Cases of one season: season, week, a_name, b_name, a_projected, b_projected, "
            "a_points, b_points, both_played. Invented ones: samples/backtest/start_sit_cases.csv.",
        ),
    ],
    profile: Annotated[
        str, typer.Option("--profile", "-p", help="The domain whose queries decide.")
    ] = "fantasy-nfl",
    adviser: Annotated[
        Adviser | None,
        typer.Option(
            help="constant says 80%; confident 70%, and 5 more for each point of the gap; curve is "
            "fitted to earlier weeks. Unset: all three."
        ),
    ] = None,
    train_weeks: Annotated[str, typer.Option(metavar="WEEKS", help="Learn from these.")] = "1-9",
    test_weeks: Annotated[
        str, typer.Option(metavar="WEEKS", help="Try on these, from which nothing is learned.")
    ] = "10-17",
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Write the diagram after tuning: .png or .svg."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Replay start-or-sit decisions: outcomes by SQL, scores before and after tuning.

    Every case is recorded as advice to start the player who was projected higher, judged by the
    profile's query, and tuned each training week, in a temporary store with a clock of its own.
    """
    train, test = _weeks(train_weeks, "--train-weeks"), _weeks(test_weeks, "--test-weeks")
    if out is not None and adviser is None:
        raise typer.BadParameter("A picture is of one adviser: name it with --adviser.")

    def work(settings: Settings) -> ExitCode:
        # The store and the statistics take most of a second to import: not for --help.
        from backend.cli.backtest.replay_run import run_replays
        from backend.cli.backtest.replay_view import picture_title, replays_json, show_replays
        from backend.cli.confidence.report_view import check_picture, write_picture

        check_picture(out)
        season = read_season(csv)

        async def replay_all() -> ExitCode:
            found = await run_replays(
                season,
                list(Adviser) if adviser is None else [adviser],
                settings=settings,
                profile=profile,
                train=train,
                test=test,
                on_start=lambda each: terminal.talk(f"replaying {each.value} …"),
            )
            if as_json:
                terminal.data_json(replays_json(found))
            else:
                show_replays(found)
            if any(each.pending for each in found):
                raise CasesInvalid(
                    f"The queries of {profile} could not decide {found[0].pending} cases.",
                    hint="Use fantasy-nfl, whose tables the cases are made into.",
                )
            if out is not None:
                after = found[0].after
                write_picture(out, after.scores, after.calibration, title=picture_title(found[0]))
            return ExitCode.DONE

        return anyio.run(replay_all)

    run_settings(work, as_json=as_json)


def _weeks(text: str, option: str) -> range:
    """Return `1-9` or `10` as a range."""
    found = _WEEKS.fullmatch(text.strip())
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    if not 0 < first <= last:
        raise typer.BadParameter(f"{text!r} is no range of weeks such as 1-9.", param_hint=option)
    return range(first, last + 1)
