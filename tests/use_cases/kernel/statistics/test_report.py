"""All statistics together, from any input."""

import math
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from typing import cast

import pytest
from hypothesis import given, settings

from tests.thoroughness import examples
from tests.use_cases.kernel.statistics.making import FOUR, PROOF, repeated, some
from use_cases.kernel.statistics.figures import Forecast, StatisticalResult
from use_cases.kernel.statistics.report import (
    Calibration,
    Drift,
    Scores,
    calibration_report,
    compare_windows,
    drift_report,
    score_report,
)


def reports(
    forecasts: list[Forecast], coverage: float | None = None
) -> tuple[Scores, Calibration, Drift]:
    return (
        score_report(forecasts, coverage=coverage),
        calibration_report(forecasts, coverage=coverage),
        drift_report(forecasts, coverage=coverage),
    )


def leaves(value: object) -> Iterator[object]:
    """Every value in a result, through dataclasses and tuples."""
    if is_dataclass(value) and not isinstance(value, type):
        yield value
        for field in fields(value):
            yield from leaves(getattr(value, field.name))
    elif isinstance(value, tuple):
        for item in cast("tuple[object, ...]", value):
            yield from leaves(item)
    else:
        yield value


DEGENERATE = {
    "no rows": [],
    "one row": repeated(0.7, right=1, of=1),
    "one row at 0": repeated(0.0, right=1, of=1),
    "all right": repeated(0.8, right=40, of=40),
    "all wrong": repeated(0.8, right=0, of=40),
    "certain, with a miss": repeated(1.0, right=19, of=20),
    "certain and right": repeated(1.0, right=20, of=20),
    "one value": repeated(0.5, right=20, of=40),
    "two bands": PROOF,
    "the smallest number": repeated(5e-324, right=1, of=2),
    "next to 1": repeated(math.nextafter(1, 0), right=1, of=2),
}


@pytest.mark.parametrize("name", DEGENERATE)
def test_no_input_gives_a_figure_that_is_none(name: str) -> None:
    report = reports(DEGENERATE[name], coverage=0.5)
    numbers = [leaf for leaf in leaves(report) if isinstance(leaf, float)]
    assert all(math.isfinite(number) for number in numbers)


@given(some)
@settings(max_examples=examples(30))
def test_every_figure_is_finite(forecasts: list[Forecast]) -> None:
    numbers = [leaf for leaf in leaves(reports(forecasts)) if isinstance(leaf, float)]
    assert all(math.isfinite(number) for number in numbers)


def test_every_result_carries_its_rows_and_coverage() -> None:
    stated = [
        leaf for leaf in leaves(reports(FOUR, coverage=0.5)) if isinstance(leaf, StatisticalResult)
    ]
    assert len(stated) == 25
    assert {each.coverage for each in stated} == {0.5}
    assert all("Only 50% of the responses have an outcome" in str(each.warnings) for each in stated)


def test_no_rows_say_nothing_and_not_0() -> None:
    scores, calibration, drift = reports([])
    assert scores.n == 0
    assert scores.brier.value is None
    assert calibration.errors.ece is None
    assert len(calibration.bands) == 10
    assert drift.windows.z is None


def test_the_middle_splits_the_windows() -> None:
    begin = date(2026, 1, 30)
    rows = [Forecast(k / 10, right=True, at=begin + timedelta(days=k)) for k in reversed(range(10))]
    windows = drift_report(rows).windows
    assert (windows.n_earlier, windows.n_later) == (5, 5)
    assert (windows.residual_earlier, windows.residual_later) == pytest.approx((0.8, 0.3))


def test_rows_that_share_events_are_said_to_be_fewer() -> None:
    rows = [Forecast(0.6, right=k % 2 == 0, event=str(k // 4)) for k in range(120)]
    assert calibration_report(rows).warnings == (
        "120 outcomes belong to 30 events: tests that take rows for independent find too much; the "
        "interval of the Brier score does not.",
    )
    one = calibration_report(rows[:4]).warnings
    assert one[-1].startswith("4 outcomes belong to 1 event: tests")
    assert (
        calibration_report(rows[:1]).warnings[0] == "Only 1 outcome: too few for a reliable figure."
    )
    assert calibration_report(rows[::4]).warnings[-1] == "Every outcome is right."


def test_options_reach_every_part() -> None:
    report = calibration_report(PROOF, bands=20, edges="right")
    assert len(report.bands) == 20
    assert report.bands[17].band.label == "(0.85, 0.9]"
    assert report.errors.ece == pytest.approx(0.15, abs=1e-15)


def test_the_statistics_need_neither_numpy_nor_scipy() -> None:
    code = (
        "import sys, use_cases.kernel.statistics.report; "
        "print({'numpy', 'scipy', 'pydantic_ai'} & set(sys.modules))"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_two_windows_by_hand() -> None:
    windows = compare_windows(repeated(0.5, right=2, of=2), repeated(0.5, right=0, of=2))
    assert (windows.n, windows.n_earlier, windows.n_later) == (4, 2, 2)
    assert (windows.residual_earlier, windows.residual_later) == (0.5, -0.5)
    assert windows.z == pytest.approx(-2, abs=1e-15)
    assert windows.p == pytest.approx(0.04550026389635842, abs=1e-15)
    assert (windows.brier_earlier, windows.brier_later) == (0.25, 0.25)


def test_harder_questions_worsen_the_score_and_are_no_drift() -> None:
    easy = repeated(0.95, right=95, of=100)
    hard = repeated(0.55, right=55, of=100)
    windows = compare_windows(easy, hard)
    assert (windows.brier_earlier or 0) < 0.05 < 0.24 < (windows.brier_later or 0)
    assert windows.p == pytest.approx(1, abs=1e-9)


def test_an_empty_window_compares_with_nothing() -> None:
    windows = compare_windows([], repeated(0.5, right=20, of=40))
    assert (windows.z, windows.p, windows.residual_earlier, windows.brier_earlier) == (None,) * 4
    assert windows.warnings == ("Only 0 outcomes in one of the windows.",)


def test_certainties_do_not_vary() -> None:
    windows = compare_windows(repeated(1.0, right=2, of=2), repeated(1.0, right=1, of=2))
    assert (windows.z, windows.p) == (None, None)
