"""The leaderboard: macro averages by contestant, dimension and level, in a documented order."""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.templates import run_apart
from tests.use_cases.benchmark.benchmarking import (
    MODEL,
    benchmarking,
    ran,
    repairing,
    results_of,
)
from tests.use_cases.benchmark.contestants.scripted_cleaner import CleaningModels
from use_cases.benchmark.benchmark_runs import BenchmarkPlan, BenchmarkRun, TaskResult
from use_cases.benchmark.leaderboard import Leaderboard, LeaderboardRow, make_leaderboard
from use_cases.benchmark.model import Difficulty, Dimension


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[BenchmarkRun, Sequence[TaskResult]]:
    """A run of two rules and a model, which corrects one of one, two and three errors, with its results."""
    found: list[tuple[BenchmarkRun, Sequence[TaskResult]]] = []

    async def running() -> None:
        plan = BenchmarkPlan(contestants=["nothing", "dependencies"], models=[MODEL])
        folder = tmp_path_factory.mktemp("benchmark")
        async with benchmarking(folder, CleaningModels(repairing)) as runs:
            made = await ran(runs, plan)
            found.append((made, await results_of(runs, made.job_id)))

    run_apart(running)
    return found[0]


Run = tuple[BenchmarkRun, Sequence[TaskResult]]


def row(board: Leaderboard, *scope: str) -> LeaderboardRow:
    contestant, *rest = scope
    dimension = Dimension(rest[0]) if rest else None
    found = board.row(contestant, dimension, Difficulty(rest[1]) if rest[1:] else None)
    assert found is not None
    return found


def test_a_task_counts_once_and_each_level_stands_alone(run: Run) -> None:
    board = make_leaderboard(*run)
    assert (board.partial, board.done, board.failed) == (False, 20, 0)
    assert board.scopes == [
        (None, None),
        (Dimension.ACCURACY, None),
        (Dimension.ACCURACY, Difficulty.EASY),
        (Dimension.ACCURACY, Difficulty.MEDIUM),
        (Dimension.ACCURACY, Difficulty.HARD),
        (Dimension.CONTROL, None),
    ]
    whole = row(board, MODEL)
    assert (whole.tasks, whole.results, whole.completion_rate.value) == (3, 9, 1.0)
    recall = whole.canonical["recall"]
    assert recall.value == pytest.approx((1 + 1 / 2 + 1 / 3) / 3)
    assert recall.n == 3
    assert recall.interval is not None
    assert whole.strict["precision"].value == 1.0
    assert whole.canonical["corruption_rate"].value == 0.0
    assert row(board, MODEL, "accuracy", "hard").strict["recall"].value == pytest.approx(1 / 3)
    control = row(board, MODEL, "control")
    assert control.canonical["f1"].value is None
    assert control.canonical["corruption_rate"].value == 0.0


def test_the_order_is_that_of_the_errors_that_are_gone_net_of_new_ones(run: Run) -> None:
    board = make_leaderboard(*run)
    assert board.contestants == ["dependencies", MODEL, "nothing"]
    # All errors are gone, one of one, two and three, and none: beside the first, task by task.
    assert list(board.comparisons) == [None, Dimension.ACCURACY]
    assert board.comparisons[Dimension.ACCURACY] == board.comparisons[None]
    assert board.beside("dependencies") is None
    half, none = board.comparisons[None].values()
    assert board.beside("nothing") is none
    assert (half.n, half.baseline, none.candidate) == (3, 1.0, 0.0)
    assert half.difference == pytest.approx(-(0 + 1 / 2 + 2 / 3) / 3)
    assert none.difference == -1.0
    assert half.verdict == "no_difference_shown"
    assert half.p is not None
    assert half.p_adjusted == pytest.approx(min(1.0, 2 * half.p))


def test_without_errors_or_another_contestant_nothing_is_compared(run: Run) -> None:
    made, found = run
    alone = [each for each in found if each.contestant == "nothing"]
    assert not make_leaderboard(made, alone).comparisons[None]
    assert make_leaderboard(made, []).comparisons == {None: {}}
    control = [each for each in found if each.task.dimension is Dimension.CONTROL]
    compared = make_leaderboard(made, control).comparisons[None].values()
    assert {(each.n, each.difference, each.p_adjusted) for each in compared} == {(0, None, None)}


def test_repeats_of_one_output_are_alike_and_one_repeat_says_nothing(run: Run) -> None:
    made, found = run
    steady, once = (row(make_leaderboard(made, found), name) for name in (MODEL, "nothing"))
    assert (steady.reliability_score.value, once.reliability_score.value) == (1.0, None)
    # All repeats of one task of three pass: that with one error.
    assert (steady.pass_all, once.pass_all) == (1 / 3, None)
    other = [
        replace(each, edits=b64encode(b64decode(each.edits) + b"another.").decode())
        if each.repeat == 2
        else each
        for each in found
    ]
    less = row(make_leaderboard(made, other), MODEL).reliability_score.value
    # Of three pairs one is alike and two share one edit of two.
    assert less == pytest.approx((1 + 1 / 2 + 1 / 2) / 3)


def test_known_tables_are_apart_where_there_are_others(run: Run) -> None:
    made, found = run
    marked = [
        replace(each, task=replace(each.task, known=each.task.difficulty is Difficulty.EASY))
        for each in found
    ]
    tasks = [row(make_leaderboard(made, results), "nothing").tasks for results in (found, marked)]
    assert tasks == [3, 2]


def test_a_task_that_is_not_attempted_counts_in_no_average(run: Run) -> None:
    made, found = run
    others = [
        replace(each, task=replace(each.task, dimension=Dimension.UNIQUENESS), edits="")
        if each.contestant == "dependencies" and each.task.difficulty is Difficulty.HARD
        else each
        for each in found
    ]
    board = make_leaderboard(made, others)
    whole, apart = row(board, "dependencies"), row(board, "dependencies", "uniqueness")
    assert (whole.tasks, whole.unattempted, apart.tasks, apart.unattempted) == (2, 1, 0, 1)
    assert whole.canonical["error_reduction"].value == 1.0
    assert apart.canonical["error_reduction"].value is None
    assert row(board, "nothing").tasks == 3  # to do nothing is what it attempts
    compared = board.beside(MODEL)
    assert compared is not None
    assert compared.n == 2


def test_tables_are_resampled_before_their_tasks(run: Run) -> None:
    made, found = run
    several = [
        replace(each, task=replace(each.task, task_id=f"{each.task.task_id}{table}", table=table))
        for table in "ab"
        for each in found
    ]
    one, two = (make_leaderboard(made, results) for results in (found, several))
    alone, both = (row(board, MODEL).canonical["recall"] for board in (one, two))
    assert (both.n, both.value) == (6, pytest.approx(alone.value))
    assert both.interval == (0.0, 1.0)  # two tables bound nothing
    compared = two.beside("nothing")
    assert compared is not None
    assert (compared.n, compared.difference) == (6, -1.0)
