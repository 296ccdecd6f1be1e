"""The page of a benchmark's run: figures under both rules, curves, examples, and what limits them."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from backend.reports.leaderboard_page import leaderboard_page
from tests.use_cases.benchmark.benchmarking import MODEL, benchmarking, ran, repairing
from tests.use_cases.benchmark.contestants.scripted_cleaner import CleaningModels
from use_cases.benchmark.benchmark_runs import BenchmarkPlan
from use_cases.benchmark.leaderboard import Leaderboard
from use_cases.kernel.jobs.model import JobState
from use_cases.kernel.model import LOCAL

PLAN = BenchmarkPlan(name="spring", contestants=["nothing", "dependencies"], models=[MODEL])


async def measure(folder: Path) -> Leaderboard:
    async with benchmarking(folder, CleaningModels(repairing)) as runs:
        run = await ran(runs, PLAN)
        return await runs.leaderboard(LOCAL, run.job_id)


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Leaderboard:
    return asyncio.run(measure(tmp_path_factory.mktemp("benchmark")))


def shown(board: Leaderboard) -> LexborHTMLParser:
    return LexborHTMLParser(leaderboard_page(board))


def test_the_page_shows_each_rule_level_and_cost(measured: Leaderboard) -> None:
    board, page = measured, shown(measured)
    assert [h.text() for h in page.css("h2")] == [
        "Leaderboard",
        "Dimensions and levels",
        "Cost and quality",
        "How it was measured",
    ]
    first, second, third = (row.text() for row in page.css("section")[0].css("tbody tr"))
    assert first.startswith("1dependencies")
    assert second.startswith("2openai:gpt-4o-mini")
    assert third.startswith("3nothing")
    assert "strict 61.1%" in second
    assert "points" not in first
    assert "no difference shown; about 8 more tasks needed-38.9 points" in second
    assert "-100.0 points" in third
    assert [figure.text() for figure in page.css("figcaption")] == [
        "Recall",
        "Corruption",
        "Error reduction against cost",
    ]
    (recall, *_) = page.css("svg.chart")
    assert "dependencies: 100%, 100%, 100%; openai:gpt-4o-mini: 100%, 50%, 33%" in (
        recall.attributes["aria-label"] or ""
    )
    hashes = [each.text() for each in page.css("section")[-1].css("td code")]
    assert hashes == [task.sha256[:16] for task in board.run.spec.tasks]


def test_what_limits_the_figures_stands_above_them(measured: Leaderboard) -> None:
    board = measured
    assert not shown(board).css("header li")
    partial = shown(replace(board, done=3, failed=2))
    assert [each.text() for each in partial.css("header li")] == [
        "The run is completed: 3 of 20 results are there, and all figures are of these.",
        "2 of 3 results failed, and count as doing nothing.",
    ]
    over = replace(
        board.run, state=JobState.STOPPED, budget=Decimal("0.00010"), spent=Decimal("0.00020")
    )
    (stopped,) = shown(replace(board, run=over, done=3)).css("header li")
    assert stopped.text() == (
        "The run is stopped (its budget of $0.00010 is spent): "
        "3 of 20 results are there, and all figures are of these."
    )
