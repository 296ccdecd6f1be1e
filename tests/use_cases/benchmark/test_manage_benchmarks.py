"""Runs of the benchmark: pinned, worked off, resumed, scored again."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic_ai.exceptions import ModelHTTPError
from sqlalchemy import func, update

from services.store.jobs import job_items
from services.store.store import Store
from tests.use_cases.benchmark.benchmarking import (
    MODEL,
    SmallTasks,
    benchmarking,
    candor_with,
    ran,
    repairing,
    results_of,
    small_task,
)
from tests.use_cases.benchmark.contestants.scripted_cleaner import CleaningModels, Said
from use_cases.benchmark.benchmark_runs import BenchmarkPlan, TaskResult
from use_cases.benchmark.errors import (
    BenchmarkInvalid,
    BenchmarkNotRun,
    BudgetUnknowable,
    ContestantUnknown,
    TaskChanged,
    TaskNotFound,
)
from use_cases.benchmark.leaderboard import make_leaderboard
from use_cases.benchmark.model import Difficulty, Dimension
from use_cases.kernel.jobs.model import JobNotFound, JobState
from use_cases.kernel.model import LOCAL, Caller

pytestmark = pytest.mark.anyio

NOTHING = BenchmarkPlan(contestants=["nothing"])
BY_MODEL = BenchmarkPlan(contestants=["nothing"], models=[MODEL], repeats=2)


async def test_without_names_all_rules_clean_all_tasks_once(tmp_path: Path) -> None:
    async with benchmarking(tmp_path) as runs:
        run = await ran(runs, BenchmarkPlan())
        found = await results_of(runs, run.job_id)
    assert (run.state, run.spent) == (JobState.COMPLETED, 0)
    assert [task.task_id for task in run.spec.tasks] == [
        "places_accuracy_easy_7",
        "places_accuracy_medium_7",
        "places_accuracy_hard_7",
        "places_control_none_7",
    ]
    assert {each.repeats for each in run.spec.contestants} == {1}
    assert len(found) == run.spec.matrix.size == 4 * len(run.spec.contestants)
    assert [result.place for result in found] == list(range(len(found)))
    one = next(r for r in found if r.contestant == "dependencies")
    assert one.score.canonical.repair.repair.f1 == 1.0
    assert one.output is not None
    assert one.output.edits[0].new == "Boston"
    assert all(result.latency_ms > 0 for result in found if result.contestant == "combined")


def asked(results: Sequence[TaskResult]) -> list[TaskResult]:
    """Those of the model where it was asked; of a table without errors it is not."""
    found = (each for each in results if each.contestant == MODEL)
    return [each for each in found if each.task.dimension is not Dimension.CONTROL]


async def test_a_model_is_estimated_asked_and_paid(tmp_path: Path) -> None:
    models = CleaningModels(repairing)
    async with benchmarking(tmp_path, models) as runs:
        made = await runs.create(LOCAL, BY_MODEL)
        expected = await runs.estimate(LOCAL, made.job_id)
        assert not models.asked
        run = await runs.run(LOCAL, made.job_id)
        found = await results_of(runs, run.job_id)
    assert (expected.results, expected.calls) == (16, len(models.asked)) == (16, 6)
    assert expected.cost is not None
    assert expected.cost > 0
    assert run.spent == 6 * Decimal("0.000021")
    by_model = [result for result in found if result.contestant == MODEL]
    assert {result.repeat for result in by_model} == {0, 1}
    assert {result.calls for result in by_model} == {0, 1}


async def test_a_contestant_that_fails_scores_as_doing_nothing_and_can_be_tried_again(
    tmp_path: Path,
) -> None:
    def failing(prompt: str) -> Said:
        return ModelHTTPError(400, "gpt-4o-mini") if failing_now else repairing(prompt)

    failing_now = True
    async with benchmarking(tmp_path, CleaningModels(failing)) as runs:
        run = await ran(runs, BY_MODEL)
        assert run.state is JobState.COMPLETED
        failed = asked(await results_of(runs, run.job_id))
        assert {(r.score.status, r.error.partition(":")[0]) for r in failed} == {
            ("failed", "upstream_failed")
        }
        assert failed[0].score.canonical.repair.repair.f1 == 0
        assert failed[0].score.canonical.repair.corruption_rate == 0
        board = make_leaderboard(run, failed)
        row = board.row(MODEL)
        assert row is not None
        assert (row.failed, row.completion_rate.value, board.partial) == (6, 0.0, True)
        assert (row.reliability_score.value, row.pass_all) == (None, None)
        assert row.canonical["auditability_score"].value is None
        assert board.first_failure.startswith(f"{MODEL}, upstream_failed: ")
        failing_now = False
        await runs.reopen(LOCAL, run.job_id, errors=True)
        again = await runs.run(LOCAL, run.job_id)
        done = [r for r in await results_of(runs, again.job_id) if r.contestant == MODEL]
    assert {(r.score.status, r.error) for r in done} == {("scored", "")}
    assert done[0].score.canonical.repair.repair.f1 == 1


async def test_a_defect_of_the_work_counts_as_doing_nothing(tmp_path: Path) -> None:
    def defect(prompt: str) -> Said:
        raise RuntimeError(prompt)

    async with benchmarking(tmp_path, CleaningModels(defect)) as runs:
        run = await ran(runs, BY_MODEL)
        found = asked(await results_of(runs, run.job_id))
    assert {(r.error, r.score.status) for r in found} == {
        ("internal_error: RuntimeError", "failed")
    }


async def test_tables_that_have_changed_are_refused(tmp_path: Path) -> None:
    async with benchmarking(tmp_path) as runs:
        made = await runs.create(LOCAL, NOTHING)
    async with benchmarking(tmp_path, tasks=SmallTasks(changed=True)) as runs:
        with pytest.raises(TaskChanged, match="places_accuracy_easy_7"):
            await runs.run(LOCAL, made.job_id)
    async with benchmarking(tmp_path) as runs:
        assert (await runs.run(LOCAL, made.job_id)).state is JobState.COMPLETED


async def test_a_result_of_another_scorer_is_scored_again(tmp_path: Path) -> None:
    async with benchmarking(tmp_path) as runs:
        run = await ran(runs, BenchmarkPlan(contestants=["dependencies"]))
        before = await results_of(runs, run.job_id)
    async with candor_with(tmp_path) as candor:
        old = update(job_items).values(
            brief=func.json_set(job_items.c.brief, "$.scorer", 0, "$.score", None)
        )
        store: Store = candor.store
        await store.write(lambda connection: connection.execute(old))
    async with benchmarking(tmp_path) as runs:
        assert await results_of(runs, run.job_id) == before
        plain = [each async for each in runs.results(LOCAL, run.job_id)]
        assert plain == [replace(each, output=None) for each in before]


async def test_a_budget_that_cannot_be_kept_is_refused(tmp_path: Path) -> None:
    async with benchmarking(tmp_path) as runs:
        with pytest.raises(BudgetUnknowable):
            await runs.create(LOCAL, BenchmarkPlan(models=["own:model"]), budget=Decimal(1))
        assert not await runs.list(LOCAL)
        made = await runs.create(LOCAL, BenchmarkPlan(models=["own:model"]))
        with pytest.raises(BudgetUnknowable):
            await runs.reopen(LOCAL, made.job_id, budget=Decimal(1))
        assert (await runs.show(LOCAL, made.job_id)).budget is None


async def test_the_newest_run_of_a_contestant_is_found(tmp_path: Path) -> None:
    async with benchmarking(tmp_path) as runs:
        with pytest.raises(BenchmarkNotRun):
            await runs.latest(LOCAL)
        first = await ran(runs, BenchmarkPlan(contestants=["mode"]))
        second = await ran(runs, NOTHING)
        await runs.create(LOCAL, NOTHING)
        assert (await runs.latest(LOCAL)).job_id == second.job_id
        assert (await runs.latest(LOCAL, "mode")).job_id == first.job_id
        with pytest.raises(BenchmarkNotRun, match="combined"):
            await runs.latest(LOCAL, "combined")
        with pytest.raises(JobNotFound):
            await runs.show(Caller("anna"), first.job_id)


async def test_a_plan_that_cannot_be_run_is_refused(tmp_path: Path) -> None:
    wrong = {
        BenchmarkPlan(contestants=("none",)): ContestantUnknown,
        BenchmarkPlan(contestants=("mode", "mode")): BenchmarkInvalid,
        BenchmarkPlan(repeats=0): BenchmarkInvalid,
        BenchmarkPlan(dimensions=(Dimension.UNIQUENESS,)): BenchmarkInvalid,
    }
    async with benchmarking(tmp_path) as runs:
        for plan, error in wrong.items():
            with pytest.raises(error):
                await runs.create(LOCAL, plan)
        with pytest.raises(BenchmarkInvalid):
            await runs.create(LOCAL, NOTHING, budget=Decimal(0))


async def test_named_sample_tables_stand_beside_those_of_a_folder(tmp_path: Path) -> None:
    own = [replace(small_task(Difficulty.HARD), task_id="own", table="own")]
    async with benchmarking(tmp_path, tasks=SmallTasks(folders={"data": own})) as runs:
        for tables, counts in (((), {"own": 1}), (("own", "places"), {"own": 1, "places": 4})):
            tasks = await runs.tasks(BenchmarkPlan(folder="data", tables=tables))
            assert Counter(task.table for task in tasks) == counts


async def test_tasks_are_found_by_their_ids(tmp_path: Path) -> None:
    async with benchmarking(tmp_path) as runs:
        task = await runs.task("places_accuracy_hard_8")
        assert (task.difficulty, task.seed) == (Difficulty.HARD, 8)
        for unknown in ("places_accuracy_hardest_8", "places", f"places_{'1' * 50}"):
            with pytest.raises(TaskNotFound):
                await runs.task(unknown)
