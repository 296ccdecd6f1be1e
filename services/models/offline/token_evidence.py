"""The evidence of a unit, token by token: which words of the question it matches, and how well.

A passage's tokens were read in all of its text when it was stored, so "it" in a sentence is near to what
it stands for, and nothing but the question is embedded again. Promises: every figure is a weighted mean
over the question's tokens, with the weights of the match. Leaves to others: the vectors and the weights
(port `TokenMatches`), the judgement (`relevance`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from use_cases.kernel.model import Span
from use_cases.kernel.ports import TokenMatch

BEFORE = 160
"""The number of characters before a unit that are its context, besides title and headings."""

ALIKE = 0.5
"""The cosine from which on tokens count as alike: those of unlike words have .2 to .5."""

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class UnitMatch:
    """The match of a question with one unit, each figure -1 to 1.

    within: the mean of the best cosine of each of the question's tokens with a token of the unit
    (MaxSim). context: the same with the text shortly before it, title and headings. around: the same
    with all of its reading. alike: the mean cosine of all pairs of tokens. own: the share of the
    question's tokens whose best match in the reading is in the unit.
    """

    within: float = 0.0
    context: float = 0.0
    around: float = 0.0
    alike: float = 0.0
    own: float = 0.0


class ReadingMatch:
    """A match of question and reading, to be asked about the reading's units."""

    def __init__(self, match: TokenMatch) -> None:
        weights = np.array(match.weights)
        total = weights.sum()
        self._weights: FloatArray = weights / total if total else np.full(len(weights), 0.0)
        self._cosines: FloatArray = np.array(match.cosines).reshape(len(weights), len(match.spans))
        self._above = np.array([span is None for span in match.spans], dtype=np.bool_)
        self._starts = np.array([-1 if s is None else s.start for s in match.spans])
        self._ends = np.array([-1 if s is None else s.end for s in match.spans])
        self._best = self._cosines.max(axis=1, initial=-1.0)
        self._words = match.words

    @property
    def unmatched(self) -> float:
        """The share of the question, 0 to 1, that is like nothing in the reading: `ALIKE` is enough."""
        return self._mean(np.maximum(0.0, ALIKE - self._best) / ALIKE)

    @property
    def unlike(self) -> frozenset[str]:
        """The question's words, as written, with a token that is like nothing in the reading."""
        best = zip(self._words, self._best.tolist(), strict=True)
        return frozenset(word for word, cosine in best if cosine < ALIKE)

    def of(self, place: Span) -> UnitMatch:
        """Return the match of the unit at a place of the version's text."""
        inside = ~self._above & (self._starts < place.end) & (self._ends > place.start)
        if not inside.any():
            return UnitMatch(around=self._mean(self._best))
        near = (self._starts >= place.start - BEFORE) & (self._starts < place.start)
        own = self._cosines[:, inside]
        best = own.max(axis=1)
        context = self._cosines[:, inside | near | self._above].max(axis=1)
        return UnitMatch(
            within=self._mean(best),
            context=self._mean(context),
            around=self._mean(self._best),
            alike=float(own.mean()),
            own=self._mean(best >= self._best),
        )

    def _mean(self, values: FloatArray | NDArray[np.bool_]) -> float:
        return float(self._weights @ values)


def reading_matches(matches: Sequence[TokenMatch | None]) -> Sequence[ReadingMatch] | None:
    """Return the matches to ask about units; None unless every reading has one."""
    found = [ReadingMatch(match) for match in matches if match is not None]
    return found if found and len(found) == len(matches) else None
