"""`candor backtest start-sit` over an invented season: the real store, SQL and tuning."""

import csv
import json
import random
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from backend.cli.backtest.case_files import ends_on, read_season, write_tables
from tests.backend.cli.conftest import Candor, read_json
from use_cases.advice.backtest.replayed_decisions import Adviser, Case, chance
from use_cases.advice.comparison.option_values import Decided
from use_cases.advice.errors import CasesInvalid

COLUMNS: tuple[str, ...] = (
    "season",
    "week",
    "a_name",
    "b_name",
    "a_projected",
    "b_projected",
    "a_points",
    "b_points",
    "both_played",
)
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
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(rows)
        return str(path)

    return to_file


def replay(candor: Candor, path: str, adviser: str, *words: str) -> Any:
    weeks = ("--train-weeks", "1-4", "--test-weeks", "5-6")
    result = candor("backtest", "start-sit", path, "--adviser", adviser, *weeks, *words)
    assert result.exit_code == 0, result.stderr
    return result


@pytest.mark.exhaustive
def test_an_overconfident_adviser_is_tuned_and_better_on_weeks_it_has_not_seen(
    candor: Candor, write: Write, tmp_path: Path
) -> None:
    path = write(season())
    out = tmp_path / "tuned.svg"
    [found] = read_json(replay(candor, path, "confident", "--json", "--out", str(out)))
    assert (found["cases"], found["void"], found["pending"]) == (240, 0, 0)
    assert found["before"]["n"] == found["after"]["n"] == 80
    before, after = (found[name]["scores"]["brier"]["value"] for name in ("before", "after"))
    assert before > 0.28
    assert after < before - 0.02
    assert found["constants"]["0.5"] == 0.25
    statuses = {tried["before_week"]: tried["status"] for tried in found["tunings"]}
    assert list(statuses) == [2, 3, 4, 5]
    assert "tuning_applied" in statuses.values()
    assert "confident adviser, tuned" in out.read_text()


@pytest.mark.exhaustive
def test_a_constant_adviser_is_not_tuned_and_the_base_rate_is_told(
    candor: Candor, write: Write
) -> None:
    said = replay(candor, write(season()), "constant").stdout
    assert (
        "constant: tuned 0 times of 4 tries. The stated confidence was always 0.8. Base rate of the "
        "training cases: "
    ) in said
    assert re.search(r"always 50% +0\.2500", said)


@pytest.mark.exhaustive
def test_a_constant_adviser_shows_the_base_rate_of_the_training_weeks(
    candor: Candor, write: Write
) -> None:
    [found] = read_json(replay(candor, write(season()), "constant", "--json"))
    shares = [found[part]["scores"]["mean_probability"]["value"] for part in ("before", "after")]
    trained = found["trained"]["scores"]["rate"]["value"]
    assert shares == [0.8, pytest.approx(trained, abs=1e-4)]


@pytest.mark.exhaustive
def test_ties_and_those_who_did_not_play_are_void(candor: Candor, write: Write) -> None:
    rows = [
        *season(cases=35),
        row(5, 98, 2, won=True, a_points=7),
        row(5, 99, 2, won=True, both_played=False, b_points=""),
        row(6, 99, 2, won=True, both_played=False, b_points=0),
    ]
    [found] = read_json(replay(candor, write(rows), "curve", "--json"))
    assert (found["cases"], found["void"], found["after"]["n"]) == (213, 3, 70)


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


def test_weeks_that_cannot_be_are_said(candor: Candor, write: Write) -> None:
    path = write(season(range(1, 3), 2))
    overlap = candor("backtest", "start-sit", path, "--train-weeks", "1-2", "--test-weeks", "2")
    assert (overlap.exit_code, "must come after" in overlap.stderr) == (2, True)
    none = candor("backtest", "start-sit", path, "--json")
    assert (none.exit_code, json.loads(none.stderr.splitlines()[-1])["code"]) == (
        2,
        "cases_invalid",
    )
    for wrong in ("9-1", "one", "0-3"):
        assert candor("backtest", "start-sit", path, "--train-weeks", wrong).exit_code == 2
    assert candor("backtest", "start-sit", path, "--out", "a.png").exit_code == 2
    unknown = candor(
        "backtest",
        "start-sit",
        path,
        "--profile",
        "none",
        "--test-weeks",
        "2",
        "--train-weeks",
        "1",
    )
    assert (unknown.exit_code, "profile_unknown" in unknown.stderr) == (2, True)


def test_nothing_of_the_persons_own_is_touched(
    candor: Candor, write: Write, tmp_path: Path
) -> None:
    path = write(season(range(1, 6), 8))
    assert (
        candor(
            "backtest",
            "start-sit",
            path,
            "--adviser",
            "curve",
            "--train-weeks",
            "1-4",
            "--test-weeks",
            "5",
        ).exit_code
        == 0
    )
    assert [each.name for each in tmp_path.iterdir()] == ["cases.csv"]


@pytest.mark.exhaustive
def test_the_shipped_cases_show_what_tuning_does(candor: Candor) -> None:
    cases = Path(__file__).parents[4] / "samples" / "backtest" / "start_sit_cases.csv"
    result = candor("backtest", "start-sit", str(cases), "--adviser", "confident", "--json")
    assert result.exit_code == 0, result.stderr
    [found] = read_json(result)

    assert (found["cases"], found["void"], found["pending"]) == (816, 71, 0)
    before, after = (found[name]["scores"]["brier"]["value"] for name in ("before", "after"))
    assert after < found["constants"]["0.5"] < before
