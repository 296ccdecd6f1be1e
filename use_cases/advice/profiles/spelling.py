"""Names that are nearly a written one. Pure.

Promises: fast among ten thousand names: only words with the same first letter and about the same
length are compared. A first name may be an initial or cut short ("Pat", "Mo"); a last name must be
nearly right. Leaves the choice among several to `name_index.py`.
"""

from collections.abc import Sequence
from difflib import SequenceMatcher

from use_cases.advice.profiles.tokens import Words

_NEAR = 0.8
"""The least similarity of two near words: "mahommes" and "mahomes" are .93, "chance" and "chase"
.91.
"""

_FAR = 0.6
"""The least similarity of a last name that is suggested beside the right first name."""

_SHORTEST = 5
"""The fewest letters of a single word that may be misspelt: shorter ones are too much alike."""


class Spelling:
    """An index of similar names by their words."""

    def __init__(self) -> None:
        self._last: dict[str, dict[str, Words]] = {}
        # The last words by their first letter.
        self._by_letter: dict[str, dict[str, None]] = {}
        self._by_first: dict[str, dict[str, str]] = {}

    def add(self, words: Words, name: str) -> None:
        """Add a name by its words, folded and without a generation."""
        if words:
            self._last.setdefault(words[-1], {})[name] = words
            self._by_letter.setdefault(words[-1][0], {})[words[-1]] = None
            self._by_first.setdefault(words[0], {})[name] = words[-1]

    def persons(self, words: Words) -> Sequence[str]:
        """Return the nearest names of several words that these misspell: the last word is nearly
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
        """Return names with the same first name and a less similar last name."""
        known = self._by_first.get(words[0], {})
        return [name for name, last in known.items() if _ratio(words[-1], last) >= _FAR]

    def singles(self, words: Words) -> Sequence[str]:
        """Return the nearest names whose last word a single word misspells."""
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
    """Return the similarity of a word to the words before the last one of a name; 0: none."""
    if said in known:
        return 1.0
    if known and (known[0].startswith(said) or (len(known[0]) > 2 and said.startswith(known[0]))):
        return 0.9
    alike = max((_ratio(said, word) for word in known), default=0.0)
    return alike if alike >= _NEAR and len(said) > 2 else 0.0


def _nearest(found: dict[str, float]) -> Sequence[str]:
    best = max(found.values(), default=0.0)
    return [name for name, alike in found.items() if best - alike < 0.05]
