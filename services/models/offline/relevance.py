"""The relevance of candidates to a question, word by word and token by token, and their probability.

A passage's tokens were read in all of its text when it was stored, so "it" in a sentence is near to what
it stands for, and nothing but the question is embedded again. Promises: every figure is a weighted mean
over the question's tokens, with the weights of the match. Leaves to others: the vectors and the weights
(port `TokenMatches`).

Linear models over few, general features. `RANKING` orders candidates by their words and their tokens
in context, `RANKING_BY_WORDS` where the index has no token vectors; their weights were fitted by
softmax regression so that the unit holding the gold span comes first. `ANSWERABLE` is a logistic model
of "these passages hold an answer". All were fitted by `benchmarks/sentence_weights.py` on the
questions of the samples marked `tune` and the handbooks' half `choosing`, never on the others.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from services.models.offline.question import ParsedQuestion, contains_value
from services.models.offline.quotation import Features, QuotableUnit, plain
from use_cases.kernel.citations.sources import PassageEntry
from use_cases.kernel.model import Span
from use_cases.kernel.ports import DocumentFrequencies, TokenMatch
from use_cases.kernel.statistics.logistic_regression import logistic
from use_cases.kernel.text.words import UnitKind, content, words

BEFORE = 160
"""The number of characters before a unit that are its context, besides title and headings."""

ALIKE = 0.5
"""The cosine from which on tokens count as alike: those of unlike words have .2 to .5."""

FloatArray = NDArray[np.float64]


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

    def unlike(self) -> frozenset[str]:
        """Returns the question's words, as written, that are like no whole word of the reading.

        A moon is not like the piece "Moon" of the name "Moonen".
        """
        piece = np.isin(self._starts, self._ends) | np.isin(self._ends, self._starts)
        best = self._cosines[:, ~piece | self._above].max(axis=1, initial=-1.0)
        return frozenset(
            word for word, cosine in zip(self._words, best.tolist(), strict=True) if cosine < ALIKE
        )

    def of(self, place: Span) -> Features:
        """Returns the features of the tokens of the unit at a place of the version's text."""
        inside = ~self._above & (self._starts < place.end) & (self._ends > place.start)
        if not inside.any():
            return Features(around=self._mean(self._best))
        near = (self._starts >= place.start - BEFORE) & (self._starts < place.start)
        own = self._cosines[:, inside]
        best = own.max(axis=1)
        context = self._cosines[:, inside | near | self._above].max(axis=1)
        return Features(
            within=self._mean(best),
            context=self._mean(context),
            around=self._mean(self._best),
            alike=float(own.mean()),
            own=self._mean(best >= self._best),
        )

    def _mean(self, values: FloatArray | NDArray[np.bool_]) -> float:
        return float(self._weights @ values)


def reading_matches(matches: Sequence[TokenMatch | None]) -> Sequence[ReadingMatch] | None:
    """Returns the matches to ask about units; None unless every reading has one."""
    found = [ReadingMatch(match) for match in matches if match is not None]
    return found if found and len(found) == len(matches) else None


RANKING: Mapping[str, float] = {
    "within": 3.02,
    "context": 6.03,
    "around": 1.6,
    "alike": 9.56,
    "own": 1.41,
    "covered": -0.96,
    "covered_here": 1.81,
    "held": 1.89,
    "rank": 2.11,
    "named": 0.96,
}
"""Weights of a candidate's features: see `Features`."""

RANKING_BY_WORDS: Mapping[str, float] = {
    "covered": 2.71,
    "covered_here": 2.14,
    "covered_near": 2.08,
    "held": 2.13,
    "rank": 3.35,
    "named": 0.79,
}
"""The same without the features of tokens."""

ANSWERABLE: Mapping[str, float] = {
    "bias": -0.4,
    "near": 2.3,
    "held": 0.9,
    "unmatched": -2.37,
    "unnamed": -0.86,
    "apart": -3.9,
}
"""Weights of the evidence: see `AnswerEvidence`."""

UNFIT = 3.0
"""The deduction for a sentence of an earlier answer, which the user has read already, and for one that
says what something is where the question is what to do."""

_RAREST = 7.0
"""The highest weight of a word, that of one passage in e^7."""


USUAL_NEARNESS = 0.55
"""Stands for `AnswerEvidence.near` where nothing was found by vectors: about the middle."""


@dataclass(frozen=True, slots=True)
class AnswerEvidence:
    """The features of what was found that predict an answer, 0 to 1.

    near: the highest cosine of a passage. held: the best candidate holds a value of the asked kind.
    unmatched: see `ReadingMatch`, of its reading. unnamed: share of the question's names missing from it.
    apart: how much of the question's words is covered only where its names are not: `AK-2` here and its
    warranty there is no answer.
    """

    near: float
    held: float
    unmatched: float
    unnamed: float
    apart: float

    @property
    def probability(self) -> float:
        """The probability that the passages contain an answer, 0 to 1."""
        return logistic(weighted_sum(self, ANSWERABLE))


