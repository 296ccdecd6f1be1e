"""A judge beside people.

References: kappa and its interval by statsmodels 0.15 (cohens_kappa, proportion_confint); the
corrected rate by R's asht 1.0 (prevSeSp), its formulas evaluated in Python.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from use_cases.kernel.statistics.judge_agreement import (
    JudgeLabels,
    corrected_pass_rate,
    judge_agreement,
)
from use_cases.kernel.statistics.wilson_interval import wilson

GOOD = JudgeLabels(agreed_pass=40, wrong_pass=5, wrong_fail=8, agreed_fail=27)
PERFECT = JudgeLabels(agreed_pass=30, wrong_pass=0, wrong_fail=0, agreed_fail=20)
BLIND = JudgeLabels(agreed_pass=20, wrong_pass=20, wrong_fail=20, agreed_fail=20)


def test_agreement() -> None:
    found = judge_agreement(GOOD)
    assert found.accuracy.value == 67 / 80
    assert found.kappa.value == pytest.approx(0.6666666666666667)
    assert found.sensitivity.value == 40 / 48
    assert found.sensitivity.interval == wilson(40, 48)
    assert found.specificity.value == 27 / 32
    low, high = found.kappa.interval or (0, 0)
    assert (low, high) == pytest.approx((0.46988914172927776, 0.8000037045548644))


def test_perfect_agreement_is_no_certainty() -> None:
    low, high = judge_agreement(PERFECT).kappa.interval or (0, 0)
    assert high == 1
    assert 0.8 < low < 0.9


def test_kappa_of_one_label_only_is_none() -> None:
    same = judge_agreement(JudgeLabels(agreed_pass=40, wrong_pass=0, wrong_fail=0, agreed_fail=0))
    assert same.kappa.value is None
    assert same.specificity.value is None
    assert same.kappa.warnings == ("Every label is the same: chance alone would agree.",)


def test_no_labels() -> None:
    none = judge_agreement(JudgeLabels(agreed_pass=0, wrong_pass=0, wrong_fail=0, agreed_fail=0))
    assert (none.kappa.value, none.accuracy.interval) == (None, None)
    assert none.kappa.warnings == ("There is no labelled answer.",)


def test_a_corrected_pass_rate() -> None:
    found = corrected_pass_rate(700, 1_000, GOOD)
    assert found.value == pytest.approx((0.7 + 0.84375 - 1) / (0.8333333333 + 0.84375 - 1))
    assert found.interval == pytest.approx((0.6782809552835698, 0.9709193189137948), abs=1e-12)


def test_labels_are_the_most_of_the_uncertainty() -> None:
    many = JudgeLabels(agreed_pass=4000, wrong_pass=500, wrong_fail=800, agreed_fail=2700)
    wide = corrected_pass_rate(700, 1_000, GOOD).interval or (0, 0)
    narrow = corrected_pass_rate(700, 1_000, many).interval or (0, 0)
    assert narrow[1] - narrow[0] < (wide[1] - wide[0]) / 2


def test_a_judge_at_chance_corrects_nothing() -> None:
    found = corrected_pass_rate(700, 1_000, BLIND)
    assert (found.value, found.interval) == (None, None)
    assert found.warnings == ("The judge agrees with people no more than chance would.",)


def test_both_kinds_of_label_are_needed() -> None:
    one_kind = JudgeLabels(agreed_pass=40, wrong_pass=0, wrong_fail=8, agreed_fail=0)
    assert corrected_pass_rate(7, 10, one_kind).value is None
    assert corrected_pass_rate(0, 0, GOOD).value is None


def test_a_corrected_rate_is_a_share() -> None:
    assert corrected_pass_rate(0, 100, GOOD).value == 0.0
    assert corrected_pass_rate(100, 100, GOOD).value == 1.0


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="11 of 10"):
        corrected_pass_rate(11, 10, GOOD)
    with pytest.raises(ValueError, match="negative"):
        JudgeLabels(agreed_pass=-1, wrong_pass=0, wrong_fail=0, agreed_fail=0)


COUNT = st.integers(0, 50)


@given(
    st.builds(
        JudgeLabels, agreed_pass=COUNT, wrong_pass=COUNT, wrong_fail=COUNT, agreed_fail=COUNT
    ),
    COUNT,
)
def test_every_figure_lies_in_its_interval(labels: JudgeLabels, passed: int) -> None:
    found = judge_agreement(labels)
    corrected = corrected_pass_rate(passed, 50, labels)
    for each in (found.accuracy, found.kappa, found.sensitivity, found.specificity, corrected):
        if each.value is not None and each.interval is not None:
            low, high = each.interval
            assert -1 <= low <= each.value + 1e-9
            assert each.value - 1e-9 <= high <= 1 + 1e-9
