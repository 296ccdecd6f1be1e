"""The words of a text in the form for comparison, and the places of a text where a name can stand.
Pure.

Leaves the names themselves to `name_index.py`. The places are those of a question about a choice:
after "start", "or", "than", a comma; before "or", "in", a comma or the end.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from use_cases.kernel.text.words import FUNCTION_WORDS

Words = tuple[str, ...]

GENERATIONS = frozenset(("jr", "sr", "ii", "iii", "iv", "v"))
"""Suffixes of a name that are no part of it."""

_WORD = re.compile(r"[^\W_]+(?:['’´`][^\W_]+)*")
_POSSESSIVE = re.compile(r"['’´`]s$", re.IGNORECASE)
_APOSTROPHES = str.maketrans("", "", "'’´`")
# Letters that have no accent to take off.
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe"})

_VERBS = frozenset(
    """
    add adding bench benching captain captaining choose choosing drop dropping field fielding flex
    keep keeping pick picking play playing prefer rank roll select selecting sit sitting start
    starting stash swap take taking trade trading trust trusting
    """.split()  # noqa: SIM905  (as the function words of the kernel)
)
"""Words of a choice, which stand beside names and are none."""

_TIMES = frozenset(
    """
    friday gameweek gw monday round saturday season sunday thursday today tomorrow tonight tuesday
    wednesday week weekend weeks year
    """.split()  # noqa: SIM905
)

_JOINTS = frozenset("v versus vs".split())  # noqa: SIM905

_ALTERNATIVES = _JOINTS | {"or", "over", "than"}

_BEFORE = (
    _VERBS
    | _JOINTS
    | frozenset(
        "about and are better between does either for is like not of or over rather than with".split()  # noqa: SIM905
    )
)
_AFTER = (
    FUNCTION_WORDS
    | _VERBS
    | _JOINTS
    | _TIMES
    | frozenset("against better good likely next or safer worse worth".split())  # noqa: SIM905
)
_BREAK = re.compile(r"[^\s.'’]|\.\s|\.$|\n")
"""The end of a phrase between two words: a comma, a dash, the end of a sentence."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word with its place. `uppercase`: in capitals throughout."""

    word: str
    start: int
    end: int
    capital: bool
    uppercase: bool

    @property
    def initial(self) -> bool:
        """True for a single letter."""
        return len(self.word) == 1


def fold_words(text: str) -> Words:
    """Returns the words of a text in the form for comparison."""
    return tuple(token.word for token in tokens_of(text))


def tokens_of(text: str) -> Iterator[Token]:
    """Yields words with their places; initials that stand together are one word."""
    initials: list[Token] = []
    for match in _WORD.finditer(text):
        said = match.group()
        token = Token(
            _fold(said), match.start(), match.end(), said[0].isupper(), _is_uppercase(said)
        )
        if len(token.word) == 1 and token.word.isalpha():
            initials.append(token)
            continue
        yield from _join(initials)
        initials = []
        yield token
    yield from _join(initials)


def has_capitals(text: str) -> bool:
    """Returns whether a text writes names with capitals: any beside its first letter, the word I, and
    words in capitals throughout, such as NFL.
    """
    rest = re.sub(r"\bI\b", "", text.strip()[1:])
    return any(word[0].isupper() and not _is_uppercase(word) for word in _WORD.findall(rest))


def stands_as_name(text: str, tokens: Sequence[Token], at: int, end: int) -> bool:
    """Returns whether the words from `at` to `end` are in a position for a name in a question of
    choice.
    """
    before = tokens[at - 1] if at else None
    after = tokens[end] if end < len(tokens) else None
    begins = (
        before is None or _is_parted(text, before, tokens[at]) or _in_or_number(before, _BEFORE)
    )
    ends = after is None or _is_parted(text, tokens[end - 1], after) or _in_or_number(after, _AFTER)
    return begins and ends


def adjacent(text: str, tokens: Sequence[Token]) -> bool:
    """Returns whether only spaces (and the full stop of an initial) separate these words."""
    return all(
        text[one.end : two.start].strip() in (("", ".") if len(one.word) < 3 else ("",))
        for one, two in pairwise(tokens)
    )


def before_or(text: str, tokens: Sequence[Token], end: int) -> bool:
    """Returns whether the word at `end` is "or" or the like, in the same phrase."""
    return (
        0 < end < len(tokens)
        and tokens[end].word in _ALTERNATIVES
        and not _is_parted(text, tokens[end - 1], tokens[end])
    )


def beside_or(text: str, tokens: Sequence[Token], at: int) -> int:
    """Returns the end of two or more capitalised words beside an "or": they are a name, even an unknown
    one. 0 where there are none.
    """
    end = at
    while end < len(tokens) and tokens[end].capital and can_be_a_name(tokens[end]):
        if not adjacent(text, tokens[at : end + 1]):
            break
        end += 1
    if end - at < 2 or all(token.uppercase for token in tokens[at:end]):
        return 0
    joined = (at > 0 and tokens[at - 1].word in _ALTERNATIVES) or before_or(text, tokens, end)
    return end if joined and stands_as_name(text, tokens, at, end) else 0


def can_be_a_name(token: Token) -> bool:
    """Returns whether a word may be part of an unknown name: no figure, no word of every question."""
    if token.initial:
        return token.capital and token.word != "i"
    word = token.word
    return not (
        word in FUNCTION_WORDS or word in _VERBS or word in _TIMES or word in _AFTER
    ) and not any(c.isdigit() for c in word)


def _in_or_number(token: Token, words: frozenset[str]) -> bool:
    return token.word in words or token.word.isdigit()


def _is_parted(text: str, one: Token, two: Token) -> bool:
    return _BREAK.search(text[one.end : two.start]) is not None


def _is_uppercase(word: str) -> bool:
    return len(word) > 1 and word.isupper()


def _join(initials: Sequence[Token]) -> Iterator[Token]:
    if initials:
        word = "".join(token.word for token in initials)
        first, last = initials[0], initials[-1]
        yield Token(word, first.start, last.end, first.capital, len(initials) > 1 and first.capital)


def _fold(word: str) -> str:
    plain = _POSSESSIVE.sub("", word).translate(_APOSTROPHES).casefold().translate(_LETTERS)
    decomposed = unicodedata.normalize("NFKD", plain)
    return "".join(c for c in decomposed if not unicodedata.combining(c))
