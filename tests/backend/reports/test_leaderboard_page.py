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
from use_cases.benchmark.example_edits import ExampleEdit
from use_cases.benchmark.leaderboard import Leaderboard
from use_cases.kernel.jobs.model import JobState
from use_cases.kernel.model import LOCAL

PLAN = BenchmarkPlan(name="spring", contestants=["nothing", "dependencies"], models=[MODEL])


Measured = tuple[Leaderboard, list[ExampleEdit]]


async def measure(folder: Path) -> Measured:
    async with benchmarking(folder, CleaningModels(repairing)) as runs:
        run = await ran(runs, PLAN)
        board = await runs.leaderboard(LOCAL, run.job_id)
        return board, list(await runs.examples(LOCAL, run.job_id))


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    return asyncio.run(measure(tmp_path_factory.mktemp("benchmark")))


def shown(board: Leaderboard, examples: list[ExampleEdit]) -> LexborHTMLParser:
    return LexborHTMLParser(leaderboard_page(board, examples))


def test_the_page_shows_each_rule_level_and_cost(measured: Measured) -> None:
    board, examples = measured
    page = shown(board, examples)
    assert [h.text() for h in page.css("h2")] == [
        "Leaderboard",
        "Dimensions and levels",
        "Cost and quality",
        "Edits to look at",
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


def test_examples_show_the_dirty_the_output_and_the_true_text(measured: Measured) -> None:
    board, examples = measured
    (found,) = [
        each
        for each in examples
        if each.contestant == MODEL and each.task_id == "places_accuracy_easy_7"
    ]
    assert (found.outcome, found.dirty, found.output, found.clean, found.reason) == (
        "repaired",
        "Bostxn",
        "Boston",
        "Boston",
        "three of four rows",
    )
    hostile = replace(found, output="<script>alert(1)</script>")
    assert "<script>alert" not in leaderboard_page(board, [hostile])


def test_what_limits_the_figures_stands_above_them(measured: Measured) -> None:
    board, _ = measured
    assert not shown(board, []).css("header li")
    partial = shown(replace(board, done=3, failed=2), [])
    assert [each.text() for each in partial.css("header li")] == [
        "The run is completed: 3 of 20 results are there, and all figures are of these.",
        "2 of 3 results failed, and count as doing nothing.",
    ]
    over = replace(
        board.run, state=JobState.STOPPED, budget=Decimal("0.00010"), spent=Decimal("0.00020")
    )
    (stopped,) = shown(replace(board, run=over, done=3), []).css("header li")
    assert stopped.text() == (
        "The run is stopped (its budget of $0.00010 is spent): "
        "3 of 20 results are there, and all figures are of these."
    )
