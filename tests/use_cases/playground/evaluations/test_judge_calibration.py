"""Judges beside people: their answers, samples of them, and the figures."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.contracts.keeping import NOON
from use_cases.kernel.targets import TargetOutput
from use_cases.playground.evaluations.judge_calibration import (
    Calibrating,
    JudgeCalibration,
    JudgedAnswer,
    JudgeFinding,
    criterion_of,
    draw_sample,
    judged_answers,
)
from use_cases.playground.evaluations.manage_evaluations import PlacedCell
from use_cases.playground.grading import grade, set_result
from use_cases.playground.model import (
    Assertion,
    AssertionResult,
    Case,
    Cell,
    CellFeedback,
    Plan,
    TargetKind,
    Variant,
    Verdict,
)

ANSWER = JudgedAnswer(
    place=0,
    case="c0",
    variant="a",
    repeat=0,
    assertion="llm-rubric",
    metric="llm-rubric",
    passed=True,
    judge="openai:gpt-4.1",
    judge_version="abc",
    output_digest="d0",
)


def answer(place: int, *, passed: bool = True, variant: str = "a") -> JudgedAnswer:
    return replace(
        ANSWER,
        place=place,
        case=f"c{place}",
        passed=passed,
        variant=variant,
        output_digest=f"d{place}",
    )


def verdict(
    place: int, *, passed: bool = True, person: str = "Ada", digest: str | None = None
) -> CellFeedback:
    return CellFeedback(
        run_id="eval_1",
        place=place,
        assertion="llm-rubric",
        person=person,
        passed=passed,
        output_digest=f"d{place}" if digest is None else digest,
        created_at=NOON,
    )


def calibrated(
    answers: Sequence[JudgedAnswer], labels: Sequence[CellFeedback]
) -> Sequence[JudgeCalibration]:
    calibrating = Calibrating(labels)
    for each in answers:
        calibrating.add(each)
    return calibrating.result()


def beside(*counts: int, unlabelled: int = 0) -> JudgeCalibration:
    """A judge with so many agreed passes, wrong passes, wrong failures and agreed failures."""
    kinds = [(True, True), (True, False), (False, True), (False, False)]
    pairs = [kind for kind, count in zip(kinds, counts, strict=True) for _ in range(count)]
    answers = [answer(place, passed=judged) for place, (judged, _) in enumerate(pairs)]
    labels = [verdict(place, passed=people) for place, (_, people) in enumerate(pairs)]
    more = [answer(len(pairs) + place) for place in range(unlabelled)]
    (found,) = calibrated([*answers, *more], labels)
    return found


@pytest.mark.parametrize(
    ("counts", "finding"),
    [
        ((40, 20, 1, 20), JudgeFinding.LENIENT),
        ((40, 1, 20, 20), JudgeFinding.STRICT),
        ((40, 3, 4, 20), JudgeFinding.NO_LEAN_SHOWN),
        ((20, 20, 20, 20), JudgeFinding.AT_CHANCE),
        ((20, 0, 0, 9), JudgeFinding.TOO_FEW_LABELS),
        ((40, 0, 0, 9), JudgeFinding.TOO_FEW_LABELS),
    ],
)
def test_the_finding(counts: tuple[int, ...], finding: JudgeFinding) -> None:
    assert beside(*counts).finding is finding


def test_it_says_about_how_many_more_labels_are_needed() -> None:
    assert beside(10, 0, 0, 10, unlabelled=90).more_needed == 10
    assert beside(56, 0, 0, 4, unlabelled=200).more_needed == 90  # 6 more failures of 1 in 15
    assert beside(56, 0, 0, 4, unlabelled=80).more_needed is None  # the run has not so many
    assert beside(40, 3, 4, 20).more_needed == 0


def test_each_variant_is_corrected_by_its_own_labels() -> None:
    answers = [answer(n, passed=n % 4 > 0, variant="ab"[n % 2]) for n in range(80)]
    labels = [verdict(n, passed=n % 4 > 1) for n in range(60)]
    (found,) = calibrated(answers, labels)
    assert [(each.variant, each.judged, each.passed, each.labelled) for each in found.rates] == [
        ("a", 40, 20, 30),
        ("b", 40, 40, 30),
    ]
    assert found.cases == 60
    assert found.rates[0].corrected.value == pytest.approx(0.5)


def test_each_judge_wording_and_metric_is_calibrated_by_itself() -> None:
    others = [
        replace(answer(1), judge="openai:other"),
        replace(answer(2), judge_version="def"),
        replace(answer(3), metric="tone", assertion="tone"),
        replace(answer(4), assertion="llm-rubric#2"),
    ]
    found = calibrated([answer(0), *others], [verdict(n) for n in range(4)])
    assert [(each.metric, each.judge, each.judge_version) for each in found] == [
        ("llm-rubric", "openai:gpt-4.1", "abc"),
        ("llm-rubric", "openai:other", "abc"),
        ("llm-rubric", "openai:gpt-4.1", "def"),
        ("tone", "openai:gpt-4.1", "abc"),
    ]
    assert [each.agreement.labels.n for each in found] == [1, 1, 1, 0]
    assert found[0].rates[0].judged == 2


def test_a_label_of_an_output_that_is_gone_counts_for_nothing() -> None:
    (found,) = calibrated([answer(0), answer(1)], [verdict(0), verdict(1, digest="old")])
    assert (found.agreement.labels.n, found.stale) == (1, 1)


def test_the_majority_decides_and_a_tie_is_left_out() -> None:
    labels = [
        *(verdict(0, person=name, passed=name != "Cy") for name in ("Ada", "Bo", "Cy")),
        *(verdict(1, person=name, passed=name != "Cy") for name in ("Ada", "Cy")),
    ]
    (found,) = calibrated([answer(0), answer(1)], labels)
    assert (found.agreement.labels.agreed_pass, found.disputed) == (1, 1)
    assert [(each.one, each.other, each.both, each.same) for each in found.pairs] == [
        ("Ada", "Bo", 1, 1),
        ("Ada", "Cy", 2, 0),
        ("Bo", "Cy", 1, 0),
    ]


def test_two_people_agree_beyond_chance() -> None:
    said = [(True, True)] * 40 + [(True, False)] * 5 + [(False, True)] * 8 + [(False, False)] * 27
    labels = [
        verdict(place, person=name, passed=passed)
        for place, both in enumerate(said)
        for name, passed in zip(("Ada", "Bo"), both, strict=True)
    ]
    (found,) = calibrated([answer(place) for place in range(80)], labels)
    (pair,) = found.pairs
    assert pair.kappa.value == pytest.approx(0.6666666666666667)  # statsmodels 0.15
    assert (found.disputed, found.agreement.labels.n) == (13, 67)


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
