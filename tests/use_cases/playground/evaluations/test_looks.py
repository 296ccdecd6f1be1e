"""Verdicts hold together over candidates and metrics, and over looks at more cases."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from backend.composition.container import Container
from backend.reports.verdict_words import adjustment
from tests.use_cases.playground.evaluations.evaluating import (
    AnsweringModels,
    cases,
    contains,
    echo,
    evaluated,
    evaluating,
    manage,
    publish,
    variant,
)
from use_cases.kernel.jobs.model import JobState
from use_cases.kernel.model import LOCAL
from use_cases.kernel.statistics.distributions import level_of
from use_cases.playground.model import Assertion, Comparison, Finding, Plan

pytestmark = pytest.mark.anyio

OLD, NEW, OTHER = "good {{question}}", "{{question}}, good", "good, good {{question}}"


def plan(*texts: str, metrics: int = 1) -> Plan:
    variants = [variant(f"v{n}", text) for n, text in enumerate(texts)]
    checks = [contains("good"), Assertion(type="icontains", value="o")][:metrics]
    return Plan(name="plan", variants=variants, assertions=checks)


def models() -> AnsweringModels:
    return AnsweringModels({"one": echo})


async def compared(candor: Container, plan: Plan) -> Sequence[Comparison]:
    run = await evaluated(candor, plan)
    return (await manage(candor).summary(LOCAL, run.job_id)).comparisons


async def test_all_candidates_and_metrics_are_one_family(tmp_path: Path) -> None:
    async with evaluating(tmp_path, models(), cases(12)) as candor:
        alone = await compared(candor, plan(OLD, NEW))
        both = await compared(candor, plan(OLD, OTHER, "bad {{question}}", metrics=2))
    assert [(each.variant, each.metric, each.family) for each in alone] == [("v1", "", 1)]
    assert [(each.variant, each.family) for each in both] == [
        *[("v1", 6)] * 3,
        *[("v2", 6)] * 3,
    ]
    levels = [each.interval and each.interval.level for each in (*alone, *both)]
    assert levels == pytest.approx([1 - level_of(1), *[1 - level_of(6)] * 6])
    assert both[3].finding is Finding.WORSE
    assert "These 6 comparisons are judged together. The chance" in adjustment(both)


async def test_looks_at_two_variants_over_a_dataset_are_counted(tmp_path: Path) -> None:
    async with evaluating(tmp_path, models(), cases(12)) as candor:
        (first,) = await compared(candor, plan(OLD, NEW))
        await publish(candor, cases(24))
        second, new = await compared(candor, plan(OLD, NEW, OTHER))
        (turned,) = await compared(candor, plan(NEW, OLD))
        runs = await manage(candor).list(LOCAL)
        (again,) = (await manage(candor).summary(LOCAL, runs[-1].job_id)).comparisons
    assert [each.look for each in (first, second, new, turned)] == [1, 2, 1, 2]
    assert again == first
    assert second.interval is not None
    assert second.interval.level == pytest.approx(1 - level_of(2, 2))
    assert "judged together. It is look 2 at this dataset. The chance" in adjustment([second, new])


async def test_a_run_has_no_verdict_before_its_end_and_is_no_look(tmp_path: Path) -> None:
    async with evaluating(tmp_path, models(), cases(12)) as candor:
        made = await manage(candor).create(LOCAL, plan(OLD, "bad {{question}}"), "data_1")
        (waiting,) = (await manage(candor).summary(LOCAL, made.job_id)).comparisons
        other = (await compared(candor, plan(OLD, "bad {{question}}", metrics=2)))[0]
        done = await manage(candor).run(LOCAL, made.job_id)
        (late,) = (await manage(candor).summary(LOCAL, made.job_id)).comparisons
    assert (waiting.finding, waiting.interval, waiting.p) == (Finding.UNFINISHED, None, None)
    assert adjustment([waiting]) == ""
    assert done.state is JobState.COMPLETED
    assert (other.look, late.look) == (1, 2)


@pytest.mark.parametrize("metered", [True, False])
async def test_a_run_that_repeats_another_and_asks_no_model_is_no_look(
    tmp_path: Path, metered: bool
) -> None:
    models = AnsweringModels({"one": echo}, metered=metered)
    async with evaluating(tmp_path, models, cases(12)) as candor:
        (first,) = await compared(candor, plan(OLD, NEW))
        (again,) = await compared(candor, plan(OLD, NEW))
        checked = (await compared(candor, plan(OLD, NEW, metrics=2)))[0]
        await publish(candor, cases(24))
        (more,) = await compared(candor, plan(OLD, NEW))
    assert [each.look for each in (first, again, checked, more)] == [1, 1, 2, 3]
