"""Labels of a real run, and the judge that they calibrate."""

import io
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from use_cases.kernel.jobs.model import JobNotFound
from use_cases.kernel.model import LOCAL
from use_cases.playground.errors import LabelsInvalid, NothingJudged
from use_cases.playground.labelling.calibration import JudgeFinding
from use_cases.playground.labelling.label_answers import LabelAnswers
from use_cases.playground.labelling.label_records import GivenLabel, read_label
from use_cases.playground.model import Assertion, Plan
from use_cases.playground.ports import ItemError, LabelFile

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


def labels_of(candor: Container) -> LabelAnswers:
    return candor.playground.label_answers


async def test_a_sample_is_labelled_and_calibrates_its_judge(tmp_path: Path) -> None:
    async with judged_run(tmp_path, 40) as (candor, run_id):
        answers = await labels_of(candor).sample(LOCAL, run_id, size=60)
        assert answers[0].criterion == "llm-rubric: Is {{question}} good?"
        assert answers[0].inputs.variables["question"] == answers[0].output.strip("!")
        given = [
            GivenLabel(line=n, passed=is_good(each.output), place=each.place)
            for n, each in enumerate(answers)
        ]
        report = await labels_of(candor).put(LOCAL, run_id, given)
        assert (report.stored, report.errors) == (60, 0)
        (found,) = await candor.playground.calibrate_judges.run(LOCAL, run_id)
        assert (found.judge, len(found.judge_version)) == ("openai:gpt-4o-mini", 12)
        assert found.finding is JudgeFinding.LENIENT
        assert [(each.stated.value, each.judged) for each in found.rates] == [(0.8, 40)] * 2
        for rate in found.rates:
            low, high = rate.corrected.interval or (0, 0)
            assert low < 0.6 < high < 0.8
        assert found.agreement.sensitivity.value == 1


async def test_labelling_goes_on_where_it_was(tmp_path: Path) -> None:
    async with judged_run(tmp_path, 10) as (candor, run_id):
        first = await labels_of(candor).sample(LOCAL, run_id, labeller="Ada", size=6, seed=3)
        given = [GivenLabel(line=1, passed=True, place=first[0].place, note="good")]
        await labels_of(candor).put(LOCAL, run_id, given, labeller="Ada")
        again = await labels_of(candor).sample(LOCAL, run_id, labeller="Ada", size=6, seed=3)
        assert [each.place for each in again] == [each.place for each in first]
        assert [each.label and each.label.note for each in again] == ["good", *[None] * 5]
        other = await labels_of(candor).sample(LOCAL, run_id, labeller="Bo", size=6, seed=3)
        assert [each.label for each in other] == [None] * 6


async def test_a_later_label_replaces_and_the_earlier_one_is_history(tmp_path: Path) -> None:
    async with judged_run(tmp_path, 2) as (candor, run_id):
        for passed in (True, False):
            one = GivenLabel(line=1, passed=passed, place=0, labeller="Ada")
            await labels_of(candor).put(LOCAL, run_id, [one])
        now = await labels_of(candor).list(LOCAL, run_id)
        assert [(each.passed, each.case, each.variant) for each in now] == [(False, "c0", "a")]
        ever = await labels_of(candor).list(LOCAL, run_id, replaced=True)
        assert [each.replaced_at is None for each in ever] == [True, False]


async def test_answers_are_named_by_case_and_wrong_ones_are_errors_by_line(tmp_path: Path) -> None:
    right = GivenLabel(line=2, passed=True, case="c1", variant="b", assertion="llm-rubric")
    wrong = [
        ItemError(3, "the label is 'maybe'."),
        replace(right, line=4, case="c9"),
        replace(right, line=5, assertion="tone"),
        replace(right, line=6),
        replace(right, line=7, case="c0", output_digest="0" * 64),
        replace(right, line=8, variant=""),
        GivenLabel(line=9, passed=True, place=99),
    ]
    async with judged_run(tmp_path, 2) as (candor, run_id):
        with pytest.raises(LabelsInvalid, match=r"7 of 8 labels are wrong\. 3: the label is"):
            await labels_of(candor).put(LOCAL, run_id, [right, *wrong])
        assert await labels_of(candor).list(LOCAL, run_id) == ()
        report = await labels_of(candor).put(LOCAL, run_id, [right, *wrong], partly=True)
        assert (report.stored, report.errors) == (1, 7)
        assert [(each.line, each.message) for each in report.first_errors] == [
            (3, "the label is 'maybe'."),
            (4, "the run has no such result."),
            (5, "the assertion is one of llm-rubric, not 'tone'."),
            (6, "the same answer was labelled before it."),
            (7, "another output has taken the place of the one that was labelled."),
            (8, "the run has no such result."),
            (9, "the run has no such result."),
        ]


