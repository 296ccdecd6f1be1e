"""Bands of stated probability with the outcomes in each, and the test whether a band is calibrated.

Promises: bands tile [0, 1] without overlap or hole; a value that equals an edge in decimals is that
edge; every band is returned, with None instead of 0 for an empty one. A truly
calibrated band is called miscalibrated in at most about 5 % of cases however few rows it has, and all bands
together in at most 6 % (Holm). With too few rows, where a ten-point error would be missed more often than
found, the result is never `consistent`, but may be `miscalibrated`. Leaves to others: errors over all
bands (`calibration_error.py`).

A fixed gap is no alternative: "off by 5 points" rejects a calibrated band of 25 rows in 65 % of cases.

Confidences often are edges: models state multiples of 0.05. In floating point 3 x 0.1 is
0.30000000000000004, so 0.3 would fall below its own edge. Hence integers: a probability is a whole
number of ticks of 10^-12, and so is each edge.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, sqrt
from typing import Literal, TypeAlias

from use_cases.kernel.statistics.distributions import (
    LEVEL,
    Z95,
    CountLaw,
    counts,
    holm,
    normal_below,
    normal_two_sided,
)
from use_cases.kernel.statistics.figures import (
    Forecast,
    StatisticalResult,
    StatisticsOptionInvalid,
    about_coverage,
    cautions,
)
from use_cases.kernel.statistics.intervals import wilson

Edges: TypeAlias = Literal["left", "right"]
"""`left`: [a, b), the last one closed. `right`: (a, b], the first one closed, as scikit-learn."""

TICKS = 10**12
"""The ticks in 1; values closer to an edge than half a tick count as the edge."""

FEWEST, MOST = 5, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Band(StatisticalResult):
    """A band: its edges (probabilities) and the figures of its rows, None without rows.

    The figures are the mean stated probability, the share right with its Wilson 95 % interval, and
    the Brier score.
    """

    index: int
    low: float
    high: float
    label: str
    right: int
    mean: float | None
    rate: float | None
    brier: float | None
    interval: tuple[float, float] | None

    @property
    def gap(self) -> float | None:
        """The mean probability less the share right: above 0 overconfident."""
        return None if self.mean is None or self.rate is None else self.mean - self.rate

    @property
    def extent(self) -> str:
        """Both edges, such as `0.7-0.8`."""
        return f"{round(self.low, 4)}-{round(self.high, 4)}"


def make_bands(
    forecasts: Sequence[Forecast],
    *,
    bands: int = 10,
    edges: Edges = "left",
    coverage: float | None = None,
) -> tuple[Band, ...]:
    """Returns every band from 0 to 1 with its figures; 5 to 20 bands of equal width."""
    grouped = group_by_band(forecasts, bands=bands, edges=edges)
    return tuple(_band(rows, index, bands, edges, coverage) for index, rows in enumerate(grouped))


def group_by_band(
    forecasts: Sequence[Forecast], *, bands: int = 10, edges: Edges = "left"
) -> list[list[Forecast]]:
    """Groups the rows by band, in order. Raises `StatisticsOptionInvalid`."""
    inner = inner_edges(bands)
    if edges not in ("left", "right"):
        raise StatisticsOptionInvalid(f"Edges are `left` or `right`, not {edges!r}.")
    search = bisect_right if edges == "left" else bisect_left
    grouped: list[list[Forecast]] = [[] for _ in range(bands)]
    for forecast in forecasts:
        grouped[search(inner, ticks(forecast.probability))].append(forecast)
    return grouped


def ticks(probability: float) -> int:
    """Rounds the probability to a whole number of ticks."""
    return round(probability * TICKS)


def inner_edges(bands: int) -> list[int]:
    """Returns the edges between bands in ticks, k/bands rounded half up; without 0 and 1."""
    if type(bands) is not int or not FEWEST <= bands <= MOST:
        raise StatisticsOptionInvalid(f"{bands!r} bands are not {FEWEST} to {MOST} bands.")
    return [(2 * k * TICKS + bands) // (2 * bands) for k in range(1, bands)]


def _band(
    rows: Sequence[Forecast], index: int, bands: int, edges: Edges, coverage: float | None
) -> Band:
    n, right = len(rows), sum(row.right for row in rows)
    return Band(
        n=n,
        coverage=coverage,
        warnings=cautions(rows, coverage),
        index=index,
        low=index / bands,
        high=(index + 1) / bands,
        label=_label(index, bands, edges),
        right=right,
        mean=fsum(row.probability for row in rows) / n if n else None,
        rate=right / n if n else None,
        brier=fsum((row.probability - row.right) ** 2 for row in rows) / n if n else None,
        interval=wilson(right, n),
    )


def _label(index: int, bands: int, edges: Edges) -> str:
    """Returns a label such as `[0.3, 0.4)`; numbers to four decimal places."""
    opening = "[" if edges == "left" or index == 0 else "("
    closing = "]" if edges == "right" or index == bands - 1 else ")"
    return f"{opening}{_short(index / bands)}, {_short((index + 1) / bands)}{closing}"


def _short(edge: float) -> str:
    return str(round(edge, 4))


State: TypeAlias = Literal["consistent", "miscalibrated", "insufficient_data"]
Direction: TypeAlias = Literal["over", "under"]

FEWEST_ROWS = 20
LEAST_POWER = 0.5
ERROR = 0.10
"""The error, in probability, that the test must be able to detect for a `consistent` result."""

FEW_LEVEL = 0.01
"""The level for bands with too few rows: the test is exact at any n, and with this addition the
family of all bands stays within 6 %."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BandVerdict:
    """A band with the result of its test.

    `p` is two-sided: of the exact law of the count (`exact`), or of the score z where the law is wide.
    `p_holm` decides: adjusted for the bands with enough data, and below `LEVEL` a rejection; of a band
    without enough, adjusted for all bands with rows, and a rejection below `FEW_LEVEL`. None for an
    empty band. `power` is the chance to detect an error of ten points towards one half. `direction` is
    `over` where fewer came true than stated. `is_calibrated` is None for `insufficient_data`.
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


def assess_bands(
    forecasts: Sequence[Forecast],
    *,
    bands: int = 10,
    edges: Edges = "left",
    coverage: float | None = None,
) -> tuple[BandVerdict, ...]:
    """Tests every band.

    Null: y_i ~ Bernoulli(p_i), independent; the count of right ones is then Poisson-binomial.
    p = P(a count no more likely than the one seen) (`CountLaw.two_sided`); from a variance
    sum p (1 - p) of 100 on of z = (sum y - sum p) / sqrt(sum p (1 - p)), standard normal.
    Holm's (1979) adjusted p below its level: `miscalibrated`. Otherwise `consistent`, but under 20
    rows, or with a power below 0.5 against an error of 0.10, `insufficient_data`. The stated
    probabilities alone decide which bands have enough, so the few rows of one band weaken no other.
    """
    described = make_bands(forecasts, bands=bands, edges=edges, coverage=coverage)
    grouped = group_by_band(forecasts, bands=bands, edges=edges)
    tests = [_test_band(rows) if rows else None for rows in grouped]
    tried = [test for test in tests if test]
    enough = [test for test in tried if test.enough]
    # The second overrides the first: bands with enough rows are adjusted for each other alone.
    adjusted = _adjust(tried) | _adjust(enough)
    return tuple(
        _verdict(band, test, adjusted.get(id(test)))
        for band, test in zip(described, tests, strict=True)
    )


def two_sided(law: CountLaw, right: int) -> float:
    """Returns the p-value of the number of right ones, by the exact law or by the score."""
    score = law.score(right)
    if law.exact or score is None:
        return law.two_sided(right)
    return normal_two_sided(score)


def power(n: int, mean: float, variance: float) -> float:
    """Returns the chance that the 5 % test detects a rate ten points from the mean, towards one half.

    Normal approximation: with s0 = sqrt(variance) under the null and s1 = sqrt(n r (1 - r)) at the
    shifted rate r, P(|count - n mean| > 1.96 s0). Away from one half it would be larger.
    """
    shifted = mean - ERROR if mean >= 0.5 else mean + ERROR
    critical, spread = Z95 * sqrt(variance), sqrt(n * shifted * (1 - shifted))
    found = normal_below((n * ERROR - critical) / spread)
    return found + normal_below((-n * ERROR - critical) / spread)


@dataclass(frozen=True, slots=True)
class _BandTest:
    p: float
    z: float | None
    exact: bool
    power: float
    enough: bool
    over: bool


def _test_band(rows: Sequence[Forecast]) -> _BandTest:
    law = counts([row.probability for row in rows])
    right = sum(row.right for row in rows)
    chance = power(len(rows), law.mean / len(rows), law.variance)
    return _BandTest(
        p=two_sided(law, right),
        z=law.score(right),
        exact=law.exact,
        power=chance,
        enough=len(rows) >= FEWEST_ROWS and chance >= LEAST_POWER,
        over=right < law.mean,
    )


def _adjust(tests: Sequence[_BandTest]) -> dict[int, float]:
    return dict(zip(map(id, tests), holm([test.p for test in tests]), strict=True))


def _verdict(band: Band, test: _BandTest | None, p_holm: float | None) -> BandVerdict:
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


def _warnings(band: Band, test: _BandTest | None, state: State) -> tuple[str, ...]:
    if test is None or state != "insufficient_data" or test.p >= LEVEL:
        return band.warnings
    return (
        *band.warnings,
        f"Too few outcomes for a verdict, although p = {test.p:.2g} for this band alone.",
    )
