"""One rule of language: a pattern, what it speaks for, how strongly, and why.

Where a rule's pattern names groups, the first that matched is shown; otherwise the whole match.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from use_cases.advice.search_rules.verdict import FiredRule
from use_cases.kernel.text.rules import rule_set

SETS = ("search_time_words", "search_changing_facts", "search_lasting_facts")
"""The files of the rules."""
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
    """A rule that looks at the text alone. `weight` is positive; its sign follows from the kind."""

    name: str
    kind: Kind
    weight: int
    pattern: re.Pattern[str]
    reason: str

    def fire(self, text: str) -> FiredRule | None:
        """The rule with the words that made it fire, or None."""
        match = self.pattern.search(text)
        if match is None:
            return None
        words = next(filter(None, match.groupdict().values()), match[0])
        sign = 1 if self.kind is Kind.FRESH else -1
        return FiredRule(self.name, words.strip(" ,.?!"), self.reason, sign * self.weight)


@cache
def text_rules() -> tuple[TextRule, ...]:
    """All rules of language: words of time, changing facts, lasting facts."""
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
