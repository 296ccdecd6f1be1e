"""Runs beside each other, over the cases of both."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from backend.composition.container import Container
from tests.use_cases.playground.evaluations.evaluating import (
    AnsweringModels,
    cases,
    contains,
    echo,
    evaluated,
    evaluating,
    publish,
    variant,
)
from use_cases.kernel.errors import InvalidInput
from use_cases.kernel.jobs.model import JobNotFound
from use_cases.kernel.model import LOCAL, Caller
from use_cases.playground.model import Case, Comparison, Finding, Plan, Variant

pytestmark = pytest.mark.anyio

GOOD, BAD = "good {{question}}", "bad {{question}}"


def plan(*variants: Variant, repeats: int = 1) -> Plan:
    return Plan(name="plan", variants=variants, assertions=[contains("good")], repeats=repeats)


async def run_of(candor: Container, *variants: Variant, repeats: int = 1) -> str:
    return (await evaluated(candor, plan(*variants, repeats=repeats))).job_id


async def compared(candor: Container, before: str, after: str) -> Sequence[Comparison]:
    return await candor.playground.compare_runs.run(LOCAL, before, after)


def models() -> AnsweringModels:
    return AnsweringModels({"one": echo})


async def test_variants_of_one_name_are_compared(tmp_path: Path) -> None:
    async with evaluating(tmp_path, models(), cases(10)) as candor:
        before = await run_of(candor, variant("a", BAD), variant("b", GOOD), variant("c", GOOD))
        after = await run_of(candor, variant("b", GOOD), variant("a", GOOD), variant("d", BAD))
        better, same = await compared(candor, before, after)
        _, worse = await compared(candor, after, before)
    assert (better.variant, better.baseline) == (f"a of {after}", f"a of {before}")
    assert (better.finding, better.cases, better.difference) == (Finding.BETTER, 10, 1.0)
    assert (worse.finding, worse.difference) == (Finding.WORSE, -1.0)
    assert (same.finding, same.difference) == (Finding.NO_DIFFERENCE_SHOWN, 0.0)


async def test_cases_are_paired_by_their_identity(tmp_path: Path) -> None:
    async with evaluating(tmp_path, models(), cases(20)) as candor:
        before = await run_of(candor, variant("a", "{{question}}"))
        moved = [Case(key=f"c{n}", variables={"question": f"good q{n}"}) for n in range(25, 4, -1)]
        await publish(candor, moved)
        after = await run_of(candor, variant("a", "{{question}}"))
        [found] = await compared(candor, before, after)
    assert (found.cases, found.better_cases, found.worse_cases) == (15, 15, 0)


async def test_repeats_of_a_case_count_as_one_case(tmp_path: Path) -> None:
    async with evaluating(tmp_path, models(), cases(4)) as candor:
        before = await run_of(candor, variant("a", BAD), repeats=3)
        after = await run_of(candor, variant("a", GOOD))
        [found] = await compared(candor, before, after)
    assert (found.cases, found.better_cases) == (4, 4)


async def test_two_single_variants_are_compared_whatever_their_names(tmp_path: Path) -> None:
    async with evaluating(tmp_path, models(), cases(1)) as candor:
        one, other = await run_of(candor, variant("a")), await run_of(candor, variant("b"))
        two = await run_of(candor, variant("c"), variant("d"))
        [found] = await compared(candor, one, other)
        assert (found.variant, found.baseline) == (f"b of {other}", f"a of {one}")
        with pytest.raises(InvalidInput, match="no variant in common: a; c, d"):
            await compared(candor, one, two)
        with pytest.raises(JobNotFound):
            await compared(candor, one, "eval_of_nobody")
        with pytest.raises(JobNotFound):
            await candor.playground.compare_runs.run(Caller("boris"), one, other)
