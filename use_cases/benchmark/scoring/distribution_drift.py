"""Drift: does the output distribute its values as the truth does?

Promises: every distance lies in [0, 1], 0 where the distributions are the same; a missing value counts as
a value, so that blanking a column is drift. Leaves to others: which cell is which. Marginal distributions
are blind to a shuffled column, whose damage `corruption_rate` shows.

The distance of a column is by what it holds:
- categories, booleans and texts of which many repeat: the total variation distance, half the sum of the
  differences in frequency, which is at most the share of changed cells;
- numbers and dates: the largest of the Kolmogorov-Smirnov distance of the values and the differences in
  the shares of missing and of unreadable ones;
- identifiers, and texts of which few repeat (more than half as many as there are): the total variation
  distance of their lengths, in powers of two, and patterns. They are averaged apart.

These are the "column shapes" of SDMetrics (TVComplement, KSComplement), with missing values kept.
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import accumulate
from math import fsum, log, log2, sqrt
from typing import TypeVar

from use_cases.benchmark.model import Table, TableColumn, ValueKind
from use_cases.benchmark.scoring.cell_equality import (
    CellForm,
    EqualityRule,
    cell_form,
    is_missing,
    parse_date,
    parse_number,
    strict,
)

FLOOR = 1e-4
"""The least share in the population stability index: without it an empty bin would be infinite."""

BINS = 10
"""Bins of numbers in the secondary distances, by quantiles of the truth; missing and unreadable apart."""

_FEW_NUMBERS = 20
"""Distinct numbers up to which an undeclared column of numbers counts as categories."""

_CASES = str.maketrans(
    dict.fromkeys(map(chr, range(65, 91)), "A")
    | dict.fromkeys(map(chr, range(97, 123)), "a")
    | dict.fromkeys("0123456789", "9")
)
_PLAIN = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?")
_RUN = re.compile(r"(.)\1+", re.DOTALL)
_MISSING, _UNREADABLE = "missing", "unreadable"

_Text = TypeVar("_Text")
_Bin = TypeVar("_Bin")


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnDrift:
    """The distance of one column; `apart` for identifiers and free text.

    Secondary figures, None for a column that is absent or apart: `stability_index`, the population
    stability index (0.1 is called some drift, 0.25 much; no upper bound), and `jensen_shannon`, the
    Jensen-Shannon distance in base 2.
    """

    distance: float
    apart: bool
    stability_index: float | None = None
    jensen_shannon: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftScores:
    """The mean distances over columns, and each column's. None: no column is of that sort.

    `drift_score` is over all columns but identifiers and free text, which `drift_apart` is over.
    """

    drift_score: float | None
    drift_apart: float | None
    stability_index: float | None
    jensen_shannon: float | None
    columns: Mapping[str, ColumnDrift]


def measure_drift(
    clean: Table,
    others: Sequence[Table],
    kinds: Mapping[str, ValueKind],
    rule: EqualityRule,
) -> list[DriftScores]:
    """Compare the distributions of each other table with the truth's, under a rule of equality.

    A column without a declared kind is taken for what the truth's values look like.
    """
    found: list[dict[str, ColumnDrift]] = [{} for _ in others]
    for name, values in clean.by_name.items():
        truth = _TrueColumn(values, kinds.get(name), rule)
        for drifts, other in zip(found, others, strict=True):
            drifts[name] = truth.compare(other.by_name.get(name))
    return [_summary(drifts) for drifts in found]


def drift_reduction(output: DriftScores, dirty: DriftScores) -> float | None:
    """The share of the dirty table's drift that is gone; None where it had none, below 0 for more."""
    if output.drift_score is None or not dirty.drift_score:
        return None
    return 1 - output.drift_score / dirty.drift_score


def text_shape(text: str) -> tuple[int, str]:
    """The length of a text in powers of two, and its pattern: `Aa9` for `Oslo42`."""
    if text.isascii():
        signs = text.translate(_CASES)
    else:
        signs = "".join(
            "A" if c.isupper() else "a" if c.isalpha() else "9" if c.isdigit() else c for c in text
        )
    return len(text).bit_length(), _RUN.sub(r"\1", signs)


