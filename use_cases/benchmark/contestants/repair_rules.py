"""The rules by which a model may repair the findings of one kind: a closed set of forms, which code applies.

Promises: a rule changes no cell but those of the findings that it answers; what it would write over a large share
of a column, over many different texts, or without the table knowing such a text, is a proposal that needs a yes.
A model writes no expression that could run for long: `#`, `@` and `*` are all there is to a pattern.
"""

import re
from abc import abstractmethod
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from use_cases.benchmark.contestants.draft_table import Column, DraftTable
from use_cases.benchmark.contestants.functional_dependencies import group_rows
from use_cases.benchmark.contestants.spelling import looks_misspelt, nearest_values
from use_cases.benchmark.contestants.value_forms import (
    date_readings,
    letters,
    plain_number,
    read_number,
)
from use_cases.benchmark.model import Dependency, Finding
from use_cases.benchmark.scoring.cell_equality import is_missing

FORMS_VERSION = 2
"""Goes up with every change of the forms: an answer of another version is not taken from the cache."""

MOST_CHANGED = 0.1
"""The share of a column's cells from which on a change needs a yes, or a look."""
_SOME_CELLS = 3
_MOST_REPLACED = 3
"""So many different texts one text may replace; misspellings of it and missing values apart."""
_LONGEST_REASON = 200
_LEAST_ALIKE = 0.75

_Reading: TypeAlias = Callable[[Finding], str | None]
"""The text that a cell becomes; None where the rule says nothing of it."""


class _Rule(BaseModel):
    model_config = ConfigDict(coerce_numbers_to_str=True, use_attribute_docstrings=True)
    said: ClassVar[str] = ""

    reason: str = ""
    """The evidence, in a few words."""

    @property
    def words(self) -> str:
        """What the rule does, for a person."""
        return self.said.format(self)

    @abstractmethod
    def reading(self, draft: DraftTable, name: str) -> _Reading:
        """Returns how it reads the cells of a column."""


class OtherText(BaseModel):
    """A text of the findings, exactly, and what is right instead."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    old: str
    new: str


class OtherTexts(_Rule):
    """Single texts become others. For a text that another rule explains, give that rule."""

    form: Literal["values"]
    texts: list[OtherText]

    @property
    def words(self) -> str:
        """What the rule does, for a person."""
        first = ", ".join(f"{each.old!r} becomes {each.new!r}" for each in self.texts[:3])
        return f"{first}, …" if len(self.texts) > 3 else first

    def reading(self, draft: DraftTable, name: str) -> _Reading:
        """Returns how it reads the cells of a column."""
        known = {each.old: each.new for each in self.texts}
        return lambda found: known.get(found.value)


class DateOrder(_Rule):
    """Dates are read in one order, and written like the rest of the column."""

    form: Literal["dates"]
    first: Literal["day", "month", "year"]
    """What stands first."""

    said = "dates are read {0.first} first"

    def reading(self, draft: DraftTable, name: str) -> _Reading:
        """Returns how it reads the cells of a column."""
        written = (draft.column(name).date_form or "%Y-%m-%d").removesuffix(" time")
        begins = {"day": ("%d",), "month": ("%m", "%b", "%B"), "year": ("%Y",)}[self.first]

        def read(found: Finding) -> str | None:
            forms = date_readings(found.value).items()
            days = (day for form, day in forms if form.startswith(begins) and "time" not in form)
            day = next(days, None)
            return day.strftime(written) if day else None

        return read


class NumberNotation(_Rule):
    """Numbers are read in one notation, and written plainly, without a unit, with a decimal point."""

    form: Literal["numbers"]
    decimals: Literal[".", ","] = "."
    """The sign before the decimals; the other one groups thousands."""
    factor: float = 1
    """What the number is multiplied by, where it is in another unit."""

    @property
    def words(self) -> str:
        """What the rule does, for a person."""
        sign = {".": "point", ",": "comma"}[self.decimals]
        times = "" if self.factor == 1 else f", times {self.factor:g}"
        return f"numbers with a decimal {sign} are written plainly{times}"

    def reading(self, draft: DraftTable, name: str) -> _Reading:
        """Returns how it reads the cells of a column."""
        grouped = {".": ",0", ",": ".0"}[self.decimals]

        def read(found: Finding) -> str | None:
            number = read_number(found.value)
            known: Mapping[str, float] = number.readings if number else {}
            marks = ("", self.decimals, grouped, "'0", "’0", " 0")
            values = [known[mark] for mark in marks if mark in known]
            return plain_number(round(values[0] * self.factor, 10)) if values else None

        return read


class PatternRewrite(_Rule):
    """Texts of one pattern are written otherwise."""

    form: Literal["pattern"]
    find: Annotated[str, Field(max_length=100)]
    """The pattern of the whole text, such as `* kg`: # is a run of digits, @ a run of letters, * anything; else as it stands."""
    write: Annotated[str, Field(max_length=100)]
    """The new text: {1} is what the first of these signs stands for, {2:4} the second in four digits, with zeros."""

    said = "{0.find!r} is written {0.write!r}"

    def reading(self, draft: DraftTable, name: str) -> _Reading:
        """Returns how it reads the cells of a column."""
        if self.find.count("*") > 2 or len(re.findall("[#@*]", self.find)) > 8:
            return lambda _: None
        signs = {"#": r"(\d+)", "@": r"([^\W\d_]+)", "*": "(.*)"}
        pattern = re.compile("".join(signs.get(sign) or re.escape(sign) for sign in self.find))

        def read(found: Finding) -> str | None:
            match = pattern.fullmatch(found.value[:_LONGEST_REASON])
            if not match:
                return None

            def part(place: re.Match[str]) -> str:
                at = int(place[1])
                text = match[at] if at <= len(match.groups()) else ""
                return text.zfill(int(place[2] or 0))

            return re.sub(r"\{(\d)(?::(\d))?\}", part, self.write)

        return read


