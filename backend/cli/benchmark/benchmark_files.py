"""The files of a benchmark's run: a page, JSON of the leaderboard and results, CSV of the results."""

import json
from collections.abc import AsyncGenerator, Mapping
from enum import StrEnum

from backend.cli.runs.output_files import write_file
from backend.composition.container import Container
from backend.reports.exports import CsvValue, csv_line
from backend.reports.leaderboard_page import leaderboard_page
from backend.schemas.benchmark import BenchmarkRunReply, LeaderboardReply, ResultDetail, ResultReply
from use_cases.benchmark.benchmark_runs import TaskResult
from use_cases.benchmark.leaderboard import Leaderboard
from use_cases.benchmark.scoring.averages import METRICS
from use_cases.kernel.model import LOCAL


class FileKind(StrEnum):
    """The format of a file."""

    HTML = "html"
    JSON = "json"
    CSV = "csv"


async def write_benchmark(
    candor: Container, board: Leaderboard, files: Mapping[FileKind, str]
) -> None:
    """Write a run to these files. Raises `StorageReadOnly`."""
    texts = {FileKind.HTML: _page, FileKind.JSON: _json, FileKind.CSV: _csv}
    for kind, name in files.items():
        await write_file(name, texts[kind](candor, board))


async def _page(candor: Container, board: Leaderboard) -> AsyncGenerator[str]:
    examples = await candor.benchmark.manage_benchmarks.examples(LOCAL, board.run.job_id)
    yield leaderboard_page(board, examples)


async def _json(candor: Container, board: Leaderboard) -> AsyncGenerator[str]:
    run = BenchmarkRunReply.of_run(board.run).model_dump(mode="json")
    whole = LeaderboardReply.of(board, board.rows).model_dump(mode="json")
    yield f'{{"run": {json.dumps(run)},\n"leaderboard": {json.dumps(whole)},\n"task_results": ['
    between = "\n"
    async for result in _results(candor, board):
        yield between + ResultDetail.of(result).model_dump_json()
        between = ",\n"
    yield "\n]}\n"


async def _csv(candor: Container, board: Leaderboard) -> AsyncGenerator[str]:
    figures = [f"{rule}: {name}" for rule in ("canonical", "strict") for name in METRICS]
    yield csv_line([*_COLUMNS, *figures])
    async for result in _results(candor, board):
        shown = ResultReply.of(result)
        fields = shown.model_dump(mode="json")
        scores: list[CsvValue] = [*shown.canonical.values(), *shown.strict.values()]
        yield csv_line([*(fields[name] for name in _COLUMNS), *scores])


def _results(candor: Container, board: Leaderboard) -> AsyncGenerator[TaskResult]:
    runs = candor.benchmark.manage_benchmarks
    return runs.results(LOCAL, board.run.job_id, outputs=True)


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
