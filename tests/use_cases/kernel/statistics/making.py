"""Forecasts for the tests of statistics, short to write."""

from hypothesis import strategies as st

from use_cases.kernel.statistics.figures import Forecast


def rows(*pairs: tuple[float, int]) -> list[Forecast]:
    """One row for each (probability, outcome 0 or 1)."""
    return [Forecast(probability, outcome == 1) for probability, outcome in pairs]


def repeated(probability: float, *, right: int, of: int) -> list[Forecast]:
    """So many rows of one probability, of which so many were right."""
    return [Forecast(probability, place < right) for place in range(of)]


FOUR = rows((0.8, 1), (0.6, 0), (0.4, 1), (0.2, 0))
"""Brier 0.2, base rate 0.5."""

PROOF = repeated(0.9, right=100, of=100) + repeated(1.0, right=80, of=100)
"""Two bands, or one that holds both, as edges go."""

stated = st.one_of(
    st.sampled_from([k / 20 for k in range(21)]), st.floats(min_value=0, max_value=1)
)

forecasts = st.builds(Forecast, stated, st.booleans(), st.sampled_from([None, "a", "b", "c"]))

some = st.lists(forecasts, min_size=1, max_size=60)