class UsualSpelling(_Rule):
    """Each is a misspelling: it becomes the frequent value of the column that is nearest to it."""

    form: Literal["spelling"]

    said = "misspellings become the nearest frequent value"

    def reading(self, draft: DraftTable, name: str) -> _Reading:
        """Returns how it reads the cells of a column."""
        column = draft.column(name)
        frequent = list(column.frequent(column.often))

        def read(found: Finding) -> str | None:
            near = nearest_values(found.value, frequent) or get_close_matches(
                found.value, frequent, n=2, cutoff=_LEAST_ALIKE
            )
            return near[0] if len(near) == 1 else None

        return read


class ByDependency(_Rule):
    """Another column determines this one: each becomes what most other rows with the same value there have."""

    form: Literal["dependency"]
    determinant: str
    """The name of the other column, exactly."""

    said = "what most rows with the same {0.determinant} have"

    def reading(self, draft: DraftTable, name: str) -> _Reading:
        """Returns how it reads the cells of a column."""
        if self.determinant not in draft.table.by_name or self.determinant == name:
            return lambda _: None
        groups = group_rows(draft, Dependency((self.determinant,), name))

        def read(found: Finding) -> str | None:
            votes = Counter(groups.votes_on(draft.dirty.place_of[found.row]))
            votes.subtract({found.value: 1} if found.value in votes else {})
            text, count = votes.most_common(1)[0] if votes else ("", 0)
            return text if count >= 2 and 2 * count > votes.total() else None

        return read


class Empty(_Rule):
    """Each stands for no value: the cell becomes empty."""

    form: Literal["empty"]

    said = "they stand for no value, and become empty"

    def reading(self, draft: DraftTable, name: str) -> _Reading:
        """Returns how it reads the cells of a column."""
        return lambda _: ""


RepairRule: TypeAlias = (
    OtherTexts | DateOrder | NumberNotation | PatternRewrite | UsualSpelling | ByDependency | Empty
)


class RepairRules(BaseModel):
    """The rules for findings of one kind; of each text the first rule that knows it. None where nothing is sure."""

    rules: Annotated[list[RepairRule], Field(max_length=12)]


def apply_rule(
    rule: RepairRule, draft: DraftTable, column: str, findings: Iterable[Finding]
) -> Iterator[Finding]:
    """Yields those of the findings of a column that the rule says something of, with their repairs."""
    read = rule.reading(draft, column)
    said = f"{rule.words}: {' '.join(rule.reason.split())[:_LONGEST_REASON]}".removesuffix(": ")
    for each in findings:
        new = read(each)
        if new is not None and new != each.value:
            yield replace(each, repair=new, evidence=f"{each.evidence} A model: {said}.")


def needs_a_yes(
    rule: RepairRule, column: Column, repaired: Sequence[Finding], found: Sequence[Finding]
) -> bool:
    """Returns whether repairs of a column change so much, or write so new a text, that a person must agree.

    `found` are all findings of the kind: their texts are no better than those that are repaired.
    """
    by_hand = isinstance(rule, OtherTexts | PatternRewrite)
    if len(repaired) > max(_SOME_CELLS, MOST_CHANGED * len(column.cells)):
        return True
    doubtful = {each.value for each in found}
    replaced = defaultdict[str, set[str]](set)
    for each in repaired:
        new, old = each.repair or "", each.value
        alike = letters(old) == letters(new) or looks_misspelt(old, new) or is_missing(old)
        if not alike:
            replaced[new].add(old)
        unknown = by_hand and new not in column.known and not _is_made_of(new, old)
        if new and (new in doubtful or unknown):
            return True
    return any(len(olds) > _MOST_REPLACED for olds in replaced.values())


def _is_made_of(new: str, old: str) -> bool:
    """Returns whether a text says what another one does: in its own signs, as a day, or spelt otherwise."""
    made, of = (Counter(letters(text).replace("0", "")) for text in (new, old))
    days = set(date_readings(new).values()) & set(date_readings(old).values())
    return made <= of or bool(days) or looks_misspelt(old, new)
