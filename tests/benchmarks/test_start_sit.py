"""The replay of decided cases over an invented season: the real store, SQL and tuning."""

import csv
import random
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TypeAlias

import pytest

from backend.settings.settings import load_settings
from benchmarks.decision_replay import Adviser, Case, Replay, chance
from benchmarks.start_sit import run_replays
from benchmarks.start_sit_cases import COLUMNS, ends_on, read_season, write_tables
from use_cases.advice.comparison.option_values import Decided
from use_cases.advice.errors import CasesInvalid
from use_cases.advice.tuning.tuning_report import TuningStatus
from use_cases.kernel.statistics.figures import Statistic

pytestmark = pytest.mark.anyio

Row: TypeAlias = dict[str, object]
Write: TypeAlias = Callable[[list[Row]], str]


def row(week: int, number: int, gap: float, *, won: bool, **other: object) -> Row:
    """Player A of this case was projected `gap` higher, and won or did not."""
    a, b = f"Ada {week}-{number}", f"Ben {week}-{number}"
    values: list[object] = [2031, week, a, b, 10 + gap, 10, 12 if won else 3, 7, True]
    return {**dict(zip(COLUMNS, values, strict=True)), **other}


def season(weeks: range = range(1, 7), cases: int = 40) -> list[Row]:
    """The higher one wins in 40 to 65 of 100, the more the larger the gap is."""
    draw = random.Random(7)
    return [
        row(week, number, gap, won=draw.random() < 0.4 + 0.05 * gap)
        for week in weeks
        for number in range(cases)
        for gap in [number % 6]
    ]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes cases; gives the file's path."""

    def to_file(rows: list[Row]) -> str:
        path = tmp_path / "cases.csv"
        with path.open("w", newline="") as file:
            writer: csv.DictWriter[str] = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(rows)
        return str(path)

    return to_file


async def replay(path: str, adviser: Adviser) -> Replay:
    season = read_season(Path(path))
    [found] = await run_replays(season, [adviser], load_settings(), range(1, 5), range(5, 7))
    return found


def share(figure: Statistic) -> float:
    assert figure.value is not None
    return figure.value


@pytest.mark.exhaustive
async def test_an_overconfident_adviser_is_tuned_and_better_on_weeks_it_has_not_seen(
    write: Write,
) -> None:
    found = await replay(write(season()), Adviser.CONFIDENT)
    assert (found.cases, found.void, found.pending) == (240, 0, 0)
    assert found.before.scores.n == found.after.scores.n == 80
    before, after = (share(each.scores.brier) for each in (found.before, found.after))
    assert before > 0.28
    assert after < before - 0.02
    assert found.constants[0.5] == 0.25
    statuses = {tried.before_period: tried.result.status for tried in found.tunings}
    assert list(statuses) == [2, 3, 4, 5]
    assert TuningStatus.TUNING_APPLIED in statuses.values()


@pytest.mark.exhaustive
async def test_a_constant_adviser_is_not_tuned_and_shows_the_base_rate(write: Write) -> None:
    found = await replay(write(season()), Adviser.CONSTANT)
    assert {each.result.status for each in found.tunings} == {TuningStatus.NOT_APPLIED}
    shares = [share(each.scores.mean_probability) for each in (found.before, found.after)]
    assert shares == [0.8, pytest.approx(share(found.trained.scores.rate), abs=1e-4)]


@pytest.mark.exhaustive
async def test_ties_and_those_who_did_not_play_are_void(write: Write) -> None:
    rows = [
        *season(cases=35),
        row(5, 98, 2, won=True, a_points=7),
        row(5, 99, 2, won=True, both_played=False, b_points=""),
        row(6, 99, 2, won=True, both_played=False, b_points=0),
    ]
    found = await replay(write(rows), Adviser.CURVE)
    assert (found.cases, found.void, found.after.scores.n) == (213, 3, 70)


def test_the_curve_knows_earlier_weeks_alone() -> None:
    assert chance(Adviser.CURVE, [])(3.0) == 0.5
    known = [Decided(2.0, 1, float(place < 70)) for place in range(100)]
    assert 0.6 < chance(Adviser.CURVE, known)(2.0) < 0.7
    says = chance(Adviser.CONFIDENT, known)
    assert (says(0), says(1), says(99)) == (0.70, 0.75, 0.95)


def test_a_case_is_the_same_whichever_side_comes_first() -> None:
    case = Case(period=1, a="Ada", b="Ben", a_value=3, b_value=5)
    assert (case.higher, case.lower, case.gap) == ("Ben", "Ada", 2)


def test_a_week_ends_on_its_monday() -> None:
    assert ends_on(2021, 1) == date(2021, 9, 13)
    assert ends_on(2021, 10) == date(2021, 11, 15)
    assert ends_on(2025, 1) == date(2025, 9, 8)


def test_the_tables_hold_points_of_those_who_played(write: Write, tmp_path: Path) -> None:
    path = write([row(1, 1, 2, won=True), row(1, 2, 2, won=True, both_played=False, b_points="")])
    write_tables(read_season(Path(path)), tmp_path)
    with (tmp_path / "weekly_stats.csv").open() as file:
        stats = {line["player_name"]: line["fantasy_points"] for line in csv.DictReader(file)}
    assert stats == {"Ada 1-1": "12", "Ben 1-1": "7", "Ada 1-2": "12"}
    assert (tmp_path / "schedule.csv").read_text().splitlines()[1] == "1,2031-09-08,ALL,ALL"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "has no rows."),
        ([row(1, 1, 1, won=True, season="soon")], "Line 2: season 'soon' is no whole number"),
        ([row(1, 1, 1, won=True, a_projected="inf")], "Line 2: a_projected 'inf' is no finite"),
        ([row(1, 1, 1, won=True, b_points="")], "Line 2: b_points '' is no number."),
        ([row(1, 1, 1, won=True, both_played="maybe")], "both_played 'maybe' is neither"),
        ([row(1, 1, 1, won=True, b_name="Ada 1-1")], "Line 2: it takes two players."),
        ([row(1, 1, 1, won=True), row(1, 1, 2, won=True)], "Line 3: Ada 1-1 has other figures"),
        ([row(1, 1, 1, won=True), row(2, 1, 1, won=True, season=2032)], "cases of 2 seasons"),
    ],
)
def test_cases_that_cannot_be_used_are_said(rows: list[Row], said: str, write: Write) -> None:
    with pytest.raises(CasesInvalid) as raised:
        read_season(Path(write(rows)))
    assert said in raised.value.detail
