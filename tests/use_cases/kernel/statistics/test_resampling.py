"""The bootstrap law of a mean."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.thoroughness import examples
from use_cases.kernel.statistics.resampling import ExpandedLaw, ResampledLaw, resample


def clusters(count: int) -> list[tuple[float, int]]:
    chance = random.Random(count)
    return [(chance.expovariate(1) * rows, rows) for rows in chance.choices([1, 2, 5], k=count)]


@pytest.mark.parametrize("count", [2, 30, 401, 3_000])
def test_share_and_quantile_are_inverse(count: int) -> None:
    law = resample(clusters(count))
    for share in (0.025, 0.3, 0.5, 0.9, 0.975):
        assert law.share_below(law.quantile(share)) == pytest.approx(share, abs=1e-9) or count == 2


@pytest.mark.parametrize("count", [5, 3_000])
def test_values_beyond_the_law_have_hardly_a_share(count: int) -> None:
    law = resample(clusters(count))
    assert 0 <= law.share_below(-10) < 0.001
    assert 0.999 < law.share_below(1e6) <= 1


def test_the_limit_is_what_draws_come_near_to() -> None:
    drawn, computed = resample(clusters(400)), resample([*clusters(400), (1.0, 1)])
    for share in (0.025, 0.5, 0.975):
        assert drawn.quantile(share) == pytest.approx(computed.quantile(share), abs=0.02)


def test_a_mean_without_spread_is_one_value() -> None:
    law: ResampledLaw = resample([(0.5, 1)] * 500)
    assert (law.quantile(0.025), law.quantile(0.975)) == (0.5, 0.5)
    assert (law.share_below(0.4), law.share_below(0.5)) == (0.0, 1.0)


def test_an_expansion_is_inverted_where_it_rises() -> None:
    assert ExpandedLaw(0.0, 1.0, 0.1).share_below(-9.0) == 0.0
    assert ExpandedLaw(0.0, 1.0, -0.1).share_below(9.0) == 1.0


@given(st.lists(st.floats(0, 1), min_size=2, max_size=30))
@settings(max_examples=examples(20), deadline=None)
def test_the_order_of_clusters_does_not_matter(totals: list[float]) -> None:
    there, back = ([(total, 1) for total in each] for each in (totals, totals[::-1]))
    assert resample(there) == resample(back)
