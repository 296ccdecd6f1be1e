"""What changed, and when."""

from datetime import UTC, date, datetime

import pytest

from tests.use_cases.kernel.statistics.making import repeated, rows
from use_cases.kernel.statistics.change_point import cusum, risk_adjusted
from use_cases.kernel.statistics.drift import (
    by_period,
    calendar_labels,
    compare_windows,
    split_at,
    welch,
)
from use_cases.kernel.statistics.errors import ForecastInvalid, StatisticsOptionInvalid
from use_cases.kernel.statistics.forecasts import Forecast


def test_two_windows_by_hand() -> None:
    windows = compare_windows(repeated(0.5, right=2, of=2), repeated(0.5, right=0, of=2))
    assert (windows.n, windows.n_earlier, windows.n_later) == (4, 2, 2)
    assert (windows.residual_earlier, windows.residual_later) == (0.5, -0.5)
    assert windows.z == pytest.approx(-2, abs=1e-15)
    assert windows.p == pytest.approx(0.04550026389635842, abs=1e-15)
    assert (windows.brier_earlier, windows.brier_later) == (0.25, 0.25)
    assert (windows.excess_earlier, windows.excess_later) == (0, 0)
    assert (windows.p_brier, windows.p_excess) == (None, None)  # no spread within


def test_harder_questions_worsen_the_score_and_not_the_excess() -> None:
    easy = repeated(0.95, right=95, of=100)
    hard = repeated(0.55, right=55, of=100)
    windows = compare_windows(easy, hard)
    assert windows.p_brier is not None
    assert windows.p_brier < 1e-9
    assert windows.p_excess == pytest.approx(1, abs=1e-9)
    assert windows.p == pytest.approx(1, abs=1e-9)


def test_an_empty_window_compares_with_nothing() -> None:
    windows = compare_windows([], repeated(0.5, right=20, of=40))
    assert (windows.z, windows.p, windows.residual_earlier, windows.brier_earlier) == (None,) * 4
    assert windows.warnings == ("Only 0 outcomes in one of the windows.",)


def test_certainties_do_not_vary() -> None:
    windows = compare_windows(repeated(1.0, right=2, of=2), repeated(1.0, right=1, of=2))
    assert (windows.z, windows.p) == (None, None)


@pytest.mark.parametrize("size", [1e-3, 1e-80, 1e-82, 1e-90, 1e-150, 1e80])
def test_welch_does_not_depend_on_the_size_of_the_values(size: float) -> None:
    one, other = [size * value for value in (1, 2, 3)], [size * value for value in (2, 4, 6)]
    assert welch(one, other) == pytest.approx(0.2208808405, abs=1e-9)


def test_welch_survives_variances_that_vanish() -> None:
    assert welch([0.0, 1e-200], [0.0, 2e-200]) is None  # their squares are 0: no spread
    # With a variance in one window alone, its own degrees of freedom count: Student's law of one.
    assert welch([0.25, 0.25, 0.25], [0.25, 0.5]) == pytest.approx(0.5, abs=1e-9)
    assert welch([0.0, 0.0, 0.0], [0.0, 1e-120]) == pytest.approx(0.5, abs=1e-9)


def test_welch_by_hand() -> None:
    # t = -2 / sqrt(1/3 + 4/3) with 2.94118 degrees.
    assert welch([1, 2, 3], [2, 4, 6]) == pytest.approx(0.2208808405, abs=1e-9)
    assert welch([1], [2, 3]) is None
    assert welch([1, 1], [2, 2]) is None


def test_equal_spreads_and_sizes_are_students_test() -> None:
    # t = -2 / sqrt(2/2 + 2/2) with two degrees: 1 - |t| / sqrt(2 + t^2).
    assert welch([0, 2], [2, 4]) == pytest.approx(1 - 2**0.5 / (2 + 2) ** 0.5, abs=1e-12)


def test_rows_are_split_at_a_moment() -> None:
    early = Forecast(0.5, right=True, at=date(2026, 1, 31))
    late = Forecast(0.5, right=True, at=datetime(2026, 2, 1, tzinfo=UTC))
    assert split_at([late, early], date(2026, 2, 1)) == ([early], [late])


def test_a_row_without_a_moment_cannot_be_placed() -> None:
    with pytest.raises(ForecastInvalid, match="without a moment"):
        split_at(rows((0.5, 1)), date(2026, 2, 1))


