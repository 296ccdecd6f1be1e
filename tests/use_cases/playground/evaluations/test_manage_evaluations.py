"""Whole evaluations: planned, run, stopped, resumed and summed up, over a real store."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic_ai.exceptions import ModelHTTPError

from backend.composition.container import Container
from tests.use_cases.playground.evaluations.evaluating import (
    DATASET,
    NOW,
    AnsweringModels,
    cases,
    cells_of,
    contains,
    echo,
    evaluated,
    evaluating,
    manage,
    prompt,
    publish,
    system,
    variant,
)
from use_cases.kernel.errors import CandorError, ModelNotAllowed, ModelUnknown
from use_cases.kernel.jobs.model import JobOver, JobState
from use_cases.kernel.model import LOCAL
from use_cases.kernel.ports import Models, ResolvedModel
from use_cases.kernel.prompts.prompt_registry import PRODUCTION, PromptInvalid, PromptNotFound
from use_cases.playground.errors import (
    AssertionInvalid,
    DatasetNotFound,
    PlanInvalid,
    VariablesInvalid,
)
from use_cases.playground.model import (
    Assertion,
    Case,
    EvaluationSummary,
    Finding,
    Plan,
    TargetKind,
    Variant,
    VariantTotal,
)

pytestmark = pytest.mark.anyio

PRICE = Decimal("0.00021")
GOOD = Plan(name="plan", variants=[variant()], assertions=[contains("q")])


def models() -> AnsweringModels:
    return AnsweringModels({"one": echo, "two": lambda text: f"no {text[1:]}"})


async def summed(candor: Container, run_id: str) -> EvaluationSummary:
    return await manage(candor).summary(LOCAL, run_id)


async def total(candor: Container, run_id: str) -> VariantTotal:
    return (await summed(candor, run_id)).totals[0]


async def test_every_case_meets_every_variant_and_repeat_once(tmp_path: Path) -> None:
    asked = models()
    plan = Plan(
        name="matrix",
        variants=[variant("good", model="one"), variant("bad", model="two")],
        assertions=[contains("q")],
        repeats=3,
    )
    async with evaluating(tmp_path, asked, cases(10)) as candor:
        run = await evaluated(candor, plan)
        found = await summed(candor, run.job_id)
        cells = await cells_of(candor, run.job_id)
    assert run.state is JobState.COMPLETED
    assert Counter(asked.asked) == Counter(
        {(name, f"q{n}"): 3 for name in ("one", "two") for n in range(10)}
    )
    places = {(cell.case, cell.variant, cell.repeat) for cell in cells}
    assert len(cells) == len(places) == found.done == found.planned == 60
    good, bad = found.totals
    assert (good.passed, good.failed, good.pass_rate, good.agreement) == (30, 0, 1.0, 1.0)
    assert (bad.passed, bad.failed, bad.pass_rate, bad.worst_rate) == (0, 30, 0.0, 0.0)
    assert (good.calls, good.cost, good.input_tokens) == (30, 30 * PRICE, 30_000)
    [comparison] = found.comparisons
    assert (comparison.variant, comparison.baseline) == ("bad", "good")
    assert (comparison.finding, comparison.cases) == (Finding.WORSE, 10)
    assert comparison.difference == -1


async def test_cells_have_their_cases_and_come_case_by_case(tmp_path: Path) -> None:
    async with evaluating(tmp_path, models(), cases(230)) as candor:
        run = await evaluated(candor, GOOD)
        cells = await cells_of(candor, run.job_id)
    assert [cell.case for cell in cells] == [f"c{n}" for n in range(230)]
    assert [cell.inputs and cell.inputs.variables["question"] for cell in cells] == [
        f"q{n}" for n in range(230)
    ]


async def test_a_budget_is_an_amount_of_money(tmp_path: Path) -> None:
    async with evaluating(tmp_path, models(), cases(1)) as candor:
        made = await manage(candor).create(LOCAL, GOOD, DATASET)
        for amount in ("0", "-1", "NaN", "Infinity"):
            with pytest.raises(PlanInvalid):
                await manage(candor).create(LOCAL, GOOD, DATASET, budget=Decimal(amount))
            with pytest.raises(PlanInvalid):
                await manage(candor).reopen(LOCAL, made.job_id, budget=Decimal(amount))


async def test_only_errors_are_tried_again_and_all_calls_count(tmp_path: Path) -> None:
    broken = {"q3", "q7"}

    def answer(text: str) -> str | Exception:
        return ModelHTTPError(500, "m") if text in broken else text

    asked = AnsweringModels({"one": answer})
    async with evaluating(tmp_path, asked, cases(10)) as candor:
        run = await evaluated(candor, GOOD)
        first = await summed(candor, run.job_id)
        assert (run.state, first.errors, first.done) == (JobState.COMPLETED, 2, 10)
        before = first.totals[0]
        assert (before.passed, before.errors, before.calls) == (8, 2, 10)
        assert (before.pass_rate, before.worst_rate) == (1.0, 0.8)
        failed = [cell for cell in await cells_of(candor, run.job_id) if cell.error]
        assert [cell.case for cell in failed] == ["c3", "c7"]
        broken.clear()
        asked.asked.clear()
        await manage(candor).reopen(LOCAL, run.job_id, errors=True)
        again = await manage(candor).run(LOCAL, run.job_id)
        after = await total(candor, run.job_id)
        assert sorted(text for _, text in asked.asked) == ["q3", "q7"]
        assert (again.state, after.passed, after.errors) == (JobState.COMPLETED, 10, 0)
        assert (after.calls, after.lost_calls) == (12, 0)
        with pytest.raises(JobOver):
            await manage(candor).reopen(LOCAL, run.job_id, errors=True)


async def test_a_second_run_of_the_same_costs_nothing(tmp_path: Path) -> None:
    asked = models()
    async with evaluating(tmp_path, asked, cases(10)) as candor:
        await evaluated(candor, GOOD)
        again = await evaluated(candor, GOOD)
        found = await total(candor, again.job_id)
    assert len(asked.asked) == 10
    assert (found.cached, found.cost, found.cached_cost) == (10, None, 10 * PRICE)
    assert found.passed == 10


@pytest.mark.parametrize(
    ("metered", "own", "claimed"),
    [
        (True, Assertion(type="contains", value="q"), 5),
        (False, Assertion(type="not-contains", value="x"), 20),
        (False, Assertion(type="webhook", value="https://example.com"), 5),
        (False, Assertion(type="assert-set", assertions=[Assertion(type="llm-rubric")]), 5),
    ],
)
async def test_cells_are_claimed_ahead_only_where_they_call_nothing_outside(
    tmp_path: Path, metered: bool, own: Assertion, claimed: int
) -> None:
    begun = asyncio.Event()

    async def wait() -> None:
        begun.set()
        await asyncio.Event().wait()

    asked = AnsweringModels({"one": echo}, metered=metered, waiting=wait)
    given = [*cases(19), replace(cases(1)[0], key="own", assertions=[own])]
    async with evaluating(tmp_path, asked, given) as candor:
        made = await manage(candor).create(LOCAL, GOOD, DATASET)
        running = asyncio.create_task(manage(candor).run(LOCAL, made.job_id))
        await begun.wait()
        assert (await manage(candor).progress(LOCAL, made.job_id)).running == claimed
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running


async def test_what_changes_or_goes_meanwhile_changes_nothing(tmp_path: Path) -> None:
    asked = models()
    async with evaluating(tmp_path, asked, cases(5)) as candor:
        prompts = candor.playground.manage_prompts
        stored = await prompts.create(LOCAL, "mine")
        await prompts.save(LOCAL, stored.prompt_id, prompt("first {{question}}"))
        plan = Plan(name="p", variants=[Variant(name="a", prompt_ref=stored.prompt_id)])
        made = await manage(candor).create(LOCAL, plan, DATASET)
        await prompts.save(LOCAL, stored.prompt_id, prompt("second {{question}}"))
        await prompts.delete(LOCAL, stored.prompt_id)
        await publish(candor, cases(2))
        await candor.playground.datasets.delete(LOCAL, DATASET, NOW)
        run = await manage(candor).run(LOCAL, made.job_id)
        cells = await cells_of(candor, run.job_id)
        with pytest.raises(DatasetNotFound):
            await manage(candor).create(LOCAL, GOOD, DATASET)
    assert sorted(text for _, text in asked.asked) == [f"first q{n}" for n in range(5)]
    assert run.spec.plan.variants[0].prompt_version == f"{stored.prompt_id}@1"
    assert len(cells) == 5


WRONG: Sequence[tuple[Plan, type[CandorError]]] = [
    (replace(GOOD, variants=[]), PlanInvalid),
    (replace(GOOD, variants=[variant("a"), variant("a")]), PlanInvalid),
    (replace(GOOD, variants=[Variant(name="a")]), PlanInvalid),
    (replace(GOOD, baseline="b"), PlanInvalid),
    (replace(GOOD, repeats=0), PlanInvalid),
    (replace(GOOD, repeats=101), PlanInvalid),
    (replace(GOOD, threshold=float("nan")), AssertionInvalid),
    (replace(GOOD, judge="nobody"), ModelUnknown),
    (replace(GOOD, variants=[variant(model="nobody")]), ModelUnknown),
    (replace(GOOD, variants=[variant(text="{{other}}")]), VariablesInvalid),
    (replace(GOOD, variants=[Variant(name="a", prompt_ref="nothing@7")]), PromptNotFound),
    (
        replace(GOOD, variants=[Variant(name="a", target=TargetKind.CHAT, prompt=prompt())]),
        PromptInvalid,
    ),
    (replace(GOOD, assertions=[Assertion(type="contain")]), AssertionInvalid),
    (replace(GOOD, assertions=[contains("q", weight=float("nan"))]), AssertionInvalid),
    (replace(GOOD, assertions=[contains("q", weight=-1.0)]), AssertionInvalid),
    (replace(GOOD, assertions=[contains("q", threshold=float("inf"))]), AssertionInvalid),
    (replace(GOOD, assertions=[Assertion(type="select-best", value="short")]), PlanInvalid),
    (
        replace(
            GOOD,
            variants=[variant("a"), variant("b")],
            assertions=[Assertion(type="assert-set", assertions=[Assertion(type="max-score")])],
        ),
        AssertionInvalid,
    ),
]


async def test_what_cannot_run_is_an_error_before_the_first_call(tmp_path: Path) -> None:
    asked = models()
    async with evaluating(tmp_path, asked, cases(3)) as candor:
        for plan, error in WRONG:
            with pytest.raises(error):
                await manage(candor).create(LOCAL, plan, DATASET)
        assert not list(await manage(candor).list(LOCAL))
    assert not asked.asked


async def test_a_case_is_checked_as_the_plan_is(tmp_path: Path) -> None:
    wrong = Case(key="c", variables={"question": "q"}, assertions=[Assertion(type="nothing")])
    async with evaluating(tmp_path, models(), [*cases(60), wrong]) as candor:
        with pytest.raises(AssertionInvalid, match="nothing"):
            await manage(candor).create(LOCAL, GOOD, DATASET)


async def test_the_estimate_counts_calls_and_judges_and_two_calls_for_a_cell_of_chat(
    tmp_path: Path,
) -> None:
    plan = Plan(
        name="p",
        variants=[variant("a", model="one"), variant("b", model="two")],
        assertions=[
            Assertion(type="llm-rubric", value="polite"),
            Assertion(type="assert-set", assertions=[Assertion(type="factuality", value="x")]),
            Assertion(type="pairwise", value="shorter"),
        ],
        repeats=2,
    )
    chat = replace(variant("a", model="one"), target=TargetKind.CHAT, prompt=None)
    talk = Plan(name="p", variants=[chat, variant("b", model="two")])
    async with evaluating(tmp_path, models(), cases(10)) as candor:
        made = [await manage(candor).create(LOCAL, each, DATASET) for each in (plan, talk)]
        judged, talked = [await manage(candor).estimate(LOCAL, each.job_id) for each in made]
    assert (judged.cells, judged.calls, judged.judge_calls) == (40, 40, 40 + 40 + 40)
    assert judged.cost is None  # the list of prices does not have them
    assert (talked.cells, talked.calls) == (20, 30)


async def test_names_that_no_store_holds_are_kept_apart_all_the_same(tmp_path: Path) -> None:
    odd = "a\ud800\0"
    given = [
        Case(key="a:b:c", variables={"question": "q"}),
        Case(key="=x", variables={"question": "q"}),
    ]
    plan = replace(GOOD, name=odd, variants=[variant(odd), variant("b")], baseline=odd)
    async with evaluating(tmp_path, models(), given) as candor:
        run = await evaluated(candor, plan)
        found = await summed(candor, run.job_id)
        cells = await cells_of(candor, run.job_id)
    assert [each.passed for each in found.totals] == [2, 2]
    assert [cell.case for cell in cells] == ["a:b:c"] * 2 + ["=x"] * 2
    assert found.comparisons[0].cases == 2


async def test_chat_and_advice_run_by_what_was_in_production_when_the_run_was_made(
    tmp_path: Path,
) -> None:
    variants = [
        Variant(name="chat", target=TargetKind.CHAT, model="offline:extractive"),
        Variant(name="advice", target=TargetKind.ADVICE, model="offline:adviser"),
    ]
    async with evaluating(tmp_path, None, cases(1)) as candor:
        prompts = candor.playground.manage_prompts
        await prompts.save(LOCAL, "chat.answer", system("Be brief."))
        await prompts.move(LOCAL, "chat.answer@1", PRODUCTION)
        made = await manage(candor).create(LOCAL, Plan(name="p", variants=variants), DATASET)
        await prompts.save(LOCAL, "chat.answer", system("Be long."))
        await prompts.move(LOCAL, "chat.answer@2", PRODUCTION)
        await prompts.save(LOCAL, "advice.general.default", system("Dare."))
        await prompts.move(LOCAL, "advice.general.default@1", PRODUCTION)
        await manage(candor).run(LOCAL, made.job_id)
        chat, advice = await cells_of(candor, made.job_id)
        assert chat.output is not None
        assert chat.output.prompt_version == "chat.answer@1"
        assert advice.output is not None
        assert advice.output.prompt_version.startswith("advice-1-")
        # What was evaluated is in no list and in no figure.
        assert not list(await candor.chat.manage_chats.list(LOCAL))
        assert not list(await candor.chat.read_answers.list(LOCAL))
        assert not list(await candor.advice.read_advice.list(LOCAL))


@dataclass
class ListedModels:
    """Port `Models` of a server where requests may name no model."""

    models: Models

    def resolve(self, name: str | None = None, *, trusted: bool = False) -> ResolvedModel:
        """As the others do, but for a name of a request."""
        if name and not trusted:
            raise ModelNotAllowed(f"Requests may not name {name}.")
        return self.models.resolve(name, trusted=trusted)


async def test_the_models_of_a_run_were_checked_when_it_was_made(tmp_path: Path) -> None:
    judged = Assertion(type="llm-rubric", value="Is kind.", judge="offline:extractive")
    variants = [
        variant("prompt", model="offline:echo"),
        Variant(name="chat", target=TargetKind.CHAT, model="offline:extractive"),
        Variant(name="advice", target=TargetKind.ADVICE, model="offline:adviser"),
    ]
    plan = Plan(name="plan", variants=variants, assertions=[judged])
    async with evaluating(tmp_path, None, cases(1)) as candor:
        made = await manage(candor).create(LOCAL, plan, DATASET)
    async with evaluating(tmp_path, None, ()) as server:
        server.models = ListedModels(server.models)
        with pytest.raises(ModelNotAllowed):
            await manage(server).create(LOCAL, plan, DATASET)
        await manage(server).run(LOCAL, made.job_id)
        found = await cells_of(server, made.job_id)
    # An offline model cannot judge; that is what is wrong with these, and nothing else.
    codes = [result.code for cell in found if cell.grade for result in cell.grade.results]
    assert codes == ["judge_missing"] * 3


async def test_default_models_of_the_judge_and_the_playground_are_pinned(tmp_path: Path) -> None:
    answers = {"one": echo, "two": echo, "three": echo}
    async with evaluating(tmp_path, AnsweringModels(answers), cases(1)) as candor:
        defaults = candor.playground.manage_model_defaults
        await defaults.put(LOCAL, "playground", "two")
        await defaults.put(LOCAL, "judge", "three")
        named = Plan(name="plan", variants=[variant("a"), variant("b", model="one")], judge="one")
        first = await manage(candor).create(LOCAL, replace(named, judge=None), DATASET)
        second = await manage(candor).create(LOCAL, named, DATASET)
    assert [each.model for each in first.spec.plan.variants] == ["two", "one"]
    assert (first.spec.plan.judge, second.spec.plan.judge) == ("three", "one")
