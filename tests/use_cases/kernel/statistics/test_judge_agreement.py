"""A judge beside people.

References: kappa by statsmodels 0.15 (cohens_kappa); the weighted figures by hand, after Begg and
Greenes (1983). `python -m benchmarks.evaluation_statistics` measures how often the intervals cover.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from use_cases.kernel.statistics.judge_agreement import JudgedGroup, JudgeLabels, judge_agreement

GOOD = JudgeLabels(agreed_pass=40, wrong_pass=5, wrong_fail=8, agreed_fail=27)
ALL_OF_GOOD = [JudgedGroup(GOOD, 45, 35)]
PERFECT = JudgeLabels(agreed_pass=30, agreed_fail=20)
BLIND = JudgeLabels(agreed_pass=20, wrong_pass=20, wrong_fail=20, agreed_fail=20)


def width(interval: tuple[float, float] | None) -> float:
    assert interval is not None
    return interval[1] - interval[0]


def test_all_answers_labelled_is_the_plain_agreement() -> None:
    found = judge_agreement(ALL_OF_GOOD)
    assert found.accuracy.value == pytest.approx(67 / 80)
    assert found.kappa.value == pytest.approx(0.6666666666666667)
    assert found.sensitivity.value == pytest.approx(40 / 48)
    assert found.specificity.value == pytest.approx(27 / 32)
    assert found.leniency.value == pytest.approx(45 / 80 - 48 / 80)
    assert found.rates[0].value == pytest.approx(48 / 80)


def test_a_sample_drawn_by_verdict_is_weighted() -> None:
    """900 passes and 100 failures, 50 of each labelled: a pass stands for 18, a failure for 2."""
    labels = JudgeLabels(agreed_pass=40, wrong_pass=10, wrong_fail=5, agreed_fail=45)
    found = judge_agreement([JudgedGroup(labels, 900, 100)])
    assert found.sensitivity.value == pytest.approx(720 / 730)  # not 40 / 45
    assert found.specificity.value == pytest.approx(90 / 270)  # not 45 / 55
    assert found.accuracy.value == pytest.approx(0.81)
    assert found.leniency.value == pytest.approx(0.9 - 0.73)
    assert found.rates[0].value == pytest.approx(0.73)
    low, high = found.rates[0].interval or (0, 0)
    assert 0.6 < low < 0.65 < 0.8 < high < 0.85


def test_no_missed_answer_among_few_is_no_certainty() -> None:
    """Of 900 failures 25 are labelled: the others may hide more good answers than the passes have."""
    labels = JudgeLabels(agreed_pass=20, wrong_pass=5, agreed_fail=25)
    found = judge_agreement([JudgedGroup(labels, 100, 900)])
    assert found.sensitivity.value == 1
    low, high = found.sensitivity.interval or (0, 0)
    assert low < 0.55
    assert high == 1


def test_perfect_agreement_is_no_certainty() -> None:
    low, high = judge_agreement([JudgedGroup(PERFECT, 30, 20)]).kappa.interval or (0, 0)
    assert high == 1
    assert 0.8 < low < 0.95


def test_each_group_is_corrected_by_its_own_labels() -> None:
    """A judge that is fooled by one group alone."""
    fooled = JudgeLabels(agreed_pass=10, wrong_pass=10, agreed_fail=20)
    exact = JudgeLabels(agreed_pass=20, agreed_fail=20)
    found = judge_agreement([JudgedGroup(fooled, 300, 100), JudgedGroup(exact, 50, 50)])
    assert [each.value for each in found.rates] == [pytest.approx(0.375), 0.5]
    assert found.specificity.value == pytest.approx(150 / 300)  # 100 and 50 of 250 and 50
    assert found.leniency.value == pytest.approx(150 / 500)
    assert found.labels.n == 80


def test_a_group_without_labels_is_like_the_others_and_has_no_rate() -> None:
    found = judge_agreement([*ALL_OF_GOOD, JudgedGroup(JudgeLabels(), 100, 400)])
    assert found.rates[0].value == pytest.approx(0.6)
    assert found.rates[1].value is None
    assert found.rates[1].warnings == ("There is no labelled answer.",)
    assert found.accuracy.value == pytest.approx((145 * 40 / 45 + 435 * 27 / 35) / 580)


def test_labels_are_the_most_of_the_uncertainty() -> None:
    many = JudgeLabels(agreed_pass=400, wrong_pass=50, wrong_fail=80, agreed_fail=270)
    few = width(judge_agreement([JudgedGroup(GOOD, 562, 438)]).rates[0].interval)
    assert width(judge_agreement([JudgedGroup(many, 562, 438)]).rates[0].interval) < few / 2


def test_a_judge_at_chance_has_a_kappa_of_nothing() -> None:
    found = judge_agreement([JudgedGroup(BLIND, 40, 40)])
    assert found.kappa.value == 0
    low, high = found.kappa.interval or (9, 9)
    assert low < 0 < high


def test_labels_of_one_verdict_alone_tell_nothing() -> None:
    passes = JudgeLabels(agreed_pass=40, wrong_pass=8)
    found = judge_agreement([JudgedGroup(passes, 70, 30)])
    assert (found.sensitivity.value, found.rates[0].value) == (None, None)
    assert found.kappa.warnings == ("No answer that the judge failed is labelled.",)
    found = judge_agreement([JudgedGroup(JudgeLabels(agreed_fail=40), 70, 40)])
    assert found.kappa.warnings == ("No answer that the judge passed is labelled.",)


def test_a_judge_that_passes_all_has_no_failure_to_label() -> None:
    all_passed = JudgeLabels(agreed_pass=32, wrong_pass=8)
    found = judge_agreement([JudgedGroup(all_passed, 100, 0)])
    assert (found.sensitivity.value, found.specificity.value) == (1, 0)
    assert found.leniency.value == pytest.approx(0.2)
    assert found.rates[0].value == pytest.approx(0.8)


def test_people_who_pass_all_leave_specificity_open() -> None:
    found = judge_agreement([JudgedGroup(JudgeLabels(agreed_pass=40), 40, 0)])
    assert (found.kappa.value, found.specificity.value) == (None, None)
    assert found.kappa.warnings == ("Every verdict is the same: chance alone would agree.",)
    assert found.specificity.warnings[0] == "People failed none of the labelled answers."


def test_no_labels() -> None:
    none = judge_agreement([JudgedGroup(JudgeLabels(), 10, 5)])
    assert (none.kappa.value, none.accuracy.interval) == (None, None)
    assert none.kappa.warnings == ("There is no labelled answer.",)


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="more answers are labelled"):
        judge_agreement([JudgedGroup(GOOD, 44, 35)])
    with pytest.raises(ValueError, match="negative"):
        JudgeLabels(agreed_pass=-1)


COUNT = st.integers(0, 50)


@pytest.mark.exhaustive
@given(
    st.builds(
        JudgeLabels, agreed_pass=COUNT, wrong_pass=COUNT, wrong_fail=COUNT, agreed_fail=COUNT
    ),
    COUNT,
    COUNT,
)
def test_every_figure_lies_in_its_interval(labels: JudgeLabels, passed: int, failed: int) -> None:
    whole = JudgedGroup(labels, labels.judged_pass + passed, labels.judged_fail + failed)
    found = judge_agreement([whole])
    figures = (found.accuracy, found.kappa, found.sensitivity, found.specificity, *found.rates)
    for each in (*figures, found.leniency):
        if each.value is not None:
            low, high = each.interval or (9, -9)
            assert -1 <= low <= each.value <= high <= 1 + 1e-9
