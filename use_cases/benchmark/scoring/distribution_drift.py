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
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import accumulate, compress
from math import fsum
from operator import ne
from typing import TypeVar

from use_cases.benchmark.model import TableColumn, TextTable, ValueKind
from use_cases.benchmark.scoring.cell_equality import (
    CellForm,
    EqualityRule,
    cell_forms,
    is_missing,
    parse_date,
    parse_number,
    strict,
)

_FEW_NUMBERS = 20
"""Distinct numbers up to which an undeclared column of numbers counts as categories."""

_CASES = str.maketrans(
    dict.fromkeys(map(chr, range(65, 91)), "A")
    | dict.fromkeys(map(chr, range(97, 123)), "a")
    | dict.fromkeys("0123456789", "9")
)
_PLAIN = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?")
_USUAL = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_MISSING, _UNREADABLE = "missing", "unreadable"

_Bin = TypeVar("_Bin")


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnDrift:
    """The distance of one column; `apart` for identifiers and free text."""

    distance: float
    apart: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftScores:
    """The mean distances over columns, and each column's. None: no column is of that sort.

    `drift_score` is over all columns but identifiers and free text, which `drift_apart` is over.
    """

    drift_score: float | None
    drift_apart: float | None
    columns: Mapping[str, ColumnDrift]


def measure_drift(
    clean: TextTable,
    others: Sequence[TextTable],
    kinds: Mapping[str, ValueKind],
) -> list[Mapping[EqualityRule, DriftScores]]:
    """Compares the distributions of each other table with the truth's, under each rule of equality.

    A column without a declared kind is taken for what the truth's values look like.
    """
    found = [{rule: dict[str, ColumnDrift]() for rule in EqualityRule} for _ in others]
    for name, values in clean.by_name.items():
        truth = _TrueColumn(values, kinds.get(name))
        for drifts, other in zip(found, others, strict=True):
            for rule, drift in truth.compare(other.by_name.get(name)).items():
                drifts[rule][name] = drift
    return [{rule: _summary(columns) for rule, columns in drifts.items()} for drifts in found]


def drift_reduction(output: DriftScores, dirty: DriftScores) -> float | None:
    """Returns the share of the dirty table's drift that is gone; None where it had none, below 0 for
    more.
    """
    if output.drift_score is None or not dirty.drift_score:
        return None
    return 1 - output.drift_score / dirty.drift_score


def text_shapes(texts: Sequence[str]) -> Sequence[tuple[int, str]]:
    """Returns the length of each text in powers of two, and its pattern: `Aa9` for `Oslo42`."""
    if not texts:
        return []
    # All texts are rewritten at once, between zeros, which is much faster than each by itself.
    signs = "\0".join(texts)
    if signs.count("\0") >= len(texts):  # a text has a zero itself
        signs = "\0".join(text.replace("\0", "\1") for text in texts)
    if signs.isascii():
        signs = signs.translate(_CASES)
    else:
        signs = "".join(
            "A" if c.isupper() else "a" if c.isalpha() else "9" if c.isdigit() else c for c in signs
        )
    for sign in "Aa9":
        while sign * 2 in signs:
            signs = signs.replace(sign * 2, sign)
    return list(zip(map(int.bit_length, map(len, texts)), signs.split("\0"), strict=True))


def _summary(columns: Mapping[str, ColumnDrift]) -> DriftScores:
    together = [each for each in columns.values() if not each.apart]
    return DriftScores(
        drift_score=_mean(each.distance for each in together),
        drift_apart=_mean(each.distance for each in columns.values() if each.apart),
        columns=columns,
    )


