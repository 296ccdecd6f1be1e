"""Finding names in a text, from an index of the names there are. Pure.

Words are compared without case, accents, apostrophes and full stops ("A.J." is "AJ"). A single word
(a last name, a nickname) counts as a name when it begins with a capital, when the text has no
capitals, or when it stands where a name can stand: "start chase or brown" names two players,
"should Brady chase points" names none of them.

An initial or a first name is honoured: "J. Taylor" is never Tyrod Taylor. A misspelt name is taken
for the nearest one if there is only one, and the reader learns of it; else the nearest are suggested.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from use_cases.advice.profiles.spelling import Spelling
from use_cases.advice.profiles.tokens import (
    GENERATIONS,
    Token,
    Words,
    adjacent,
    before_or,
    beside_or,
    can_be_a_name,
    folded,
    has_capitals,
    stands_as_name,
    tokens_of,
)
from use_cases.kernel.text.words import FUNCTION_WORDS

PROMINENT = 3.0
"""So many times the weight of the next makes one of several the one that is meant."""

_MOST_SUGGESTED = 4
_LONGEST_PERSON = 4
"""Words of a name that may be misspelt."""

_LONGEST_TEXT = 200
"""Words of a text in which misspelt names are looked for: it takes a millisecond for each."""


class Match(StrEnum):
    """How well a place in a text fits the names."""

    EXACT = "exact"
    """It is what they are called."""
    PROMINENT = "prominent"
    """Others are called so too, but are far less prominent."""
    CLOSE = "close"
    """Nobody is called so; one name is nearly the same."""
    UNKNOWN = "unknown"
    """Nobody is called so; the names are only suggestions."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A place in a text that names something: `said` as it stands there, `names` whom it may mean."""

    said: str
    names: Sequence[str]
    match: Match = Match.EXACT

    @property
    def guessed(self) -> bool:
        """Whether others are called so, too."""
        return self.match is Match.PROMINENT

    @property
    def meant(self) -> str | None:
        """The one that is meant; None when there are several, or only suggestions."""
        return self.names[0] if len(self.names) == 1 and self.match is not Match.UNKNOWN else None


@dataclass(slots=True)
class _Key:
    """Who is called so; `sure` where it is a name wherever it stands."""

    names: dict[str, None] = field(default_factory=dict[str, None])
    sure: bool = False


