"""What a Brier score is made of, with bands and without."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.use_cases.kernel.statistics.making import FOUR, repeated, rows, some
from use_cases.kernel.statistics.bands import Edges
from use_cases.kernel.statistics.corp_decomposition import Step, corp, isotonic
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
    split = corp([])
    assert (split.brier, split.miscalibration, split.uncertainty, split.steps) == (None,) * 3 + (
        (),
    )


@given(some, st.integers(5, 20), st.sampled_from(["left", "right"]))
def test_five_terms_are_the_brier_score(
    forecasts: list[Forecast], bands: int, edges: Edges
) -> None:
    terms = murphy(forecasts, bands=bands, edges=edges)
    assert terms.five_terms == pytest.approx(brier(forecasts), abs=1e-12)


def test_the_fit_by_hand() -> None:
    assert isotonic(FOUR) == [
        Step(low=0.2, high=0.2, n=1, right=0, rate=0.0),
        Step(low=0.4, high=0.6, n=2, right=1, rate=0.5),
        Step(low=0.8, high=0.8, n=1, right=1, rate=1.0),
    ]
    split = corp(FOUR)
    assert split.miscalibration == pytest.approx(0.075, abs=1e-15)
    assert split.discrimination == pytest.approx(0.125, abs=1e-15)
    assert split.uncertainty == 0.25
    assert "the fit follows it" in split.warnings[-1]


def test_an_order_that_is_worse_than_chance_discriminates_nothing() -> None:
    reversed_order = rows((0.9, 0), (0.8, 0), (0.2, 1), (0.1, 1))
    split = corp(reversed_order)
    assert split.discrimination == 0
    assert [step.rate for step in split.steps] == [0.5]


def test_equal_probabilities_are_one_step_whatever_their_order() -> None:
    assert isotonic(rows((0.5, 1), (0.5, 0), (0.5, 0), (0.5, 1))) == [
        Step(low=0.5, high=0.5, n=4, right=2, rate=0.5)
    ]


def test_perfect_certainty_has_no_miscalibration() -> None:
    split = corp(rows((0.0, 0), (1.0, 1), (1.0, 1)))
    assert split.miscalibration == 0
    assert split.discrimination == split.uncertainty


@given(some)
def test_corp_is_the_brier_score(forecasts: list[Forecast]) -> None:
    split = corp(forecasts)
    assert split.miscalibration is not None
    assert split.discrimination is not None
    assert split.uncertainty is not None
    total = split.miscalibration - split.discrimination + split.uncertainty
    assert total == pytest.approx(brier(forecasts), abs=1e-12)
    assert split.discrimination <= split.uncertainty + 1e-12


@given(some)
def test_the_fit_ascends_and_holds_every_row(forecasts: list[Forecast]) -> None:
    steps = isotonic(forecasts)
    assert sum(step.n for step in steps) == len(forecasts)
    rates = [step.rate for step in steps]
    assert rates == sorted(set(rates))
    assert all(step.low <= step.high for step in steps)
