"""Scores of a ranking of passages against the places that answer a question; rankings compared.

The candidates of a question are fetched once (`fetch_candidates`); any number of rankers then orders
the same ones, so that a difference between two is the ranking's alone. Promises: pure but for the
fetching. Leaves to others: where a quote stands in a stored text, and what is embedded.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import TypeAlias

from use_cases.kernel.fusion import Candidate, Fused, fuse
from use_cases.kernel.model import Passage, Span, Vector
from use_cases.kernel.ports import Embedder, TokenMatches
from use_cases.kernel.statistics.paired_comparison import PairedItem, compare_variants
from use_cases.knowledge.hybrid_search import rescore
from use_cases.knowledge.model import RetrievalPolicy
from use_cases.knowledge.ports import Lanes

Places: TypeAlias = Mapping[str, Sequence[Span]]
"""By the name of a document the spans that answer, all of them together; any document will do."""

ENOUGH = 0.5
"""The share of the answering characters from which on passages hold the evidence: passages end in the
middle of a list, and what is next to them is read as well."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """The candidates of one question: each lane's, best first, and the passages by their id.

    `tokens` are the MaxSim scores of the best fused ones.
    """

    question: str
    vector: Vector
    near: Sequence[Candidate]
    matching: Sequence[Candidate]
    naming: Sequence[Candidate]
    tokens: Mapping[int, float]
    passages: Mapping[int, Passage]


Ranker: TypeAlias = Callable[[Candidates], Sequence[int]]
"""Returns ids of the candidates' passages, best first."""


@dataclass(frozen=True, slots=True)
class RankingScores:
    """One question's scores, each from 0 to 1. The places of documents count each document once."""

    document_first: float
    document_in_5: float
    reciprocal_rank: float
    evidence_in_5: float
    evidence_in_10: float


RANKING_FIGURES = (
    "right document first",
    "right document in the first 5",
    "MRR of the right document",
    "evidence in the first 5 passages",
    "evidence in the first 10 passages",
)
"""What the fields of `RankingScores` are called in a table, in their order."""


async def fetch_candidates(
    lanes: Lanes, embedder: Embedder, matches: TokenMatches, question: str
) -> Candidates:
    """Fetch the candidates that the product's search has for a question."""
    policy, vector = RetrievalPolicy(), await embedder.embed_query(question)
    near = await lanes.nearest(vector, limit=policy.vector_search_limit)
    matching = await lanes.matching(question, limit=policy.bm25_search_limit)
    naming = await lanes.naming(question, limit=policy.bm25_search_limit)
    ids = {candidate.passage_id for lane in (near, matching, naming) for candidate in lane}
    passages = await lanes.passages(sorted(ids))
    best = _fused(near, matching, naming)[: policy.rescored_passages]
    tokens = await matches.scores(question, [found.passage_id for found in best])
    return Candidates(question, vector, near, matching, naming, tokens, passages)


def rank_fused(candidates: Candidates) -> Sequence[int]:
    """Order by the fused scores alone."""
    fused = _fused(candidates.near, candidates.matching, candidates.naming)
    return [found.passage_id for found in fused]


def rank_rescored(candidates: Candidates) -> Sequence[int]:
    """Order as the product's search does, but for outdated versions."""
    fused = _fused(candidates.near, candidates.matching, candidates.naming)
    most = RetrievalPolicy().rescored_passages
    rescored = rescore(fused[:most], candidates.tokens)
    return [found.passage_id for found in (*rescored, *fused[most:])]


def rank_by_tokens(candidates: Candidates) -> Sequence[int]:
    """Order by MaxSim alone, the passages without it after the others."""
    scores = candidates.tokens
    return sorted(rank_fused(candidates), key=lambda found: -scores.get(found, -1.0))


def _fused(*lanes: Sequence[Candidate]) -> Sequence[Fused]:
    policy = RetrievalPolicy()
    weights = [policy.vector_weight, policy.bm25_weight, policy.name_weight]
    return fuse(lanes, weights=weights, k=policy.rrf_k)


RANKERS: Mapping[str, Ranker] = {
    "fused": rank_fused,
    "rescored": rank_rescored,
    "MaxSim alone": rank_by_tokens,
    "vectors alone": lambda candidates: [one.passage_id for one in candidates.near],
    "BM25 alone": lambda candidates: [one.passage_id for one in candidates.matching],
}
"""The rankings to compare; the first is the baseline."""


def score_ranking(passages: Sequence[Passage], places: Places) -> RankingScores:
    """Score the passages found for one answerable question, best first."""
    documents = list(dict.fromkeys(passage.document.name for passage in passages))
    rank = next((place for place, name in enumerate(documents, 1) if name in places), None)
    held = [
        max(
            covered(spans, [p.span for p in passages[:most] if p.document.name == name])
            for name, spans in places.items()
        )
        for most in (5, 10)
    ]
    return RankingScores(
        document_first=float(rank == 1),
        document_in_5=float(rank is not None and rank <= 5),
        reciprocal_rank=1 / rank if rank else 0.0,
        evidence_in_5=float(held[0] >= ENOUGH),
        evidence_in_10=float(held[1] >= ENOUGH),
    )


def covered(wanted: Sequence[Span], held: Sequence[Span]) -> float:
    """Return the share of the wanted characters that the held spans contain together."""
    places = {place for span in wanted for place in range(span.start, span.end)}
    return len(places & {n for span in held for n in range(span.start, span.end)}) / len(places)


def compare_rankers(
    asked: Sequence[tuple[Candidates, Places]], rankers: Mapping[str, Ranker]
) -> Sequence[str]:
    """Return the rows of a table: each ranker's means, and its gain over the first one.

    The gain has the 95 % interval of the paired difference, by question.
    """
    heads = [*RANKING_FIGURES]
    rows = [f"| ranking | {' | '.join(heads)} |", "|---" * (len(heads) + 1) + "|"]
    scores = {name: [_score(ranker, *one) for one in asked] for name, ranker in rankers.items()}
    baseline = next(iter(scores.values()))
    for name, found in scores.items():
        cells = [
            _gain([row[column] for row in baseline], [row[column] for row in found])
            for column in range(len(heads))
        ]
        rows.append(f"| {name} | {' | '.join(cells)} |")
    return rows


def _score(ranker: Ranker, candidates: Candidates, places: Places) -> tuple[float, ...]:
    passages = [candidates.passages[one] for one in ranker(candidates)]
    return astuple(score_ranking(passages, places))


def _gain(before: Sequence[float], after: Sequence[float]) -> str:
    value = f"{sum(after) / len(after):.3f}"
    if before == after:
        return value
    pairs = [PairedItem((old,), (new,)) for old, new in zip(before, after, strict=True)]
    found = compare_variants(pairs)
    span = found.interval
    return f"{value} ({found.difference:+.3f}" + (
        f" [{span[0]:+.3f}, {span[1]:+.3f}])" if span else ")"
    )
