"""Recognition of names in a text, from an index of the known names. Pure.

Words are compared without case, accents, apostrophes and full stops ("A.J." is "AJ"). A single word
(a last name, a nickname) counts as a name when it begins with a capital, when the text has no
capitals, or when its position is that of a name: "start chase or brown" names two players, "should
Brady chase points" names none of them.

An initial or a first name is honoured: "J. Taylor" is never Tyrod Taylor. A misspelt name is taken
for the nearest one if there is only one, and the reader gets a notice; else the nearest are
suggested.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from enum import StrEnum

from use_cases.advice.profiles.tokens import (
    GENERATIONS,
    Token,
    Words,
    adjacent,
    before_or,
    beside_or,
    can_be_a_name,
    fold_words,
    has_capitals,
    stands_as_name,
    tokens_of,
)
from use_cases.kernel.text.words import FUNCTION_WORDS

PROMINENT = 3.0
"""The ratio of weights at which the most prominent of several entities is the one meant."""

_MOST_SUGGESTED = 4
_LONGEST_PERSON = 4
"""The most words of a name that may be misspelt."""

_LONGEST_TEXT = 200
"""The most words of a text in which misspelt names are looked for: each takes a millisecond."""


_NEAR = 0.8
"""The least similarity of two near words: "mahommes" and "mahomes" are .93, "chance" and "chase"
.91.
"""

_FAR = 0.6
"""The least similarity of a last name that is suggested beside the right first name."""

_SHORTEST = 5
"""The fewest letters of a single word that may be misspelt: shorter ones are too much alike."""


class Match(StrEnum):
    """The quality of a match between a place in a text and the names."""

    EXACT = "exact"
    """The text is one of their names."""
    PROMINENT = "prominent"
    """Others have the same name, but are far less prominent."""
    CLOSE = "close"
    """The name is unknown; exactly one name is nearly the same."""
    UNKNOWN = "unknown"
    """The name is unknown; the names are only suggestions."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A mention in a text: `said` is its wording, `names` are the entities that it may mean."""

    said: str
    names: Sequence[str]
    match: Match = Match.EXACT

    @property
    def meant(self) -> str | None:
        """The entity that is meant; None when there are several, or only suggestions."""
        return self.names[0] if len(self.names) == 1 and self.match is not Match.UNKNOWN else None


@dataclass(slots=True)
class _Key:
    """The entities of one name; `sure` where it is a name in every position."""

    names: dict[str, None] = field(default_factory=dict[str, None])
    sure: bool = False


