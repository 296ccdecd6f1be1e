"""A judge beside people."""

import pytest

from use_cases.playground.judging.calibration import calibrate_judge
from use_cases.playground.model import Verdict

PASSED, FAILED, ERROR = Verdict.PASSED, Verdict.FAILED, Verdict.ERROR


def test_a_judge_that_passes_too_much_is_corrected_downwards() -> None:
    labelled = [
        *[(PASSED, PASSED)] * 45,
        *[(FAILED, PASSED)] * 5,
        *[(PASSED, FAILED)] * 20,
        *[(FAILED, FAILED)] * 30,
    ]
    found = calibrate_judge(labelled, [PASSED] * 700 + [FAILED] * 300)
    assert found.agreement.sensitivity.value == pytest.approx(0.9)
    assert found.agreement.specificity.value == pytest.approx(0.6)
    assert found.agreement.kappa.value == pytest.approx(0.5)  # (0.75 - 0.5) / (1 - 0.5)
    assert found.stated_rate == 0.7
    assert found.corrected_rate.value == pytest.approx(0.6)  # (0.7 + 0.6 - 1) / (0.9 + 0.6 - 1)
    assert found.corrected_rate.interval is not None
    low, high = found.corrected_rate.interval
    assert low < 0.6 < high


def test_errors_count_in_no_rate() -> None:
    labelled = [(PASSED, PASSED), (FAILED, FAILED)]
    errors = [(ERROR, PASSED), (PASSED, Verdict.UNCHECKED)]
    judged = [PASSED, FAILED]
    plain = calibrate_judge(labelled, judged)
    found = calibrate_judge([*labelled, *errors], [*judged, ERROR, ERROR])
    assert found.left_out == 2
    assert found.agreement == plain.agreement
    assert (found.stated_rate, found.corrected_rate) == (0.5, plain.corrected_rate)


def test_without_labels_nothing_is_corrected() -> None:
    found = calibrate_judge([], [])
    assert (found.stated_rate, found.corrected_rate.value, found.left_out) == (None, None, 0)
    assert found.corrected_rate.warnings
