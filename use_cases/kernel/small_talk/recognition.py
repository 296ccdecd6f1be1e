"""Tells small talk, and text that asks nothing, from a question that documents can answer.

Greetings, thanks, goodbyes and questions about the assistant are phrases that everybody uses, so a
list of them does: English in full, the common ones of German, French and Spanish. A message is
small talk only when nothing else is in it; where a question follows, the question counts.
Leaves to others: what is replied (the model), and whether the reply may stand without a source
(`use_cases/chat/turn.py`).
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from use_cases.kernel.citations.sources import Outcome
from use_cases.kernel.model import Span
from use_cases.kernel.small_talk.phrases import Act, fillers, phrases
from use_cases.kernel.text.words import content


@dataclass(frozen=True, slots=True)
class Message:
    """A message taken apart.

    `acts` are those of its small talk, each once, in order. `language` (`en`, `de`, `fr`, `es`) is
    that of the phrases. `question` is what remains to be answered, empty where nothing does.
    """

    acts: tuple[Act, ...]
    language: str
    question: str

    @property
    def outcome(self) -> Outcome | None:
        """How a reply without a source ends; None where only a source can answer."""
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
"""How a request begins, that follows a greeting without a comma."""


@dataclass(frozen=True, slots=True)
class _Segment:
    """A piece between two marks: its place, its acts, and where what is no small talk begins."""

    span: Span
    acts: tuple[tuple[str, Act], ...]
    rest: int
    """Place in the message; the segment's end where all of it is small talk."""

    @property
    def is_talk(self) -> bool:
        return bool(self.acts) and self.rest == self.span.end


def take_apart(text: str) -> Message:
    """Tell a message's small talk from its question. Small talk inside a question stays there."""
    segments = [_segment(text, span) for span in _segments(text)]
    asking = [segment for segment in segments if not segment.is_talk]
    inside = range(asking[0].span.start, asking[-1].span.end) if asking else range(0)
    spoken = [
        pair for s in segments if s.span.start not in inside or s is asking[0] for pair in s.acts
    ]
    languages = [language for language, _ in spoken]
    language = next((found for found in languages if found != "en"), "en")
    acts = tuple(dict.fromkeys(act for _, act in spoken))
    question = _question(text, segments, asking) if acts else text.strip()
    return Message(acts, language, question if _asks_something(question) else "")


def _question(text: str, segments: list[_Segment], asking: list[_Segment]) -> str:
    """From the first segment that asks to the last, with the marks that end it."""
    if not asking:
        return ""
    after = [s.span.start for s in segments if s.span.start > asking[-1].span.end]
    return text[asking[0].rest : after[0] if after else len(text)].strip(" \t\n,;:-–—")


def _asks_something(text: str) -> bool:
    """Whether it has a word to search for: neither a number, a single letter nor a sign."""
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
            if act is Act.THANKS and _THANKS_FOR.match(plain, end) and not _is_asked(text, span):
                end = len(plain)  # whatever the thanks are for
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
    """In lower case, without emoji and other signs, as long as before so that places hold."""
    return "".join(
        "'" if c == "’" else c.lower() if len(c.lower()) == 1 and _shown(c) else " "
        for c in segment
    )


def _shown(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNMPZ"


def _is_asked(text: str, span: Span) -> bool:
    return text[span.end : span.end + 1] in ("?", "？")


def _is_name(rest: str) -> bool:
    """One capitalised word after a greeting is who is greeted."""
    return re.fullmatch(r"\s*[A-ZÀ-Þ][a-zß-ÿ]+\W*", rest) is not None
