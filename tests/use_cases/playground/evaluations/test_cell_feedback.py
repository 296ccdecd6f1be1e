"""Verdicts of people on the cells of a real run, and the judge that they calibrate."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from backend.composition.container import Container
from tests.contracts.keeping import ANNA
from tests.use_cases.kernel.text.fences import blocks_of
from tests.use_cases.playground.evaluations.evaluating import (
    AnsweringModels,
    cases,
    echo,
    evaluated,
    evaluating,
    manage,
    variant,
)
from tests.use_cases.playground.evaluations.test_comparisons import judged_by
from tests.use_cases.playground.judging.judges import Fields, ScriptedModels
from use_cases.kernel.errors import UpstreamFailed
from use_cases.kernel.jobs.model import JobNotFound
from use_cases.kernel.model import LOCAL
from use_cases.playground.errors import CellFeedbackInvalid, NothingJudged
from use_cases.playground.evaluations.cell_feedback import GiveCellFeedback
from use_cases.playground.evaluations.judge_calibration import JudgeFinding
from use_cases.playground.model import Assertion, Plan

pytestmark = pytest.mark.anyio

RUBRIC = Assertion(type="llm-rubric", value="Is {{question}} good?")
PLAN = Plan(name="p", variants=[variant("a"), variant("b", "{{question}}!")], assertions=[RUBRIC])


def lenient(prompt: str, _form: str) -> Fields:
    """A judge that passes eight of ten where people pass six."""
    number = int(blocks_of(prompt)["answer"].strip("q!"))
    return {"reason": "Well.", "pass": number % 10 < 8, "score": 0.5}


def is_good(output: str) -> bool:
    return int(output.strip("q!")) % 10 < 6


@asynccontextmanager
async def judged_run(folder: Path, count: int) -> AsyncGenerator[tuple[Container, str]]:
    """A run of two variants over so many cases, judged by the lenient judge."""
    async with evaluating(folder, AnsweringModels({"openai:x": echo}), cases(count)) as candor:
        judged_by(candor, ScriptedModels(lenient))
        run = await evaluated(candor, PLAN)
        yield candor, run.job_id


def feedback_of(candor: Container) -> GiveCellFeedback:
    return candor.playground.cell_feedback


async def test_a_sample_is_judged_by_a_person_and_calibrates_its_judge(tmp_path: Path) -> None:
    async with judged_run(tmp_path, 10) as (candor, run_id):
        feedback = feedback_of(candor)
        answers = await feedback.sample(LOCAL, run_id)
        assert answers[0].criterion == "llm-rubric: Is {{question}} good?"
        assert answers[0].inputs.variables["question"] == answers[0].output.strip("!")
        for each in answers:
            await feedback.give(LOCAL, run_id, each.place, passed=is_good(each.output))
        (found,) = await feedback.calibrations(LOCAL, run_id)
        assert (found.judge, len(found.judge_version)) == ("openai:gpt-4o-mini", 12)
        assert found.finding is JudgeFinding.TOO_FEW_LABELS
        assert [(each.stated.value, each.judged) for each in found.rates] == [(0.8, 10)] * 2
        labels = found.agreement.labels
        assert (labels.agreed_pass, labels.wrong_pass, labels.wrong_fail) == (12, 4, 0)
        assert await feedback.known_calibrations(LOCAL, run_id) == [found]


async def test_a_person_goes_on_where_they_were(tmp_path: Path) -> None:
    async with judged_run(tmp_path, 10) as (candor, run_id):
        feedback = feedback_of(candor)
        first = await feedback.sample(LOCAL, run_id, person="Ada", size=6, seed=3)
        await feedback.give(LOCAL, run_id, first[0].place, passed=True, note="good", person="Ada")
        again = await feedback.sample(LOCAL, run_id, person="Ada", size=6, seed=3)
        assert [each.place for each in again] == [each.place for each in first]
        assert [each.feedback and each.feedback.note for each in again] == ["good", *[None] * 5]
        other = await feedback.sample(LOCAL, run_id, person="Bo", size=6, seed=3)
        assert [each.feedback for each in other] == [None] * 6


async def test_a_later_verdict_replaces_the_earlier_one_and_goes_with_the_run(
    tmp_path: Path,
) -> None:
    async with judged_run(tmp_path, 2) as (candor, run_id):
        for passed in (True, False):
            kept = await feedback_of(candor).give(LOCAL, run_id, 0, passed=passed, person="Ada")
        assert await candor.playground.cell_feedbacks.of_run(run_id) == [kept]
        assert (kept.passed, kept.person, kept.assertion) == (False, "Ada", "llm-rubric")
        await manage(candor).remove(LOCAL, run_id)
        assert await candor.playground.cell_feedbacks.of_run(run_id) == []


async def test_a_verdict_is_on_a_judged_output_of_a_run_of_ones_own(tmp_path: Path) -> None:
    async with judged_run(tmp_path, 2) as (candor, run_id):
        feedback = feedback_of(candor)
        for place, given, said in (
            (99, {}, "has no result at place 99."),
            (0, {"assertion": "tone"}, "The assertion is one of llm-rubric, output, not 'tone'."),
            (0, {"output_digest": "0" * 64}, "Another output has taken the place"),
        ):
            with pytest.raises(CellFeedbackInvalid, match=said):
                await feedback.give(LOCAL, run_id, place, passed=True, **given)
        for asked in (
            feedback.sample(ANNA, run_id),
            feedback.give(ANNA, run_id, 0, passed=True),
            feedback.calibrations(ANNA, run_id),
            feedback.known_calibrations(ANNA, run_id),
            feedback.given(ANNA, run_id),
        ):
            with pytest.raises(JobNotFound):
                await asked
        assert await feedback.known_calibrations(LOCAL, run_id) == ()
        assert len(await feedback.sample(LOCAL, run_id, assertion="llm-rubric")) == 4
        with pytest.raises(NothingJudged, match="by 'tone'; there is llm-rubric"):
            await feedback.sample(LOCAL, run_id, assertion="tone")


async def test_any_output_is_judged_as_a_whole_and_that_is_read_back(tmp_path: Path) -> None:
    plan = replace(PLAN, assertions=[Assertion(type="contains", value="q")])
    async with evaluating(tmp_path, AnsweringModels({"openai:x": echo}), cases(2)) as candor:
        run_id = (await evaluated(candor, plan)).job_id
        feedback = feedback_of(candor)
        with pytest.raises(NothingJudged, match="No model has judged"):
            await feedback.sample(LOCAL, run_id)
        given = await feedback.give(LOCAL, run_id, 1, passed=False, note="too long")
        assert (given.assertion, given.person, given.note) == ("output", "local", "too long")
        assert given.output_digest == sha256(b"q0!").hexdigest()
        assert await feedback.given(LOCAL, run_id) == [given]
        assert await feedback.calibrations(LOCAL, run_id) == []


async def test_the_whole_of_a_judged_output_has_a_verdict_of_its_own(tmp_path: Path) -> None:
    async with judged_run(tmp_path, 2) as (candor, run_id):
        feedback = feedback_of(candor)
        for assertion, meant in (("output", "output"), ("", "llm-rubric")):
            given = await feedback.give(LOCAL, run_id, 0, passed=True, assertion=assertion)
            assert given.assertion == meant
        (found,) = await feedback.calibrations(LOCAL, run_id)
        assert found.agreement.labels.n == 1


async def test_a_result_that_is_an_error_has_no_verdict(tmp_path: Path) -> None:
    def broken(_: str) -> str:
        raise UpstreamFailed("It failed.")

    async with evaluating(tmp_path, AnsweringModels({"openai:x": broken}), cases(1)) as candor:
        run_id = (await evaluated(candor, PLAN)).job_id
        with pytest.raises(CellFeedbackInvalid, match="ended in an error"):
            await feedback_of(candor).give(LOCAL, run_id, 0, passed=True)