class NameIndex:
    """The names of a domain, with the aliases of each."""

    def __init__(self) -> None:
        self.details: dict[str, str] = {}
        self._weights: dict[str, float] = {}
        # An exact name takes precedence over another name and over a short form.
        self._full: dict[Words, _Key] = {}
        self._other: dict[Words, _Key] = {}
        self._short: dict[Words, _Key] = {}
        self._first: dict[Words, _Key] = {}
        self._longest = 1
        self._spelling = _Spelling()

    @property
    def names(self) -> Sequence[str]:
        """All names, in the order of their addition."""
        return list(self.details)

    def add(
        self, name: str, others: Iterable[str] = (), detail: str = "", weight: float = 0.0
    ) -> None:
        """Adds a name as in the tables, its other names, and its prominence."""
        self.details.setdefault(name, detail)
        self._weights[name] = max(weight, self._weights.get(name, 0.0))
        words = fold_words(name)
        # A name that the tables write in capitals is no ordinary word: "dhx" is DHX.
        self._put(
            self._full, words, name, sure=len(words) > 1 or (name.isupper() and len(name) > 2)
        )
        bare = tuple(word for word in words if word not in GENERATIONS)
        self._put(self._full, bare, name, sure=len(bare) > 1)
        for other in others:
            self._put(self._other, fold_words(other), name, sure=len(fold_words(other)) > 1)
            self._spelling.add(fold_words(other), name)
        for short in _parts_of(bare):
            self._put(self._short, short, name, sure=len(short) > 1)
        if len(bare) > 1:
            self._put(self._first, bare[:1], name, sure=False)
        self._spelling.add(bare, name)

    def add_aliases(self, name: str, aliases: Iterable[str]) -> None:
        """Adds nicknames that mean this entity only; an unknown name is ignored."""
        for alias in aliases if name in self.details else ():
            self._put(self._full, fold_words(alias), name, sure=True)

    def meant(self, text: str) -> Sequence[str]:
        """Returns the entities that a text may mean, where the whole text is a name."""
        return self._most_likely(list(self._lookup(fold_words(text)).names))

    def similar(self, text: str) -> Sequence[str]:
        """Returns the names that are nearly the whole text, the nearest first."""
        words = fold_words(text)
        found = self._spelling.persons(words) if len(words) > 1 else self._spelling.singles(words)
        return self._suggest(found)

    def mentions(self, text: str) -> Sequence[Mention]:
        """Returns the mentions in a text, in its order, each meaning once."""
        found: dict[tuple[str, ...], Mention] = {}
        for said in self._mentions(text):
            found.setdefault((*said.names, said.said if not said.names else ""), said)
        return list(found.values())

    def _mentions(self, text: str) -> Iterator[Mention]:
        tokens = list(tokens_of(text))
        capitals = has_capitals(text)
        at = 0
        while at < len(tokens):
            end, said = self._match_at(text, tokens, at, capitals=capitals)
            if said is not None:
                yield said
            at = end

    def _match_at(
        self, text: str, tokens: Sequence[Token], at: int, *, capitals: bool
    ) -> tuple[int, Mention | None]:
        """Returns the mention at one token, and the position after it."""
        for end in range(min(len(tokens), at + self._longest), at, -1):
            person = (
                self._match_person(text, tokens, at, capitals=capitals) if end - at == 1 else None
            )
            if person is not None:
                return person
            if names := self._names_at(text, tokens, at, end, capitals=capitals):
                likely = self._most_likely(names)
                match = Match.PROMINENT if len(likely) < len(names) else Match.EXACT
                return end, Mention(text[tokens[at].start : tokens[end - 1].end], likely, match)
        if capitals and (end := beside_or(text, tokens, at)):
            said = text[tokens[at].start : tokens[end - 1].end]
            bearers = list(self._short.get((tokens[end - 1].word,), _Key()).names)
            return end, Mention(said, self._suggest(bearers), Match.UNKNOWN)
        return at + 1, self._match_misspelt(text, tokens, at)

    def _names_at(
        self, text: str, tokens: Sequence[Token], at: int, end: int, *, capitals: bool
    ) -> Sequence[str]:
        words = tuple(token.word for token in tokens[at:end])
        key = self._lookup(words)
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

    def _match_person(
        self, text: str, tokens: Sequence[Token], at: int, *, capitals: bool
    ) -> tuple[int, Mention] | None:
        """Returns a first name or an initial with a last name that are no name together, or a misspelt
        one.

        Without this the last name alone would match, and mean another entity.
        """
        last = at + _LONGEST_PERSON if len(tokens) <= _LONGEST_TEXT else at
        for end in range(min(len(tokens), last), at + 1, -1):
            if not adjacent(text, tokens[at:end]) or not all(map(can_be_a_name, tokens[at:end])):
                continue
            words = tuple(token.word for token in tokens[at:end])
            said = text[tokens[at].start : tokens[end - 1].end]
            if close := self._most_likely(self._spelling.persons(words)):
                return end, Mention(said, self._suggest(close), _unless_several(close))
            if len(words) != 2:
                continue
            written = tokens[end - 1].capital or not capitals
            bearers = list(self._short.get(words[-1:], _Key()).names)
            if bearers and written and self._is_first_name(tokens[at], at, capitals):
                return end, Mention(said, self._suggest(bearers), Match.UNKNOWN)
            # "Travis Kelsey" is no Ross Travis, whether or not there is a Travis nearly called so.
            alike = self._spelling.alike(words) if words[:1] in self._first else ()
            if alike or (capitals and self._is_unknown(tokens[at:end], words)):
                return end, Mention(said, self._suggest(alike), Match.UNKNOWN)
        return None

    def _is_first_name(self, token: Token, at: int, capitals: bool) -> bool:
        """Returns whether the word before a last name is an initial, a known first name, or a word in
        the form of one.
        """
        if token.initial or (token.word,) in self._first:
            return token.capital or not capitals
        return at > 0 and token.capital and not token.uppercase and capitals

    def _is_unknown(self, tokens: Sequence[Token], words: Words) -> bool:
        """Returns whether a first name precedes an unknown word in the form of a last name."""
        written = all(token.capital and not token.uppercase for token in tokens)
        return written and words[:1] in self._first and words[1:] not in self._first

    def _match_misspelt(self, text: str, tokens: Sequence[Token], at: int) -> Mention | None:
        token = tokens[at]
        if len(tokens) > _LONGEST_TEXT:
            return None
        if not can_be_a_name(token) or not stands_as_name(text, tokens, at, at + 1):
            return None
        names = self._most_likely(self._spelling.singles((token.word,)))
        if not names:
            return None
        said = text[token.start : token.end]
        return Mention(said, self._suggest(names), _unless_several(names))

    def _lookup(self, words: Words) -> _Key:
        for keys in (self._full, self._other, self._short, self._first):
            if words in keys:
                return keys[words]
        return _Key()

    def _suggest(self, names: Sequence[str]) -> Sequence[str]:
        return sorted(names, key=lambda name: -self._weights[name])[:_MOST_SUGGESTED]

    def _most_likely(self, names: Sequence[str]) -> Sequence[str]:
        """Returns the one that is far more prominent than all others; else all of them."""
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
    """Yields the short forms of a name of several words (without its generation): its last word, alone
    and after an initial; of a long one the first with the second and with the last, and all but the
    first.
    """
    if len(words) > 1:
        yield words[-1:]
        yield (words[0][0], words[-1])
    if len(words) > 2:
        yield words[:2]
        yield (words[0], words[-1])
        yield words[1:]
        yield (words[0][0], *words[1:])


