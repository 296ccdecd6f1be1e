"""Three answers for a band, and no alarm that chance gives."""

import pytest

from tests.use_cases.kernel.statistics.making import repeated
from use_cases.kernel.statistics.band_tests import BandVerdict, assess_bands, power
from use_cases.kernel.statistics.forecasts import Forecast
from use_cases.kernel.statistics.holm_adjustment import holm


def judged(rows: list[Forecast], index: int) -> BandVerdict:
    return assess_bands(rows)[index]


def test_a_band_that_keeps_its_word_is_consistent() -> None:
    verdict = judged(repeated(0.75, right=75, of=100), 7)
    assert (verdict.state, verdict.is_calibrated, verdict.direction) == ("consistent", True, None)
    assert verdict.p == pytest.approx(1, abs=1e-12)
    assert verdict.exact


def test_a_band_that_promises_too_much_is_over() -> None:
    verdict = judged(repeated(0.75, right=55, of=100), 7)
    assert (verdict.state, verdict.is_calibrated) == ("miscalibrated", False)
    assert verdict.direction == "over"
    assert verdict.z == pytest.approx(-20 / 18.75**0.5, abs=1e-12)
    assert verdict.p_score == pytest.approx(3.857e-6, rel=1e-3)
    assert verdict.p is not None
    assert 1e-6 < verdict.p < 3e-5


def test_a_band_that_promises_too_little_is_under() -> None:
    assert judged(repeated(0.55, right=90, of=100), 5).direction == "under"


def test_fewer_than_20_rows_that_agree_get_no_verdict() -> None:
    verdict = judged(repeated(0.75, right=14, of=19), 7)
    assert (verdict.state, verdict.is_calibrated, verdict.warnings) == (
        "insufficient_data",
        None,
        ("Only 19 outcomes: too few for a reliable figure.",),
    )


def test_too_few_rows_withhold_no_rejection() -> None:
    verdict = judged(repeated(0.8, right=31, of=59), 8)
    assert verdict.power is not None
    assert verdict.power < 0.5
    assert (verdict.state, verdict.is_calibrated, verdict.direction) == (
        "miscalibrated",
        False,
        "over",
    )
    assert verdict.p_holm == verdict.p == pytest.approx(2e-6, rel=0.5)


def test_of_few_rows_more_is_asked() -> None:
    verdict = judged(repeated(0.8, right=11, of=19), 8)
    assert verdict.p == pytest.approx(0.0377, abs=1e-4)
    assert (verdict.state, verdict.direction) == ("insufficient_data", None)
    assert verdict.warnings[-1] == (
        "Too few outcomes for a verdict, although p = 0.038 for this band alone."
    )


def test_bands_with_few_rows_are_adjusted_for_all_that_have_rows() -> None:
    few = repeated(0.95, right=11, of=15)
    alone = judged(few, 9)
    assert (alone.state, alone.p_holm) == ("miscalibrated", alone.p)
    others = [row for p in (0.15, 0.35, 0.75) for row in repeated(p, right=round(p * 100), of=100)]
    verdict = judged(few + others, 9)
    assert verdict.p_holm == pytest.approx(4 * (alone.p or 0), abs=1e-12)
    assert verdict.state == "insufficient_data"


def test_rows_without_power_are_not_enough() -> None:
    verdict = judged(repeated(0.75, right=37, of=50), 7)
    assert verdict.state == "insufficient_data"
    assert verdict.power == pytest.approx(0.383, abs=1e-3)


@pytest.mark.parametrize(("n", "found"), [(25, 0.23), (50, 0.38), (100, 0.62), (400, 0.99)])
def test_the_power_to_find_ten_points(n: int, found: float) -> None:
    assert power(n, 0.75, n * 0.1875) == pytest.approx(found, abs=0.01)


def test_the_power_is_the_same_on_either_side_of_one_half() -> None:
    assert power(60, 0.2, 60 * 0.16) == pytest.approx(power(60, 0.8, 60 * 0.16), abs=1e-12)


def test_certainties_that_failed_are_miscalibrated() -> None:
    verdict = judged(repeated(1.0, right=25, of=30), 9)
    assert (verdict.state, verdict.p, verdict.z, verdict.p_score) == (
        "miscalibrated",
        0,
        None,
        None,
    )


def test_certainties_that_held_are_consistent() -> None:
    assert judged(repeated(0.0, right=0, of=30), 0).state == "consistent"


def test_wide_bands_are_judged_by_the_score() -> None:
    verdict = judged(repeated(0.5, right=530, of=1_000), 5)
    assert not verdict.exact
    assert verdict.p == verdict.p_score == pytest.approx(0.0577795711235, abs=1e-9)


def test_empty_bands_have_no_verdict() -> None:
    verdict = assess_bands([])[3]
    assert (verdict.state, verdict.p, verdict.z, verdict.power) == (
        "insufficient_data",
        None,
        None,
        None,
    )


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1, 1]
    assert holm([]) == []


def test_what_one_band_alone_would_show_holm_may_take_back() -> None:
    alone = repeated(0.55, right=43, of=100)
    assert judged(alone, 5).state == "miscalibrated"
    others = [row for p in (0.15, 0.35, 0.75) for row in repeated(p, right=round(p * 100), of=100)]
    verdict = judged(alone + others, 5)
    assert verdict.state == "consistent"
    assert verdict.p == judged(alone, 5).p
    assert verdict.p_holm == pytest.approx(4 * (verdict.p or 0), abs=1e-12)


def test_bands_without_enough_data_do_not_weaken_the_others() -> None:
    alone = repeated(0.55, right=43, of=100)
    few = [row for p in (0.15, 0.35, 0.75) for row in repeated(p, right=3, of=10)]
    assert judged(alone + few, 5).state == "miscalibrated"
