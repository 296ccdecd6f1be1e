"""How far a share may be off."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.use_cases.kernel.statistics.making import repeated
from use_cases.kernel.statistics.scores import rate
from use_cases.kernel.statistics.wilson_interval import wilson


@pytest.mark.parametrize(
    ("right", "n", "expected"),
    [
        (8, 10, (0.4901625, 0.9433178)),
        (0, 10, (0.0, 0.2775328)),
        (10, 10, (0.7224672, 1.0)),
        (0, 1, (0.0, 0.7934507)),
        (64, 194, (0.2676003, 0.3987993)),
    ],
)
def test_wilsons_interval(right: int, n: int, expected: tuple[float, float]) -> None:
    assert wilson(right, n) == pytest.approx(expected, abs=5e-8)


def test_no_rows_have_no_interval() -> None:
    assert wilson(0, 0) is None


def test_the_share_right_carries_its_interval() -> None:
    share = rate(repeated(0.5, right=8, of=10))
    assert share.value == 0.8
    assert share.interval == pytest.approx((0.4901625, 0.9433178), abs=5e-8)


@given(st.integers(1, 300), st.data())
def test_wilsons_interval_holds_the_share(n: int, data: st.DataObject) -> None:
    right = data.draw(st.integers(0, n))
    low, high = wilson(right, n) or (1.0, 0.0)
    assert 0 <= low <= right / n <= high <= 1
