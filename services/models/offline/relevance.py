"""The relevance of candidates to a question, and the probability that they answer it.

Two linear models over few, general features. `RANKING` orders candidates: its weights were fitted
by softmax regression so that the unit holding the gold span comes first. `ANSWERABLE` is a logistic
model of "these passages hold an answer". Both were fitted by `benchmarks/offline_answers.py --fit`
on questions marked `tune`, never on those marked `test`: the ranking on the samples and three other
handbooks, the evidence on the samples. A similarity alone separates answerable from unanswerable
questions no better than a coin where the latter are on topic.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain, repeat

from services.models.offline.candidates import QuotableUnit, plain
from services.models.offline.question import AnswerKind, ParsedQuestion, contains_value
from use_cases.kernel.statistics.logistic_regression import logistic
from use_cases.kernel.text.sentences import UnitKind
from use_cases.kernel.text.words import content

RANKING: Mapping[str, float] = {
    "similarity": 2.88,
    "covered": 1.27,
    "covered_here": 1.88,
    "covered_near": 1.95,
    "held": 1.74,
    "rank": 1.61,
    "matched": 0.98,
    "named": 0.36,
    "outdated": -1.08,
    "typed": 0.43,
}
"""Weights of a candidate's features: see `Features`."""

ANSWERABLE: Mapping[str, float] = {
    "bias": 0.33,
    "similarity": 1.02,
    "context": 2.12,
    "unnamed": -2.83,
    "focused": 0.38,
    "uncovered": -1.5,
    "apart": -7.5,
}
"""Weights of the evidence: see `AnswerEvidence`."""

EARLIER = 0.5
"""The weight of a word that only the question before contains."""

SAID_BEFORE = 3.0
"""The deduction for a sentence of an earlier answer, which the user has read already."""

_RAREST = 7.0
"""The highest weight of a word, that of one passage in e^7."""


@dataclass(frozen=True, slots=True)
class Features:
    """The features of one candidate, each 0 to 1 (similarity: -1 to 1).

    similarity: cosine of question and unit. covered, covered_here, covered_near: share of the
    question's words (weighted by rarity) in the unit; with its headings and title; with the unit
    before it and the meaning of its columns, too. held: it holds a value of the asked kind. rank: 1 / (1 + rank of its passage).
    matched: it lies in the part that the search matched. named: share of the question's names in
    unit, headings, title and the unit before. outdated: a newer version was retrieved, too. typed:
    code for a question that asks for a command.
    """

    similarity: float
    covered: float
    covered_here: float
    covered_near: float
    held: float
    rank: float
    matched: float
    named: float
    outdated: float
    typed: float


@dataclass(frozen=True, slots=True)
class AnswerEvidence:
    """The features of the best candidates that predict an answer.

    similarity: the highest cosine of any unit. context: the highest cosine of a unit together with
    title and heading, among the best. unnamed: share of the question's names missing from the
    reading of the best. focused: share of the asked noun's words in it. uncovered: rarity of the
    rarest question word missing from it, 0 to 1. apart: how much of the question's words is
    covered only where its names are not: `AK-2` here and its warranty there is no answer.
    """

    similarity: float
    context: float
    unnamed: float
    focused: float
    uncovered: float
    apart: float

    @property
    def probability(self) -> float:
        """The probability that the passages contain an answer, 0 to 1."""
        sum_ = ANSWERABLE["bias"] + weighted_sum(self, ANSWERABLE)
        return logistic(sum_)


@dataclass(frozen=True, slots=True)
class Weighed:
    """A candidate with its features and its score; higher is better."""

    candidate: QuotableUnit
    features: Features
    score: float


def rarity(frequencies: Mapping[str, float], question: ParsedQuestion) -> dict[str, float]:
    """Return the weight of each question word: -ln of the share of passages with it, bounded.

    A word of the question before alone weighs less: it names the place to look, not the subject.
    """
    floor = math.exp(-_RAREST)
    return {
        word: -math.log(max(frequencies.get(word, 0.0), floor))
        * (EARLIER if word in question.inherited else 1.0)
        for word in question.words
    }


def weigh(
    question: ParsedQuestion,
    candidates: Sequence[QuotableUnit],
    rarities: Mapping[str, float],
    outdated: frozenset[int],
) -> list[Weighed]:
    """Return the candidates, best first, before they are compared by meaning.

    `outdated` are the ids of versions of which a newer one was retrieved.
    """
    weighed: list[Weighed] = []
    for candidate in candidates:
        features = _features(question, candidate, rarities, outdated)
        weighed.append(Weighed(candidate, features, weighted_sum(features, RANKING)))
    return sorted(weighed, key=lambda w: -w.score)


