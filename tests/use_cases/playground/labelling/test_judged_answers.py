"""The answers that a model judged: their names, their criteria, and samples of them."""

from collections import Counter

from tests.use_cases.playground.labelling.test_calibration import answer
from use_cases.kernel.targets import TargetOutput
from use_cases.playground.evaluations.manage_evaluations import PlacedCell
from use_cases.playground.grading import grade, set_result
from use_cases.playground.labelling.judged_answers import (
    criterion_of,
    draw_sample,
    judged_answers,
)
from use_cases.playground.model import (
    Assertion,
    AssertionResult,
    Case,
    Cell,
    Plan,
    TargetKind,
    Variant,
    Verdict,
)

RUBRIC = Assertion(type="llm-rubric", value="Is kind.")
SECOND = Assertion(type="llm-rubric", value="Names {{name}}.")
TONE = Assertion(type="not-llm-rubric", value="Is rude.", metric="tone")
EXACT = Assertion(type="contains", value="x")
BEST = Assertion(type="select-best", value="The kindest.")
PLAN = Plan(
    name="p",
    variants=[Variant(name="a", target=TargetKind.PROMPT)],
    assertions=[EXACT, BEST, RUBRIC, Assertion(type="assert-set", assertions=[SECOND, EXACT])],
)
CASE = Case(key="c", variables={"name": "Ada"}, assertions=[TONE])


def judged(assertion: Assertion, verdict: Verdict = Verdict.PASSED) -> AssertionResult:
    result = assertion.result(verdict)
    return AssertionResult(
        type=result.type, metric=result.metric, verdict=verdict, judge="x:y", judge_version="v"
    )


def cell(*results: AssertionResult) -> PlacedCell:
    output = TargetOutput(text="half \ud800", model="m")
    return PlacedCell(
        7, Cell(case="c", variant="a", repeat=1, output=output, grade=grade(list(results)))
    )


def test_names_tell_assertions_of_one_type_apart_and_lead_to_their_criteria() -> None:
    inner = set_result(PLAN.assertions[3], [judged(SECOND), EXACT.result(Verdict.PASSED)])
    results = [
        EXACT.result(Verdict.FAILED),
        judged(RUBRIC),
        inner,
        judged(TONE, Verdict.FAILED),
        BEST.result(Verdict.PASSED),
    ]
    found = list(judged_answers(cell(*results)))
    assert [(each.assertion, each.metric, each.passed) for each in found] == [
        ("llm-rubric", "llm-rubric", True),
        ("llm-rubric#2", "llm-rubric", True),
        ("tone", "tone", False),
    ]
    assert (found[0].place, found[0].repeat, len(found[0].output_digest)) == (7, 1, 64)
    assert [criterion_of(PLAN, CASE, each.assertion) for each in found] == [
        "llm-rubric: Is kind.",
        "llm-rubric: Names {{name}}.",
        "not-llm-rubric: Is rude.",
    ]
    assert criterion_of(PLAN, CASE, "other") == ""


def test_an_error_of_a_judge_is_no_answer() -> None:
    assert list(judged_answers(cell(judged(RUBRIC, Verdict.ERROR)))) == []
    broken = PlacedCell(0, Cell(case="c", variant="a", repeat=0, error="timeout: late"))
    assert list(judged_answers(broken)) == []


def test_a_sample_has_as_many_passes_as_failures_of_each_variant() -> None:
    answers = [answer(n, passed=n % 10 > 0, variant="ab"[n >= 300]) for n in range(400)]
    found = draw_sample(answers, 20, 0)
    kinds = [("a", True), ("a", False), ("b", True), ("b", False)]
    assert Counter((each.variant, each.passed) for each in found) == dict.fromkeys(kinds, 5)
    mostly = [answer(place, passed=place == 0) for place in range(50)]
    assert Counter(each.passed for each in draw_sample(mostly, 10, 0)) == {False: 9, True: 1}


def test_a_sample_follows_from_its_seed_and_a_larger_one_contains_it() -> None:
    answers = [answer(place, passed=place % 3 > 0) for place in range(300)]
    found = draw_sample(answers, 20, 1)
    assert found == draw_sample(answers[::-1], 20, 1)
    assert found != draw_sample(answers, 20, 2)
    assert set(found) < set(draw_sample(answers, 40, 1))


def test_the_order_does_not_tell_the_verdict() -> None:
    answers = [answer(place, passed=place % 2 > 0) for place in range(100)]
    first = draw_sample(answers, 100, 0)[:50]
    assert 15 < sum(each.passed for each in first) < 35
