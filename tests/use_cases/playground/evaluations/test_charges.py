"""An evaluation is charged to the API key that made it, in whichever process its cells are worked."""

from pathlib import Path

import pytest

from backend.composition.container import Container
from services.system import SystemEntropy
from tests.use_cases.playground.evaluations.evaluating import (
    DATASET,
    AnsweringModels,
    cases,
    echo,
    evaluating,
    manage,
    publish,
    variant,
)
from tests.use_cases.playground.judging.judges import Fields, ScriptedModels, WordLikeness
from use_cases.kernel.identity.admission import Budget, Used
from use_cases.kernel.identity.api_key import ApiKey
from use_cases.kernel.identity.errors import BudgetSpent
from use_cases.kernel.jobs.model import JobState
from use_cases.kernel.model import Caller, Scope
from use_cases.playground.evaluations.work_cells import EvaluationPolicy
from use_cases.playground.judging.grade_by_model import GradeByModel
from use_cases.playground.model import Assertion, Plan, TargetKind, Variant

pytestmark = pytest.mark.anyio

CELL = 1100
"""The tokens of one completion."""
ONE_BY_ONE = EvaluationPolicy(eval_concurrency=1, eval_retries=0)
PROMPT = Plan(name="plan", variants=[variant()])
LATER = Caller("local")
"""Another process, which has no key at hand."""


async def new_key(candor: Container, tokens: int | None = None) -> ApiKey:
    made = await candor.identity.manage_keys.create(
        "local", label="test", scopes=(Scope.PLAYGROUND,), budget=Budget(tokens=tokens)
    )
    return made.key


async def used(candor: Container, key: ApiKey) -> Used:
    return (await candor.identity.show_key_use.run([key])).used.get(key.key_id, Used())


def polite(_prompt: str, _form: str) -> Fields:
    return {"reason": "It is.", "passed": True, "score": 1.0}


async def test_every_call_counts_for_the_key_of_the_run_and_a_cached_one_does_not(
    tmp_path: Path,
) -> None:
    async with evaluating(tmp_path, AnsweringModels({"one": echo}), cases(3)) as candor:
        key = await new_key(candor)
        made = await manage(candor).create(key.caller, PROMPT, DATASET)
        again = await manage(candor).create(key.caller, PROMPT, DATASET)
    async with evaluating(tmp_path, AnsweringModels({"one": echo}), ()) as candor:
        await manage(candor).run(LATER, made.job_id)
        first = await used(candor, key)
        await manage(candor).run(LATER, again.job_id)
        assert await used(candor, key) == first
    assert (first.answers, first.tokens) == (3, 3 * CELL)


async def test_what_judges_take_counts(tmp_path: Path) -> None:
    rubric = Assertion(type="llm-rubric", value="polite")
    nested = Assertion(type="assert-set", assertions=[rubric])
    plan = Plan(name="plan", variants=[variant()], assertions=[rubric, nested])
    async with evaluating(tmp_path, AnsweringModels({"one": echo}), cases(2)) as candor:
        candor.playground.judges = GradeByModel(
            models=ScriptedModels(polite), entropy=SystemEntropy(), similarity=WordLikeness()
        )
        key = await new_key(candor)
        made = await manage(candor).create(key.caller, plan, DATASET)
        await manage(candor).run(LATER, made.job_id)
        [total] = (await manage(candor).summary(LATER, made.job_id)).totals
        spent = await used(candor, key)
    assert spent.answers == 2 + 4
    assert spent.tokens > 2 * CELL
    assert total.cost is not None
    assert total.judge_cost is not None
    assert spent.cost == total.cost + total.judge_cost


async def test_chat_and_advice_count_without_a_record(tmp_path: Path) -> None:
    variants = [
        Variant(name="chat", target=TargetKind.CHAT, model="offline:extractive"),
        Variant(name="advice", target=TargetKind.ADVICE, model="offline:adviser"),
    ]
    async with evaluating(tmp_path, None, cases(2)) as candor:
        key = await new_key(candor)
        made = await manage(candor).create(key.caller, Plan(name="p", variants=variants), DATASET)
        await manage(candor).run(LATER, made.job_id)
        assert await used(candor, key) == Used(answers=4)


async def test_a_run_whose_key_has_used_up_its_day_is_interrupted(tmp_path: Path) -> None:
    models = AnsweringModels({"one": echo})
    async with evaluating(tmp_path, models, cases(5), policy=ONE_BY_ONE) as candor:
        key = await new_key(candor, tokens=CELL + 1)
        made = await manage(candor).create(key.caller, PROMPT, DATASET)
        with pytest.raises(BudgetSpent):
            await manage(candor).run(LATER, made.job_id, queued=True)
        run = await manage(candor).show(LATER, made.job_id)
        progress = await manage(candor).progress(LATER, made.job_id)
        assert await manage(candor).abandoned() == []
        await publish(candor, cases(6))
        others = await manage(candor).create(LATER, PROMPT, DATASET)
        assert (await manage(candor).run(LATER, others.job_id)).state is JobState.COMPLETED
    assert (run.state, run.reason.partition(":")[0]) == (JobState.INTERRUPTED, "budget_spent")
    assert (progress.done, progress.errors, progress.pending) == (2, 0, 3)