def _summary(columns: Mapping[str, ColumnDrift]) -> DriftScores:
    together = [each for each in columns.values() if not each.apart]
    return DriftScores(
        drift_score=_mean(each.distance for each in together),
        drift_apart=_mean(each.distance for each in columns.values() if each.apart),
        stability_index=_mean(each.stability_index for each in together),
        jensen_shannon=_mean(each.jensen_shannon for each in together),
        columns=columns,
    )


class _TrueColumn:
    """A column of the truth. Others are compared by what they have more or less of each text."""

    def __init__(self, values: TableColumn, kind: ValueKind | None, rule: EqualityRule) -> None:
        self._values = values
        self._texts = Counter(values)
        self._rule = rule
        self._kind = kind or self._guess()
        few_repeat = len(self._texts) > len(values) / 2
        self._apart = self._kind is ValueKind.IDENTIFIER or (
            self._kind is ValueKind.TEXT and few_repeat
        )
        self._forms: dict[str, CellForm] = {}

    def compare(self, other: TableColumn | None) -> ColumnDrift:
        if other == self._values:
            still = None if self._apart else 0.0
            return ColumnDrift(
                distance=0.0, apart=self._apart, stability_index=still, jensen_shannon=still
            )
        if not other or not self._values:
            return ColumnDrift(distance=1.0, apart=self._apart)
        more = self._more(other)
        if self._apart:
            shares = self._shares(self._shapes, _by_bin(more, self._shape), len(other))
            return ColumnDrift(distance=_total_variation(shares), apart=True)
        if self._is_ordered:
            read = _by_bin(more, self._read)
            shares = self._shares(self._binned(self._numbers), self._binned(read), len(other))
            distance = self._ordered_distance(read, len(other))
        else:
            shares = self._shares(self._counts, _by_bin(more, self._form), len(other))
            distance = _total_variation(shares)
        return ColumnDrift(
            distance=distance,
            apart=False,
            stability_index=_stability_index(shares),
            jensen_shannon=_jensen_shannon(shares),
        )

    def _guess(self) -> ValueKind:
        """Numbers, where all values are and many differ."""
        present = [text for text in self._texts if not is_missing(text)]
        if len(present) > _FEW_NUMBERS and all(
            parse_number(strict(t)) is not None for t in present
        ):
            return ValueKind.NUMBER
        return ValueKind.TEXT

    def _more(self, other: TableColumn) -> Mapping[str, int]:
        """How many more of each text the other column has; below 0 for fewer."""
        more = Counter[str]()
        if len(other) == len(self._values):
            pairs = [pair for pair in zip(other, self._values, strict=True) if pair[0] != pair[1]]
            more.update(pair[0] for pair in pairs)
            more.subtract(pair[1] for pair in pairs)
        else:
            more.update(other)
            more.subtract(self._texts)
        return {text: number for text, number in more.items() if number}

    def _shares(
        self, counts: Mapping[_Bin, int], more: Mapping[_Bin, int], size: int
    ) -> list[tuple[float, float]]:
        """The shares of each bin in the truth and in the other column, where they may differ."""
        mine = len(self._values)
        bins = more.keys() if size == mine else counts.keys() | more.keys()
        return [
            (counts.get(bin_, 0) / mine, (counts.get(bin_, 0) + more.get(bin_, 0)) / size)
            for bin_ in bins
        ]

    # What a text counts as.

    def _form(self, text: str) -> CellForm:
        if text not in self._forms:
            self._forms[text] = cell_form(text, self._kind, self._rule)
        return self._forms[text]

    def _shape(self, text: str) -> tuple[int, str] | None:
        form = self._form(text)
        return text_shape(form) if isinstance(form, str) and form else None

    def _read(self, text: str) -> str | float:
        """The number that a text stands for; else that it is missing, or that it cannot be read."""
        form = self._form(text)
        if form is None or form == "":
            return _MISSING
        if not isinstance(form, str):
            return form
        if self._kind is ValueKind.DATE:
            return _seconds(form) if parse_date(form) == form else _UNREADABLE
        return float(form) if _PLAIN.fullmatch(form) else _UNREADABLE

    # What the truth has.

    @cached_property
    def _counts(self) -> Mapping[CellForm, int]:
        return _by_bin(self._texts, self._form)

    @cached_property
    def _shapes(self) -> Mapping[tuple[int, str] | None, int]:
        return _by_bin(self._texts, self._shape)

    @cached_property
    def _numbers(self) -> Mapping[str | float, int]:
        return _by_bin(self._texts, self._read)

    @cached_property
    def _is_ordered(self) -> bool:
        """Whether most values are numbers or dates, as declared."""
        if self._kind not in (ValueKind.NUMBER, ValueKind.DATE):
            return False
        present = len(self._values) - self._numbers.get(_MISSING, 0)
        return 2 * self._numbers.get(_UNREADABLE, 0) < present

    @cached_property
    def _ascending(self) -> tuple[list[float], list[int]]:
        """The distinct numbers, and how many values are not above each, from 0 on."""
        values = sorted(each for each in self._numbers if isinstance(each, float))
        return values, [0, *accumulate(self._numbers[value] for value in values)]

    @cached_property
    def _edges(self) -> Sequence[float]:
        """The quantiles of the truth that end the bins; the last bin has no end."""
        values, up_to = self._ascending
        cuts = [up_to[-1] * place / BINS for place in range(1, BINS)]
        return sorted({values[max(0, bisect_left(up_to, cut) - 1)] for cut in cuts})

    def _binned(self, numbers: Mapping[str | float, int]) -> Mapping[str | int, int]:
        return _by_bin(
            numbers,
            lambda each: bisect_left(self._edges, each) if isinstance(each, float) else each,
        )

    def _ordered_distance(self, more: Mapping[str | float, int], size: int) -> float:
        mine = len(self._values)
        outside = [
            abs(
                self._numbers.get(which, 0) / mine
                - (self._numbers.get(which, 0) + more.get(which, 0)) / size
            )
            for which in (_MISSING, _UNREADABLE)
        ]
        return max(self._kolmogorov_smirnov(more), *outside)

    def _kolmogorov_smirnov(self, more: Mapping[str | float, int]) -> float:
        """The largest difference of the distribution functions of the numbers.

        Between two values of which the other column has more or fewer it changes in one direction, so
        the values at both ends of each such stretch are enough.
        """
        values, up_to = self._ascending
        changed = sorted(each for each in more if isinstance(each, float))
        mine = up_to[-1]
        other = mine + sum(more[value] for value in changed)
        if not mine or not other:
            return float(mine != other)
        largest = 0.0
        added = 0
        for value in changed:
            below, within = up_to[bisect_left(values, value)], up_to[bisect_right(values, value)]
            largest = max(largest, abs(below / mine - (below + added) / other))
            added += more[value]
            largest = max(largest, abs(within / mine - (within + added) / other))
        return largest


def _by_bin(counts: Mapping[_Text, int], bin_of: Callable[[_Text], _Bin]) -> Mapping[_Bin, int]:
    found = defaultdict[_Bin, int](int)
    for text, number in counts.items():
        found[bin_of(text)] += number
    return found


def _total_variation(shares: Sequence[tuple[float, float]]) -> float:
    return fsum(abs(p - q) for p, q in shares) / 2


def _stability_index(shares: Sequence[tuple[float, float]]) -> float:
    floored = [(max(p, FLOOR), max(q, FLOOR)) for p, q in shares]
    return fsum((q - p) * log(q / p) for p, q in floored)


def _jensen_shannon(shares: Sequence[tuple[float, float]]) -> float:
    terms = (
        one * log2(2 * one / (one + other)) / 2
        for p, q in shares
        for one, other in ((p, q), (q, p))
        if one
    )
    return sqrt(max(0.0, fsum(terms)))


def _seconds(moment: str) -> float:
    at = datetime.fromisoformat(moment)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fsum(known) / len(known) if known else None
