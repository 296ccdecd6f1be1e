"""One cell: a target's output, tried again for passing reasons, and graded."""

import asyncio
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic_ai.exceptions import ModelAuthenticationError, ModelHTTPError, ModelRateLimitError

from tests.use_cases.playground.evaluations.evaluating import (
    Answer,
    AnsweringModels,
    contains,
    echo,
    evaluating,
    variant,
    worker,
)
from use_cases.kernel.jobs.model import Finished, ItemResult, ItemState
from use_cases.playground.evaluations.cell_records import read_cell
from use_cases.playground.evaluations.work_cells import EvaluationPolicy
from use_cases.playground.model import Assertion, Case, Cell, Plan, Verdict

pytestmark = pytest.mark.anyio

CASE = Case(key="c0", variables={"question": "What?"}, expected="What?")
PLAN = Plan(name="plan", variants=[variant()], assertions=[contains("What")])
TRIES = EvaluationPolicy(eval_retries=3)
PRICE = Decimal("0.00021")
"""gpt-4o-mini: 1,000 tokens in and 100 out."""


def cell_of(found: Finished) -> Cell:
    state = ItemState.DONE if found.error is None else ItemState.ERROR
    return read_cell(
        ItemResult(
            place=0,
            key="0:0:0",
            group="a",
            state=state,
            attempts=1,
            finishes=1,
            cost=found.cost,
            tick=1,
            error=found.error,
            brief=found.brief,
            body=found.body,
        )
    )


async def worked(
    folder: Path,
    answer: Answer,
    *,
    plan: Plan = PLAN,
    case: Case = CASE,
    policy: EvaluationPolicy = TRIES,
) -> tuple[Finished, list[float]]:
    """The cell, and the pauses that it took."""
    pauses: list[float] = []
    models = AnsweringModels({"openai:gpt-4o-mini": answer})
    async with evaluating(folder, models, (), policy=policy) as candor:
        return await worker(candor, plan, pauses).work(case, plan.variants[0], 0), pauses


async def test_an_output_is_graded_and_priced(tmp_path: Path) -> None:
    found, pauses = await worked(tmp_path, echo)
    cell = cell_of(found)
    assert cell.output is not None
    assert cell.grade is not None
    assert (cell.case, cell.output.text, cell.grade.verdict) == ("c0", "What?", Verdict.PASSED)
    assert (found.error, found.cost, cell.output.cost) == (None, PRICE, PRICE)
    assert cell.finished_at is not None
    assert json.loads(found.brief)["calls"] == 1
    assert not pauses


def failing(*errors: Exception) -> Answer:
    """Fails by these in turn, then answers."""
    rest = list(errors)
    return lambda text: rest.pop(0) if rest else text


def limited(retry_after: float | None = None) -> Exception:
    return ModelRateLimitError("m", "slow down", retry_after=retry_after)


def unavailable() -> Exception:
    return ModelHTTPError(503, "m")


@pytest.mark.parametrize(
    ("errors", "retries", "waited"),
    [
        ([limited(7), limited(0.01)], 3, [7, 1]),  # as long as the provider asks for
        ([limited()] * 6, 0, [1, 2, 4, 8, 16, 30]),  # a minute and more, whatever the retries
        ([unavailable()] * 3, 3, [1, 2, 4]),
    ],
)
async def test_what_fails_for_a_passing_reason_is_tried_again_after_a_pause(
    tmp_path: Path, errors: list[Exception], retries: int, waited: list[float]
) -> None:
    policy = EvaluationPolicy(eval_retries=retries)
    found, pauses = await worked(tmp_path, failing(*errors), policy=policy)
    assert (found.error, pauses) == (None, waited)
    assert json.loads(found.brief)["calls"] == len(errors) + 1


async def test_after_one_cell_waited_in_vain_the_others_of_its_model_do_not(tmp_path: Path) -> None:
    limits, pauses = True, list[float]()
    models = AnsweringModels({"openai:gpt-4o-mini": lambda text: limited(60) if limits else text})
    async with evaluating(tmp_path, models, (), policy=TRIES) as candor:
        working = worker(candor, PLAN, pauses)

        async def paused(repeat: int) -> float:
            pauses.clear()
            await working.work(CASE, PLAN.variants[0], repeat)
            return sum(pauses)

        assert [await paused(0), await paused(1)] == [600, 0]
        error = (await working.work(CASE, PLAN.variants[0], 4)).error or ""
        assert error.startswith("rate_limited: ")
        limits = False
        assert await paused(2) == 0
        limits = True
        assert await paused(3) == 600