async def test_a_file_is_read_with_its_faulty_lines(tmp_path: Path) -> None:
    text = "place,label,note\n0,pass,'=1\n1,maybe,\n2,,\n,fail,\n3,FAIL,x\n"
    async with judged_run(tmp_path, 2) as (candor, run_id):
        file = LabelFile("labels.csv", io.BytesIO(text.encode()))
        read = labels_of(candor).read(file)
        report = await labels_of(candor).put(LOCAL, run_id, read, partly=True)
        assert (report.stored, [each.line for each in report.first_errors]) == (2, [3, 5])
        found = await labels_of(candor).list(LOCAL, run_id)
        assert {(each.place, each.passed, each.note) for each in found} == {
            (0, True, "=1"),
            (3, False, "x"),
        }


async def test_another_persons_run_is_not_there(tmp_path: Path) -> None:
    async with judged_run(tmp_path, 2) as (candor, run_id):
        one = GivenLabel(line=1, passed=True, place=0)
        labels = labels_of(candor)
        for asked in (
            labels.sample(ANNA, run_id),
            labels.put(ANNA, run_id, [one]),
            labels.list(ANNA, run_id),
            candor.playground.calibrate_judges.run(ANNA, run_id),
            candor.playground.calibrate_judges.labelled(ANNA, run_id),
        ):
            with pytest.raises(JobNotFound):
                await asked


async def test_a_run_without_a_judge_has_nothing_to_label(tmp_path: Path) -> None:
    plan = replace(PLAN, assertions=[Assertion(type="contains", value="q")])
    async with evaluating(tmp_path, AnsweringModels({"openai:x": echo}), cases(2)) as candor:
        run_id = (await evaluated(candor, plan)).job_id
        with pytest.raises(NothingJudged, match="No model has judged"):
            await labels_of(candor).sample(LOCAL, run_id)
        one = GivenLabel(line=1, passed=True, place=0)
        with pytest.raises(LabelsInvalid, match="no model has judged this result"):
            await labels_of(candor).put(LOCAL, run_id, [one])
        assert await candor.playground.calibrate_judges.run(LOCAL, run_id) == []
        assert await candor.playground.calibrate_judges.labelled(LOCAL, run_id) == ()


async def test_an_assertion_that_nobody_judged_is_named(tmp_path: Path) -> None:
    async with judged_run(tmp_path, 2) as (candor, run_id):
        assert len(await labels_of(candor).sample(LOCAL, run_id, assertion="llm-rubric")) == 4
        with pytest.raises(NothingJudged, match="by 'tone'; there is llm-rubric"):
            await labels_of(candor).sample(LOCAL, run_id, assertion="tone")


async def test_labels_go_with_their_run(tmp_path: Path) -> None:
    async with judged_run(tmp_path, 2) as (candor, run_id):
        await labels_of(candor).put(LOCAL, run_id, [GivenLabel(line=1, passed=True, place=0)])
        await manage(candor).remove(LOCAL, run_id)
        assert await candor.playground.labels.in_force(run_id) == []


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"place": 3, "label": True}, GivenLabel(line=1, passed=True, place=3)),
        ({"case": "c", "label": " Failed "}, GivenLabel(line=1, passed=False, case="c")),
        ({"place": "3", "label": ""}, None),
        ({"place": "3"}, None),
        ({"place": "-3", "label": "p"}, "place is '-3', which is no number from 0."),
        ({"place": "٣", "label": "p"}, "place is '٣', which is no number from 0."),
        ({"label": "p"}, "it names neither a place nor a case."),
        ({"place": 0, "label": "good"}, "the label is 'good'; it is pass or fail."),
        (
            {"place": 0, "label": "p", "labeller": "x" * 129},
            "labeller is longer than 128 characters.",
        ),
    ],
)
def test_a_record(record: dict[str, str | int | bool], said: GivenLabel | str | None) -> None:
    assert read_label(1, record) == said


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(["place", "label", "case", "repeat", "note"]), JSON))
def test_any_record_is_a_label_a_sentence_or_nothing(record: dict[str, None]) -> None:
    assert isinstance(read_label(1, record), GivenLabel | str | None)
