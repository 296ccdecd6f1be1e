"""Writes the values of a column in one form, where one form clearly dominates.

Three kinds of forms are known: upper and lower case and punctuation of words, dates, and numbers with
separators or units. A value that can be read in two ways stays as it is.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from statistics import quantiles

from use_cases.benchmark.contestants.draft_table import DraftTable
from use_cases.benchmark.model import ErrorKind
from use_cases.benchmark.scoring.cell_equality import is_missing

_FORMS = (
    "%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%Y/%m/%d", "%Y%m%d", "%d-%m-%Y", "%m-%d-%Y",
    "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%Y", "%d %b %y", "%d-%b-%y",
)  # fmt: skip
_SAMPLE = 200
_DOMINANT = 0.75
_TIMES_AS_OFTEN = 10
_LEAST_COUNT = 5
_PLAIN = re.compile(r"-?\d+(?:\.\d+)?")
_DECORATED = re.compile(
    r"(?P<sign>-?)[$€£¥]? ?(?P<whole>\d{1,3}(?:,\d{3})+|\d+)(?P<rest>\.\d+)?"
    r"(?: ?(?:[%$€£¥]|(?:usd|eur|gbp|chf|kg|lbs?|oz|ounces?|[ckm]m|min|hours?|years?)\.?))?",
    re.IGNORECASE,
)  # other words after a number may be a part of it: `12 Suppl`, `3rd`, `7 bis`


def unify_formats(draft: DraftTable) -> None:
    """Write the odd values of each column in the column's usual form."""
    for name in draft.table.columns:
        cells = draft.table.by_name[name]
        counts = {value: n for value, n in Counter(cells).items() if not is_missing(value)}
        forms = dict(_unified(counts))
        for place, value in enumerate(cells) if forms else ():
            if value in forms:
                reason = f"The other values of {name} are written like {forms[value]!r}."
                draft.change(place, name, forms[value], ErrorKind.FORMAT_VARIANT, reason)
    draft.commit()


def _unified(counts: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    if not counts:
        return
    yield from _words(counts)
    yield from _dates(counts)
    yield from _numbers(counts)


def _words(counts: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """Values that differ from a much more frequent one in case, punctuation and white space alone."""
    alike = defaultdict[str, list[str]](list)
    for value in counts:
        plain = "".join(filter(str.isalnum, value)).casefold()
        if any(map(str.isalpha, plain)):
            alike[plain].append(value)
    for values in alike.values():
        usual = max(values, key=counts.__getitem__)
        for value in values:
            often = max(_LEAST_COUNT, _TIMES_AS_OFTEN * counts[value])
            same_digits = _digits(value) == _digits(usual)
            if value != usual and same_digits and counts[usual] >= often:
                yield value, usual


def _digits(value: str) -> list[str]:
    return re.findall(r"\d+(?:[.,]\d+)*", value)


def _dates(counts: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    sample = list(counts)[:: len(counts) // _SAMPLE or 1]
    form = max(_FORMS, key=lambda each: sum(_written(value, each) is not None for value in sample))
    if sum(_written(value, form) is not None for value in sample) < _DOMINANT * len(sample) / 2:
        return
    days = {value: day for value in counts if (day := _written(value, form))}
    if sum(counts[value] for value in days) < _DOMINANT * sum(counts.values()):
        return
    first, last = min(days.values()), max(days.values())
    for value in counts.keys() - days.keys():
        read = {day for each in _FORMS if (day := _read(value, each))}
        if len(read) == 1 and first <= (day := read.pop()) <= last:
            yield value, day.strftime(form)


def _written(value: str, form: str) -> date | None:
    """The date, if it is written in exactly this form."""
    day = _read(value, form)
    return day if day and day.strftime(form) == value else None


def _read(value: str, form: str) -> date | None:
    if not 6 <= len(value) <= 20 or not any(map(str.isdecimal, value)):
        return None
    try:
        return datetime.strptime(value, form).date()  # noqa: DTZ007  (a date has no zone)
    except ValueError:
        return None


def _numbers(counts: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    plain = {value: count for value, count in counts.items() if _PLAIN.fullmatch(value)}
    total = sum(counts.values())
    if len(plain) < 3 or sum(plain.values()) < _DOMINANT * total:
        return
    low, *_, high = quantiles(map(float, plain), n=50)
    for value in counts.keys() - plain.keys():
        found = _DECORATED.fullmatch(value)
        if found:
            number = f"{found['sign']}{found['whole'].replace(',', '')}{found['rest'] or ''}"
            others = (float(number) / 100, float(number) / 1000)
            if low <= float(number) <= high and not any(low <= each <= high for each in others):
                yield value, number
