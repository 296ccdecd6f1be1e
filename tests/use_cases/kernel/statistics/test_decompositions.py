"""What a Brier score is made of, with bands and without."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.use_cases.kernel.statistics.making import repeated, rows, some
from use_cases.kernel.statistics.bands import Edges
from use_cases.kernel.statistics.decompositions import murphy
from use_cases.kernel.statistics.forecasts import Forecast
from use_cases.kernel.statistics.scores import brier

TWO_BANDS = rows((0.65, 1), (0.75, 0), (0.1, 0), (0.1, 0))
"""With five bands: mean 0.7 and rate 0.5 in the fourth, mean 0.1 and rate 0 in the first."""


def test_five_terms_by_hand() -> None:
    terms = murphy(TWO_BANDS, bands=5)
    assert terms.reliability == pytest.approx((2 * 0.2**2 + 2 * 0.1**2) / 4, abs=1e-15)
    assert terms.resolution == pytest.approx((2 * 0.25**2 + 2 * 0.25**2) / 4, abs=1e-15)
    assert terms.uncertainty == 0.1875
    assert terms.within_variance == pytest.approx(0.00125, abs=1e-15)
    assert terms.within_covariance == pytest.approx(-0.025, abs=1e-15)
    assert terms.three_terms == pytest.approx(0.15, abs=1e-15)
    assert terms.five_terms == pytest.approx(0.17625, abs=1e-15)
    assert terms.brier == pytest.approx(0.17625, abs=1e-15)


def test_equal_values_in_each_band_need_three_terms_only() -> None:
    terms = murphy(repeated(0.9, right=7, of=10) + repeated(0.3, right=3, of=10))
    assert terms.reliability == pytest.approx(0.02, abs=1e-15)
    assert terms.within_variance == pytest.approx(0, abs=1e-30)
    assert terms.within_covariance == pytest.approx(0, abs=1e-30)
    assert terms.three_terms == pytest.approx(terms.brier, abs=1e-15)


def test_no_rows_have_no_terms() -> None:
    terms = murphy([])
    assert (terms.brier, terms.reliability, terms.three_terms, terms.five_terms) == (None,) * 4


@given(some, st.integers(5, 20), st.sampled_from(["left", "right"]))
def test_five_terms_are_the_brier_score(
    forecasts: list[Forecast], bands: int, edges: Edges
) -> None:
    terms = murphy(forecasts, bands=bands, edges=edges)
    assert terms.five_terms == pytest.approx(brier(forecasts), abs=1e-12)
