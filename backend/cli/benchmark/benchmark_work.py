"""The results of the benchmark's runs at the terminal: the leaderboard, files and the exit code.

Files are a page, and JSON of the leaderboard and results. Exit codes: 0; 1 where
some results failed or the run did not come to its end; 6 where a model failed everything.
"""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence

from backend.cli.nouns import Columns, table
from backend.cli.runs.recorded_runs import RecordedRuns, Wanted
from backend.cli.terminal import terminal
from backend.errors import ExitCode
from backend.reports.exports import ExportFormat
from backend.reports.leaderboard_page import leaderboard_page
from backend.reports.leaderboard_words import beside, cautions, figure, reach, share, tasks
from backend.reports.verdict_words import dollars
from backend.schemas.benchmark_schemas import (
    BenchmarkRunReply,
    LeaderboardReply,
    ResultDetail,
)
from use_cases.benchmark.leaderboard import Leaderboard, LeaderboardRow
from use_cases.benchmark.manage_benchmarks import ManageBenchmarks
from use_cases.benchmark.model import Dimension
from use_cases.kernel.errors import InvalidInput
from use_cases.kernel.jobs.model import JobState
from use_cases.kernel.model import LOCAL


class BenchmarkRuns(RecordedRuns):
    """Runs of the benchmark at the terminal."""

    noun = "table"

    @property
    def runs(self) -> ManageBenchmarks:
        """The runs."""
        return self._candor.benchmark.manage_benchmarks

    async def show(self, run_id: str, wanted: Wanted) -> ExitCode:
        """Shows the leaderboard of a run, and writes its files."""
        board = await self.runs.leaderboard(LOCAL, run_id)
        if not wanted.quiet:
            show_leaderboard(board)
        await self.write(run_id, wanted.files)
        terminal.talk(f"Run {run_id}")
        run = board.run
        if run.state is not JobState.COMPLETED:
            more = " --budget MORE" * run.is_spent
            terminal.talk(f"Continue with: candor eval resume {run_id}{wanted.options}{more}")
        elif board.failed:
            terminal.talk(
                f"Try what failed again: candor eval resume {run_id}{wanted.options} --errors"
            )
        if any(row.is_model and row.failed == row.results for row in board.at()):
            return ExitCode.PROVIDER
        whole = run.state is JobState.COMPLETED and not board.failed
        return ExitCode.DONE if whole else ExitCode.FAILED

    async def files(
        self, run_id: str, wanted: Mapping[ExportFormat, str]
    ) -> Mapping[ExportFormat, AsyncIterator[str]]:
        """Returns the texts of files. Raises `InvalidInput` for other forms than a page and JSON."""
        if wanted.keys() - {ExportFormat.HTML, ExportFormat.JSON}:
            raise InvalidInput("A run of the benchmark is written as a page (--out) or as --json.")
        board = await self.runs.leaderboard(LOCAL, run_id)
        return {each: self._text(each, board) for each in wanted}

    async def _text(self, form: ExportFormat, board: Leaderboard) -> AsyncGenerator[str]:
        if form is ExportFormat.HTML:
            yield leaderboard_page(board)
            return
        run = BenchmarkRunReply.of_run(board.run).model_dump(mode="json")
        whole = LeaderboardReply.of_rows(board, board.rows).model_dump(mode="json")
        yield f'{{"run": {json.dumps(run)},\n"leaderboard": {json.dumps(whole)},\n"task_results": ['
        between = "\n"
        async for result in self.runs.results(LOCAL, board.run.job_id, outputs=True):
            yield between + ResultDetail.of_result(result).model_dump_json()
            between = ",\n"
        yield "\n]}\n"


_LEGEND = """\
ERROR REDUCTION: the share of the errors that are gone, net of new ones;
  0% is doing nothing. POINTS: its difference, task by task.
CORRUPTION: the share of right cells that are wrong afterwards; DAMAGE: in tables without errors.
TASKS: those that it attempts, of all. A dash: not attempted."""

_TABLES: Sequence[Columns[LeaderboardRow]] = (
    (
        ("ERROR REDUCTION", lambda row: share(row.canonical["error_reduction"].value)),
        ("95% INTERVAL", lambda row: reach(row.canonical["error_reduction"], share)),
        ("STRICT", lambda row: share(row.strict["error_reduction"].value)),
        ("TASKS", tasks),
    ),
    (
        ("F1", lambda row: figure(row.canonical["f1"].value)),
        ("STRICT", lambda row: figure(row.strict["f1"].value)),
        ("CORRUPTION", lambda row: share(row.canonical["corruption_rate"].value)),
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
    """Writes the leaderboard; contestants have the numbers of their places."""
    rows, numbers = board.at(), {name: str(at) for at, name in enumerate(board.contestants, 1)}

    def damaged(row: LeaderboardRow) -> str:
        found = board.row(row.contestant, Dimension.CONTROL)
        return share(found.canonical["corruption_rate"].value) if found else ""

    named: Columns[LeaderboardRow] = (
        ("", lambda row: numbers[row.contestant]),
        ("CONTESTANT", lambda row: row.contestant),
    )
    for number, columns in enumerate([[*_TABLES[0], ("DAMAGE", damaged)], *_TABLES[1:]]):
        if kept := [(title, of) for title, of in columns if any(map(of, rows))]:
            terminal.data("\n" * (number > 0) + table([*named, *kept], rows))
    compared = [
        (name, dimension.value if dimension else "all", *beside(found))
        for dimension in board.comparisons
        for name in board.contestants
        if (found := board.beside(name, dimension)) and found.n
    ]
    if compared:
        header = (f"BESIDE {board.contestants[0]}", "TASKS", "POINTS", "95% INTERVAL", "VERDICT")
        terminal.data("\n" + terminal.columns(header, compared))
    terminal.data("\nERROR REDUCTION (canonical) by dimension and level; CORRUPTION for control")
    scopes = [
        (
            dimension,
            level or "all",
            *(_gained(board.row(name, dimension, level)) for name in numbers),
        )
        for dimension, level in board.scopes
        if dimension
    ]
    terminal.data(terminal.columns(["DIMENSION", "LEVEL", *numbers.values()], scopes))
    terminal.data(f"\n{_LEGEND}")
    terminal.flush()
    for caution in cautions(board):
        terminal.talk(f"note: {caution}")


def _gained(row: LeaderboardRow | None) -> str:
    """Returns the error reduction; of a task without errors, the corruption; a dash where none is attempted."""
    if row is None:
        return ""
    if not row.tasks:
        return "–"
    means = row.canonical
    gone = means["error_reduction"].value
    return share(means["corruption_rate"].value if gone is None else gone)
