"""The phrases of small talk, by language and by what they do.

The phrases are `services/rules/files/small_talk.yaml`, in lower case: English in full, the common
ones of German, French and Spanish.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from use_cases.kernel.citations.sources import Outcome
from use_cases.kernel.model import Span
from use_cases.kernel.text.rules import rule_set
from use_cases.kernel.text.words import content


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
    """Returns all phrases."""
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


@dataclass(frozen=True, slots=True)
class ParsedMessage:
    """A parsed message.

    `acts` are the acts of its small talk, each once, in order. `language` (`en`, `de`, `fr`, `es`) is
    that of the phrases. `question` is the remaining question, or empty.
    """

    acts: tuple[Act, ...]
    language: str
    question: str

    @property
    def outcome(self) -> Outcome | None:
        """The outcome of a reply without a source; None for a question, which needs one."""
        if self.question:
            return None
        return Outcome.SMALLTALK if self.acts else Outcome.CLARIFICATION


_THANKS_FOR = re.compile(r"(?: (?:so|very|much|sehr|beaucoup|mucho))* (?:for|für|pour|por)\b")
_SEGMENT = re.compile(r"(?:[^.!?,;:…()\"“”«»¿¡\n\s]|(?<!\s)[.:,](?=\w)|\s(?![-–—]\s))+")
_NUMBER = re.compile(r"[\d.,:%]*(?:\de\d+|\dx[\da-f]*)?")
_REQUEST = re.compile(
    r"(?:what|which|who|whose|whom|how|when|where|why|can|could|may|might|must|should|shall|will|would|do|does|did|is|are|was|were|am|has|have|"
    r"i|we|my|our|please|tell|show|find|list|give|explain|describe|compare|name|summari[sz]e|"
    r"was|wie|wann|wo|wer|wen|wem|warum|wieso|welche[nrsm]?|kann|darf|muss|müssen|soll|gibt|ist|sind|ich|wir|bitte|"
    r"que|qu'\w+|quel(?:le)?s?|qui|quand|comment|combien|où|pourquoi|est-ce|puis-je|dois-je|peut-on|je|nous|"
    r"qué|cuál(?:es)?|quién|cuándo|cómo|cuánt[oa]s?|dónde|por qué|puedo|debo|hay|necesito)(?:'\w+|’\w+)?\b"
)
"""The beginning of a request that follows a greeting without a comma."""


@dataclass(frozen=True, slots=True)
class _Segment:
    """A piece between two marks: its span, its acts, and the start of its rest."""

    span: Span
    acts: tuple[tuple[str, Act], ...]
    rest: int
    """The start of the text that is no small talk; the segment's end where all of it is."""

    @property
    def is_talk(self) -> bool:
        return bool(self.acts) and self.rest == self.span.end


def parse_message(text: str) -> ParsedMessage:
    """Splits a message into small talk and question. Small talk inside a question stays there."""
    segments = [_segment(text, span) for span in _segments(text)]
    asking = [segment for segment in segments if not segment.is_talk]
    inside = range(asking[0].span.start, asking[-1].span.end) if asking else range(0)
    pairs = [
        pair for s in segments if s.span.start not in inside or s is asking[0] for pair in s.acts
    ]
    languages = [language for language, _ in pairs]
    language = next((found for found in languages if found != "en"), "en")
    acts = tuple(dict.fromkeys(act for _, act in pairs))
    question = _question(text, segments, asking) if acts else text.strip()
    return ParsedMessage(acts, language, question if _has_content(question) else "")


def _question(text: str, segments: list[_Segment], asking: list[_Segment]) -> str:
    """Returns the text from the first asking segment to the last, with its end marks."""
    if not asking:
        return ""
    after = [s.span.start for s in segments if s.span.start > asking[-1].span.end]
    return text[asking[0].rest : after[0] if after else len(text)].strip(" \t\n,;:-–—")


def _has_content(text: str) -> bool:
    """Returns whether a text has a word to search for: not a number, a letter or a sign."""
    return any(_is_word(word) for word in content(text))


def _is_word(word: str) -> bool:
    letters = [c for c in word if c.isalpha()]
    if not letters or _NUMBER.fullmatch(word):
        return False
    # In scripts without capitals one character may be a word.
    return len(word) > 1 or word.upper() == word.lower()


def _segments(text: str) -> Iterator[Span]:
    for found in _SEGMENT.finditer(text):
        if any(c.isalnum() for c in found.group()):
            start = found.start() + len(found.group()) - len(found.group().lstrip())
            yield Span(start, found.start() + len(found.group().rstrip()))


def _segment(text: str, span: Span) -> _Segment:
    plain = _plain(span.cut(text))
    acts: list[tuple[str, Act]] = []
    at, greeted = 0, 0
    while at < len(plain):
        at += len(plain) - at - len(plain[at:].lstrip())
        found = _longest(plain, at)
        filler = fillers().match(plain, at)
        if found is not None:
            language, act, end = found
            acts.append((language, act))
            if act is Act.THANKS and _THANKS_FOR.match(plain, end) and not _is_question(text, span):
                end = len(plain)  # the thanks include their reason
        elif filler is not None:
            end = filler.end()
        else:
            break
        at = end
        if {act for _, act in acts} == {Act.GREETING}:
            greeted = at
    if at >= len(plain):
        return _Segment(span, tuple(acts), span.end if acts else span.start)
    if greeted and _is_name(span.cut(text)[greeted:]):
        return _Segment(span, tuple(acts), span.end)
    rest = plain[greeted:].lstrip()
    if greeted and _REQUEST.match(rest):
        return _Segment(span, (acts[0],), span.start + len(plain) - len(rest))
    return _Segment(span, (), span.start)


def _longest(plain: str, at: int) -> tuple[str, Act, int] | None:
    found = [
        (those.language, those.act, match.end())
        for those in phrases()
        if (match := those.pattern.match(plain, at))
    ]
    return max(found, key=lambda one: one[2], default=None)


def _plain(segment: str) -> str:
    """Returns lower case without emoji and other signs, in equal length, so that offsets hold."""
    return "".join(
        "'" if c == "’" else c.lower() if len(c.lower()) == 1 and _is_shown(c) else " "
        for c in segment
    )


def _is_shown(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNMPZ"


def _is_question(text: str, span: Span) -> bool:
    return text[span.end : span.end + 1] in ("?", "？")


def _is_name(rest: str) -> bool:
    """Returns whether the rest is one capitalised word, the name of the person greeted."""
    return re.fullmatch(r"\s*[A-ZÀ-Þ][a-zß-ÿ]+\W*", rest) is not None
