"""Benchmarks whose process is killed: continued, their results are those of an uninterrupted run."""

import random
from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults.killed_benchmark import TASKS
from tests.faults.test_killed_evaluations import kill_at_calls
from tests.thoroughness import by_hand
from tests.use_cases.benchmark.benchmarking import MODEL, benchmarking, ran, results_of
from use_cases.benchmark.benchmark_runs import BenchmarkPlan, TaskResult
from use_cases.kernel.jobs.model import JobState
from use_cases.kernel.model import LOCAL

pytestmark = pytest.mark.anyio

PLAN = BenchmarkPlan(contestants=["nothing", "dependencies"], models=[MODEL])
CALLS = 9
"""At least: 6 tasks with a finding, of which two have the same cells, and 3 repeats."""


def timeless(results: list[TaskResult]) -> list[TaskResult]:
    """Without how long they took."""
    return [
        replace(
            each,
            latency_ms=0,
            cached=0,
            output=each.output and replace(each.output, latency_ms=0, cached=0),
        )
        for each in results
    ]


@pytest.mark.exhaustive
@pytest.mark.parametrize("seed", by_hand(range(6), 1))
async def test_kills_at_any_moment_change_no_result(tmp_path: Path, seed: int) -> None:
    folder, moments = (
        tmp_path,
        sorted(random.Random(seed).sample(range(CALLS), len(by_hand(range(5), 2)))),
    )
    (folder / "whole").mkdir()
    async with benchmarking(folder / "whole", tasks=TASKS) as runs:
        run = await ran(runs, PLAN)
        expected = timeless(list(await results_of(runs, run.job_id)))
    async with benchmarking(folder, tasks=TASKS) as runs:
        run_id = (await runs.create(LOCAL, PLAN)).job_id
    await kill_at_calls("killed_benchmark", folder, run_id, moments)
    async with benchmarking(folder, tasks=TASKS) as runs:
        job = await runs.show(LOCAL, run_id)
        if job.state is not JobState.COMPLETED:
            job = await runs.run(LOCAL, run_id)
        assert job.state is JobState.COMPLETED
        assert timeless(list(await results_of(runs, run_id))) == expected