class _TrueColumn:
    """A column of the truth. Others are compared by what they have more or fewer of each text."""

    def __init__(self, values: TableColumn, kind: ValueKind | None) -> None:
        self._values = values
        self._texts = Counter(values)
        self._kind = kind or self._guess()
        few_repeat = len(self._texts) > len(values) / 2
        self._apart = self._kind is ValueKind.IDENTIFIER or (
            self._kind is ValueKind.TEXT and few_repeat
        )

    def compare(self, other: TableColumn | None) -> Mapping[EqualityRule, ColumnDrift]:
        """Returns the distances of another column, None for one that is absent."""
        if other == self._values:
            return dict.fromkeys(EqualityRule, ColumnDrift(distance=0.0, apart=self._apart))
        if not other or not self._values:
            return dict.fromkeys(EqualityRule, ColumnDrift(distance=1.0, apart=self._apart))
        more = self._more(other)
        strict, decides = self._drift(more, len(other), EqualityRule.STRICT)
        if decides:
            return dict.fromkeys(EqualityRule, strict)
        canonical, _ = self._drift(more, len(other), EqualityRule.CANONICAL)
        return {EqualityRule.STRICT: strict, EqualityRule.CANONICAL: canonical}

    def _guess(self) -> ValueKind:
        """Numbers, where all values are and many differ."""
        present = [text for text in self._texts if not is_missing(text)]
        if len(present) > _FEW_NUMBERS and all(
            parse_number(strict(t)) is not None for t in present
        ):
            return ValueKind.NUMBER
        return ValueKind.TEXT

    def _more(self, other: TableColumn) -> Mapping[str, int]:
        """Returns how many more of each text the other column has; below 0 for fewer."""
        if len(other) == len(self._values):
            differ = list(map(ne, other, self._values))
            more = Counter(compress(other, differ))
            more.subtract(Counter(compress(self._values, differ)))
        else:
            more = Counter(other)
            more.subtract(self._texts)
        return {text: number for text, number in more.items() if number}

    def _drift(
        self, more: Mapping[str, int], size: int, rule: EqualityRule
    ) -> tuple[ColumnDrift, bool]:
        """The distance under a rule, and whether the other rule must find the same."""
        if not self._apart and self._is_ordered(rule):
            numbers, added = self._numbers[rule], self._numbers_in(more, rule)
            decides = _UNREADABLE not in numbers.others.keys() | added.keys()
            elsewhere = self._shares(numbers.others, _others(added), size)
            distance = max([numbers.largest_gap(added), *(abs(p - q) for p, q in elsewhere)])
        else:
            # A bin that has as many in both is the same share of both, unless one column is longer.
            whole = size != len(self._values) or not self._apart
            counts = self._bins(self._texts if whole else {}, rule)
            shares = self._shares(counts, self._bins(more, rule), size)
            distance = fsum(abs(p - q) for p, q in shares) / 2
            decides = self._has_one_reading and self._is_read_alike(more)
        return ColumnDrift(distance=distance, apart=self._apart), decides

    @cached_property
    def _has_one_reading(self) -> bool:
        return self._is_read_alike(self._texts)

    def _is_read_alike(self, texts: Iterable[str]) -> bool:
        """Returns whether both rules divide the texts alike; an empty one is missing under both."""
        strict, canonical = (cell_forms(list(texts), self._kind, rule) for rule in EqualityRule)
        return [form or None for form in strict] == canonical

    def _bins(
        self, counts: Mapping[str, int], rule: EqualityRule
    ) -> Mapping[CellForm | tuple[int, str], int]:
        """Returns the counts of texts by their forms; apart, by the shapes of these."""
        forms = cell_forms(list(counts), self._kind, rule)
        if not self._apart:
            return {**_summed(forms, counts.values())}
        texts = [form if isinstance(form, str) else "" for form in forms]
        return {**_summed(text_shapes(texts), counts.values())}

    def _numbers_in(
        self, counts: Mapping[str, int], rule: EqualityRule
    ) -> Mapping[str | float, int]:
        """Returns the counts of texts by the numbers or times that they stand for."""
        read, usual = self._read, _USUAL.fullmatch
        forms = cell_forms(list(counts), self._kind, rule)
        if self._kind is ValueKind.NUMBER:
            numbers = [float(f) if isinstance(f, str) and usual(f) else read(f) for f in forms]
            return _summed(numbers, counts.values())
        return _summed(map(read, forms), counts.values())

    def _read(self, form: CellForm) -> str | float:
        """Returns the number or the time that a form stands for; else that it is missing, or
        unreadable.
        """
        if form is None or form == "":
            return _MISSING
        if not isinstance(form, str):
            return form
        if self._kind is ValueKind.DATE:
            return _seconds(form) if parse_date(form) == form else _UNREADABLE
        return float(form) if _PLAIN.fullmatch(form) else _UNREADABLE

    def _shares(
        self, counts: Mapping[_Bin, int], more: Mapping[_Bin, int], size: int
    ) -> list[tuple[float, float]]:
        """Returns the shares of each bin in the truth and in the other column, where they may differ."""
        mine = len(self._values)
        bins = more.keys() if size == mine else counts.keys() | more.keys()
        both = ((counts.get(each, 0), more.get(each, 0)) for each in bins)
        return [(count / mine, (count + added) / size) for count, added in both]

    def _is_ordered(self, rule: EqualityRule) -> bool:
        """Returns whether most values are numbers or dates, as declared."""
        if self._kind not in (ValueKind.NUMBER, ValueKind.DATE):
            return False
        others = self._numbers[rule].others
        present = len(self._values) - others.get(_MISSING, 0)
        return 2 * others.get(_UNREADABLE, 0) < present

    @cached_property
    def _numbers(self) -> Mapping[EqualityRule, "_Numbers"]:
        """What the texts count as. A number that is read strictly is the same under both rules."""
        plain = _Numbers(self._numbers_in(self._texts, EqualityRule.STRICT))
        all_plain = _UNREADABLE not in plain.others
        return {
            EqualityRule.STRICT: plain,
            EqualityRule.CANONICAL: plain
            if all_plain
            else _Numbers(self._numbers_in(self._texts, EqualityRule.CANONICAL)),
        }


