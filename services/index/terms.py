"""The full-text query for a text, and the extra terms of an indexed text. Pure.

Promises: user input never reaches FTS5 as syntax, because each word is quoted. Words are joined by
OR, because a passage rarely has all words of a question; function words are left out, because they
take most of the time and match everything (unless there are no others). Identifiers match whole and
in parts (`kubeProxyDown`: kube, proxy, down), Chinese, Japanese and Korean runs by overlapping pairs
of characters, since they have no spaces. Both sides apply the same rules: `index_text` for storage,
`search_terms` for search.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

from use_cases.kernel.text.plain_text import storable
from use_cases.kernel.text.words import FUNCTION_WORDS

MAX_TERMS = 64
_CHARACTERS = 100_000  # of a query; a longer one is a document, and its beginning suffices
_LONGEST = 200  # characters of a term: longer runs are data, not search words
_CJK_RUN = re.compile(
    "[\u3005\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003ffff]+"
)
_LATIN = re.compile(r"[A-Za-z\d]+")
_BORDER = re.compile(r"[a-z][A-Z]|[A-Z]{2}[a-rt-z]|[A-Z]{2}s[A-Za-z]|[A-Za-z]\d|\d[A-Za-z]")
_PIECE = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_CONTRACTION = re.compile(r"['’](?:s|t|re|ve|ll|d|m)\b", re.IGNORECASE)
_FIGURE = re.compile(r"\d+(?:[.,:/-]\d+)+")
_PARTS = re.compile(r"[-_./]")
_CONTINUES = re.compile(r",\d")
_CODE_NAME = re.compile(r"(?<![A-Za-z\d])[A-Za-z]++\d*+(?:[-_./][A-Za-z\d]++)+")


def search_terms(text: str) -> list[str]:
    """Returns at most `MAX_TERMS` terms of any text, each a word or a phrase."""
    return _limit(query_terms(text))


def numbered_names(text: str) -> list[str]:
    """Returns at most `MAX_TERMS` numbered names of any text, each a phrase."""
    names = dict.fromkeys(_numbered_names(storable(text[:_CHARACTERS])))
    return [name for name in names if len(name) <= _LONGEST][:MAX_TERMS]


def is_prefix(term: str) -> bool:
    """Returns whether a term stands for all that begin with it: a single Chinese character, for instance."""
    return len(term) == 1 and bool(_CJK_RUN.fullmatch(term))


def query_terms(text: str) -> list[str]:
    """Returns the distinct search terms in text order; function words only without others."""
    found = dict.fromkeys(_terms(storable(text[:_CHARACTERS])))
    words = [term for term in found if len(term) <= _LONGEST]
    return [word for word in words if word not in FUNCTION_WORDS] or words


def index_text(text: str) -> str:
    """Returns `text` with its additional search terms: parts of identifiers, pairs of characters."""
    plain = storable(text)
    extra = [
        *(piece for word in _identifiers(plain) for piece in _PIECE.findall(word)),
        *(pair for match in _CJK_RUN.finditer(plain) for pair in _pairs(match.group())),
    ]
    return f"{plain}\n{' '.join(extra)}" if extra else plain


def category_token(category: str) -> str:
    """Returns the single token that indexes a category of any characters."""
    return f"c{hashlib.sha256(category_key(category).encode()).hexdigest()[:16]}9"


def category_key(category: str) -> str:
    """Returns the key of a category, without regard to case and surrounding space."""
    return storable(category).strip().casefold()


def _terms(text: str) -> Iterator[str]:
    yield from _numbered_names(text)
    yield from (match.group() for match in _FIGURE.finditer(text))
    for word in _words(_FIGURE.sub(" ", text)):
        if _CJK_RUN.search(word):
            yield from _cjk_terms(word)
            continue
        yield word.lower()
        for identifier in _identifiers(word):
            yield from (piece.lower() for piece in _PIECE.findall(identifier))


def _numbered_names(text: str) -> Iterator[str]:
    """Yields names such as `FIN-01` for phrase search: alone, FIN and 01 match too much."""
    for match in _CODE_NAME.finditer(text):
        ends_in_number = _PARTS.split(match.group())[-1].isdigit()
        # A name that continues after a comma (`-3,4-`) is a longer one, and this no part of it.
        if ends_in_number and not _CONTINUES.match(text, match.end()):
            yield match.group().lower()


def expression(terms: Sequence[str], category: str | None) -> str:
    """Returns the FTS5 expression for words and phrases, within a category."""
    found = "{title heading body} : (" + " OR ".join(map(_quote, terms)) + ")"
    if category is not None:
        found += f' AND category : "{category_token(category)}"'
    return found


def _words(text: str) -> Iterator[str]:
    # A word is letters, digits and the marks on them, as a token of FTS5's unicode61.
    plain = _CONTRACTION.sub(" ", text)
    kept = "".join(character if _in_word(character) else " " for character in plain)
    return iter(kept.split())


@lru_cache(maxsize=4096)
def _in_word(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNM"


def _cjk_terms(word: str) -> Iterator[str]:
    for run in _CJK_RUN.findall(word):
        yield from _pairs(run)[:-1] or [run]
    yield from _CJK_RUN.sub(" ", word).lower().split()


def _pairs(run: str) -> list[str]:
    """Returns overlapping pairs and the last character: with prefixes, each character matches."""
    return [run[at : at + 2] for at in range(len(run))]


def _identifiers(text: str) -> Iterator[str]:
    """Yields words with an inner border: `kubeProxy`, `HTTPServer`, not `PDFs`. Linear time."""
    if _BORDER.search(text):
        for match in _LATIN.finditer(text):
            if _BORDER.search(match.group()):
                yield match.group()


def _limit(terms: list[str]) -> list[str]:
    if len(terms) <= MAX_TERMS:
        return terms
    # Long words are rare ones: the best guess without a look at the index.
    kept = set(sorted(terms, key=lambda term: (-len(term), term))[:MAX_TERMS])
    return [term for term in terms if term in kept]


def quoted(term: str) -> str:
    """Returns a term as FTS5 reads it as one, whatever its characters."""
    return '"' + term.replace('"', '""') + '"'


def _quote(term: str) -> str:
    return f"{quoted(term)} *" if is_prefix(term) else quoted(term)