class NameIndex:
    """The names of a domain, with what else each is called."""

    def __init__(self) -> None:
        self.details: dict[str, str] = {}
        self._weights: dict[str, float] = {}
        # Who is called just so is meant, not who is called so by another name, or for short.
        self._full: dict[Words, _Key] = {}
        self._other: dict[Words, _Key] = {}
        self._short: dict[Words, _Key] = {}
        self._first: dict[Words, _Key] = {}
        self._longest = 1
        self._spelling = Spelling()

    @property
    def names(self) -> Sequence[str]:
        """All names, in the order in which they were added."""
        return list(self.details)

    def add(
        self, name: str, others: Iterable[str] = (), detail: str = "", weight: float = 0.0
    ) -> None:
        """A name as the tables have it, other names for it, and how prominent it is."""
        self.details.setdefault(name, detail)
        self._weights[name] = max(weight, self._weights.get(name, 0.0))
        words = folded(name)
        # A name that the tables write in capitals is no ordinary word: "dhx" is DHX.
        self._put(
            self._full, words, name, sure=len(words) > 1 or (name.isupper() and len(name) > 2)
        )
        bare = tuple(word for word in words if word not in GENERATIONS)
        self._put(self._full, bare, name, sure=len(bare) > 1)
        for other in others:
            self._put(self._other, folded(other), name, sure=len(folded(other)) > 1)
            self._spelling.add(folded(other), name)
        for short in _parts_of(bare):
            self._put(self._short, short, name, sure=len(short) > 1)
        if len(bare) > 1:
            self._put(self._first, bare[:1], name, sure=False)
        self._spelling.add(bare, name)

    def add_aliases(self, name: str, aliases: Iterable[str]) -> None:
        """Nicknames that mean this one and nobody else; nothing for a name that there is not."""
        for alias in aliases if name in self.details else ():
            self._put(self._full, folded(alias), name, sure=True)

    def meant(self, text: str) -> Sequence[str]:
        """Whom a text names that is nothing but a name; several when it is ambiguous."""
        return self._likely(list(self._meaning(folded(text)).names))

    def similar(self, text: str) -> Sequence[str]:
        """The names that are nearly what a text says that is nothing but a name, the nearest first."""
        words = folded(text)
        found = self._spelling.persons(words) if len(words) > 1 else self._spelling.singles(words)
        return self._suggested(found)

    def spoken(self, text: str) -> Sequence[Spoken]:
        """The names in a text, in its order, each meaning once."""
        found: dict[tuple[str, ...], Spoken] = {}
        for said in self._spoken(text):
            found.setdefault((*said.names, said.said if not said.names else ""), said)
        return list(found.values())

    def _spoken(self, text: str) -> Iterator[Spoken]:
        tokens = list(tokens_of(text))
        capitals = has_capitals(text)
        at = 0
        while at < len(tokens):
            end, said = self._found(text, tokens, at, capitals=capitals)
            if said is not None:
                yield said
            at = end

    def _found(
        self, text: str, tokens: Sequence[Token], at: int, *, capitals: bool
    ) -> tuple[int, Spoken | None]:
        """What is named from one token on, and where to go on after it."""
        for end in range(min(len(tokens), at + self._longest), at, -1):
            person = self._person(text, tokens, at, capitals=capitals) if end - at == 1 else None
            if person is not None:
                return person
            if names := self._here(text, tokens, at, end, capitals=capitals):
                likely = self._likely(names)
                match = Match.PROMINENT if len(likely) < len(names) else Match.EXACT
                return end, Spoken(text[tokens[at].start : tokens[end - 1].end], likely, match)
        if capitals and (end := beside_or(text, tokens, at)):
            said = text[tokens[at].start : tokens[end - 1].end]
            bearers = list(self._short.get((tokens[end - 1].word,), _Key()).names)
            return end, Spoken(said, self._suggested(bearers), Match.UNKNOWN)
        return at + 1, self._misspelt(text, tokens, at)

    def _here(
        self, text: str, tokens: Sequence[Token], at: int, end: int, *, capitals: bool
    ) -> Sequence[str]:
        words = tuple(token.word for token in tokens[at:end])
        key = self._meaning(words)
        if not key.names:
            return []
        said = text[tokens[at].start : tokens[end - 1].end]
        if len(words[0]) == 1 and words[0] in FUNCTION_WORDS and "." not in said:
            return []  # "a brown horse" is no A. Brown
        if key.sure:
            return list(key.names)
        if words[0] in FUNCTION_WORDS:
            return []
        placed = stands_as_name(text, tokens, at, end)
        by_first_name = key is self._first.get(words)
        if by_first_name:  # "Josh, who is better?" speaks to a Josh
            fits = placed and (at > 0 or before_or(text, tokens, end))
        else:
            fits = placed or said[0].isupper() or not capitals
        return list(key.names) if fits else []

    def _person(
        self, text: str, tokens: Sequence[Token], at: int, *, capitals: bool
    ) -> tuple[int, Spoken] | None:
        """A first name or an initial with a last name that are no name together, or a misspelt one.

        Without this the last name alone would be taken, and mean somebody else.
        """
        last = at + _LONGEST_PERSON if len(tokens) <= _LONGEST_TEXT else at
        for end in range(min(len(tokens), last), at + 1, -1):
            if not adjacent(text, tokens[at:end]) or not all(map(can_be_a_name, tokens[at:end])):
                continue
            words = tuple(token.word for token in tokens[at:end])
            said = text[tokens[at].start : tokens[end - 1].end]
            if close := self._likely(self._spelling.persons(words)):
                return end, Spoken(said, self._suggested(close), _unless_several(close))
            if len(words) != 2:
                continue
            written = tokens[end - 1].capital or not capitals
            bearers = list(self._short.get(words[-1:], _Key()).names)
            if bearers and written and self._is_first_name(tokens[at], at, capitals):
                return end, Spoken(said, self._suggested(bearers), Match.UNKNOWN)
            # "Travis Kelsey" is no Ross Travis, whether or not there is a Travis nearly called so.
            alike = self._spelling.alike(words) if words[:1] in self._first else ()
            if alike or (capitals and self._is_unknown(tokens[at:end], words)):
                return end, Spoken(said, self._suggested(alike), Match.UNKNOWN)
        return None

    def _is_first_name(self, token: Token, at: int, capitals: bool) -> bool:
        """Whether a word before a last name says who is meant: an initial, a first name that there
        is, or a word that is written like one.
        """
        if token.initial or (token.word,) in self._first:
            return token.capital or not capitals
        return at > 0 and token.capital and not token.shouted and capitals

    def _is_unknown(self, tokens: Sequence[Token], words: Words) -> bool:
        """Whether a first name stands before a word that is written like a last one that nobody has."""
        written = all(token.capital and not token.shouted for token in tokens)
        return written and words[:1] in self._first and words[1:] not in self._first

    def _misspelt(self, text: str, tokens: Sequence[Token], at: int) -> Spoken | None:
        token = tokens[at]
        if len(tokens) > _LONGEST_TEXT:
            return None
        if not can_be_a_name(token) or not stands_as_name(text, tokens, at, at + 1):
            return None
        names = self._likely(self._spelling.singles((token.word,)))
        if not names:
            return None
        said = text[token.start : token.end]
        return Spoken(said, self._suggested(names), _unless_several(names))

    def _meaning(self, words: Words) -> _Key:
        for keys in (self._full, self._other, self._short, self._first):
            if words in keys:
                return keys[words]
        return _Key()

    def _suggested(self, names: Sequence[str]) -> Sequence[str]:
        return sorted(names, key=lambda name: -self._weights[name])[:_MOST_SUGGESTED]

    def _likely(self, names: Sequence[str]) -> Sequence[str]:
        """The one that is far more prominent than all others; else all of them."""
        ordered = sorted(names, key=lambda name: -self._weights[name])
        if len(ordered) < 2:
            return ordered
        first, second = (self._weights[name] for name in ordered[:2])
        return ordered[:1] if first > 0 and first >= PROMINENT * second else ordered

    def _put(self, keys: dict[Words, _Key], words: Words, name: str, *, sure: bool) -> None:
        if not words:
            return
        key = keys.setdefault(words, _Key())
        key.names[name] = None
        key.sure = key.sure or sure
        self._longest = max(self._longest, len(words))


def _unless_several(names: Sequence[str]) -> Match:
    return Match.CLOSE if len(names) == 1 else Match.UNKNOWN


def _parts_of(words: Words) -> Iterator[Words]:
    """What people make of a name of several words (without its generation): its last word, alone and
    after an initial; of a long one the first with the second and with the last, and all but the first.
    """
    if len(words) > 1:
        yield words[-1:]
        yield (words[0][0], words[-1])
    if len(words) > 2:
        yield words[:2]
        yield (words[0], words[-1])
        yield words[1:]
        yield (words[0][0], *words[1:])
