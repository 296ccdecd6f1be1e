"""The search terms of a conversation beside its words: what is written in several ways, or misspelt. Pure.

Chats are written as people talk, with emoji, half-width kana, "e-mail" beside "email", and amounts by the
customs of many countries. Each of these gets one term, the same however it was written; an indexed text
and a query get their terms from the same function, so they meet.

A word resembles another that contains it, or that differs from it by one edit (two from six letters
on), where exchanging two neighbours is one edit: the distance of Damerau and Levenshtein
(optimal string alignment), with Elasticsearch's bounds for `fuzziness: AUTO`.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from services.index.terms import index_text
from use_cases.kernel.text.plain_text import storable

_WORD = re.compile(r"\w+")
_HYPHENATED = re.compile(r"[^\W_]+(?:[-\u00ad\u2010\u2011][^\W_]+)+")
_HYPHENS = re.compile("[-\u00ad\u2010\u2011]")
_AMOUNT = re.compile(
    r"(?<![\d.,])(?:"
    r"(?P<whole>\d{1,3}(?:(?P<sign>[.,'’ ])\d{3})(?:(?P=sign)\d{3})*)(?:(?!(?P=sign))[.,](?P<cents>\d+))?"
    r"|(?P<plain>\d+)[.,](?P<rest>\d+)"
    r")(?!\d|[.,]\d)"
)
_THOUSAND = 3
_DIGITS = str.maketrans("0123456789abcdef", "bcdfghjklmnpqrtv")
"""Letters that no stemmer touches: a term of digits and letters would be cut in pieces."""
_SKIN = range(0x1F3FB, 0x1F400)
_FLAG = range(0x1F1E6, 0x1F200)


def variant_terms(text: str) -> list[str]:
    """Returns the terms of a text for what it writes in one of several ways, each once."""
    plain = storable(text)
    folded = unicodedata.normalize("NFKC", plain)
    found = (*_emoji(plain), *_compatible(plain), *_compounds(folded), *_amounts(folded))
    return list(dict.fromkeys(found))


def indexed_text(text: str) -> str:
    """Returns what is indexed of a text of a conversation: its words, and its variant terms."""
    terms = variant_terms(text)
    return f"{index_text(text)}\n{index_text(' '.join(terms))}" if terms else index_text(text)


def asked_text(query: str) -> str:
    """Returns a query with its variant terms."""
    return " ".join([query, *variant_terms(query)])


def _emoji(text: str) -> Iterator[str]:
    """Yields a term for each pictograph, whatever its skin; for a flag one of its two letters."""
    flag = ""
    for character in text:
        code = ord(character)
        if code in _FLAG:
            flag += f"{code:x}"
            if len(flag) > len(f"{code:x}"):
                yield _term(flag)
                flag = ""
            continue
        flag = ""
        is_picture = code > 0x2000 and unicodedata.category(character) == "So"
        if (
            is_picture
            and code not in _SKIN
            and unicodedata.normalize("NFKC", character) == character
        ):
            yield _term(f"{code:x}")


def _compatible(text: str) -> Iterator[str]:
    """Yields the usual form of words in another one: half-width kana, full-width letters, ligatures."""
    for match in _WORD.finditer(text):
        usual = unicodedata.normalize("NFKC", match.group())
        if usual != match.group():
            yield usual


def _compounds(text: str) -> Iterator[str]:
    """Yields a hyphenated word as one."""
    for match in _HYPHENATED.finditer(text):
        joined = _HYPHENS.sub("", match.group()).lower()
        if not joined.isdigit():
            yield joined


def _amounts(text: str) -> Iterator[str]:
    """Yields a term for each reading of an amount: `1.234` may be thousand or a decimal."""
    for match in _AMOUNT.finditer(text):
        if match["plain"]:
            yield _amount(match["plain"], match["rest"])
            continue
        yield _amount(re.sub(r"\D", "", match["whole"]), match["cents"] or "")
        before, _, after = match["whole"].partition(match["sign"])
        if match["sign"] in ".," and not match["cents"] and len(after) == _THOUSAND:
            yield _amount(before, after)


def _amount(whole: str, cents: str) -> str:
    """Returns the term of an amount: the word that a whole number is; one of its own with decimals."""
    whole, cents = whole.lstrip("0") or "0", cents.rstrip("0")
    return f"zq{whole.translate(_DIGITS)}z{cents.translate(_DIGITS)}" if cents else whole


def _term(code: str) -> str:
    return f"zx{code.translate(_DIGITS)}"


MOST = 20
_FEWEST = 3
_LONG = 6


def similar_words(word: str, vocabulary: Sequence[str]) -> Sequence[str]:
    """Returns at most `MOST` words of the vocabulary: the nearest to `word`, then those that contain
    it.

    Both are in the form of the vocabulary's tokenizer.
    """
    if len(word) < _FEWEST:
        return []
    edits = 1 if len(word) < _LONG else 2
    # Not at the top: most commands compare no words.
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    near = process.extract(word, vocabulary, scorer=OSA.distance, score_cutoff=edits, limit=MOST)
    least = min((distance for _, distance, _ in near), default=0)
    found = [one for one, distance, _ in near if distance == least]
    found.sort(key=lambda one: one[0] != word[0])  # people err less at the beginning
    containing = sorted((one for one in vocabulary if word in one and one != word), key=len)
    return list(dict.fromkeys([*found, *containing[:MOST]]))[:MOST]
