"""One rule of language: a pattern, what it speaks for, how strongly, and why.

Where a rule's pattern names groups, the first that matched is shown; otherwise the whole match.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from use_cases.advice.search_rules.verdict import FiredRule

STRONG = 5
"""Says by itself that the present is asked for; outweighs one reason against it."""
PLAIN = 3
"""Asks for something that changes; one reason against it undoes it."""


class Kind(StrEnum):
    """What a rule speaks of. Reasons of the same kind do not add up."""

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


def words_of(text: str) -> str:
    """An alternation of the words of a text: one a line or separated by commas; spaces in a word
    also match hyphens. Longer ones first, so that a match shows the whole of a phrase.
    """
    words = {word.strip() for line in text.splitlines() for word in line.split(",")} - {""}
    ordered = sorted(words, key=lambda word: (-len(word), word))
    return "(?:" + "|".join(word.replace(" ", "[ -]") for word in ordered) + ")"
