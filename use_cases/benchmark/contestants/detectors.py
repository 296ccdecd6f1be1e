"""What looks wrong in one column: a table of detectors, each a function of the column's different values.

Promises: a detector speaks only where the column has a clear habit, which nearly all of its cells keep; it
gives a repair only where the habit says what is right. A value is never changed in case or punctuation, nor
one code into another, because another is more frequent: `ENG` and `eng` may both be right.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import unescape
from string import ascii_letters, digits

import numpy as np

from use_cases.benchmark.contestants.draft_table import LEAST_CELLS, Column, DraftTable
from use_cases.benchmark.contestants.guarded_vote import explained_by_another
from use_cases.benchmark.contestants.spelling import looks_misspelt, nearest_values
from use_cases.benchmark.contestants.value_forms import (
    Numbers,
    WrittenNumber,
    date_readings,
    letters,
    outline,
    read_number,
    shape,
)
from use_cases.benchmark.model import ErrorKind
from use_cases.benchmark.table_column import PackedTexts, Places, TableColumn

_HABIT = 0.8
_RARE = 0.02
_FEW = 0.05
_SPARE = 0.01
_FREQUENT = 10
_CLOSED = 0.9
_LEAST_LETTERS = 5
_MOST_RARE = 5_000
"""Of more rare values a column is one of names or texts, where a rare value is a value."""


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
    if isinstance(column.values, PackedTexts) and column.values.are_plain():
        return
    found = {value: clean for value in column.known if (clean := _without_stray(value)) != value}
    if sum(map(column.known.__getitem__, found)) <= max(1, _FEW * column.total):
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


_NO_WORD = frozenset(digits[1:] + "-+" + ascii_letters).difference(
    *(f"{word[0]}{word[0].upper()}" for word in _PLACEHOLDERS)
)


def absent_values(column: Column) -> _Suspects:
    """Finds words that stand for nothing, and empty cells in a column that is otherwise full."""
    every = len(column.cells)
    some = column.known_among(column.cells.codes_beside(_NO_WORD))
    words = {value: n for value, n in some.items() if value.strip().lower() in _PLACEHOLDERS}
    absent = {**words, **column.absent}
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
    usual = np.flatnonzero(~np.isnan(column.days))
    first, last = (date.fromordinal(int(find(column.days[usual]))) for find in (np.min, np.max))
    example = column.values[int(usual[0])]
    for value in column.texts_of(np.isnan(column.days)):
        days = date_readings(value)
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
    odd = set(column.texts_of(np.isnan(column.numbers)))
    low, high = _range(column)
    example = next(value for value in column.sample if value not in odd)
    for value in odd:
        number = read_number(value)
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
    domains = Counter[str]()
    for value, count in column.known.items():
        domains[value.rpartition("@")[2]] += count
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
    if not column.mostly(_CODE.fullmatch, 0.9):
        yield from _other_signs(column)
        return
    for change in (str, outline):
        tried = Counter(change(shape(value)) for value in column.sample)
        often = (count for count in tried.values() if count >= _FEW / 2 * tried.total())
        if sum(often) < _HABIT * tried.total():
            continue  # the whole column is hardly otherwise than its sample
        form_of = column.shapes.mapped(change)
        counts = np.bincount(form_of.codes, column.counts)
        usual = counts >= max(2, _FEW * column.total)
        kept_by = int(counts[usual].sum())
        if column.total - kept_by <= max(1, 0.07 * column.total):
            most = np.flatnonzero((form_of.codes == counts.argmax()) & (column.counts > 0))
            example = column.values[int(most[0])]
            said = f"{kept_by / column.total:.1%} of {column.name} have a form such as {example!r}."
            rare = (counts <= max(1, _RARE * column.total)) & ~_are_numbered(column, form_of)
            for value in column.texts_of(rare[form_of.codes]):
                yield Suspect(value, ErrorKind.FORMAT_VARIANT, said)
            return


def _are_numbered(column: Column, form_of: TableColumn) -> Places:
    """Returns which forms are the most frequent one with the numbers of another length that a series has: most of
    those that there are, as `INV-1` to `INV-9` before `INV-10`.
    """
    outlines = np.array(list(map(outline, form_of.texts)))
    digits = np.array([form.count("9") for form in form_of.texts])
    several = np.bincount(form_of.codes, column.counts > 0)
    most = np.bincount(form_of.codes, column.counts).argmax()
    return (outlines == outlines[most]) & (several >= 10.0**digits / 2)


_PLAIN_SIGNS = frozenset("Aa -'.,&/()")


def _other_signs(column: Column) -> _Suspects:
    """Finds digits, signs and a case that nearly no value of a column of words has."""
    marks = list[frozenset[str]]()
    counts, marked = Counter[str](), 0
    cells_of = np.bincount(column.shapes.codes, column.counts).astype(int).tolist()
    for form, count in zip(column.shapes.texts, cells_of, strict=True):
        letters = "".join(filter(str.isalpha, form))
        case = "all capitals" if letters.isupper() else "small letters" if letters.islower() else ""
        found = {("a digit" if sign == "9" else sign) for sign in form if sign not in _PLAIN_SIGNS}
        marks.append(frozenset({*found, case} if len(letters) > 3 and case else found))
        marked += count if marks[-1] else 0
        for mark in marks[-1]:
            counts[mark] += count
    usual = sum(count for count in counts.values() if count > max(1, _SPARE * column.total))
    if marked - usual > max(1, _RARE * column.total) or column.different < 2:
        return
    spare = max(1, _SPARE * column.total)
    odd = [next((m for m in sorted(found) if counts[m] <= spare), "") for found in marks]
    codes = column.shapes.codes
    meant = np.array(odd, np.bool_)[codes] & (column.counts > 0)
    for value, code in zip(column.texts_of(meant), codes[meant].tolist(), strict=True):
        said = f"{odd[code]!r} occurs in {counts[odd[code]]:,} of {column.total:,} cells of {column.name}."
        yield Suspect(value, ErrorKind.FORMAT_VARIANT, said)


def misspellings(column: Column) -> _Suspects:
    """Finds rare values near a frequent one, and rare words near a word that most cells have.

    In a column of few different values a misspelling of five letters and more is repaired, where the end is
    the same: `patient` is none of `patients`.
    """
    frequent = column.frequent(column.often)
    share = sum(frequent.values()) / (column.total or 1)
    closed = share >= _CLOSED
    if share >= _HABIT / 2:
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
    if not closed:
        yield from _words(column)


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
    frequent = map(letters, column.frequent(column.often / 2))
    alike: dict[str, list[str]] = {plain: [] for plain in frequent if not plain.isdecimal()}
    for value in column.known if alike else ():
        plain = letters(value)
        if plain in alike:
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
    if column.total < LEAST_CELLS or not (column.number_ways or column.date_form):
        return
    numbers = column.numbers if column.number_ways else column.days
    if np.count_nonzero(~np.isnan(numbers)) < LEAST_CELLS:
        return
    cells = numbers[column.cells.codes]
    cells = cells[~np.isnan(cells)]
    sample = np.sort(cells[:: len(cells) // _QUANTILES or 1])
    low, high = sample[len(sample) // 20], sample[-1 - len(sample) // 20]
    below = numbers < 0
    far = _beyond(sample, numbers)
    if column.share(below) <= _SPARE:
        far |= below & (-numbers >= max(low, 1e-9))
    if far.any() and column.counts[far].sum() <= max(1, _MOST_FAR * column.total):
        inside = np.where(far, np.nan, numbers)
        shown = [column.values[int(np.nanargmin(abs(inside - n)))] for n in (low, high)]
        said = f"Nine in ten of {column.name} are between {shown[0]} and {shown[1]}."
        for value in column.texts_of(far):
            yield Suspect(value, ErrorKind.OUTLIER, said)


def _beyond(sample: Numbers, numbers: Numbers) -> Places:
    """Returns which are beyond several spreads of the middle and beyond a gap, in the scale that is even."""
    at = sample[len(sample) * np.array([1, 4, 7]) // 8]
    if at[0] > 0 and _unevenness(*np.log(at)) < _unevenness(*at):
        at, numbers = np.log(at), np.log(np.where(numbers > 0, numbers, np.nan))
    far = np.zeros(len(numbers), np.bool_)
    low, middle, high = map(float, at)
    for sign, spread in ((1, high - middle), (-1, middle - low)):
        signed = sign * numbers
        ordered = np.sort(signed[~np.isnan(signed)])
        place = int(np.searchsorted(ordered, sign * middle + _SPREADS * spread))
        gaps = np.flatnonzero(np.diff(ordered[place - 1 :]) >= spread / 2)
        if spread > 0 and len(gaps):
            far |= signed >= ordered[place + gaps[0]]
    return far


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