class _Numbers:
    """Counts of each number in the truth, and of everything else."""

    def __init__(self, counts: Mapping[str | float, int]) -> None:
        self.others = _others(counts)
        self._values = sorted(each for each in counts if not isinstance(each, str))
        self._up_to = [0, *accumulate(counts[value] for value in self._values)]

    def largest_gap(self, more: Mapping[str | float, int]) -> float:
        """Returns the Kolmogorov-Smirnov distance to a column with so many more, or fewer, of some
        numbers.

        Between two of these numbers the gap changes in one direction only, so that both ends of each
        such stretch are enough.
        """
        changed = sorted(each for each in more if not isinstance(each, str))
        mine = self._up_to[-1]
        other = mine + sum(more[value] for value in changed)
        if not mine or not other:
            return float(mine != other)
        largest, added = 0.0, 0
        for value in changed:
            below = self._up_to[bisect_left(self._values, value)]
            within = self._up_to[bisect_right(self._values, value)]
            largest = max(largest, abs(below / mine - (below + added) / other))
            added += more[value]
            largest = max(largest, abs(within / mine - (within + added) / other))
        return largest


def _others(counts: Mapping[str | float, int]) -> Mapping[str | float, int]:
    return {each: counts[each] for each in (_MISSING, _UNREADABLE) if each in counts}


def _summed(bins: Iterable[_Bin], counts: Iterable[int]) -> Mapping[_Bin, int]:
    """Returns the sum of the counts of each bin."""
    found = defaultdict[_Bin, int](int)
    for each, number in zip(bins, counts, strict=True):
        found[each] += number
    return found


def _seconds(moment: str) -> float:
    at = datetime.fromisoformat(moment)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def _mean(values: Iterable[float]) -> float | None:
    known = list(values)
    return fsum(known) / len(known) if known else None
