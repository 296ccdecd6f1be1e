"""Bands, and the test of each."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.use_cases.kernel.statistics.making import PROOF, repeated, some
from use_cases.kernel.statistics.bands import (
    BandVerdict,
    Edges,
    assess_bands,
    group_by_band,
    inner_edges,
    make_bands,
    power,
)
from use_cases.kernel.statistics.calibration_error import calibration_errors
from use_cases.kernel.statistics.figures import Forecast, StatisticsOptionInvalid


def places(probability: float, edges: Edges = "left", bands: int = 10) -> list[int]:
    grouped = group_by_band([Forecast(probability, right=True)], bands=bands, edges=edges)
    return [index for index, rows in enumerate(grouped) if rows]


@pytest.mark.parametrize("tenth", range(10))
def test_a_tenth_opens_its_own_band(tenth: int) -> None:
    assert places(tenth / 10) == [tenth]


@pytest.mark.parametrize("tenth", range(1, 11))
def test_a_tenth_closes_its_own_band_to_the_right(tenth: int) -> None:
    assert places(tenth / 10, "right") == [tenth - 1]


def test_the_ends_belong_to_the_outer_bands() -> None:
    assert places(1.0) == [9]
    assert places(0.0, "right") == [0]


def test_sums_that_are_a_tenth_on_paper_are_one() -> None:
    assert places(0.1 + 0.2) == [3]  # 0.30000000000000004
    assert places(0.1 + 0.2, "right") == [2]
    assert places(0.7 + 0.1) == [8]  # 0.7999999999999999
    assert places(1 - 0.9) == [1]  # 0.09999999999999998


def test_what_is_below_an_edge_stays_below() -> None:
    assert places(0.299999) == [2]
    assert places(0.300001, "right") == [3]


@pytest.mark.parametrize("bands", range(5, 21))
def test_every_edge_belongs_to_the_band_it_opens(bands: int) -> None:
    assert [places(k / bands, bands=bands) for k in range(bands)] == [[k] for k in range(bands)]


def test_the_proof_case_tells_the_edges_apart() -> None:
    assert calibration_errors(PROOF).ece == pytest.approx(0.05, abs=1e-15)
    assert calibration_errors(PROOF, edges="right").ece == pytest.approx(0.15, abs=1e-15)


def test_empty_bands_are_there_and_hold_nothing() -> None:
    bands = make_bands(PROOF)
    assert [band.n for band in bands] == [0] * 9 + [200]
    assert [(band.low, band.high) for band in bands[:2]] == [(0, 0.1), (0.1, 0.2)]
    empty = bands[4]
    assert (empty.mean, empty.rate, empty.brier, empty.interval, empty.gap) == (None,) * 5
    assert empty.warnings == ("There is no outcome yet.",)


def test_a_band_by_hand() -> None:
    band = make_bands(repeated(0.84, right=6, of=10), coverage=0.9)[8]
    assert (band.index, band.n, band.right, band.rate) == (8, 10, 6, 0.6)
    assert band.mean == pytest.approx(0.84, abs=1e-15)
    assert band.gap == pytest.approx(0.24, abs=1e-15)
    assert band.brier == pytest.approx((6 * 0.0256 + 4 * 0.7056) / 10, abs=1e-15)
    assert band.interval == pytest.approx((0.31267377, 0.83181967), abs=1e-8)
    assert band.coverage == 0.9
    assert band.warnings == ("Only 10 outcomes: too few for a reliable figure.",)


def test_labels_say_which_end_is_in() -> None:
    left = [band.label for band in make_bands([], bands=5)]
    assert left == ["[0.0, 0.2)", "[0.2, 0.4)", "[0.4, 0.6)", "[0.6, 0.8)", "[0.8, 1.0]"]
    right = [band.label for band in make_bands([], bands=5, edges="right")]
    assert right == ["[0.0, 0.2]", "(0.2, 0.4]", "(0.4, 0.6]", "(0.6, 0.8]", "(0.8, 1.0]"]


@pytest.mark.parametrize("bands", [0, 4, 21, 10.0, True], ids=repr)
def test_there_are_5_to_20_bands(bands: int) -> None:
    with pytest.raises(StatisticsOptionInvalid, match="5 to 20 bands"):
        inner_edges(bands)


def test_edges_are_left_or_right() -> None:
    with pytest.raises(StatisticsOptionInvalid, match="'both'"):
        group_by_band([], edges="both")  # pyright: ignore[reportArgumentType]


@given(some, st.integers(5, 20), st.sampled_from(["left", "right"]))
def test_every_row_is_in_one_band_and_bands_ascend(
    forecasts: list[Forecast], bands: int, edges: Edges
) -> None:
    grouped = group_by_band(forecasts, bands=bands, edges=edges)
    assert len(grouped) == bands
    assert sum(map(len, grouped)) == len(forecasts)
    filled = [sorted(row.probability for row in rows) for rows in grouped if rows]
    assert all(below[-1] <= above[0] for below, above in pairwise(filled))


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
