"""Finding names in a text, from an index of the names there are. Pure.

Words are compared without case, accents, apostrophes and full stops ("A.J." is "AJ"). A name of
one word that is neither whole nor an alias (a last name, a nickname of the tables) must begin with
a capital in a text that has capitals: "Chase" may be a player, "to chase points" is not.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from use_cases.kernel.words import FUNCTION_WORDS

_WORD = re.compile(r"[^\W_]+(?:['’´`][^\W_]+)*")
_POSSESSIVE = re.compile(r"['’´`]s$", re.IGNORECASE)
_APOSTROPHES = str.maketrans("", "", "'’´`")
_GENERATIONS = frozenset(("jr", "sr", "ii", "iii", "iv", "v"))
# Letters that have no accent to take off.
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe"})

Words = tuple[str, ...]

PROMINENT = 3.0
"""So many times the weight of the next makes one of several the one that is meant."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A place in a text that names something: `said` as it stands there, `names` whom it may mean.

    `guessed`: others are called so too, but are far less prominent.
    """

    said: str
    names: Sequence[str]
    guessed: bool = False


@dataclass(slots=True)
class _Key:
    """Who is called so; `sure` where it needs no capital to be a name."""

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
        self._longest = 1

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
        self._put(self._full, words, name, sure=len(words) > 1)
        bare = tuple(word for word in words if word not in _GENERATIONS)
        self._put(self._full, bare, name, sure=len(bare) > 1)
        for other in others:
            self._put(self._other, folded(other), name, sure=len(folded(other)) > 1)
        for short in _parts_of(name):
            self._put(self._short, folded(short), name, sure=len(folded(short)) > 1)

    def add_aliases(self, name: str, aliases: Iterable[str]) -> None:
        """Nicknames that mean this one and nobody else; nothing for a name that there is not."""
        for alias in aliases if name in self.details else ():
            self._put(self._full, folded(alias), name, sure=True)

    def meant(self, text: str) -> Sequence[str]:
        """Whom a text names that is nothing but a name; several when it is ambiguous."""
        return self._likely(list(self._meaning(folded(text)).names))

    def spoken(self, text: str) -> Sequence[Spoken]:
        """The names in a text, in its order, each meaning once."""
        found: dict[tuple[str, ...], Spoken] = {}
        for said in self._spoken(text):
            found.setdefault(tuple(said.names), said)
        return list(found.values())

    def _spoken(self, text: str) -> Iterator[Spoken]:
        tokens = list(_tokens(text))
        capitals = _has_capitals(text)
        at = 0
        while at < len(tokens):
            for end in range(min(len(tokens), at + self._longest), at, -1):
                said = text[tokens[at].start : tokens[end - 1].end]
                words = tuple(token.word for token in tokens[at:end])
                if names := self._here(words, said, capitals=capitals):
                    likely = self._likely(names)
                    yield Spoken(said, likely, guessed=len(likely) < len(names))
                    at = end
                    break
            else:
                at += 1

    def _here(self, words: Words, said: str, *, capitals: bool) -> Sequence[str]:
        key = self._meaning(words)
        if not key.sure and (words[0] in FUNCTION_WORDS or (capitals and not said[:1].isupper())):
            return []
        return list(key.names)

    def _meaning(self, words: Words) -> _Key:
        for keys in (self._full, self._other, self._short):
            if words in keys:
                return keys[words]
        return _Key()

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


def _parts_of(name: str) -> Iterator[str]:
    """What people make of a name of several words: its last word, and of a long one the first with
    the second and with the last. A generation ("Jr.") is not its last word.
    """
    parts = [part for part in name.split() if not _GENERATIONS.issuperset(folded(part))]
    if len(parts) > 1:
        yield parts[-1]
    if len(parts) > 2:
        yield f"{parts[0]} {parts[1]}"
        yield f"{parts[0]} {parts[-1]}"


def folded(text: str) -> Words:
    """The words of a text as they are compared."""
    return tuple(token.word for token in _tokens(text))


@dataclass(frozen=True, slots=True)
class _Token:
    word: str
    start: int
    end: int


def _tokens(text: str) -> Iterator[_Token]:
    """Words with their places; initials that stand together are one word."""
    initials: list[_Token] = []
    for match in _WORD.finditer(text):
        token = _Token(_fold(match.group()), match.start(), match.end())
        if len(token.word) == 1 and token.word.isalpha():
            initials.append(token)
            continue
        yield from _joined(initials)
        initials = []
        yield token
    yield from _joined(initials)


def _joined(initials: Sequence[_Token]) -> Iterator[_Token]:
    if initials:
        word = "".join(token.word for token in initials)
        yield _Token(word, initials[0].start, initials[-1].end)


def _fold(word: str) -> str:
    plain = _POSSESSIVE.sub("", word).translate(_APOSTROPHES).casefold().translate(_LETTERS)
    decomposed = unicodedata.normalize("NFKD", plain)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def _has_capitals(text: str) -> bool:
    """Whether a text writes names with capitals: any beside its first letter and the word I."""
    rest = re.sub(r"\bI\b", "", text.strip()[1:])
    return any(c.isupper() for c in rest)
