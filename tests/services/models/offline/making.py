"""Short ways to make entries, candidates and findings for the offline answerer's tests."""

from collections.abc import Sequence
from dataclasses import replace

from services.models.offline.extractive_answer import Findings
from services.models.offline.question import parse_question
from services.models.offline.quotation import Features, QuotableUnit, candidates
from services.models.offline.relevance import AnswerEvidence
from use_cases.kernel.citations.sources import PassageEntry
from use_cases.kernel.model import Hit, Passage, outdated

SURE = AnswerEvidence(near=0.9, held=1.0, unmatched=0.0, unnamed=0.0, apart=0.0)
UNSURE = AnswerEvidence(near=0.0, held=0.0, unmatched=1.0, unnamed=1.0, apart=1.0)
_FEATURES = Features(
    around=0.5, covered=0.5, covered_here=0.5, covered_near=0.5, held=1.0, rank=1.0, named=1.0
)


def entry(passage: Passage, number: int = 1) -> PassageEntry:
    """A retrieved passage under its number."""
    return PassageEntry(number, passage, Hit(passage, 1.0))


def quote_title(passage: Passage, title: str, superseded_by: str | None = None) -> Passage:
    """The same passage in a document of another title."""
    document = replace(passage.document, title=title, superseded_by=superseded_by)
    return replace(passage, document=document)


def units_of(text_passage: Passage, number: int = 1) -> list[QuotableUnit]:
    """All its quotable units."""
    return candidates([entry(text_passage, number)])


def findings(
    passages: Sequence[Passage],
    *,
    evidence: AnswerEvidence = SURE,
    question: str = "How often?",
    gap: float = 10.0,
) -> Findings:
    """All units in their order, each worse than the one before by `gap`."""
    found = candidates([entry(passage, n) for n, passage in enumerate(passages, 1)])
    ranked = [
        replace(unit, features=_FEATURES, score=-gap * place) for place, unit in enumerate(found)
    ]
    replaced = outdated(passage.document for passage in passages)
    return Findings(parse_question(question), ranked, evidence, replaced)
