"""Assertions that compare the outputs of a case, and judges that fail now and then."""

from pathlib import Path

import pytest
from pydantic_ai.exceptions import ModelHTTPError

from backend.composition.container import Container
from services.system import SystemEntropy
from tests.use_cases.kernel.text.fences import blocks_of
from tests.use_cases.playground.evaluations.evaluating import (
    AnsweringModels,
    cases,
    cells_of,
    contains,
    echo,
    evaluated,
    evaluating,
    manage,
    variant,
)
from tests.use_cases.playground.judging.judges import (
    Fields,
    ScriptedModels,
    WordLikeness,
)
from use_cases.kernel.jobs.model import JobState
from use_cases.kernel.model import LOCAL
from use_cases.playground.judging.grade_by_model import GradeByModel
from use_cases.playground.model import Assertion, Case, Cell, Plan, Verdict

pytestmark = pytest.mark.anyio

BEST = Assertion(type="select-best", value="the longest")
RUBRIC = Assertion(type="llm-rubric", value="polite")
TWO = [variant("a", model="one"), variant("b", model="two")]


def judged_by(candor: Container, judge: ScriptedModels) -> None:
    """Let this model judge."""
    candor.playground.judges = GradeByModel(
        models=judge, entropy=SystemEntropy(), similarity=WordLikeness()
    )


def longest(prompt: str, _form: str) -> Fields:
    """A judge that prefers length."""
    blocks = blocks_of(prompt)
    names = [name for name in blocks if name.startswith("answer ")]
    best = max(names, key=lambda name: len(blocks[name]))
    return {"reason": "It is longer.", "best": int(best.removeprefix("answer "))}


def models() -> AnsweringModels:
    return AnsweringModels({"one": echo, "two": lambda text: f"{text}, at length"})


def verdicts(cells: list[Cell]) -> dict[str, list[Verdict | None]]:
    found: dict[str, list[Verdict | None]] = {"a": [], "b": []}
    for cell in cells:
        found[cell.variant].append(cell.grade and cell.grade.verdict)
    return found


async def test_the_best_output_of_each_case_and_repeat_passes(tmp_path: Path) -> None:
    plan = Plan(name="p", variants=TWO, assertions=[contains("q"), BEST], repeats=2)
    async with evaluating(tmp_path, models(), cases(3)) as candor:
        judge = ScriptedModels(longest)
        judged_by(candor, judge)
        run = await evaluated(candor, plan)
        found = await manage(candor).summary(LOCAL, run.job_id)
        progress = await manage(candor).progress(LOCAL, run.job_id)
        cells = list(await cells_of(candor, run.job_id))
    assert run.state is JobState.COMPLETED
    assert len(judge.asked) == 6
    worse, better = found.totals
    assert (worse.passed, worse.failed, better.passed, better.failed) == (0, 6, 6, 0)
    assert [metric.name for metric in better.metrics] == ["contains", "select-best"]
    assert better.judge_cost is not None
    assert better.judge_cost > 0
    assert verdicts(cells) == {"a": [Verdict.FAILED] * 6, "b": [Verdict.PASSED] * 6}
    assert (found.done, progress.total, progress.done) == (12, 18, 18)


async def test_max_score_needs_no_judge(tmp_path: Path) -> None:
    plan = Plan(
        name="p",
        variants=TWO,
        assertions=[
            contains("length", weight=0.0),
            Assertion(type="max-score", value={"method": "average"}),
        ],
    )
    async with evaluating(tmp_path, models(), cases(3)) as candor:
        run = await evaluated(candor, plan)
        found = verdicts(list(await cells_of(candor, run.job_id)))
    assert found == {"a": [Verdict.FAILED] * 3, "b": [Verdict.PASSED] * 3}


async def test_a_cell_that_is_tried_again_is_compared_again(tmp_path: Path) -> None:
    down = True

    def answer(text: str) -> str | Exception:
        return ModelHTTPError(500, "m") if down and text == "q1" else f"{text}, at length"

    asked = AnsweringModels({"one": echo, "two": answer})
    plan = Plan(name="p", variants=TWO, assertions=[BEST])
    async with evaluating(tmp_path, asked, cases(3)) as candor:
        judge = ScriptedModels(longest)
        judged_by(candor, judge)
        run = await evaluated(candor, plan)
        before = await manage(candor).summary(LOCAL, run.job_id)
        # One output alone is the best of nothing.
        assert [each.errors for each in before.totals] == [1, 1]
        assert len(judge.asked) == 2
        down = False
        await manage(candor).reopen(LOCAL, run.job_id, errors=True)
        again = await manage(candor).run(LOCAL, run.job_id)
        after = await manage(candor).summary(LOCAL, run.job_id)
        found = verdicts(list(await cells_of(candor, run.job_id)))
    assert again.state is JobState.COMPLETED
    assert len(judge.asked) == 3
    assert [(each.passed, each.failed, each.errors) for each in after.totals] == [
        (0, 3, 0),
        (3, 0, 0),
    ]
    assert found == {"a": [Verdict.FAILED] * 3, "b": [Verdict.PASSED] * 3}


async def test_the_threshold_of_a_case_holds_after_its_comparison(tmp_path: Path) -> None:
    given = [*cases(1), Case(key="own", variables={"question": "q1"}, threshold=0.5)]
    plan = Plan(name="p", variants=TWO, assertions=[contains("q"), BEST])
    async with evaluating(tmp_path, models(), given) as candor:
        judged_by(candor, ScriptedModels(longest))
        run = await evaluated(candor, plan)
        found = await manage(candor).summary(LOCAL, run.job_id)
        cells = list(await cells_of(candor, run.job_id))
    assert verdicts(cells)["a"] == [Verdict.FAILED, Verdict.PASSED]
    assert (found.totals[0].passed, found.totals[0].failed) == (1, 1)


async def test_a_judge_that_errs_changes_no_rate_and_its_errors_are_shown(tmp_path: Path) -> None:
    def judge(prompt: str, _form: str) -> Fields | Exception:
        number = int(blocks_of(prompt)["answer"].removeprefix("q"))
        if number == 9 and down:
            return ModelHTTPError(500, "judge")
        return {"reason": "Well.", "pass": number < 6, "score": 0.5}

    down = True
    plan = Plan(name="p", variants=[variant()], assertions=[RUBRIC])
    async with evaluating(tmp_path, models(), cases(10)) as candor:
        judged_by(candor, ScriptedModels(judge))
        run = await evaluated(candor, plan)
        found = await manage(candor).summary(LOCAL, run.job_id)
        [total] = found.totals
        assert (total.passed, total.failed, total.errors, found.errors) == (6, 3, 1, 1)
        assert (total.pass_rate, total.worst_rate) == (6 / 9, 0.6)
        assert (total.metrics[0].errors, total.metrics[0].mean_score) == (1, 0.5)
        progress = await manage(candor).progress(LOCAL, run.job_id)
        assert progress.errors == 1
        spent = total.judge_cost
        down = False
        await manage(candor).reopen(LOCAL, run.job_id, errors=True)
        await manage(candor).run(LOCAL, run.job_id)
        [after] = (await manage(candor).summary(LOCAL, run.job_id)).totals
    assert (after.passed, after.failed, after.errors) == (6, 4, 0)
    assert spent is not None
    assert after.judge_cost is not None
    assert after.judge_cost > spent
