"""The leaderboard: macro averages by contestant, dimension and level, in a documented order."""

from base64 import b64decode, b64encode
from dataclasses import replace
from pathlib import Path

import pytest

from tests.use_cases.benchmark.benchmarking import MODEL, benchmarking, ran, repairing, results_of
from tests.use_cases.benchmark.contestants.scripted_cleaner import CleaningModels
from use_cases.benchmark.benchmark_runs import BenchmarkPlan
from use_cases.benchmark.leaderboard import Leaderboard, make_leaderboard
from use_cases.benchmark.model import Difficulty, Dimension
from use_cases.benchmark.scoring.cell_equality import EqualityRule

pytestmark = pytest.mark.anyio


async def board_of(folder: Path, plan: BenchmarkPlan) -> Leaderboard:
    async with benchmarking(folder, CleaningModels(repairing)) as runs:
        run = await ran(runs, plan)
        return make_leaderboard(run, await results_of(runs, run.job_id))


async def test_a_task_counts_once_and_each_level_stands_alone(tmp_path: Path) -> None:
    board = await board_of(tmp_path, BenchmarkPlan(contestants=["nothing"], models=[MODEL]))
    assert (board.partial, board.done, board.failed) == (False, 16, 0)
    assert board.scopes == [
        (None, None),
        (Dimension.ACCURACY, None),
        (Dimension.ACCURACY, Difficulty.EASY),
        (Dimension.ACCURACY, Difficulty.MEDIUM),
        (Dimension.ACCURACY, Difficulty.HARD),
        (Dimension.CONTROL, None),
    ]
    whole = board.row(MODEL)
    assert whole is not None
    assert (whole.tasks, whole.results, whole.completion_rate.value) == (3, 9, 1.0)
    # One of one, two and three errors is repaired, and nothing is damaged.
    recall = whole.canonical.macro["recall"]
    assert recall.value == pytest.approx((1 + 1 / 2 + 1 / 3) / 3)
    assert recall.n == 3
    assert recall.interval is not None
    assert whole.canonical.micro is not None
    assert whole.canonical.micro.repair.recall == pytest.approx(1 / 2)
    assert whole.strict.macro["precision"].value == 1.0
    assert whole.canonical.macro["corruption_rate"].value == 0.0
    hard = board.row(MODEL, Dimension.ACCURACY, Difficulty.HARD)
    assert hard is not None
    assert hard.under(EqualityRule.STRICT).macro["recall"].value == pytest.approx(1 / 3)
    control = board.row(MODEL, Dimension.CONTROL)
    assert control is not None
    assert control.canonical.macro["f1"].value is None
    assert control.canonical.macro["corruption_rate"].value == 0.0


async def test_the_order_is_that_of_the_errors_that_are_gone_net_of_new_ones(
    tmp_path: Path,
) -> None:
    board = await board_of(
        tmp_path, BenchmarkPlan(contestants=["nothing", "dependencies"], models=[MODEL])
    )
    assert board.contestants == ["dependencies", MODEL, "nothing"]
    # All errors are gone, one of one, two and three, and none: beside the first, task by task.
    assert list(board.comparisons) == [MODEL, "nothing"]
    half, none = board.comparisons.values()
    assert (half.n, half.baseline, none.candidate) == (3, 1.0, 0.0)
    assert half.difference == pytest.approx(-(0 + 1 / 2 + 2 / 3) / 3)
    assert none.difference == -1.0
    assert half.verdict == "no_difference_shown"
    assert half.p is not None
    assert half.p_adjusted == pytest.approx(min(1.0, 2 * half.p))


async def test_without_errors_or_another_contestant_nothing_is_compared(tmp_path: Path) -> None:
    async with benchmarking(tmp_path) as runs:
        alone = await ran(runs, BenchmarkPlan(contestants=["nothing"]))
        found = await results_of(runs, alone.job_id)
        both = await ran(runs, BenchmarkPlan(contestants=["nothing", "mode"]))
        others = await results_of(runs, both.job_id)
    assert make_leaderboard(alone, found).comparisons == {}
    assert make_leaderboard(alone, []).comparisons == {}
    control = [each for each in others if each.task.dimension is Dimension.CONTROL]
    (compared,) = make_leaderboard(both, control).comparisons.values()
    assert (compared.n, compared.difference, compared.p_adjusted) == (0, None, None)


async def test_repeats_of_one_output_are_alike_and_one_repeat_says_nothing(tmp_path: Path) -> None:
    async with benchmarking(tmp_path, CleaningModels(repairing)) as runs:
        run = await ran(runs, BenchmarkPlan(contestants=["nothing"], models=[MODEL]))
        found = await results_of(runs, run.job_id)
    board = make_leaderboard(run, found)
    steady, once = board.row(MODEL), board.row("nothing")
    assert steady is not None
    assert once is not None
    assert (steady.reliability_score.value, once.reliability_score.value) == (1.0, None)
    other = [
        replace(each, edits=b64encode(b64decode(each.edits) + b"another.").decode())
        if each.repeat == 2
        else each
        for each in found
    ]
    less = make_leaderboard(run, other).row(MODEL)
    assert less is not None
    # Of three pairs one is alike and two share one edit of two.
    assert less.reliability_score.value == pytest.approx((1 + 1 / 2 + 1 / 2) / 3)


async def test_known_tables_are_apart_where_there_are_others(tmp_path: Path) -> None:
    async with benchmarking(tmp_path) as runs:
        run = await ran(runs, BenchmarkPlan(contestants=["nothing"]))
        found = await results_of(runs, run.job_id)
    marked = [
        replace(each, task=replace(each.task, known=each.task.difficulty is Difficulty.EASY))
        for each in found
    ]
    rows = [make_leaderboard(run, results).row("nothing") for results in (found, marked)]
    assert [row and row.tasks for row in rows] == [3, 2]
