"""Rankings of passages scored against the places that answer, and compared with one another."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from benchmarks.ranking_scores import (
    Candidates,
    RankingScores,
    compare_rankers,
    covered,
    rank_by_tokens,
    rank_fused,
    rank_rescored,
    score_ranking,
)
from use_cases.kernel.fusion import Candidate
from use_cases.kernel.model import DateOrigin, DocumentRef, Passage, Span


def a_passage(passage_id: int, document: str, start: int, end: int) -> Passage:
    ref = DocumentRef(document, 1, document, document, "", date(2026, 1, 1), DateOrigin.STATED)
    span = Span(start, end)
    return Passage(passage_id, ref, "", None, span, "", span, "")


@pytest.mark.parametrize(
    ("held", "share"),
    [
        ([], 0.0),
        ([Span(0, 30)], 1.0),
        ([Span(0, 15)], 0.5),
        ([Span(0, 12), Span(8, 14), Span(26, 40)], 0.8),
    ],
)
def test_overlapping_spans_count_once(held: Sequence[Span], share: float) -> None:
    assert covered([Span(10, 15), Span(25, 30)], held) == pytest.approx(share)


def test_documents_are_ranked_by_their_first_passage() -> None:
    found = [a_passage(1, "a", 0, 9), a_passage(2, "a", 9, 20), a_passage(3, "b", 0, 50)]
    assert score_ranking(found, {"b": [Span(10, 20)]}) == RankingScores(0, 1, 0.5, 1, 1)
    assert score_ranking(found, {"c": [Span(10, 20)]}) == RankingScores(0, 0, 0, 0, 0)
    assert score_ranking(found, {"c": [Span(0, 9)], "a": [Span(0, 9)]}).document_first == 1


def test_evidence_counts_where_it_stands_and_by_its_greater_half() -> None:
    others = [a_passage(n, f"other {n}", 0, 9) for n in range(6)]
    found = [a_passage(10, "a", 0, 14), *others, a_passage(11, "a", 14, 15)]
    assert score_ranking(found, {"a": [Span(10, 20)]}) == RankingScores(1, 1, 1, 0, 1)
    assert score_ranking(found, {"a": [Span(10, 21)]}).evidence_in_10 == 0


def some_candidates() -> Candidates:
    passages = {n: a_passage(n, name, 0, 9) for n, name in enumerate("abc")}
    near, matching = [[Candidate(n, 1.0) for n in order] for order in ((0, 1, 2), (2, 1, 0))]
    return Candidates("Which?", b"", near, matching, [], {}, passages)


def test_rankers_order_the_same_candidates_and_show_their_gain() -> None:
    asked = [(some_candidates(), {"c": [Span(0, 9)]}) for _ in range(20)]
    rows = compare_rankers(
        asked,
        {
            "near": lambda candidates: [one.passage_id for one in candidates.near],
            "matching": lambda candidates: [one.passage_id for one in candidates.matching],
        },
    )
    assert rows[2] == "| near | 0.000 | 1.000 | 0.333 | 1.000 | 1.000 |"
    first, rest = rows[3].removeprefix("| matching | ").split(" | ", 1)
    assert first.startswith("1.000 (+1.000 [+0.")
    assert rest.startswith("1.000 | 1.000 (+0.667")


def test_token_scores_order_the_rescored_ranking() -> None:
    asked = replace(some_candidates(), tokens={0: 0.1, 1: 0.9, 2: 0.2})
    assert rank_fused(asked)[-1] == 1
    assert rank_by_tokens(asked) == [1, 2, 0]
    assert rank_rescored(asked)[0] == 1
    assert rank_rescored(some_candidates()) == rank_fused(some_candidates())
