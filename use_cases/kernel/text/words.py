"""The content words of a text, for the comparison of a quote with a sentence or a question.

Words are lower-cased, stripped of accents, split at identifier borders and reduced to their stem
(Porter, the algorithm of the full-text index), so that "Rotated" and "rotation" match. Function words
are left out. Pure; used by citation verification and by the offline answerer.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from snowballstemmer import Stemmer

FUNCTION_WORDS = frozenset(
    """
    a about above according after again all also am an and another any anybody anyone anything are
    as at be because been before being below between both but by came can cannot come could did do
    does doing done down during each either else etc ever every for from further get gets getting
    give given go goes going gone got had has have having he her here hers herself him himself his
    how i if in into is it its itself just let like many may me might mine more most much must my
    myself need needs no nor not now of off often on once one only onto or other our ours
    ourselves out over own per please same say says shall she should since so some somebody
    someone something still such tell than that the their theirs them themselves then there these
    they thing things this those through to too under until up upon us use used using very via
    want was we well were what when where whether which while who whom whose why will with within
    without would you your yours yourself
    """.split()  # noqa: SIM905  (prose is easier to read and to extend than 180 quoted words)
)
"""Words of a sentence's structure rather than its content."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?(?:[.,:]\d+)*%?", re.UNICODE)
_MIXED = re.compile(r"(?=.*[A-Z])(?=.*[a-z])[A-Za-z]+\d*[A-Za-z]*")
_THOUSANDS = re.compile(r",(?=\d{3}(?!\d))")
_IDENTIFIER = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")


def words(text: str) -> Iterator[str]:
    """Yield the words of a text as written, in order, numbers with decimals and percent sign."""
    for match in _WORD.finditer(text):
        yield match.group()


def stem(word: str) -> str:
    """Return the stem of a word; numbers lose their thousands separators."""
    return _stem(word)


def content(text: str) -> list[str]:
    """Return the stems of a text's content words, in order, with repetitions."""
    return [
        _stem(piece)
        # Composed: a combining accent is no letter and would split a word.
        for word in words(unicodedata.normalize("NFC", text))
        for piece in _pieces(word)
        if (plain := _plain(piece)) and plain not in FUNCTION_WORDS
    ]


def is_number(word: str) -> bool:
    """Return whether a word (or stem) is a figure, such as `90`, `4.5` or `15%`."""
    return word[:1].isdigit()


def _pieces(word: str) -> list[str]:
    """Return a word with its parts: the identifier `kubeProxyDown` matches whole and in parts."""
    if word.istitle() or not _MIXED.fullmatch(word):
        return [word]
    parts = _IDENTIFIER.findall(word)
    return [word, *parts] if len(parts) > 1 else [word]


@lru_cache(maxsize=65536)
def _stem(word: str) -> str:
    plain = _plain(word)
    if is_number(plain):
        return _THOUSANDS.sub("", plain).rstrip(".:")
    return _stemmer().stemWord(plain)


@lru_cache(maxsize=65536)
def _plain(word: str) -> str:
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    bare = "".join(c for c in decomposed if not unicodedata.combining(c)).replace("’", "'")
    return bare.removesuffix("'s").replace("'", "")


@cache
def _stemmer() -> "Stemmer":
    # Imported late: its tables of 30 languages take a quarter of a second, which `--help` need not.
    from snowballstemmer import stemmer

    return stemmer("porter")