def rank_by_similarity(ranked: Sequence[Weighed], similarities: Sequence[float]) -> list[Weighed]:
    """Rank the candidates anew with the similarities of the first few; the others get the lowest."""
    farthest = min(similarities, default=0.0)
    weighed: list[Weighed] = []
    for w, similarity in zip(ranked, chain(similarities, repeat(farthest)), strict=False):
        features = replace(w.features, similarity=similarity)
        weighed.append(Weighed(w.candidate, features, weighted_sum(features, RANKING)))
    return sorted(weighed, key=lambda w: -w.score)


def rank_news_first(ranked: Sequence[Weighed], said: str) -> list[Weighed]:
    """Rank the candidates anew, with a deduction for those quoted in an earlier answer."""
    known = f" {' '.join(content(said))} "
    weighed = [
        replace(w, score=w.score - SAID_BEFORE)
        if f" {' '.join(content(w.candidate.text))} " in known
        else w
        for w in ranked
    ]
    return sorted(weighed, key=lambda w: -w.score)


def evidence(
    question: ParsedQuestion,
    ranked: Sequence[Weighed],
    contexts: Sequence[float],
    rarities: Mapping[str, float],
) -> AnswerEvidence:
    """Return the evidence in ranked candidates; `contexts` are the first few cosines in context."""
    reading = _reading(ranked[0].candidate)
    held = set(content(reading))
    missing = [weight for word, weight in rarities.items() if word not in held]
    return AnswerEvidence(
        similarity=max(w.features.similarity for w in ranked),
        context=max(contexts),
        unnamed=1.0 - _named(question, reading),
        focused=_share(question.focus, held),
        uncovered=max(missing, default=0.0) / _RAREST,
        apart=_apart([w.features for w in ranked]),
    )


def weighted_sum(features: Features | AnswerEvidence, weights: Mapping[str, float]) -> float:
    """Return the sum of features times weights."""
    return sum(weights[name] * float(getattr(features, name)) for name in features.__slots__)


def _features(
    question: ParsedQuestion,
    candidate: QuotableUnit,
    rarities: Mapping[str, float],
    outdated: frozenset[int],
) -> Features:
    passage = candidate.entry.passage
    above = (passage.document.title, passage.section, candidate.heading)
    near = _near(candidate)
    words = _words(candidate.text)
    words_here = words.union(*map(_words, above))
    words_near = words_here.union(_words(candidate.before), _words(candidate.legend))
    at = passage.reading.start + candidate.span.start
    code = candidate.kind is UnitKind.CODE or "`" in candidate.text
    return Features(
        similarity=0.0,
        covered=_covered(words, rarities),
        covered_here=_covered(words_here, rarities),
        covered_near=_covered(words_near, rarities),
        held=float(contains_value(question.asked, plain(candidate.text))),
        rank=1 / (1 + candidate.rank),
        matched=float(passage.span.start <= at < passage.span.end),
        named=_named(question, near),
        outdated=float(passage.document.version_id in outdated),
        typed=float(code and question.asked is AnswerKind.COMMAND),
    )


def has_subject(question: ParsedQuestion, candidate: QuotableUnit) -> bool:
    """Return whether a candidate has a word of the question besides names, which are no subject."""
    subject = set(question.words) - set(content(" ".join(question.names)))
    return not subject or not subject.isdisjoint(content(_near(candidate)))


@lru_cache(maxsize=4096)  # a title stands above every unit, and each unit before another one
def _words(text: str) -> frozenset[str]:
    return frozenset(content(text))


def _covered(words: frozenset[str], rarities: Mapping[str, float]) -> float:
    held = rarities.keys() & words
    total = sum(rarities.values())
    if not total:  # every passage holds every word, as where only one is stored
        return len(held) / len(rarities) if rarities else 0.0
    return sum(rarities[word] for word in held) / total


def _named(question: ParsedQuestion, text: str) -> float:
    lowered = text.lower()
    return (
        sum(n in lowered for n in question.names) / len(question.names) if question.names else 1.0
    )


def _apart(features: Sequence[Features]) -> float:
    together = max(f.named * f.covered_near for f in features)
    return max(f.covered_near for f in features) - together


def _share(words: Sequence[str], held: set[str]) -> float:
    return sum(word in held for word in words) / len(words) if words else 1.0


def _near(candidate: QuotableUnit) -> str:
    passage = candidate.entry.passage
    above = f"{passage.document.title} {passage.section} {candidate.heading}"
    return f"{above} {candidate.text} {candidate.before} {candidate.legend}"


def _reading(candidate: QuotableUnit) -> str:
    passage = candidate.entry.passage
    return f"{passage.document.title} {passage.section} {passage.reading_text} {candidate.legend}"
