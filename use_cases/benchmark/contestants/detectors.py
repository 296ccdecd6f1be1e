"""What looks wrong in one column: a table of detectors, each a function of the column's different values.

Promises: a detector speaks only where the column has a clear habit, which nearly all of its cells keep; it
gives a repair only where the habit says what is right. A value is never changed in case or punctuation, nor
one code into another, because another is more frequent: `ENG` and `eng` may both be right.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from html import unescape
from math import log

from use_cases.benchmark.contestants.draft_table import LEAST_CELLS, Column, DraftTable
from use_cases.benchmark.contestants.guarded_vote import explained_by_another
from use_cases.benchmark.contestants.spelling import looks_misspelt, nearest_values
from use_cases.benchmark.contestants.value_forms import (
    WrittenNumber,
    date_readings,
    letters,
    outline,
    read_number,
    shape,
)
from use_cases.benchmark.model import ErrorKind

_HABIT = 0.8
_RARE = 0.02
_FEW = 0.05
_SPARE = 0.01
_FREQUENT = 10
_CLOSED = 0.9
_LEAST_LETTERS = 5
_MOST_RARE = 5_000
"""Of more rare values a column is one of names or texts, where a rare value is a value."""
_MOST_ALIKE = 200


@dataclass(frozen=True, slots=True)
class Suspect:
    """A value of a column that looks wrong, and its repair where it is known."""

    value: str
    kind: ErrorKind
    evidence: str
    repair: str | None = None


_Suspects = Iterator[Suspect]


def stray_characters(column: Column) -> _Suspects:
    """Finds white space and entities that nobody sees, and characters of a wrong encoding."""
    found = {value: clean for value in column.known if (clean := _without_stray(value)) != value}
    if column.are_few(found, _FEW):
        for value, clean in found.items():
            what = (
                f"It holds white space or signs that are not meant: without them it is {clean!r}."
            )
            yield Suspect(value, ErrorKind.FORMAT_VARIANT, what, clean)


_WRONG_ENCODING = re.compile("[ÃÂâ][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]")


def _without_stray(value: str) -> str:
    if value.isascii() and value.isprintable() and "&" not in value and "  " not in value:
        return value.strip(" ")
    clean = " ".join(unescape(value).split())
    if _WRONG_ENCODING.search(clean):
        try:
            return clean.encode("cp1252").decode()
        except UnicodeError:
            return clean
    return clean


_PLACEHOLDERS = frozenset(
    (  # noqa: SIM905
        "unknown;tbd;tba;xxx;xx;test;not available;not known;not applicable;keine angabe;k.a.;n.v.;...;undefined;"
        "unbekannt;to be determined;0000-00-00;#ref!;#value!;#div/0!;#name?"
    ).split(";")
)


def absent_values(column: Column) -> _Suspects:
    """Finds words that stand for nothing, and empty cells in a column that is otherwise full."""
    every = len(column.cells)
    words = {value for value in column.known if value.strip().lower() in _PLACEHOLDERS}
    absent = {**{value: column.known[value] for value in words}, **column.absent}
    for value, count in absent.items() if every >= LEAST_CELLS else ():
        if value.strip() and count <= max(1, _FEW * every):
            yield Suspect(value, ErrorKind.DISGUISED_MISSING, f"{value!r} stands for no value.")
        elif not value.strip() and count <= max(1, _RARE * every):
            said = f"{1 - count / every:.1%} of {column.name} are not empty."
            yield Suspect(value, ErrorKind.EXPLICIT_MISSING, said)


def other_forms(column: Column) -> _Suspects:
    """Finds values that are written otherwise than nearly all: dates, numbers, addresses, codes."""
    if column.date_form is not None:
        yield from _other_dates(column, column.date_form)
    elif column.number_ways:
        yield from _other_numbers(column, column.number_ways)
    elif column.sample and column.mostly(_EMAIL.fullmatch, _HABIT):
        yield from _other_emails(column)
    elif column.total >= LEAST_CELLS:
        yield from _other_shapes(column)


def _other_dates(column: Column, form: str) -> _Suspects:
    readings = {value: date_readings(value) for value in column.known}
    usual = [days[form] for days in readings.values() if form in days]
    first, last = min(usual), max(usual)
    example = next(value for value, days in readings.items() if form in days)
    for value, days in readings.items():
        if form in days:
            continue
        said = f"Most of {column.name} are written like {example!r}"
        different = set(days.values())
        day = different.pop() if len(different) == 1 else None
        timed = "time" in form or any("time" in each for each in days)
        repair = day.strftime(form) if day and first <= day <= last and not timed else None
        if len(days) > 1 and day is None:
            said += ", and it can be read as " + " or ".join(sorted(map(str, days.values())))
        elif not days:
            said += ", and it is no date"
        yield Suspect(value, ErrorKind.FORMAT_VARIANT, f"{said}.", repair)


def _other_numbers(column: Column, usual: frozenset[tuple[str, str]]) -> _Suspects:
    plain = usual <= {("N", ""), ("N", ".")}
    odd = dict[str, WrittenNumber | None]()
    for value, number in column.numbers():
        if number is None or (number.around, number.mark) not in usual:
            odd[value] = number
    low, high = _range(column)
    example = next(value for value in column.sample if value not in odd)
    for value, number in odd.items():
        repair = _plainly(value, number, low, high) if plain and number else None
        said = f"Most of {column.name} are written like {example!r}."
        yield Suspect(value, ErrorKind.FORMAT_VARIANT, said, repair)


def _range(column: Column) -> tuple[float, float]:
    """Returns the bounds of most numbers of a column."""
    read = [each for each in map(read_number, column.sample) if each]
    numbers = sorted(min(each.readings.values()) for each in read if len(each.readings) == 1)
    if not numbers:
        return 0, 0
    return numbers[len(numbers) // 50], numbers[-1 - len(numbers) // 50]


_UNITS = re.compile(
    r"(?:[%$€£¥]|usd|eur|gbp|chf|fr|kg|lbs?|oz|ounces?|[ckm]m|min|hours?|years?)?\.?", re.IGNORECASE
)


def _plainly(value: str, number: WrittenNumber, low: float, high: float) -> str | None:
    """Returns a number as its column writes numbers, if only one reading is among the others."""
    words = number.around.split("N")
    readings = {mark: each for mark, each in number.readings.items() if low <= each <= high}
    if len(readings) != 1 or not all(_UNITS.fullmatch(word.strip()) for word in words):
        return None
    (mark, found) = readings.popitem()
    if any(low <= found / by <= high for by in (100, 1000)):
        return None
    decimals = value.strip("".join(words))
    if mark.endswith("0"):
        decimals = decimals.replace(mark[0], "")
    return decimals.replace(",", ".").strip()


_EMAIL = re.compile(r"[\w+-]+(?:\.[\w+-]+)*@(?:[\w-]+\.)+[A-Za-z]{2,}")


def _other_emails(column: Column) -> _Suspects:
    domains = _count((value.rpartition("@")[2] for value in column.known), column)
    usual = {domain: count for domain, count in domains.items() if count >= _FREQUENT}
    wrong = dict(_near_frequent(domains, _FEW * column.total, usual))
    for value in column.known:
        domain = value.rpartition("@")[2]
        if not _EMAIL.fullmatch(value):
            said = "It is no address of an e-mail, as the others are."
            yield Suspect(value, ErrorKind.FORMAT_VARIANT, said)
        elif domain in wrong:
            said = f"{domain!r} is rare, and {wrong[domain]!r} frequent."
            yield Suspect(value, ErrorKind.TYPO, said)


_CODE = re.compile(r".*\d.*|[A-Z]{2,4}")


def _other_shapes(column: Column) -> _Suspects:
    """Finds codes of another length, and signs that the other values do not have."""
    kept = dict[str, str]()  # of a form that many values have one text
    shapes = [kept.setdefault(form, form) for form in map(shape, column.known)]
    if not column.mostly(_CODE.fullmatch, 0.9):
        yield from _other_signs(column, shapes)
        return
    for outlines in ({form: form for form in kept}, {form: outline(form) for form in kept}):
        forms = list(map(outlines.__getitem__, shapes))
        counts = _count(forms, column)
        usual = [form for form, count in counts.items() if count >= max(2, _FEW * column.total)]
        kept_by = sum(counts[form] for form in usual)
        if column.total - kept_by <= max(1, 0.07 * column.total):
            most = max(usual, key=counts.__getitem__)
            example = next(v for v, form in zip(column.known, forms, strict=True) if form == most)
            said = f"{kept_by / column.total:.1%} of {column.name} have a form such as {example!r}."
            for value, form in zip(column.known, forms, strict=True):
                if counts[form] <= max(1, _RARE * column.total):
                    yield Suspect(value, ErrorKind.FORMAT_VARIANT, said)
            return


def _count(forms: Iterable[str], column: Column) -> Counter[str]:
    """Counts the cells of each form, where there is a form for each known value."""
    counts = Counter[str]()
    for form, count in zip(forms, column.known.values(), strict=True):
        counts[form] += count
    return counts


_PLAIN_SIGNS = frozenset("Aa -'.,&/()")


def _other_signs(column: Column, shapes: Sequence[str]) -> _Suspects:
    """Finds digits, signs and a case that nearly no value of a column of words has."""
    marks = dict[str, frozenset[str]]()
    counts, marked = Counter[str](), 0
    for form, count in _count(shapes, column).items():
        letters = "".join(filter(str.isalpha, form))
        case = "all capitals" if letters.isupper() else "small letters" if letters.islower() else ""
        found = {("a digit" if sign == "9" else sign) for sign in form if sign not in _PLAIN_SIGNS}
        marks[form] = frozenset({*found, case} if len(letters) > 3 and case else found)
        marked += count if marks[form] else 0
        for mark in marks[form]:
            counts[mark] += count
    usual = sum(count for count in counts.values() if count > max(1, _SPARE * column.total))
    if marked - usual > max(1, _RARE * column.total) or column.different < 2:
        return
    for value, form in zip(column.known, shapes, strict=True):
        odd = [m for m in sorted(marks[form]) if counts[m] <= max(1, _SPARE * column.total)]
        if odd:
            said = f"{odd[0]!r} occurs in {counts[odd[0]]:,} of {column.total:,} cells of {column.name}."
            yield Suspect(value, ErrorKind.FORMAT_VARIANT, said)


def misspellings(column: Column) -> _Suspects:
    """Finds rare values near a frequent one, and rare words near a word that most cells have.

    In a column of few different values a misspelling of five letters and more is repaired, where the end is
    the same: `patient` is none of `patients`.
    """
    frequent = column.frequent(column.often)
    closed = column.share(frequent) >= _CLOSED
    if column.share(frequent) >= _HABIT / 2:
        usual = [value for value, count in frequent.items() if count >= _CLOSED * column.total]
        most = column.total * (_RARE if closed else _SPARE)
        near = _near_frequent(column.known, most, frequent, usual, column.often)
        for value, other in near:
            few = column.known[value] <= max(1, _SPARE * column.known[other])
            sure = closed and few and column.known[other] >= _FREQUENT
            repair = other if sure and _may_be_misspelt(value, other) else None
            said = (
                f"{other!r} is in {column.known[other]:,} cells of {column.name}, and this is rare."
            )
            yield Suspect(value, ErrorKind.TYPO, said, repair)
    yield from _alike(column, frequent) if closed else _words(column)


def _alike(column: Column, frequent: Mapping[str, int]) -> _Suspects:
    """Finds rare values that are more like a frequent one than different from it, further than one edit."""
    most = max(1, _SPARE / 10 * column.total)
    rare = [value for value, count in column.known.items() if count <= most]
    if len(rare) > _MOST_ALIKE or len(frequent) > _MOST_ALIKE:
        return
    words = [value for value in frequent if len(value) >= _LEAST_LETTERS and value.isascii()]
    for value in rare:
        near = get_close_matches(value, words, n=1, cutoff=0.75)
        digits = [[*filter(str.isdecimal, text)] for text in (value, *near)]
        if near and any(map(str.isalpha, value)) and digits[0] == digits[1]:
            said = f"{near[0]!r} is in {column.known[near[0]]:,} cells of {column.name}, and this is rare."
            yield Suspect(value, ErrorKind.TYPO, said)


def _near_frequent(
    counts: Mapping[str, int],
    most: float,
    known: Mapping[str, int],
    usual: Collection[str] = (),
    often: int = _FREQUENT,
) -> Iterator[tuple[str, str]]:
    """Rare values with the only `known` one that they may be a misspelling of; further from a `usual`."""
    most = max(1, min(most, max(known.values(), default=0) / often))
    rare = [value for value, count in counts.items() if count <= most]
    if not known or len(rare) > _MOST_RARE:
        return
    for value in rare:
        if not any(map(str.isalpha, value)):
            continue
        far = (each for each in usual if each != value and _may_be_misspelt(value, each))
        near = {*nearest_values(value, known), *far}
        other = near.pop() if len(near) == 1 else ""
        often_enough = counts[value] * (often if counts[value] == 1 else _FREQUENT)
        misspelt = len(other) > 3 and often_enough <= known[other] and looks_misspelt(value, other)
        if misspelt and value.casefold() != other.casefold():
            yield value, other


def _may_be_misspelt(value: str, other: str) -> bool:
    ending = value.startswith(other) or other.startswith(value)
    return len(other) >= _LEAST_LETTERS and looks_misspelt(value, other) and not ending


_SEVERAL_WORDS = re.compile(r"(?=.* ).*[^\W\d_]{4}.*", re.DOTALL)


def _words(column: Column) -> _Suspects:
    if not column.mostly(_SEVERAL_WORDS.fullmatch, _FEW):
        return
    counts = Counter[str]()
    for value, count in column.known.items():
        for word in dict.fromkeys(value.split(" ")):
            counts[word] += count
    most = {
        word: count
        for word, count in counts.items()
        if count >= _HABIT / 2 * column.total and len(word) >= _LEAST_LETTERS and word.isalpha()
    }
    often = {word: n for word, n in counts.items() if n >= _FREQUENT and word.isalpha()}
    settled = sum(often.values()) >= _HABIT * counts.total()
    known = {**most, **often} if settled else most
    wrong = dict(_near_frequent(counts, _SPARE * column.total, known, most))
    for value in column.known if wrong else ():
        words = value.split(" ")
        first = next((word for word in words if word in wrong), None)
        if first is not None:
            sure = wrong[first] in most and _may_be_misspelt(first, wrong[first])
            repair = " ".join(wrong.get(word, word) for word in words) if sure else None
            said = f"{first!r} is rare in {column.name}, and {wrong[first]!r} frequent."
            yield Suspect(value, ErrorKind.TYPO, said, repair)


def other_spellings(column: Column) -> _Suspects:
    """Finds values that differ from a much more frequent one in case, punctuation and spaces alone."""
    alike: dict[str, list[str]] = {letters(each): [] for each in column.frequent(column.often / 2)}
    for value in column.known if alike else ():
        plain = letters(value)
        if plain in alike and not plain.isdecimal():
            alike[plain].append(value)
    for values in alike.values():
        usual = max(values, key=column.known.__getitem__, default="")
        for value in values:
            count = column.known[value]
            often = max(column.often / 2, count * (column.often if count == 1 else _FREQUENT))
            if value != usual and column.known[usual] >= often:
                said = f"It is written {usual!r} in {column.known[usual]:,} cells of {column.name}."
                yield Suspect(value, ErrorKind.FORMAT_VARIANT, said)


_SPREADS = 3.5
_MOST_FAR = 0.06
_QUANTILES = 4_000


def far_numbers(column: Column) -> _Suspects:
    """Finds numbers and days that lie far from all others, beyond a gap."""
    numbers = _as_numbers(column)
    if len(numbers) < LEAST_CELLS or column.total < LEAST_CELLS:
        return
    step = len(column.cells) // _QUANTILES or 1
    sample = sorted(numbers[value] for value in column.cells[::step] if value in numbers)
    low, high = sample[len(sample) // 20], sample[-1 - len(sample) // 20]
    below = [value for value, number in numbers.items() if number < 0]
    few = column.share(below) <= _SPARE
    far = {value for value in below if few and -numbers[value] >= max(low, 1e-9)}
    far.update(_beyond(sample, numbers))
    if column.are_few(far, _MOST_FAR):
        shown = [
            min((v for v in numbers if v not in far), key=lambda v, n=n: abs(numbers[v] - n))
            for n in (low, high)
        ]
        for value in far:
            said = f"Nine in ten of {column.name} are between {shown[0]} and {shown[1]}."
            yield Suspect(value, ErrorKind.OUTLIER, said)


def _as_numbers(column: Column) -> Mapping[str, float]:
    """Returns the numbers and days of a column, by their texts; nothing for other columns."""
    usual = column.number_ways
    if usual:
        return {
            value: number.likely
            for value, number in column.numbers()
            if number and (number.around, number.mark) in usual
        }
    form = column.date_form
    if form is None:
        return {}
    days = ((value, date_readings(value).get(form)) for value in column.known)
    return {value: float(day.toordinal()) for value, day in days if isinstance(day, date)}


def _beyond(sample: Sequence[float], numbers: Mapping[str, float]) -> Iterator[str]:
    """Values beyond several spreads of the middle and beyond a gap, in the scale that is even."""
    at = [sample[len(sample) * n // 8] for n in (1, 4, 7)]
    logarithmic = at[0] > 0 and _unevenness(*map(log, at)) < _unevenness(*at)
    if logarithmic:
        numbers = {value: log(number) for value, number in numbers.items() if number > 0}
        at = [log(each) for each in at]
    ordered = sorted(set(numbers.values()))
    for spread, sign in ((at[2] - at[1], 1), (at[1] - at[0], -1)):
        if spread <= 0:
            continue
        line = ordered if sign > 0 else [-each for each in reversed(ordered)]
        bound = sign * at[1] + _SPREADS * spread
        place = bisect_left(line, bound)
        inside = line[place - 1]
        while place < len(line) and line[place] - inside < spread / 2:
            inside = line[place]
            place += 1
        far = set(line[place:])
        yield from (value for value, number in numbers.items() if sign * number in far)


def _unevenness(low: float, middle: float, high: float) -> float:
    return abs(high - 2 * middle + low) / ((high - low) or 1)


DETECTORS: Sequence[Callable[[Column], _Suspects]] = (
    stray_characters,
    absent_values,
    other_forms,
    other_spellings,
    far_numbers,
    misspellings,
)
"""The detectors of columns, in the order in which they speak: the first one names what is wrong."""


_EXPLICABLE = frozenset(
    {ErrorKind.TYPO, ErrorKind.EXPLICIT_MISSING, ErrorKind.DISGUISED_MISSING, ErrorKind.OUTLIER}
)


def examine_columns(
    draft: DraftTable,
    detectors: Sequence[Callable[[Column], _Suspects]],
    judged: Callable[[str], set[int]] = lambda _: set(),
) -> None:
    """Notes what the detectors find, except at places that are `judged` in the column of that name, and
    except a value that comes with a value of another column.
    """
    for column in draft.columns():
        found = dict[str, Suspect]()
        for detector in detectors:
            for suspect in detector(column):
                found.setdefault(suspect.value, suspect)
        if not found:
            continue
        places = set(column.cells.places_of(found))
        places -= judged(column.name)
        doubtful = [at for at in sorted(places) if found[column.cells[at]].kind in _EXPLICABLE]
        places -= explained_by_another(draft, column.name, doubtful)
        for place in sorted(places):
            suspect = found[column.cells[place]]
            draft.find(place, column.name, suspect.kind, suspect.evidence, suspect.repair)
    draft.commit()
