"""Decided start-or-sit cases from a CSV file, and the tables that decide them.

Promises: a file that contradicts itself is refused with its line; a case contains only values known
before its week, the tables only scores. The tables have the columns of the profile `fantasy-nfl`.
The file has neither teams nor fixtures, so in each week one fixture of one team stands for all,
played on the Monday that ends a week of the season.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import isfinite
from pathlib import Path

from backend.cli.confidence.confidence import CsvLine, read_lines
from benchmarks.decision_replay import Case
from use_cases.advice.errors import CasesInvalid

COLUMNS = (
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
_TEAM = "ALL"
_TRUE, _FALSE = {"true", "1", "yes"}, {"false", "0", "no"}


@dataclass(frozen=True, slots=True)
class Player:
    """A player's values in a week; `points` None: he did not play."""

    projected: float
    points: float | None


@dataclass(frozen=True, slots=True)
class Season:
    """The cases of one season, and each player's week (week and name) behind them."""

    year: int
    cases: Sequence[Case]
    players: Mapping[tuple[int, str], Player]

    @property
    def weeks(self) -> Sequence[int]:
        """The weeks that have cases, in order."""
        return sorted({case.period for case in self.cases})


def read_season(path: Path) -> Season:
    """Return the cases of a file with `COLUMNS`. Raises `CasesInvalid`."""
    cases: list[Case] = []
    players: dict[tuple[int, str], Player] = {}
    years: set[int] = set()
    for line in read_lines(path, needed=COLUMNS):
        years.add(_whole(line, "season"))
        case = _case(line)
        cases.append(case)
        for side, name, value in (("a", case.a, case.a_value), ("b", case.b, case.b_value)):
            _add(players, line, (case.period, name), Player(value, _points(line, side)))
    if not cases:
        raise CasesInvalid(f"{path} has no rows.")
    if len(years) > 1:
        raise CasesInvalid(f"{path} has cases of {len(years)} seasons; give one at a time.")
    return Season(years.pop(), cases, players)


def write_tables(season: Season, folder: Path) -> None:
    """Write the three tables of the profile's queries, as CSV files in `folder`."""
    weeks = [(week, ends_on(season.year, week), _TEAM, _TEAM) for week in season.weeks]
    _write(folder / "schedule.csv", ("week", "gameday", "home_team", "away_team"), weeks)
    shared = ("week", "player_id", "player_name", "position", "team")
    each = sorted(season.players.items())
    projected = [(w, name, name, "", _TEAM, _shortest(p.projected)) for (w, name), p in each]
    _write(folder / "weekly_projections.csv", (*shared, "projected_points"), projected)
    scored = [
        (w, name, name, "", _TEAM, _shortest(p.points))
        for (w, name), p in each
        if p.points is not None
    ]
    _write(folder / "weekly_stats.csv", (*shared, "fantasy_points"), scored)


def ends_on(year: int, week: int) -> date:
    """Return the Monday that ends a week; week 1 begins on the Thursday after September's first
    Monday.
    """
    first = date(year, 9, 1)
    labor_day = first + timedelta(days=-first.weekday() % 7)
    return labor_day + timedelta(weeks=week)


def _case(line: CsvLine) -> Case:
    case = Case(
        period=_whole(line, "week"),
        a=line.cells["a_name"],
        b=line.cells["b_name"],
        a_value=_finite(line, "a_projected"),
        b_value=_finite(line, "b_projected"),
    )
    if not case.a or not case.b or case.a == case.b:
        raise line.error("it takes two players.")
    return case


def _points(line: CsvLine, side: str) -> float | None:
    """Return a player's points. Where not both played, the one without points did not."""
    said = line.cells["both_played"].lower()
    if said not in _TRUE | _FALSE:
        raise line.error(f"both_played {line.cells['both_played']!r} is neither true nor false.")
    column = f"{side}_points"
    if said in _FALSE and not line.cells[column]:
        return None
    points = _finite(line, column)
    return None if said in _FALSE and points == 0 else points


def _add(
    players: dict[tuple[int, str], Player], line: CsvLine, key: tuple[int, str], player: Player
) -> None:
    known = players.setdefault(key, player)
    if known != player:
        raise line.error(f"{key[1]} has other figures than on an earlier line of week {key[0]}.")


def _whole(line: CsvLine, column: str) -> int:
    cell = line.cells[column]
    if not cell.isdecimal() or not 0 < int(cell) < 10_000:
        raise line.error(f"{column} {cell!r} is no whole number above 0.")
    return int(cell)


def _finite(line: CsvLine, column: str) -> float:
    value = line.number_in(column)
    if not isfinite(value):
        raise line.error(f"{column} {line.cells[column]!r} is no finite number.")
    return value


def _shortest(value: float) -> str:
    """Return 2, not 2.0: a column of 2.0 beside 3.25 could be one of versions, and is read as text."""
    return f"{value:.12g}"


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
