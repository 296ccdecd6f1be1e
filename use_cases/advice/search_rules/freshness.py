"""Recognises questions about things that change, by weighing linguistic rules.

Three kinds of reasons are collected. *For*: words of time (weight 5), classes of changing facts
(2 to 4), words of the profile (5). *Against*: the dated past, the past tense or a first of its kind,
facts that last, tasks on given material. The strongest reason for, minus the strongest reason of
each kind against, is the score; from `THRESHOLD` on, the question is time-sensitive. So a word of
time outweighs one reason against it (`when did … last win`), a class of facts does not (`how much
did … cost`), and nothing outweighs two (`the latest … in 1998`).

No topic, name or title is written anywhere in the rules. Pure; every fired rule is shown.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache, lru_cache

from use_cases.advice.search_rules.sentence import Sentence, Tense
from use_cases.advice.search_rules.verdict import FiredRule
from use_cases.kernel.text.rules import rule_set

THRESHOLD = 2
"""The least score of a time-sensitive question."""
FARTHEST_YEAR = 30
"""A number that far beyond today's year is no year."""
SETS = ("search_time_words", "search_changing_facts", "search_lasting_facts")
"""The files of the rules of language."""
STRONG = 5
"""Says by itself that the present is asked for; outweighs one reason against it."""
PLAIN = 3
"""Asks for something that changes; one reason against it undoes it."""


class Kind(StrEnum):
    """The subject of a rule. Reasons of the same kind do not add up."""

    FRESH = "fresh"
    DATED = "dated"
    PAST = "past"
    LASTING = "lasting"
    TASK = "task"


@dataclass(frozen=True, slots=True)
class TextRule:
    """A rule that looks at the text alone. `weight` is positive; its sign follows from the kind.

    Where the pattern names groups, the first that matched is shown; otherwise the whole match.
    """

    name: str
    kind: Kind
    weight: int
    pattern: re.Pattern[str]
    reason: str

    def fire(self, text: str) -> FiredRule | None:
        """Returns the rule with the words that made it fire, or None."""
        match = self.pattern.search(text)
        if match is None:
            return None
        words = next(filter(None, match.groupdict().values()), match[0])
        sign = 1 if self.kind is Kind.FRESH else -1
        return FiredRule(self.name, words.strip(" ,.?!"), self.reason, sign * self.weight)


@cache
def text_rules() -> tuple[TextRule, ...]:
    """Returns all rules of language: words of time, changing facts, lasting facts."""
    return tuple(
        TextRule(
            rule.name,
            Kind(rule.kind),
            rule.weight,
            re.compile(rules.pattern(rule.pattern)),
            rule.reason,
        )
        for rules in map(rule_set, SETS)
        for rule in rules.rules
    )


@dataclass(frozen=True, slots=True)
class FreshnessReading:
    """The reasons for and against, and how they weigh."""

    fired: tuple[FiredRule, ...]
    """Those for freshness first, each group from strong to weak."""
    score: int

    @property
    def is_time_sensitive(self) -> bool:
        """True if the answer depends on when the question is asked."""
        return self.score >= THRESHOLD

    @property
    def reasons(self) -> tuple[FiredRule, ...]:
        """The reasons for freshness."""
        return tuple(rule for rule in self.fired if rule.weight > 0)

    @property
    def objections(self) -> tuple[FiredRule, ...]:
        """The reasons against it."""
        return tuple(rule for rule in self.fired if rule.weight < 0)


def weigh(sentence: Sentence, today: date, fresh_words: tuple[str, ...] = ()) -> FreshnessReading:
    """Reads all rules over one text. `today` decides which years are past."""
    found = [
        (rule.kind, fired)
        for rule in text_rules()
        if (fired := rule.fire(sentence.text)) is not None
    ]
    found.extend(_years(sentence.text, today))
    found.extend(_past(sentence))
    found.extend(_profile(sentence.text, fresh_words))
    strongest = dict.fromkeys(Kind, 0)
    for kind, fired in found:
        strongest[kind] = max(strongest[kind], abs(fired.weight))
    score = 2 * strongest[Kind.FRESH] - sum(strongest.values())
    fired = sorted(
        (fired for _, fired in found), key=lambda rule: (rule.weight < 0, -abs(rule.weight))
    )
    return FreshnessReading(tuple(fired), score)


_YEAR = re.compile(
    r"(?P<before>\bsince (?:(?:the|early|late|mid|at least|january|february|march|april|may|june|july|august|september|october|november|december|[a-z]{3}\.?|\d{1,2}(?:st|nd|rd|th)?|[a-z]+),? ){0,3}|[$€£#.,]|\bmodel )?(?<![\w.,-])(?P<year>1[0-9]{3}|20\d\d)"
    r"(?:[-–/](?P<end>\d{2}|\d{4}))?(?!\d|s\b|[.,]\d|-?[a-z]| ?(?:%|percent|meters?|metres?|m\b|km|miles|feet|people"
    r"|dollars|kg|pounds|calories|points|followers|steps|words))"
)


def _years(text: str, today: date) -> Iterator[tuple[Kind, FiredRule]]:
    """Reads years: `in 2015` is past, `since 2015` goes on, a season `2015-16` ends with its second year."""
    for match in _YEAR.finditer(text):
        before, year = match["before"] or "", _last_year(match["year"], match["end"])
        if year > today.year + FARTHEST_YEAR or before[:1] in set("$€£#.,"):
            continue
        if year >= today.year:
            reason = "The year is not over."
            yield Kind.FRESH, FiredRule("year", match["year"], reason, STRONG)
        elif not before:
            reason = "The year is past; what happened in it stays."
            yield Kind.DATED, FiredRule("past year", match["year"], reason, -PLAIN)


def _last_year(first: str, end: str | None) -> int:
    if end is None:
        return int(first)
    last = int(first[:2] + end if len(end) == 2 else end)
    return last if last > int(first) else int(first)


def _past(sentence: Sentence) -> Iterator[tuple[Kind, FiredRule]]:
    if sentence.tense is Tense.PAST:
        reason = "The main verb is in the past tense."
        yield Kind.PAST, FiredRule("past tense", sentence.verb, reason, -PLAIN)


def _profile(text: str, fresh_words: tuple[str, ...]) -> Iterator[tuple[Kind, FiredRule]]:
    if fresh_words and (match := _pattern(fresh_words).search(text)):
        reason = "The profile lists the word as one whose answer goes stale."
        yield Kind.FRESH, FiredRule("profile word", match[0], reason, STRONG)


@lru_cache(maxsize=64)
def _pattern(fresh_words: tuple[str, ...]) -> re.Pattern[str]:
    words = sorted({" ".join(word.lower().split()) for word in fresh_words} - {""}, key=len)
    spaced = (r"[ -]".join(map(re.escape, re.split(r"[ -]", word))) for word in reversed(words))
    return re.compile(rf"(?<!\w)(?:{'|'.join(spaced) or '(?!)'})(?!\w)")
