"""Is a band calibrated? A test with three answers, of which "not enough data" is one.

Promises: a truly calibrated band is called miscalibrated in at most about 5 % of cases however few
rows it has, and all bands together in at most 6 % (Holm). Too few rows withhold `consistent`, where a
ten-point error would be missed more often than found; they never withhold `miscalibrated`. Leaves to
others: the size of an error (`Band.gap`), which stands beside it.

Why not a fixed gap: "off by 5 points" calls a calibrated band of 25 rows wrong in 65 % of cases.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Literal, TypeAlias

from use_cases.kernel.statistics.bands import Band, Edges, banded, in_bands
from use_cases.kernel.statistics.distributions import Z95, normal_below, normal_two_sided
from use_cases.kernel.statistics.figures import about_coverage
from use_cases.kernel.statistics.forecasts import Forecast
from use_cases.kernel.statistics.poisson_binomial import Counts, counts

State: TypeAlias = Literal["consistent", "miscalibrated", "insufficient_data"]
Direction: TypeAlias = Literal["over", "under"]

FEWEST_ROWS = 20
LEAST_POWER = 0.5
ERROR = 0.10
"""The error, in probability, that a band must be able to show before it is called consistent."""

LEVEL = 0.05

FEW_LEVEL = 0.01
"""The level for bands with too few rows to be called consistent: the test is exact at any n, and with
this much more the family of all bands stays within 6 %."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BandVerdict:
    """A band and what its test says.

    `p` is two-sided; of the exact law of the count (`exact`) or of the score z where the law is wide.
    `p_holm` decides: adjusted for the bands that have enough data, and below `LEVEL` a rejection; of
    a band without enough, adjusted for all bands that have rows, and a rejection below `FEW_LEVEL`.
    None for an empty band. `power` is the chance to find an error of ten points towards one half. `direction` is `over`
    where fewer came true than stated. `is_calibrated` is None for `insufficient_data`.
    """

    band: Band
    state: State
    direction: Direction | None
    is_calibrated: bool | None
    p: float | None
    p_holm: float | None
    exact: bool
    z: float | None
    p_score: float | None
    power: float | None
    warnings: tuple[str, ...]

    @property
    def own_warnings(self) -> Sequence[str]:
        """The warnings about this band alone: without that of a low coverage, which all share."""
        return [text for text in self.warnings if text != about_coverage(self.band.coverage)]


def judged_bands(
    forecasts: Sequence[Forecast],
    *,
    bands: int = 10,
    edges: Edges = "left",
    coverage: float | None = None,
) -> tuple[BandVerdict, ...]:
    """Every band with its verdict.

    Null: y_i ~ Bernoulli(p_i), independent; the count of right ones is then Poisson-binomial.
    p = P(a count no more likely than the one seen) (`Counts.two_sided`); from a variance
    sum p (1 - p) of 100 on of z = (sum y - sum p) / sqrt(sum p (1 - p)), standard normal.
    Holm's (1979) adjusted p below its level: `miscalibrated`. Otherwise `consistent`, but under 20
    rows, or with a power below 0.5 against an error of 0.10, `insufficient_data`. Which bands have
    enough is decided by the stated probabilities alone, so the few rows of one band weaken no other.
    """
    described = banded(forecasts, bands=bands, edges=edges, coverage=coverage)
    grouped = in_bands(forecasts, bands=bands, edges=edges)
    tests = [_tested(rows) if rows else None for rows in grouped]
    tried = [test for test in tests if test]
    enough = [test for test in tried if test.enough]
    # The second overrides the first: bands with enough rows are adjusted for each other alone.
    adjusted = _adjusted(tried) | _adjusted(enough)
    return tuple(
        _verdict(band, test, adjusted.get(id(test)))
        for band, test in zip(described, tests, strict=True)
    )


def two_sided(law: Counts, right: int) -> float:
    """The p-value of so many right ones: of the exact law, of the score where it is not exact."""
    score = law.score(right)
    if law.exact or score is None:
        return law.two_sided(right)
    return normal_two_sided(score)


def holm(ps: Sequence[float]) -> list[float]:
    """Adjusted p-values (Holm 1979), in the order given: max over smaller ones of (m - rank) p, cut at 1."""
    adjusted = [0.0] * len(ps)
    largest = 0.0
    for rank, place in enumerate(sorted(range(len(ps)), key=ps.__getitem__)):
        largest = max(largest, min(1.0, (len(ps) - rank) * ps[place]))
        adjusted[place] = largest
    return adjusted


def power(n: int, mean: float, variance: float) -> float:
    """The chance that the 5 % test finds a rate ten points from the mean, towards one half.

    Normal approximation: with s0 = sqrt(variance) under the null and s1 = sqrt(n r (1 - r)) at the
    shifted rate r, P(|count - n mean| > 1.96 s0). Away from one half it would be larger.
    """
    shifted = mean - ERROR if mean >= 0.5 else mean + ERROR
    critical, spread = Z95 * sqrt(variance), sqrt(n * shifted * (1 - shifted))
    found = normal_below((n * ERROR - critical) / spread)
    return found + normal_below((-n * ERROR - critical) / spread)


@dataclass(frozen=True, slots=True)
class _Tested:
    p: float
    z: float | None
    exact: bool
    power: float
    enough: bool
    over: bool


def _tested(rows: Sequence[Forecast]) -> _Tested:
    law = counts([row.probability for row in rows])
    right = sum(row.right for row in rows)
    chance = power(len(rows), law.mean / len(rows), law.variance)
    return _Tested(
        p=two_sided(law, right),
        z=law.score(right),
        exact=law.exact,
        power=chance,
        enough=len(rows) >= FEWEST_ROWS and chance >= LEAST_POWER,
        over=right < law.mean,
    )


def _adjusted(tests: Sequence[_Tested]) -> dict[int, float]:
    return dict(zip(map(id, tests), holm([test.p for test in tests]), strict=True))


def _verdict(band: Band, test: _Tested | None, p_holm: float | None) -> BandVerdict:
    state: State = "insufficient_data"
    if test and p_holm is not None:
        if p_holm < (LEVEL if test.enough else FEW_LEVEL):
            state = "miscalibrated"
        elif test.enough:
            state = "consistent"
    direction: Direction | None = None
    if test and state == "miscalibrated":
        direction = "over" if test.over else "under"
    return BandVerdict(
        band=band,
        state=state,
        direction=direction,
        is_calibrated=None if state == "insufficient_data" else state == "consistent",
        p=test.p if test else None,
        p_holm=p_holm,
        exact=bool(test and test.exact),
        z=test.z if test else None,
        p_score=normal_two_sided(test.z) if test and test.z is not None else None,
        power=test.power if test else None,
        warnings=_warnings(band, test, state),
    )


def _warnings(band: Band, test: _Tested | None, state: State) -> tuple[str, ...]:
    if test is None or state != "insufficient_data" or test.p >= LEVEL:
        return band.warnings
    return (
        *band.warnings,
        f"Too few outcomes for a verdict, although p = {test.p:.2g} for this band alone.",
    )
