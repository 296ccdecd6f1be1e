"""Changes of one text: typos, transposed digits, other numbers in the same form, other spellings; and the
random draws behind all errors, which are the same in every version of Python and on every machine.

Each place of use has draws of its own, seeded by its name, so that one place more changes no other.
Only `random.Random.random` is used: Python promises its sequence for a seed, and not that of `shuffle`.
"""

import hashlib
import random
import re
from array import array
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeVar

from use_cases.benchmark.model import Difficulty, ValueKind
from use_cases.benchmark.scoring.cell_equality import parse_date, strict

_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEIGHBOURS = {
    key: "".join(
        other
        for line in _KEYS[max(0, row - 1) : row + 2]
        for other in line[max(0, at - 1) : at + 2]
        if other != key
    )
    for row, keys in enumerate(_KEYS)
    for at, key in enumerate(keys)
}
_LETTER = re.compile(r"[^\W\d_]")
_UNLIKE_DIGITS = re.compile(r"(\d)(?=(?!\1)\d)")
_NUMBER = re.compile(
    r"(?P<before>\D{0,8}?)(?P<number>-?\d+(?:,\d{3})*(?:\.\d+)?)(?P<after>\D{0,16})"
)
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_SEPARATORS = ((", ", "; "), (" & ", " and "), (" - ", " / "), ("-", " "), (" ", "_"))


Item = TypeVar("Item")


class Draws:
    """A sequence of draws. The seed is the SHA-256 of the parts of its name."""

    def __init__(self, *name: object) -> None:
        written = "\x1f".join(map(str, name)).encode("utf-8", "surrogatepass")
        seed = int.from_bytes(hashlib.sha256(written).digest())
        self.chance = random.Random(seed).random  # noqa: S311  (no secret)

    def below(self, limit: int) -> int:
        """Returns a whole number from 0 to below the limit."""
        return int(self.chance() * limit)

    def pick(self, items: Sequence[Item]) -> Item:
        """Returns one of the items."""
        return items[self.below(len(items))]

    def order(self, places: Sequence[int]) -> Iterator[int]:
        """Returns the places in random order, shuffled as far as they are taken (Fisher and Yates).

        An order may stay half taken for long. It is an array because the collector of cycles looks
        through a list of 100,000 places again and again, and not through an array.
        """
        left, chance = array("q", places), self.chance
        size = len(left)
        for at in range(size):
            other = at + int(chance() * (size - at))
            place = left[other]
            left[other] = left[at]
            yield place


class NumberForm(NamedTuple):
    """A number as it is written: what stands around it, its decimals, separators of thousands."""

    value: float
    before: str
    after: str
    decimals: int
    grouped: bool

    def write(self, value: float) -> str:
        """Returns another number in the same form."""
        number = f"{value:,.{self.decimals}f}" if self.grouped else f"{value:.{self.decimals}f}"
        return f"{self.before}{number}{self.after}"


def number_form(text: str) -> NumberForm | None:
    """Returns the form of a text that holds one number, such as `$1,200.50` or `12 oz`; None for
    others.
    """
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    number = found["number"]
    value = float(number.replace(",", ""))
    decimals = len(number.partition(".")[2])
    return NumberForm(value, found["before"], found["after"], decimals, "," in number)


def mistype(text: str, draws: Draws, edits: int) -> str:
    """Makes so many typos, each at a letter: a neighbouring key, a letter less, twice, or transposed."""
    for _ in range(edits):
        letters = [found.start() for found in _LETTER.finditer(text)]
        if len(letters) < 2:
            break
        at = letters[draws.below(len(letters))]
        letter, form = text[at], draws.below(4)
        if form == 0 and letter.lower() in _NEIGHBOURS:
            key = draws.pick(_NEIGHBOURS[letter.lower()])
            put = key.upper() if letter.isupper() else key
        elif form == 1:
            put = ""
        elif form == 2 and text[at + 1 : at + 2].isalpha() and text[at + 1] != letter:
            text = text[:at] + text[at + 1] + letter + text[at + 2 :]
            continue
        else:
            put = letter * 2
        text = text[:at] + put + text[at + 1 :]
    return text


def transpose_digits(text: str, draws: Draws) -> str:
    """Returns two neighbouring digits that differ change places; the same text where there are none."""
    pairs = [found.start() for found in _UNLIKE_DIGITS.finditer(text)]
    if not pairs:
        return text
    at = draws.pick(pairs)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def other_digits(text: str, draws: Draws) -> str:
    """Returns every digit drawn again: an id of the same pattern."""
    return "".join(str(draws.below(10)) if each.isdecimal() else each for each in text)


def spellings(text: str, kind: ValueKind, level: Difficulty) -> Iterator[str]:
    """Other forms of the same value, those of the level first; hard ones are subtle or ambiguous."""
    hard = level is Difficulty.HARD
    match kind:
        case ValueKind.DATE:
            yield from _dates(text, hard=hard)
        case ValueKind.NUMBER:
            yield from _numbers(text, hard=hard)
        case ValueKind.TEXT | ValueKind.CATEGORY:
            if hard:
                first, space, rest = text.partition(" ")
                yield f"{first}{space}{rest.lower()}" if rest else text[:1].swapcase() + text[1:]
            yield from (text.replace(one, other) for one, other in _SEPARATORS if one in text)
            yield from (text.upper(), text.lower())
        case _:
            return


def _dates(text: str, *, hard: bool) -> Iterator[str]:
    written = parse_date(strict(text))
    if written is None or len(written) != 10:
        return
    year, month, day = written.split("-")
    if hard:
        yield from (f"{day}/{month}/{year}", f"{month}/{day}/{year}")
    yield f"{int(day)} {_MONTHS[int(month) - 1]} {year[2:]}"
    yield f"{year}{month}{day}"


def _numbers(text: str, *, hard: bool) -> Iterator[str]:
    form = number_form(text)
    if form is None:
        return
    number = f"{form.value:,.{form.decimals}f}".translate(str.maketrans(",.", ".,"))
    if hard:  # 1,234 is 1.234 in many countries
        yield f"{form.before}{number}{form.after}"
    yield f"{form.before}{number}{'' if form.decimals else ',00'}{form.after}"