def rarity(question: ParsedQuestion, counted: DocumentFrequencies) -> Mapping[str, float]:
    """Returns the weight of each question word: -ln of the share of passages with it, bounded.

    As if half a passage more were stored, and one of none were in that half: a word of every passage
    counts where few passages are stored, and one of none says little there.
    """
    passages = max(1, counted.passages)  # none are stored where conversations alone are searched
    held = {word: max(0.5, counted.shares.get(word, 0.0) * passages) for word in question.words}
    return {word: min(_RAREST, math.log((passages + 0.5) / count)) for word, count in held.items()}


def weigh(
    question: ParsedQuestion,
    units: Sequence[QuotableUnit],
    rarities: Mapping[str, float],
    matches: Sequence[ReadingMatch] | None = None,
) -> Sequence[QuotableUnit]:
    """Returns the units with their features and scores, best first.

    `matches` are those of the units' readings, by their rank.
    """
    weights = RANKING_BY_WORDS if matches is None else RANKING
    weighed: list[QuotableUnit] = []
    for unit in units:
        match = Features() if matches is None else matches[unit.rank].of(unit.extent)
        features = _features(question, unit, rarities, match)
        weighed.append(replace(unit, features=features, score=weighted_sum(features, weights)))
    return sorted(weighed, key=lambda unit: -unit.score)


def demote(
    ranked: Sequence[QuotableUnit], is_unfit: Callable[[QuotableUnit], bool]
) -> Sequence[QuotableUnit]:
    """Ranks the units anew, with a deduction for those that are unfit to lead."""
    weighed = [replace(u, score=u.score - UNFIT) if is_unfit(u) else u for u in ranked]
    return sorted(weighed, key=lambda unit: -unit.score)


def evidence(
    question: ParsedQuestion,
    ranked: Sequence[QuotableUnit],
    passages: Sequence[PassageEntry],
    matches: Sequence[ReadingMatch] | None = None,
) -> AnswerEvidence:
    """Returns the evidence in ranked units of these passages, with the matches of their readings."""
    best, features = ranked[0], [unit.features for unit in ranked]
    passage = best.entry.passage
    reading = f"{passage.document.title} {passage.section} {passage.reading_text} {best.before}"
    near = [entry.hit.vector.score for entry in passages if entry.hit.vector is not None]
    together = max(f.named * f.covered_near for f in features)
    return AnswerEvidence(
        near=max(near, default=USUAL_NEARNESS),
        held=best.features.held,
        unmatched=0.0 if matches is None else matches[best.rank].unmatched,
        unnamed=1.0 - _named(question, reading),
        apart=max(f.covered_near for f in features) - together,
    )


def unheard(
    question: ParsedQuestion,
    matches: Sequence[ReadingMatch] | None,
    frequencies: Mapping[str, float],
) -> Mapping[str, str]:
    """Returns the question's words that no document holds and that are like nothing found, by stem.

    Only words that are like no whole word of any reading. Without matches all that no document holds, of
    which one may say the same in another word.
    """
    unlike = [match.unlike() for match in matches or ()]
    found = frozenset[str].intersection(*unlike) if unlike else frozenset(words(question.text))
    absent = {word for word, share in frequencies.items() if not share}
    return {stem: word for word in sorted(found) for stem in content(word) if stem in absent}


def weighted_sum(features: Features | AnswerEvidence, weights: Mapping[str, float]) -> float:
    """Returns the sum of features times weights; one without a weight does not count, `bias` is 1."""
    return sum(weight * float(getattr(features, name, 1.0)) for name, weight in weights.items())


def _features(
    question: ParsedQuestion, unit: QuotableUnit, rarities: Mapping[str, float], match: Features
) -> Features:
    """Returns all features of a unit, with those of its tokens."""
    above = (unit.document.title, unit.entry.passage.section, unit.heading)
    own = _words(unit.text)
    words_here = own.union(*map(_words, above))
    quoted = f"`{unit.text}`" if unit.kind is UnitKind.CODE else plain(unit.text)
    return replace(
        match,
        covered=_covered(own, rarities),
        covered_here=_covered(words_here, rarities),
        covered_near=_covered(words_here | _words(unit.before), rarities),
        held=float(contains_value(question.asked, quoted)),
        rank=1 / (1 + unit.rank),
        named=_named(question, " ".join((*above, unit.text, unit.before))),
    )


@lru_cache(maxsize=4096)  # a title stands above every unit, and each unit before another one
def _words(text: str) -> frozenset[str]:
    return frozenset(content(text))


def _covered(words: frozenset[str], rarities: Mapping[str, float]) -> float:
    held = rarities.keys() & words
    total = sum(rarities.values())
    return sum(rarities[word] for word in held) / total if total else 0.0


def _named(question: ParsedQuestion, text: str) -> float:
    lowered = text.lower()
    return (
        sum(n in lowered for n in question.names) / len(question.names) if question.names else 1.0
    )