def test_periods_by_hand() -> None:
    table = by_period(rows((0.5, 1), (0.7, 0), (0.5, 1)), ["b", "a", "b"], coverage=0.8)
    assert [line.period for line in table] == ["a", "b"]
    assert (table[1].n, table[1].mean, table[1].rate, table[1].brier) == (2, 0.5, 1, 0.25)
    assert table[1].z == pytest.approx(1 / 0.5**0.5, abs=1e-15)
    assert table[0].z == pytest.approx(-0.7 / 0.21**0.5, abs=1e-12)
    assert table[0].coverage == 0.8


def test_certainties_of_a_period_have_no_z() -> None:
    assert by_period(rows((1.0, 0)), ["a"])[0].z is None


def test_each_row_has_one_label() -> None:
    with pytest.raises(StatisticsOptionInvalid, match="2 labels for 1 forecasts"):
        by_period(rows((0.5, 1)), ["a", "b"])


def test_labels_of_the_calendar() -> None:
    new_year = [Forecast(0.5, right=True, at=date(2027, 1, 1))]
    assert calendar_labels(new_year, "day") == ["2027-01-01"]
    assert calendar_labels(new_year, "week") == ["2026-W53"]
    assert calendar_labels(new_year) == ["2027-01"]
    assert calendar_labels(new_year, "year") == ["2027"]


def test_cumulated_residuals_by_hand() -> None:
    sums = cusum(rows((0.5, 1), (0.5, 1), (0.5, 0), (0.5, 0)))  # 0.5, 1, 0.5, 0; deviation 1
    assert (sums.largest, sums.at_row, sums.scaled, sums.end) == (1, 1, 1, 0)
    assert (sums.bridge, sums.change_row) == (1, 2)
    assert sums.p == pytest.approx(0.26999967167735456, abs=1e-12)
    assert "order given" in sums.warnings[-1]


def test_constant_overconfidence_is_no_change() -> None:
    steady = rows((0.75, 1), (0.75, 0)) * 50
    sums = cusum(steady)
    assert sums.end == pytest.approx(-25 / 18.75**0.5, abs=1e-12)
    assert sums.p == pytest.approx(1, abs=1e-3)
    alarm = risk_adjusted(steady, odds_ratio=0.5)
    assert alarm.first_alarm is not None


def test_a_change_is_found_where_it_was() -> None:
    sums = cusum(rows((0.75, 1), (0.75, 1), (0.75, 1), (0.75, 0)) * 25 + rows((0.75, 0)) * 20)
    # Of 25 times right, right, right, wrong the last wrong belongs to the 20 that follow.
    assert sums.change_row == 99
    assert sums.p is not None
    assert sums.p < 1e-3


def test_rows_are_taken_in_order_of_time() -> None:
    first = Forecast(0.5, right=True, at=date(2026, 1, 1))
    second = Forecast(0.5, right=False, at=date(2026, 1, 2))
    assert cusum([second, first]) == cusum([first, second])
    assert cusum([first, second]).warnings == ("Only 2 outcomes: too few for a reliable figure.",)


def test_certainties_cumulate_nothing() -> None:
    sums = cusum(repeated(1.0, right=15, of=20))
    assert (sums.largest, sums.bridge, sums.p, sums.change_row) == (None,) * 4
    assert sums.warnings[-1] == "Every probability is 0 or 1: nothing can vary."
    assert cusum([]).warnings == ("There is no outcome yet.",)


def test_evidence_by_hand() -> None:
    # Each right row at 0.5 adds ln 2 - ln 1.5, each wrong one takes ln 1.5, never below 0.
    alarm = risk_adjusted(rows((0.5, 1), (0.5, 1), (0.5, 0), (0.5, 0)), odds_ratio=2, threshold=0.5)
    assert alarm.largest == pytest.approx(2 * 0.28768207245178096, abs=1e-15)
    assert alarm.last == 0
    assert alarm.first_alarm == 1


def test_evidence_waits_for_one_direction_only() -> None:
    right = repeated(0.5, right=20, of=20)
    assert risk_adjusted(right, odds_ratio=2.0).first_alarm == 13
    assert risk_adjusted(right, odds_ratio=0.5).first_alarm is None


def test_no_rows_are_no_evidence() -> None:
    alarm = risk_adjusted([], odds_ratio=2.0)
    assert (alarm.largest, alarm.last, alarm.first_alarm) == (None, None, None)
