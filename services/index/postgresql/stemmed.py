"""Words of passages and questions for PostgreSQL's full text: FTS5's own tokens and stems, so that both
databases speak one language. Pure.

A passage is one `tsvector`: its title (weight A), headings (B) and text (D), with a gap between two, so
that no phrase lies across. A question is a list of phrases, nearly always of one stem.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.index.stems import tokens
from services.index.terms import is_prefix

_LONGEST = 200  # characters of a stem, far below what an index of the server takes
_FIELDS = (("A", 4), ("B", 3), ("D", 2))  # title, headings, text


@dataclass(frozen=True, slots=True)
class Phrase:
    """Stems that follow one another; `prefix`: the last one stands for all that begin with it."""

    stems: tuple[str, ...]
    prefix: bool = False

    @property
    def is_word(self) -> bool:
        """Whether it is one stem."""
        return len(self.stems) == 1 and not self.prefix

    @property
    def query(self) -> str:
        """The `tsquery` that finds it."""
        quoted = [_quote(stem) for stem in self.stems]
        return " <-> ".join(quoted)


@dataclass(frozen=True, slots=True)
class PassageStems:
    """The stems of one passage: as a `tsvector`, its words as FTS5 counts them, and how often it has each.

    Frequencies are in halves of an occurrence in the text: one there is 2, in a heading 3, in the title 4.
    """

    vector: str
    words: int
    frequencies: Mapping[str, int]


def stems_of(title: str, heading: str, body: str) -> PassageStems:
    """Returns the stems of a passage, of what is indexed of its title, headings and text."""
    places: dict[str, list[str]] = {}
    frequencies: dict[str, int] = {}
    at, words = 0, 1  # one word names the category
    for (letter, weight), text in zip(_FIELDS, (title, heading, body), strict=True):
        for stem in tokens(text):
            at, words = at + 1, words + 1
            if len(stem) <= _LONGEST:
                places.setdefault(stem, []).append(f"{at}{letter}")
                frequencies[stem] = frequencies.get(stem, 0) + weight
        at += 1
    vector = " ".join(f"{_quote(stem)}:{','.join(found)}" for stem, found in places.items())
    return PassageStems(vector, words, frequencies)


def phrases(terms: Sequence[str]) -> list[Phrase]:
    """Returns the phrases of search terms, in their order; one that two terms make comes twice."""
    found = ((tuple(tokens(term)), is_prefix(term)) for term in terms)
    return [Phrase(stems, prefix) for stems, prefix in found if stems]


def _quote(stem: str) -> str:
    return "'" + stem.replace("\\", "\\\\").replace("'", "''") + "'"
