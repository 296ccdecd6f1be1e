"""The recognition of follow-up questions: "And how long must they be?".

A follow-up opens like one ("and", "what about"), points at something that it does not name ("it",
"they"), or is too short to stand alone ("Since when?"). The patterns are general English and err
towards standing alone: a new question joined to an old one leads to a wrong search.
"""

import re
from collections.abc import Sequence

from services.models.offline.quotation import escape_markers, plain
from services.models.offline.refusals import asks_to_break_rules
from use_cases.kernel.small_talk import parse_message
from use_cases.kernel.text.words import content

_OPENS = re.compile(
    r"\s*(?:and|but|or|so|also|then|ok(?:ay)?,?(?: and| but| so)?)\b[\s,]+(?!far\b)|"
    r"\s*(?:who|when|where|how)\s+(?!is\b|are\b|was\b|were\b|do\b|does\b|did\b|to\b)\w+\W*$|"
    r"\s*(?:what|how) about\b|\s*what if (?:not|so)\b|\s*(?:why|how come|since when|until when)\W*$",
    re.IGNORECASE,
)
_POINTS = re.compile(
    r"\bit\b(?! (?:is |was )?(?:allowed|possible|permitted|necessary|required|mandatory|true|safe|legal|ok|okay)\b)"
    r"(?! takes?\b[\w\s]* to\b)|\b(?:its|they|them|their|theirs|he|him|his|she|her|hers)\b|"
    r"\b(?:that|this|those|these)(?=\s*(?:[?.!,;]|$)|\s+(?:is|are|was|were|be|do|does|did|can|could|may|might|must|"
    r"should|shall|will|would|have|has|had|different|true|right|correct|enough|still|always|really|cost|"
    r"costs|take|takes|apply|applies|mean|means|happen|happens|last|lasts|work|works|one|ones|case|"
    r"too|also|for|in|on|by|to)\b)|"
    r"\bthe (?:same|other|others|latter|former)\b|\b(?:else|otherwise|instead|there|then)\W*$",
    re.IGNORECASE,
)

NOTHING_BEFORE = (
    "[not_found] This goes on from something before it, and there is no earlier question here. "
    "Could you ask it in full?"
)
_LONGEST_SHOWN = 160
_FEW_BEFORE = 2
_FEW = 6
_SHORT = 4


def is_follow_up(text: str) -> bool:
    """Return whether a text needs the question before it to be understood."""
    words = content(text)
    if _OPENS.match(text) and len(words) <= 2 * _FEW:
        return True
    pointing = _POINTS.search(text)
    if pointing is not None and len(words) <= _FEW:
        # The antecedent may come before it: "The tank leaks. Who repairs it?"
        return len(content(text[: pointing.start()])) <= _FEW_BEFORE
    return not words and 0 < len(text.split()) <= _SHORT


def antecedent(text: str, earlier: Sequence[str]) -> str | None:
    """Return the earlier question of a follow-up: the last that stands alone.

    None for a text that stands alone itself, or when there is no such question.
    """
    if not is_follow_up(text):
        return None
    asked = (parse_message(message).question for message in reversed(earlier))
    alone = (
        question
        for question in asked
        if question and not is_follow_up(question) and not asks_to_break_rules(question)
    )
    return next(alone, None)


def is_spoken(text: str) -> bool:
    """Return whether a text consists of words alone: "Why?", but not "?" or "%s"."""
    words = [word.strip("?!.,;:…'’\"") for word in text.split()]
    return bool(words) and all(len(word) > 1 and word.isalpha() for word in words)


def is_bare(text: str) -> bool:
    """Return whether a follow-up has no words to search for without the question before it."""
    return is_follow_up(text) and len(content(text)) <= 1


def explain_reading(before: str) -> str:
    """Return the sentence that states how a follow-up was read."""
    shown = plain(before)
    if len(shown) > _LONGEST_SHOWN:
        shown = f"{shown[:_LONGEST_SHOWN].rsplit(' ', 1)[0]} …"
    return f"(Read as going on from “{escape_markers(shown)}”)"
