"""What the recorded answers of a person add up to: outcomes, feedback, costs, times, documents.

Promises: one pass over the answers that a filter selects, the newest `MOST` of them; what is not
known (a model without a price) is counted as that, and never as 0. Pure. Leaves to others: which
answers a caller may see (`use_cases.chat.ports.Answers`).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil
from typing import Any

from use_cases.chat.model import AnswerFacts, Judgement
from use_cases.kernel.citations.sources import Outcome
from use_cases.kernel.model import DocumentRef

MOST = 100_000
"""The answers of one summary."""

LISTED = 20
"""The documents that are named; the others are counted."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Times of answers in milliseconds, by nearest rank."""

    p50: int
    p90: int
    p99: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerTotals:
    """Figures of some answers. `cost` (US dollars) and tokens are those that are known; `unpriced`
    answers have no known cost. `latency_ms` is None without an answer.
    """

    answers: int
    outcomes: Mapping[Outcome, int]
    feedback: Mapping[Judgement, int]
    cost: Decimal
    unpriced: int
    input_tokens: int
    output_tokens: int
    latency_ms: Latency | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionTotals(AnswerTotals):
    """The same of one model and prompt version."""

    model: str
    prompt_version: str


@dataclass(frozen=True, slots=True)
class CitedDocument:
    """A document, and the number of answers that cite it."""

    document_id: str
    name: str
    answers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerSummary(AnswerTotals):
    """The figures of all selected answers, and by model and prompt version, the most used first.

    `complete` is false where older answers than the newest `MOST` were left out. `cited` are the
    documents cited most, `never_cited` those of the knowledge base that no selected answer cites, by
    name; both are the first `LISTED` of `documents_cited` and `documents_never_cited`.
    """

    complete: bool
    by_version: Sequence[VersionTotals]
    documents_cited: int
    cited: Sequence[CitedDocument]
    documents_never_cited: int
    never_cited: Sequence[CitedDocument]


def summarise(
    facts: Sequence[AnswerFacts], documents: Iterable[DocumentRef], *, complete: bool
) -> AnswerSummary:
    """Return the summary of these answers, and of the documents that they could have cited."""
    versions: dict[tuple[str, str], list[AnswerFacts]] = {}
    names: dict[str, str] = {}
    cited: Counter[str] = Counter()
    for each in facts:
        versions.setdefault((each.model, each.prompt_version), []).append(each)
        cited.update(each.cited.keys())
        for key, name in each.cited.items():
            names.setdefault(key, name)  # the newest answer comes first, and has the newest name
    never = {each.document_id: each.name for each in documents if each.document_id not in cited}
    most = sorted(cited.items(), key=lambda item: (-item[1], names[item[0]]))
    by_version = sorted(versions.items(), key=lambda item: (-len(item[1]), item[0]))
    return AnswerSummary(
        **_totals(facts),
        complete=complete,
        by_version=[
            VersionTotals(**_totals(each), model=model, prompt_version=prompt_version)
            for (model, prompt_version), each in by_version
        ],
        documents_cited=len(cited),
        cited=[CitedDocument(key, names[key], count) for key, count in most[:LISTED]],
        documents_never_cited=len(never),
        never_cited=[
            CitedDocument(key, name, 0)
            for key, name in sorted(never.items(), key=lambda item: (item[1], item[0]))[:LISTED]
        ],
    )


def _totals(facts: Sequence[AnswerFacts]) -> dict[str, Any]:
    times = sorted(each.latency_ms for each in facts)
    return {
        "answers": len(facts),
        "outcomes": Counter(each.outcome for each in facts),
        "feedback": Counter(Judgement.of(each.right) for each in facts),
        "cost": sum((each.cost for each in facts if each.cost is not None), Decimal(0)),
        "unpriced": sum(each.cost is None for each in facts),
        "input_tokens": sum(each.input_tokens or 0 for each in facts),
        "output_tokens": sum(each.output_tokens or 0 for each in facts),
        "latency_ms": Latency(*(_rank(times, share) for share in (50, 90, 99))) if times else None,
    }


def _rank(ordered: Sequence[int], percent: int) -> int:
    """Return the value that so many percent do not exceed."""
    return ordered[ceil(len(ordered) * percent / 100) - 1]
