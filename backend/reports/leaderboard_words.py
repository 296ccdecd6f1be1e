"""The figures of a leaderboard in words, for the page and the terminal.

Promises: a score that cannot be computed is empty, never 0.
"""

from collections.abc import Callable, Iterator

from backend.reports.verdict_words import points, stopped_by
from use_cases.benchmark.leaderboard import Leaderboard, LeaderboardRow
from use_cases.kernel.jobs.model import JobState
from use_cases.kernel.statistics.figures import Statistic, counted
from use_cases.kernel.statistics.paired_comparison import Comparison
from use_cases.playground.model import Interval

_SMALL = 0.001


def figure(value: float | None) -> str:
    """Returns a score with three digits; nothing for None."""
    return "" if value is None else f"{value:.3f}"


def share(value: float | None) -> str:
    """Returns a share in percent, small ones with more digits; nothing for None."""
    if value is None:
        return ""
    return f"{value:.3%}" if 0 < abs(value) < _SMALL else f"{value:.1%}"


def reach(found: Statistic, show: Callable[[float | None], str]) -> str:
    """Returns the interval; nothing where there is none."""
    if found.value is None or found.interval is None:
        return ""
    low, high = found.interval
    between = "–" if low >= 0 else " to "
    return f"{show(low)}{between}{show(high)}"


def tasks(row: LeaderboardRow) -> str:
    """Returns how many tasks are attempted, of all where there are more."""
    every = row.tasks + row.unattempted
    return f"{row.tasks} of {every}" if row.unattempted else f"{row.tasks}"


def beside(found: Comparison) -> tuple[str, str, str]:
    """Returns the difference and its interval in percentage points, and the verdict."""
    if found.difference is None:
        return "", "", ""
    more = found.cases_needed
    needed = f"; about {counted(more, 'more task')} needed" if more else ""
    return (
        f"{found.difference * 100:+.1f}",
        points(Interval(*found.interval)) if found.interval else "",
        found.verdict.replace("_", " ") + needed,
    )


def cautions(board: Leaderboard) -> Iterator[str]:
    """Yields what limits the figures, a sentence each."""
    run = board.run
    if board.partial or run.state is not JobState.COMPLETED:
        yield (
            f"The run is {run.state}{stopped_by(run)}: {board.done:,} of {run.spec.matrix.size:,} results are there, "
            "and all figures are of these."
        )
    if board.failed:
        counts = "counts" if board.failed == 1 else "count"
        failed = f"{board.failed:,} of {counted(board.done, 'result')} failed, and {counts} as doing nothing"
        first = f"; the first: {board.first_failure}" if board.first_failure else "."
        yield failed + first
    if any(task.known for task in run.spec.tasks):
        yield "Models have probably seen some of the tables: they are apart where there are others."
