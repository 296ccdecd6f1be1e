"""Where a value belongs, most of all when it is an edge."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.use_cases.kernel.statistics.making import PROOF, repeated, some
from use_cases.kernel.statistics.bands import Edges, group_by_band, inner_edges, make_bands
from use_cases.kernel.statistics.calibration_error import calibration_errors
from use_cases.kernel.statistics.errors import StatisticsOptionInvalid
from use_cases.kernel.statistics.forecasts import Forecast


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
