"""Conflicts: two quotable units that give different values for the same attribute of the question's subject.

Two sentences that share most words may speak of different things: "Leave requests are answered within
3 days" and "Expense requests … 10 days". So they must be the same sentence but for one value (an
amount, a date, a time, a weekday, a yes or no), and what the question names must be named by both, or
by neither, headings and titles included. Two rows must be of the same thing, and differ in the column
that is asked for. In doubt there is no conflict. Leaves to others: which documents are of one standing.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from services.models.offline.question import AnswerKind, ParsedQuestion
from services.models.offline.quotation import QuotableUnit, plain, strip_markup
from use_cases.kernel.text.words import UnitKind, content, words

_FEWEST_WORDS = 2
_NEARLY = 0.05
"""The share by which amounts may differ and still be the same: 3 months are 90 days."""

_UNITS: dict[str, tuple[str, float]] = {
    name.replace("_", " "): (kind, factor)
    for kind, factor, names in (
        ("time", 1 / 86_400, "second seconds sec"),
        ("time", 1 / 1_440, "minute minutes min"),
        ("time", 1 / 24, "hour hours h hourly"),
        ("time", 1.0, "day days daily nightly"),
        ("time", 7.0, "week weeks weekly"),
        ("time", 30.4, "month months monthly"),
        ("time", 91.3, "quarter quarters quarterly"),
        ("time", 365.0, "year years yearly annually"),
        ("workday", 1.0, "working_days working_day business_days workdays"),
        ("length", 0.001, "mm millimetres millimeters"),
        ("length", 0.01, "cm centimetres centimeters"),
        ("length", 1.0, "m metre metres meter meters"),
        ("length", 1000.0, "km kilometres kilometers"),
        ("mass", 0.001, "g grams"),
        ("mass", 1.0, "kg kilos kilograms"),
        ("mass", 1000.0, "t tonnes tons"),
        ("percent", 1.0, "% percent per_cent"),
        ("money eur", 1.0, "€ eur euro euros"),
        ("money usd", 1.0, "$ usd dollar dollars"),
        ("money gbp", 1.0, "£ gbp pound pounds"),
        ("money chf", 1.0, "chf francs"),
    )
    for name in names.split()
}
_SPELT = dict(
    zip(
        "one two three four five six seven eight nine ten eleven twelve fourteen fifteen twenty thirty forty "  # noqa: SIM905  (prose is easier to read)
        "fifty sixty ninety hundred".split(),
        (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 20, 30, 40, 50, 60, 90, 100),
        strict=True,
    )
)
_MONTHS: Sequence[str] = (
    "january february march april may june july august september october november december".split()  # noqa: SIM905  (prose is easier to read)
)
_DAYS_OF_WEEK: Sequence[str] = "monday tuesday wednesday thursday friday saturday sunday".split()  # noqa: SIM905  (prose is easier to read)

_MONTH = "|".join(_MONTHS)
_UNIT = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
_NUMBER = rf"\d+(?:[.,]\d+)*|{'|'.join(_SPELT)}"
_TOKEN = re.compile(
    rf"""
    (?P<iso>\b\d{{4}}-\d\d-\d\d\b)
    | \b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:\ of)?\ (?P<month>{_MONTH})\b(?:,?\ (?P<year>\d{{4}})\b)?
    | \b(?P<month2>{_MONTH})\ (?P<day2>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\ (?P<year2>\d{{4}})\b)?
    | \b(?P<clock>\d{{1,2}}(?::\d\d)?)\ ?(?P<half>[ap])\.?m\b | \b(?P<time>\d{{1,2}}:\d\d)\b
    | \b(?P<weekday>{"|".join(_DAYS_OF_WEEK)})s?\b
    | (?P<identifier>\b(?:[a-z]+-?(?=\d)[\w-]*|\d+(?:st|nd|rd|th))\b)
    | (?P<before>€|\$|£|\b(?:eur|usd|gbp|chf)\b)\ ?(?P<amount>\d+(?:[.,]\d+)*)
    | (?<![\w.])(?P<number>{_NUMBER})(?:[\ -]?(?P<unit>{_UNIT})(?![\w]))?(?!\w)
    | \b(?:every|each|per|an?|one)\ (?P<single>second|minute|hour|day|week|month|quarter|year)\b
    | \b(?P<rhythm>hourly|daily|nightly|weekly|monthly|quarterly|yearly|annually)\b
    | (?P<word>[^\W\d_]+(?:['’][^\W_]+)?)
    """,
    re.VERBOSE,
)
_HARMLESS = frozenset(
    "least maximum minimum max min latest earliest exactly about approximately roughly always currently never "  # noqa: SIM905  (prose is easier to read)
    "allowed permitted forbidden prohibited required mandatory obligatory compulsory optional voluntary "
    "necessary limit limited entitled".split()
)
"""Bounds and modalities, which are compared by themselves."""

_SIZES = frozenset(
    content(
        "quickly long soon often frequently far high fast thick wide big large heavy old number amount time times day "
        "days week weeks month months year years hour hours minute minutes date limit maximum minimum least deadline "
        "percent percentage share cost costs price fee allowed permitted required forbidden"
    )
)
"""Words that ask for a value, and need not be said with it."""

_LOWER = re.compile(
    r"\b(?:at least|(?:no|not) (?:less|fewer|earlier) than|minimum|or more|more than)\b"
)
_UPPER = re.compile(
    r"\b(?:at most|(?:no|not) (?:more|later) than|up to|maximum|within|or less|less than|fewer than|at the latest)\b"
)
_SIDES = re.compile(r"\b(?:before|after|above|below|without|except|first|last)\b")
_WAIVED = re.compile(
    r"\b(?:not (?:required|necessary|mandatory|obligatory|compulsory)|optional|voluntary|need not|"
    r"(?:do|does|did) not (?:have|need)|(?:don't|doesn't) (?:have|need))\b"
)
_FORBIDDEN = re.compile(
    r"\b(?:(?:must|may|shall|should|can) not|cannot|can't|mustn't|forbidden|prohibited|never|not (?:allowed|permitted))\b"
)
_NEGATED = re.compile(r"\b(?:not|no|none|nor|neither|without|\w+n't)\b")
_PERMITTED = re.compile(r"\b(?:may|can|allowed|permitted)\b")
_REQUIRED = re.compile(
    r"\b(?:must|shall|required|mandatory|obligatory|compulsory|(?:have|has) to)\b"
)
_OPPOSITES = {
    frozenset(pair)
    for pair in (
        ("permitted", "forbidden"),
        ("required", "forbidden"),
        ("required", "waived"),
        ("stated", "denied"),
    )
}
_NO_VALUES = (AnswerKind.PERSON, AnswerKind.PLACE, AnswerKind.REASON, AnswerKind.COMMAND)
"""What is asked for by questions that no value answers."""

Value = tuple[str, float]
"""The kind of a value, and its amount in the smallest number of units."""


@dataclass(frozen=True, slots=True)
class _Statement:
    """The statement of a sentence: its content words, its values, and its form."""

    words: tuple[str, ...]
    values: tuple[Value, ...]
    bound: str
    modality: str
    sides: frozenset[str]


def contradict(question: ParsedQuestion, one: QuotableUnit, two: QuotableUnit) -> bool:
    """Returns whether two units state different values of what the question asks for."""
    if one.kind is UnitKind.ROW or two.kind is UnitKind.ROW:
        return one.kind is two.kind and _rows_differ(question, one, two)
    a, b = _read(one.text), _read(two.text)
    if a.sides != b.sides or not _same_subject(question, (one, a), (two, b)):
        return False
    opposite = frozenset((a.modality, b.modality)) in _OPPOSITES
    if a.values == b.values:
        return opposite and question.asked in (AnswerKind.PERMISSION, AnswerKind.OTHER)
    return not opposite and _values_differ(question, a, b)


def _read(text: str) -> _Statement:
    said = plain(strip_markup(text, addresses=False)).casefold()
    named: list[str] = []
    values: list[Value] = []
    for token in _TOKEN.finditer(said):
        value = _value(token)
        if value is None:
            named += () if token.group() in _HARMLESS else content(token.group())
        else:
            values.append(value)
    bounds = ("lower" * bool(_LOWER.search(said)), "upper" * bool(_UPPER.search(said)))
    sides = frozenset(_SIDES.findall(said))
    return _Statement(tuple(named), tuple(values), " ".join(bounds), _modality(said), sides)


def _value(token: re.Match[str]) -> Value | None:
    """Returns the value of a token; None for a word."""
    if number := token["number"]:
        return _measure(number, token["unit"])
    if named := token["single"] or token["rhythm"]:
        return _UNITS[named]
    if amount := token["amount"]:
        return _UNITS[token["before"]][0], _amount(amount)
    return _moment(token)


def _moment(token: re.Match[str]) -> Value | None:
    """Returns the date, the time or the weekday of a token; a date is a number like 20260331."""
    if token["iso"]:
        return "date", float(token["iso"].replace("-", ""))
    if month := token["month"] or token["month2"]:
        year, day = token["year"] or token["year2"] or "0", token["day"] or token["day2"]
        return "date", int(year) * 10_000 + (_MONTHS.index(month) + 1) * 100 + float(day)
    if clock := token["clock"] or token["time"]:
        hours, _, minutes = clock.partition(":")
        late = 12 * (token["half"] == "p" and int(hours) < 12)
        return "clock", int(hours) + late + float(minutes or 0) / 60
    if token["weekday"]:
        return "weekday", float(_DAYS_OF_WEEK.index(token["weekday"]))
    return None


def _measure(number: str, unit: str | None) -> Value | None:
    if unit is not None:
        kind, factor = _UNITS[unit]
        return kind, _amount(number) * factor
    if number == "one":
        return None
    year = re.fullmatch(r"(?:19|20)\d\d", number)
    return "year" if year else "count", _amount(number)


def _amount(number: str) -> float:
    if number in _SPELT:
        return _SPELT[number]
    plain_number = re.sub(r",(?=\d{3}(?!\d))", "", number).replace(",", ".")
    whole, _, rest = plain_number.partition(".")
    return float(f"{whole}.{rest.replace('.', '')}" if rest else whole)


def _modality(said: str) -> str:
    if _WAIVED.search(said):
        return "waived"
    if _FORBIDDEN.search(said):
        return "forbidden" if len(_NEGATED.findall(said)) < 2 else ""
    if _NEGATED.search(said):
        return "denied"
    if _REQUIRED.search(said):
        return "required"
    return "permitted" if _PERMITTED.search(said) else "stated"


def _same_subject(
    question: ParsedQuestion,
    one: tuple[QuotableUnit, _Statement],
    two: tuple[QuotableUnit, _Statement],
) -> bool:
    """Returns whether two statements are of one subject, as far as the question names it.

    Titles or headings that differ in one word, such as Priority 1 and Priority 3, or in their time
    name two of a kind.
    """
    (unit, a), (other, b) = one, two
    above, beside = _above(unit), _above(other)
    # A word that only the other's heading has is the other's, too.
    first = [word for word in a.words if word in b.words or word not in beside]
    second = [word for word in b.words if word in a.words or word not in above]
    if len(first) < _FEWEST_WORDS or first != second:
        return False
    asked, said = set(question.words) - _SIZES, set(first)
    if asked and asked.isdisjoint(said):
        return False
    if asked & (said | above) != asked & (said | beside):
        return False
    pairs = zip(
        (unit.document.title, *unit.path), (other.document.title, *other.path), strict=False
    )
    return not any(_name_two_of_a_kind(*pair) for pair in pairs)


def _name_two_of_a_kind(one: str, two: str) -> bool:
    first, second = ({*words(each.casefold())} for each in (one, two))
    times = [
        {word for word in said if word[0].isdigit() or word in _MONTHS} for said in (first, second)
    ]
    if all(times):
        return times[0] != times[1]
    common = content(" ".join(first & second))
    return bool(common) and len(first) == len(second) and len(first - second) == 1


def _above(unit: QuotableUnit) -> set[str]:
    passage = unit.entry.passage
    return set(content(f"{passage.document.title} {passage.section} {' '.join(unit.path)}"))


def _values_differ(question: ParsedQuestion, a: _Statement, b: _Statement) -> bool:
    """Returns whether exactly one value differs, under the same bound, and can be what is asked for."""
    if [kind for kind, _ in a.values] != [kind for kind, _ in b.values] or a.bound != b.bound:
        return False
    differing = [x for x, y in zip(a.values, b.values, strict=True) if not _are_equal(x, y)]
    if len(differing) != 1 or question.asked in _NO_VALUES:
        return False
    return differing[0][0] != "year" or question.asked is AnswerKind.TIME


def _are_equal(one: Value, two: Value) -> bool:
    near = _NEARLY * max(abs(one[1]), abs(two[1])) if one[0] == "time" else 1e-9
    if one[0] == "date" and min(one[1], two[1]) < 10_000:  # one without a year
        return one[1] % 10_000 == two[1] % 10_000
    return abs(one[1] - two[1]) <= near


def _rows_differ(question: ParsedQuestion, one: QuotableUnit, two: QuotableUnit) -> bool:
    """Returns whether two rows of the same thing differ in the column that is asked for."""
    first, second = dict(_cells(one)), dict(_cells(two))
    keys = [next(iter(cells.items()), ("", "")) for cells in (first, second)]
    if keys[0] != keys[1] or not set(content(keys[0][1])) & set(question.words):
        return False
    asked = [
        name for name in first if name != keys[0][0] and set(content(name)) & set(question.words)
    ]
    for name in asked:
        a, b = _read(first[name]), _read(second.get(name, ""))
        if a.words == b.words and len(a.values) == len(b.values) == 1:
            return a.values[0][0] == b.values[0][0] and not _are_equal(a.values[0], b.values[0])
    return False


def _cells(unit: QuotableUnit) -> Iterator[tuple[str, str]]:
    """Yields the cells of a row with the names of their columns."""
    names, cells = (
        [plain(cell).casefold() for cell in text.strip().strip("|").split("|")]
        for text in (unit.heading, unit.text)
    )
    if len(names) == len(cells) and all(first != second for first, second in pairwise(names)):
        yield from zip(names, cells, strict=True)
