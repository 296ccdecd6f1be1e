"""The analysis of a question: the kind of value it asks for, and the words that carry it.

The kinds are those that a reader checks first: "how often" asks for an interval, "who" for a person
or a role, "which command" for something to type. The patterns are `services/rules/files/questions.yaml`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from use_cases.kernel.text.rules import rule_set
from use_cases.kernel.text.words import content, content_words, stem, words

_LANGUAGES = ("german", "french", "spanish")


@dataclass(frozen=True, slots=True)
class ParsedQuestion:
    """An analysed question.

    `asked` is the kind of value, as the rule names it that recognises the question: `command`, `person`;
    empty for none of them. `words` are the stems of its content words, in order, each with a word as
    written; none after "how" ("how *soon*"), which is no subject. `names` are its lower-cased names:
    identifiers (`SK-450`, `kube-proxy-2`), years, acronyms, capitalised words. `steps`: it asks for a
    procedure, from the first step to the last. `foreign`: it is in German, French or Spanish.
    """

    text: str
    asked: str
    words: Mapping[str, str]
    names: tuple[str, ...]
    steps: bool = False
    foreign: bool = False


@cache
def cue(name: str, among: str = "questions") -> re.Pattern[str]:
    """Returns the pattern of this name in a set of rules, for any case."""
    rules = rule_set(among)
    (written,) = (rule.pattern for rule in rules.rules if rule.name == name)
    return re.compile(rules.pattern(written), re.IGNORECASE | re.DOTALL)


def parse_question(text: str, before: str = "") -> ParsedQuestion:
    """Analyses a question; a follow-up to the question `before` includes its words."""
    asked = _asked(text) or _asked(before)
    both = f"{before} {text}".strip()
    written = content_words(cue("measure").sub("how", both))
    structural = _foreign_function_words(both)
    return ParsedQuestion(
        text=both,
        asked=asked,
        words={stem(word): word for word in written if stem(word) not in structural},
        names=tuple(
            dict.fromkeys(m.group().lower().rstrip(".") for m in cue("name").finditer(both))
        ),
        steps=asked != "command" and cue("steps").search(text) is not None,
        foreign=bool(structural),
    )


def summarised(text: str) -> str:
    """Returns what a text asks a summary of, as it is written; empty for any other text."""
    asked = cue("summary").search(text)
    return asked["of"] if asked else ""


def contains_value(asked: str, text: str) -> bool:
    """Returns whether a text contains a value of the asked kind."""
    return not asked or cue(f"holds {asked}").search(text) is not None


def _foreign_function_words(text: str) -> frozenset[str]:
    """Returns the function words of a question's language, as stems; none for one in English.

    A question is in the language of most of its function words, and of two or more; `DE` is a name.
    """
    found = list(content_words(text))
    own = [stem(word) for word in found if not word.isupper()]
    english = len(list(words(text))) - len(found)
    counts = {name: sum(stem in _function_words(name) for stem in own) for name in _LANGUAGES}
    most = max(_LANGUAGES, key=lambda name: counts[name])
    return _function_words(most) if counts[most] > max(1, english) else frozenset()


@cache
def _function_words(language: str) -> frozenset[str]:
    return frozenset(content(rule_set("questions").words[language]))


def _asked(text: str) -> str:
    """Returns what a message asks for; it may describe its circumstances before."""
    parts = [part.strip() for part in re.split(r"(?<=[.?!])\s+|\n+", text) if part.strip()]
    last = ([part for part in parts if part.endswith("?")] or parts or [text])[-1]
    asking = (rule for rule in rule_set("questions").rules if rule.kind)
    return next((rule.kind for rule in asking if cue(rule.name).search(last)), "")