async def test_after_the_last_retry_it_is_an_error_with_a_code_and_a_sentence(
    tmp_path: Path,
) -> None:
    found, pauses = await worked(tmp_path, lambda _: unavailable())
    assert pauses == [1, 2, 4]
    cell = cell_of(found)
    assert cell.error == found.error
    assert cell.output is None
    assert cell.finished_at is not None
    code, colon, sentence = (found.error or "").partition(": ")
    assert (code, colon) == ("upstream_failed", ": ")
    assert sentence == "The provider of m failed. Its status was 503."
    assert (json.loads(found.brief), found.cost) == ({"calls": 4}, 0)


async def test_a_rejected_key_is_not_tried_again(tmp_path: Path) -> None:
    found, pauses = await worked(tmp_path, lambda _: ModelAuthenticationError("m", "no"))
    assert (found.error or "").startswith("model_key_rejected: ")
    assert not pauses


async def test_a_model_that_does_not_answer_in_time_is_an_error(tmp_path: Path) -> None:
    models = AnsweringModels({"m": echo}, waiting=asyncio.Event().wait)
    policy = EvaluationPolicy(eval_retries=0, eval_timeout=0.01)
    async with evaluating(tmp_path, models, (), policy=policy) as candor:
        found = await worker(candor, PLAN, []).work(CASE, PLAN.variants[0], 0)
    assert (found.error or "").startswith("upstream_timeout: ")


async def test_the_calls_of_the_attempt_before_count(tmp_path: Path) -> None:
    async with evaluating(tmp_path, AnsweringModels({"m": echo}), ()) as candor:
        again = worker(candor, PLAN, [])
        found = await again.work(
            CASE, PLAN.variants[0], 0, earlier='{"calls": 4, "judge_cost": "0.5"}'
        )
    brief = json.loads(found.brief)
    assert (brief["calls"], brief["judge_cost"]) == (5, "0.5")


async def test_the_same_content_is_asked_for_once_and_each_repeat_anew(tmp_path: Path) -> None:
    models = AnsweringModels({"m": echo})
    async with evaluating(tmp_path, models, ()) as candor:
        work = worker(candor, PLAN, []).work
        first, again, other = [await work(CASE, PLAN.variants[0], n) for n in (0, 0, 1)]
    assert len(models.asked) == 2
    cached = cell_of(again).output
    assert cached is not None
    assert cached.cached
    assert cached.cost == PRICE
    assert [each.cost for each in (first, again, other)] == [PRICE, 0, PRICE]


HOSTILE = [
    "{{7*7}} {% for x in y %}{{question}}",
    '=cmd("calc")',
    "<script>alert(1)</script>",
    "x" * 1_000_000,
    "a\ud800b",
    "a\0b",
]


async def test_a_value_is_text_and_nothing_else(tmp_path: Path) -> None:
    plan = Plan(name="p", variants=[variant()], assertions=[contains("{{question}}")])
    models = AnsweringModels({"m": echo})
    async with evaluating(tmp_path, models, ()) as candor:
        work = worker(candor, plan, []).work
        given = [Case(key="c", variables={"question": value}) for value in HOSTILE]
        found = [await work(case, plan.variants[0], 0) for case in given]
    asked = [value.replace("\ud800", "\ufffd") for value in HOSTILE]
    assert [text for _, text in models.asked] == asked
    cells = [cell_of(each) for each in found]
    assert [cell.output and cell.output.text for cell in cells] == asked
    assert {cell.grade and cell.grade.verdict for cell in cells} == {Verdict.PASSED}
    assert {each.error for each in found} == {None}


async def test_what_cannot_be_checked_makes_the_cell_an_error_where_it_decides(
    tmp_path: Path,
) -> None:
    broken = Assertion(type="contains", value="{{nothing}}")
    found, _ = await worked(tmp_path, echo, plan=replace(PLAN, assertions=[broken]))
    assert found.error == "variables_invalid: Without a value: nothing."
    cell = cell_of(found)
    assert cell.error is None
    assert cell.grade is not None
    assert cell.grade.verdict is Verdict.ERROR
    failing_anyway = replace(PLAN, assertions=[broken, contains("absent")])
    assert (await worked(tmp_path, echo, plan=failing_anyway))[0].error is None


async def test_a_set_is_one_result_with_parts(tmp_path: Path) -> None:
    inner = (contains("What"), contains("absent"))
    both = Assertion(type="assert-set", threshold=0.5, assertions=inner)
    plan = replace(PLAN, assertions=[both])
    grade = cell_of((await worked(tmp_path, echo, plan=plan))[0]).grade
    assert grade is not None
    assert grade.verdict is Verdict.PASSED
    assert [part.verdict for part in grade.results[0].parts] == [Verdict.PASSED, Verdict.FAILED]
