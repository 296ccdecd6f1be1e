"""A leaderboard on a terminal: averages with intervals, then what is gained in each dimension and level.

Promises: canonical and strict figures stand side by side; a score that cannot be computed is empty; what
limits the figures goes to stderr.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from backend.cli.terminal import terminal
from backend.reports.leaderboard_words import beside, cautions, figure, reach, share
from backend.reports.verdict_words import dollars
from use_cases.benchmark.leaderboard import Leaderboard, LeaderboardRow
from use_cases.kernel.statistics.figures import Statistic

_LEGEND = """\
ERROR REDUCTION: the share of the errors that are gone, net of new ones;
  0% is doing nothing. POINTS: its difference, task by task.
CORRUPTION: the share of right cells that are wrong afterwards."""

_Column: TypeAlias = tuple[str, Callable[[LeaderboardRow], str]]

_TABLES: Sequence[Sequence[_Column]] = (
    (
        ("ERROR REDUCTION", lambda row: share(_canonical(row, "error_reduction").value)),
        ("95% INTERVAL", lambda row: reach(_canonical(row, "error_reduction"), share)),
        ("STRICT", lambda row: share(row.strict["error_reduction"].value)),
    ),
    (
        ("F1", lambda row: figure(_canonical(row, "f1").value)),
        ("STRICT", lambda row: figure(row.strict["f1"].value)),
        ("CORRUPTION", lambda row: share(_canonical(row, "corruption_rate").value)),
        ("STRICT", lambda row: share(row.strict["corruption_rate"].value)),
    ),
    (
        ("RELIABLE", lambda row: figure(row.reliability_score.value)),
        ("FAILED", lambda row: f"{row.failed:,} of {row.results:,}" if row.failed else ""),
        (
            "COST",
            lambda row: "unknown" if row.cost is None else dollars(row.cost) if row.cost else "",
        ),
        ("A TABLE", lambda row: f"{row.latency_ms:,} ms" if row.latency_ms else ""),
    ),
)
"""The columns of each contestant: three tables, so that a model's name fits on a line of 80."""


def show_leaderboard(board: Leaderboard) -> None:
    """Write the leaderboard; contestants have the numbers of their places."""
    rows = [row for name in board.contestants for row in [board.row(name)] if row is not None]
    for number, columns in enumerate(_TABLES):
        kept = [(title, of) for title, of in columns if any(map(of, rows))]
        if kept:
            lines = [
                (str(place), row.contestant, *(of(row) for _, of in kept))
                for place, row in enumerate(rows, 1)
            ]
            header = ("", "CONTESTANT", *(title for title, _ in kept))
            terminal.data("\n" * (number > 0) + terminal.columns(header, lines))
    compared = [
        (str(place), name, *beside(board.comparisons[name]))
        for place, name in enumerate(board.contestants, 1)
        if name in board.comparisons
    ]
    if any(difference for _, _, difference, *_ in compared):
        header = ("", f"BESIDE {board.contestants[0]}", "POINTS", "95% INTERVAL", "VERDICT")
        terminal.data("\n" + terminal.columns(header, compared))
    terminal.data("\nERROR REDUCTION (canonical) by dimension and level; CORRUPTION for control")
    numbers = [str(place) for place in range(1, len(rows) + 1)]
    terminal.data(terminal.columns(["DIMENSION", "LEVEL", *numbers], list(_scopes(board))))
    terminal.data(f"\n{_LEGEND}")
    terminal.flush()
    for caution in cautions(board):
        terminal.talk(f"note: {caution}")


def _canonical(row: LeaderboardRow, metric: str) -> Statistic:
    return row.canonical[metric]


def _scopes(board: Leaderboard) -> Sequence[Sequence[str]]:
    found: list[Sequence[str]] = []
    for dimension, level in board.scopes:
        if dimension is None:
            continue
        rows = [board.row(name, dimension, level) for name in board.contestants]
        figures = ["" if row is None else _gained(row) for row in rows]
        found.append((dimension.value, level.value if level else "all", *figures))
    return found


def _gained(row: LeaderboardRow) -> str:
    """The error reduction; of a task without errors, the corruption."""
    means = row.canonical
    gone = means["error_reduction"].value
    return share(means["corruption_rate"].value if gone is None else gone)
