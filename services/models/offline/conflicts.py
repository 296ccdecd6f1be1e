"""Conflicts: two quotable units that give different values for the same attribute of the question's subject.

Two sentences that share most words may speak of different things: "Leave requests are answered within
3 days" and "Expense requests … 10 days". So they must be the same sentence but for one value (an
amount, a date, a time, a weekday, a yes or no), and what the question names must be named by both, or
by neither, headings and titles included. A row is read as what it is of and the column that is asked
for. In doubt there is no conflict. What is a value is written in `services/rules/files/values.yaml`.
Leaves to others: which documents are of one standing.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from services.models.offline.question import ParsedQuestion, cue
from services.models.offline.quotation import QuotableUnit, named_cells, plain, strip_markup
from use_cases.kernel.text.rules import rule_set
from use_cases.kernel.text.words import UnitKind, content, stem, words

_FEWEST_WORDS = 2
_NEARLY = 0.05
"""The share by which amounts may differ and still be the same: 3 months are 90 days."""

_NO_VALUES = ("person", "place", "reason", "command")
"""What is asked for by questions that no value answers."""

Value = tuple[str, float]
"""The kind of a value, and its amount in the smallest number of units."""


@dataclass(frozen=True, slots=True)
class _Statement:
    """The statement of a sentence: its content words, its values, its bounds and what it does."""

    words: tuple[str, ...]
    values: tuple[Value, ...]
    form: tuple[object, ...]
    modality: str


def contradict(question: ParsedQuestion, one: QuotableUnit, two: QuotableUnit) -> bool:
    """Returns whether two units state different values of what the question asks for."""
    a, b = (_read(_asked_text(unit, question)) for unit in (one, two))
    alike = (one.kind is UnitKind.ROW) is (two.kind is UnitKind.ROW) and a.form == b.form
    if not alike or not _same_subject(question, (one, a), (two, b)):
        return False
    opposite = " ".join(sorted((a.modality, b.modality))) in _listed("opposites")
    if a.values == b.values:
        return opposite and question.asked in ("permission", "")
    kinds, others = ([kind for kind, _ in each.values] for each in (a, b))
    if opposite or question.asked in _NO_VALUES or kinds != others:
        return False
    differing = [
        kind
        for (kind, x), (_, y) in zip(a.values, b.values, strict=True)
        if abs(x - y) > (_NEARLY * max(x, y) if kind == "time" else 1e-9)
    ]
    return len(differing) == 1 and (differing != ["year"] or question.asked == "time")


def agree(one: QuotableUnit, two: QuotableUnit) -> bool:
    """Returns whether two sentences state the same, in the same words but for the structure's."""
    a, b = _read(one.text), _read(two.text)
    return a == b and len(a.words) >= _FEWEST_WORDS and UnitKind.ROW not in (one.kind, two.kind)


def _asked_text(unit: QuotableUnit, question: ParsedQuestion) -> str:
    """Returns a unit's text; of a row what it is of, with the cells of the columns that are asked for."""
    if unit.kind is not UnitKind.ROW:
        return unit.text
    (_, key), *cells = named_cells(unit.text, unit.heading)
    asked = set(question.words)
    if asked.isdisjoint(content(key)):
        return ""
    return " ".join([key, *(f"{n} {cell}" for n, cell in cells if asked & set(content(n)))])


def _read(text: str) -> _Statement:
    said = plain(strip_markup(text, addresses=False)).casefold()
    named: list[str] = []
    values: list[Value] = []
    for token in cue("token", "values").finditer(said):
        value = _value(token)
        if value is not None:
            values.append(value)
        elif token.group() not in _listed("harmless"):
            named += content(token.group())
    bounds = [bool(cue(f"{side} bound", "values").search(said)) for side in ("lower", "upper")]
    rules = (rule for rule in rule_set("values").rules if rule.kind)
    does = (rule.kind for rule in rules if cue(rule.name, "values").search(said))
    sides = frozenset(cue("side", "values").findall(said))
    return _Statement(tuple(named), tuple(values), (*bounds, sides), next(does, "stated"))


@cache
def _listed(name: str) -> Sequence[str]:
    return re.split(r",\s+", rule_set("values").words[name])


@cache
def _units() -> Mapping[str, Value]:
    return {
        name: (kind, float(amount))
        for written, names in rule_set("values").texts.items()
        for kind, amount in [written.split()]
        for name in names.split(", ")
    }


def _value(token: re.Match[str]) -> Value | None:
    """Returns the value of a token; None for a word. A date is a number like 331, without its year."""
    if iso := token["iso"]:
        return "date", float(iso.replace("-", ""))
    if month := token["month"] or token["month2"]:
        day = float(token["day"] or token["day2"])
        return "date", 100 * (_listed("months").index(month) + 1) + day
    if hours := token["hours"] or token["hours2"]:
        late = 12 * (token["half"] == "p" and int(hours) < 12)
        return "clock", int(hours) + late + float(token["minutes"] or token["minutes2"] or 0) / 60
    if named := token["single"] or token["alone"]:
        return _units()[named]
    number, unit = token["number"], token["unit"] or token["before"]
    if number is None or (number == "one" and unit is None):
        return None
    amount = _units().get(number, ("", 0.0))[1] or float(stem(number).replace(",", "."))
    bare = "year" if re.fullmatch(r"(?:19|20)\d\d", number) else "count"
    kind, factor = _units()[unit.replace("-", " ")] if unit else (bare, 1.0)
    return kind, amount * factor


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
    asked, said = set(question.words) - set(content(" ".join(_listed("sizes")))), set(first)
    if (asked and asked.isdisjoint(said)) or asked & (said | above) != asked & (said | beside):
        return False
    pairs = zip(
        (unit.document.title, *unit.path), (other.document.title, *other.path), strict=False
    )
    return not any(_name_two_of_a_kind(*pair) for pair in pairs)


def _name_two_of_a_kind(one: str, two: str) -> bool:
    first, second = ({*words(each.casefold())} for each in (one, two))
    times = [
        {w for w in said if w[0].isdigit() or w in _listed("months")} for said in (first, second)
    ]
    if all(times):
        return times[0] != times[1]
    common = content(" ".join(first & second))
    return bool(common) and len(first) == len(second) and len(first - second) == 1


def _above(unit: QuotableUnit) -> set[str]:
    passage = unit.entry.passage
    return set(content(f"{passage.document.title} {passage.section} {' '.join(unit.path)}"))
