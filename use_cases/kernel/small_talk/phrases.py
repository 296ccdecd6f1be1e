"""The phrases of small talk, by language and by what they do.

The phrases are `services/rules/files/small_talk.yaml`, in lower case: English in full, the common
ones of German, French and Spanish.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from use_cases.kernel.text.rules import rule_set


class Act(StrEnum):
    """The act of a phrase of small talk."""

    GREETING = "greeting"
    WELLBEING = "wellbeing"
    THANKS = "thanks"
    GOODBYE = "goodbye"
    IDENTITY = "identity"
    """Who or what the assistant is."""
    ABILITIES = "abilities"
    """What the assistant can do, and what it knows of."""
    ASSENT = "assent"
    """Yes, no, fine, a compliment, an apology: it was heard, and asks nothing."""
    COMPLAINT = "complaint"
    """The last answer was no help."""
    BEYOND = "beyond"
    """What no document tells: the time of day, a sum, a joke."""


@dataclass(frozen=True, slots=True)
class Phrases:
    """The phrases that do one thing in one language."""

    language: str
    act: Act
    pattern: re.Pattern[str]


_AFTER = r"(?![\w'’-])"
"""A phrase ends with its word."""


@cache
def phrases() -> tuple[Phrases, ...]:
    """All phrases."""
    rules = rule_set("small_talk")
    return tuple(
        Phrases(rule.language, Act(rule.act), _whole_words(rules.pattern(rule.pattern)))
        for rule in rules.rules
    )


@cache
def fillers() -> re.Pattern[str]:
    """Words that go with small talk and ask for nothing."""
    rules = rule_set("small_talk")
    return _whole_words(rules.pattern(rules.parts["fillers"]))


def _whole_words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{pattern}){_AFTER}")
