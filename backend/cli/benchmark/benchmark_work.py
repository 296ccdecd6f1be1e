"""The results of the benchmark's runs at the terminal: the leaderboard, files and the exit code.

Files are a page, JSON of the leaderboard and results, CSV and JSONL of the results. Exit codes: 0; 1 where
some results failed or the run did not come to its end; 6 where a model failed everything.
"""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping

from backend.cli.benchmark.leaderboard_view import show_leaderboard
from backend.cli.runs.recorded_runs import RecordedRuns, Wanted
from backend.cli.terminal import terminal
from backend.errors import ExitCode
from backend.reports.exports import CsvValue, ExportFormat, csv_line
from backend.reports.leaderboard_page import leaderboard_page
from backend.schemas.benchmark import BenchmarkRunReply, LeaderboardReply, ResultDetail, ResultReply
from use_cases.benchmark.leaderboard import Leaderboard
from use_cases.benchmark.manage_benchmarks import ManageBenchmarks
from use_cases.benchmark.scoring.averages import METRICS
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
        """Show the leaderboard of a run, and write its files."""
        board = await self.runs.leaderboard(LOCAL, run_id)
        if not wanted.quiet:
            show_leaderboard(board)
        await self.write(run_id, wanted.files)
        terminal.talk(f"Run {run_id}")
        run = board.run
        if run.state is not JobState.COMPLETED:
            spent = run.budget is not None and run.spent >= run.budget
            terminal.talk(f"Continue with: candor eval resume {run_id}{' --budget MORE' * spent}")
        elif board.failed:
            terminal.talk(f"Try what failed again: candor eval resume {run_id} --errors")
        rows = [row for row in map(board.row, board.contestants) if row]
        if any(row.is_model and row.failed == row.results for row in rows):
            return ExitCode.PROVIDER
        whole = run.state is JobState.COMPLETED and not board.failed
        return ExitCode.DONE if whole else ExitCode.FAILED

    async def files(
        self, run_id: str, wanted: Mapping[ExportFormat, str]
    ) -> Mapping[ExportFormat, AsyncIterator[str]]:
        """Return the texts of files. Raises `InvalidInput` for JUnit XML."""
        if ExportFormat.JUNIT in wanted:
            raise InvalidInput(
                "A run of the benchmark passes or fails nothing: it has no JUnit XML."
            )
        board = await self.runs.leaderboard(LOCAL, run_id)
        texts = {
            ExportFormat.HTML: self._page,
            ExportFormat.JSON: self._json,
            ExportFormat.JSONL: self._lines,
            ExportFormat.CSV: self._rows,
        }
        return {each: texts[each](board) for each in wanted}

    async def _page(self, board: Leaderboard) -> AsyncGenerator[str]:
        examples = await self.runs.examples(LOCAL, board.run.job_id)
        for piece in leaderboard_page(board, examples):
            yield piece

    async def _json(self, board: Leaderboard) -> AsyncGenerator[str]:
        run = BenchmarkRunReply.of_run(board.run).model_dump(mode="json")
        whole = LeaderboardReply.of_rows(board, board.rows).model_dump(mode="json")
        yield f'{{"run": {json.dumps(run)},\n"leaderboard": {json.dumps(whole)},\n"task_results": ['
        between = "\n"
        async for line in self._lines(board):
            yield between + line.rstrip("\n")
            between = ",\n"
        yield "\n]}\n"

    async def _lines(self, board: Leaderboard) -> AsyncGenerator[str]:
        async for result in self.runs.results(LOCAL, board.run.job_id, outputs=True):
            yield ResultDetail.of_result(result).model_dump_json() + "\n"

    async def _rows(self, board: Leaderboard) -> AsyncGenerator[str]:
        figures = [f"{rule}: {name}" for rule in ("canonical", "strict") for name in METRICS]
        yield csv_line([*_COLUMNS, *figures])
        async for result in self.runs.results(LOCAL, board.run.job_id, outputs=True):
            shown = ResultReply.of_result(result)
            fields = shown.model_dump(mode="json")
            scores: list[CsvValue] = [*shown.canonical.values(), *shown.strict.values()]
            yield csv_line([*(fields[name] for name in _COLUMNS), *scores])


_COLUMNS = (
    "model",
    "task_id",
    "table",
    "dimension",
    "difficulty",
    "repeat",
    "status",
    "error",
    "headline",
    "rejected_edits",
    "calls",
    "input_tokens",
    "output_tokens",
    "cost",
    "latency_ms",
    "justification",
)
