"""A leaderboard on a terminal: averages with intervals, then what is gained in each dimension and level.

Promises: canonical and strict figures stand side by side; a score that cannot be computed is empty; what
limits the figures goes to stderr.
"""

from collections.abc import Sequence

from backend.cli.terminal import terminal
from backend.reports.leaderboard_words import beside, cautions, figure, reach, share
from backend.reports.verdict_words import dollars
from use_cases.benchmark.leaderboard import Leaderboard, LeaderboardRow

_LEGEND = (
    "ERRORS GONE: the share of errors that are gone, net of new ones; 0% is doing nothing. "
    "POINTS: the difference of that, task by task. "
    "DAMAGE: the share of right cells that are wrong afterwards."
)


def show_leaderboard(board: Leaderboard) -> None:
    """Write the leaderboard; contestants have the numbers of their places."""
    rows = [row for name in board.contestants for row in [board.row(name)] if row is not None]
    header = ("", "CONTESTANT", "ERRORS GONE", "95% INTERVAL", "STRICT", "F1", "STRICT", "DAMAGE")
    header = (*header, "STRICT", "RELIABLE", "FAILED", "COST", "A TABLE")
    lines = [_line(place, row) for place, row in enumerate(rows, 1)]
    kept = [place for place in range(len(header)) if any(line[place] for line in lines)]
    terminal.data(
        terminal.columns(
            [header[place] for place in kept], [[line[place] for place in kept] for line in lines]
        )
    )
    compared = [
        (str(place), name, *beside(board.comparisons[name]))
        for place, name in enumerate(board.contestants, 1)
        if name in board.comparisons
    ]
    if any(difference for _, _, difference, *_ in compared):
        header = ("", f"BESIDE {board.contestants[0]}", "POINTS", "95% INTERVAL", "VERDICT")
        terminal.data("\n" + terminal.columns(header, compared))
    terminal.data("\nERRORS GONE (canonical) by dimension and level; DAMAGE for control tables")
    numbers = [str(place) for place in range(1, len(rows) + 1)]
    terminal.data(terminal.columns(["DIMENSION", "LEVEL", *numbers], list(_scopes(board))))
    terminal.data(f"\n{_LEGEND}")
    terminal.flush()
    for caution in cautions(board):
        terminal.talk(f"note: {caution}")


def _line(place: int, row: LeaderboardRow) -> Sequence[str]:
    canonical, strict = row.canonical.macro, row.strict.macro
    return (
        str(place),
        row.contestant,
        share(canonical["error_reduction"].value),
        reach(canonical["error_reduction"], share),
        share(strict["error_reduction"].value),
        figure(canonical["f1"].value),
        figure(strict["f1"].value),
        share(canonical["corruption_rate"].value),
        share(strict["corruption_rate"].value),
        figure(row.reliability_score.value),
        f"{row.failed:,} of {row.results:,}" if row.failed else "",
        "unknown" if row.cost is None else dollars(row.cost) if row.cost else "",
        f"{row.latency_ms:,} ms" if row.latency_ms else "",
    )


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
    """The errors that are gone; of a task without errors, the damage."""
    means = row.canonical.macro
    gone = means["error_reduction"].value
    return share(means["corruption_rate"].value if gone is None else gone)