class _Spelling:
    """An index of similar names by their words.

    It is fast among ten thousand names: only words with the same first letter and about the same
    length are compared. A first name may be an initial or cut short ("Pat", "Mo"); a last name must
    be nearly right.
    """

    def __init__(self) -> None:
        self._last: dict[str, dict[str, Words]] = {}
        # The last words by their first letter.
        self._by_letter: dict[str, dict[str, None]] = {}
        self._by_first: dict[str, dict[str, str]] = {}

    def add(self, words: Words, name: str) -> None:
        """Adds a name by its words, folded and without a generation."""
        if words:
            self._last.setdefault(words[-1], {})[name] = words
            self._by_letter.setdefault(words[-1][0], {})[words[-1]] = None
            self._by_first.setdefault(words[0], {})[name] = words[-1]

    def persons(self, words: Words) -> Sequence[str]:
        """Returns the nearest names of several words that these misspell: the last word is nearly
        theirs, and all before it fit.
        """
        if len(words[-1]) < 3:
            return ()
        found: dict[str, float] = {}
        for last, alike in self._near(words[-1]):
            for name, known in self._last[last].items():
                given = [_fits(word, known[:-1]) for word in words[:-1]]
                if len(known) > 1 and all(given):
                    found[name] = max(found.get(name, 0.0), alike + min(given))
        return _nearest(found)

    def alike(self, words: Words) -> Sequence[str]:
        """Returns names with the same first name and a less similar last name."""
        known = self._by_first.get(words[0], {})
        return [name for name, last in known.items() if _ratio(words[-1], last) >= _FAR]

    def singles(self, words: Words) -> Sequence[str]:
        """Returns the nearest names whose last word a single word misspells."""
        if len(words) != 1 or len(words[0]) < _SHORTEST:
            return ()
        found: dict[str, float] = {}
        for last, alike in self._near(words[0]):
            for name in self._last[last] if len(last) > 3 else ():
                found[name] = max(found.get(name, 0.0), alike)
        return _nearest(found)

    def _near(self, word: str) -> Sequence[tuple[str, float]]:
        matcher = SequenceMatcher(autojunk=False)
        matcher.set_seq2(word)
        near: list[tuple[str, float]] = []
        for last in self._by_letter.get(word[0], ()):
            if abs(len(last) - len(word)) > 2:
                continue
            matcher.set_seq1(last)
            # The quick ones are never below the real one, and cost little.
            if min(matcher.real_quick_ratio(), matcher.quick_ratio()) < _NEAR:
                continue
            if (alike := matcher.ratio()) >= _NEAR:
                near.append((last, alike))
        return near


def _ratio(one: str, two: str) -> float:
    return SequenceMatcher(None, one, two).ratio()


def _fits(said: str, known: Words) -> float:
    """Returns the similarity of a word to the words before the last one of a name; 0: none."""
    if said in known:
        return 1.0
    if known and (known[0].startswith(said) or (len(known[0]) > 2 and said.startswith(known[0]))):
        return 0.9
    alike = max((_ratio(said, word) for word in known), default=0.0)
    return alike if alike >= _NEAR and len(said) > 2 else 0.0


def _nearest(found: dict[str, float]) -> Sequence[str]:
    best = max(found.values(), default=0.0)
    return [name for name, alike in found.items() if best - alike < 0.05]
