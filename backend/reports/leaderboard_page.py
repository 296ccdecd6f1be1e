"""The page of a benchmark's run: leaderboard, levels, curves, costs, and how it was measured.

Promises: strict and canonical stand side by side, every average with its interval or its count of
tasks; no score is blended of others; what limits the figures stands above them. Leaves to others: the
template `leaderboard.html`, and the geometry of the charts.
"""

from collections.abc import Iterator, Sequence

from backend.pages import report
from backend.reports import charts, leaderboard_words
from backend.reports.charts import Chart, Series, Spot, line_chart, spot_chart
from backend.reports.verdict_words import dollars
from backend.version import VERSION
from use_cases.benchmark.injection.inject_errors import LEVELS
from use_cases.benchmark.leaderboard import Leaderboard, LeaderboardRow
from use_cases.benchmark.manage_benchmarks import SCORER_VERSION
from use_cases.benchmark.model import Dimension
from use_cases.kernel.statistics.figures import counted


def leaderboard_page(board: Leaderboard) -> str:
    """Returns the page."""
    numbers = {name: place for place, name in enumerate(board.contestants, 1)}
    overall = board.at()
    page = report(
        "leaderboard.html",
        board=board,
        numbers=numbers,
        overall=overall,
        lowest=_lowest(overall),
        curves={each: list(_curves(board, each, numbers)) for each in Dimension if board.at(each)},
        costs=_costs(overall, numbers),
        control_dimension=Dimension.CONTROL,
        words=leaderboard_words,
        charts=charts,
        dollars=dollars,
        counted=counted,
        scorer_version=SCORER_VERSION,
        version=VERSION,
    )
    return page.part("page")


def _lowest(rows: Sequence[LeaderboardRow]) -> float:
    """Returns the left end of the span that holds every error reduction with its interval."""
    means = [row.canonical["error_reduction"] for row in rows]
    values = [mean.value or 0.0 for mean in means]
    ends = [end for mean in means for end in mean.interval or ()]
    return max(-1.0, min([0.0, *values, *ends]))


def _curves(board: Leaderboard, dimension: Dimension, numbers: dict[str, int]) -> Iterator[Chart]:
    for title, metric in (("Recall", "recall"), ("Corruption", "corruption_rate")):
        found = [
            (name, [board.row(name, dimension, level) for level in LEVELS])
            for name in board.contestants
        ]
        lines = [
            Series(numbers[name], name, [row and row.canonical[metric].value for row in rows])
            for name, rows in found
            if any(rows)
        ]
        if any(value is not None for line in lines for value in line.values[1:]):
            yield line_chart(title, [level.value for level in LEVELS], lines, _share)


def _share(value: float) -> str:
    return f"{value:.3g}" if value < 0.01 else f"{value:.0%}"


def _costs(rows: Sequence[LeaderboardRow], numbers: dict[str, int]) -> Chart | None:
    """Draws error reduction against cost; None where nothing cost anything."""
    spots = [
        Spot(numbers[row.contestant], row.contestant, float(row.cost) / row.results, up)
        for row in rows
        for up in [row.canonical["error_reduction"].value]
        if row.cost is not None and up is not None
    ]
    if not any(spot.across for spot in spots):
        return None
    return spot_chart(
        "Error reduction against cost",
        spots,
        across="US dollars for a table",
        show_across=lambda value: f"${value:.7f}".rstrip("0").rstrip("."),
        show_up=lambda value: f"{value:.0%}",
    )
