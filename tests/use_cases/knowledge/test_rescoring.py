import pytest

from use_cases.kernel.fusion import Candidate, Fused, fuse
from use_cases.knowledge.hybrid_search import LANE_SHARES, TOKEN_SHARE, rescore


def fused(near: list[tuple[int, float]], matching: list[tuple[int, float]]) -> list[Fused]:
    lanes = [[Candidate(*one) for one in lane] for lane in (near, matching)]
    return list(fuse([*lanes, []], weights=[1, 1, 1], k=60))


def order(found: list[Fused], scores: dict[int, float]) -> list[int]:
    return [one.passage_id for one in rescore(found, scores)]


BOTH = fused([(1, 0.9), (2, 0.8), (3, 0.7)], [(1, 9.0), (2, 8.0), (3, 7.0)])


def test_a_clear_match_of_tokens_comes_before_a_better_rank() -> None:
    assert order(BOTH, {1: 0.5, 2: 0.5, 3: 0.5}) == [1, 2, 3]
    far = fused([(1, 0.9), (2, 0.9), (3, 0.9)], [(1, 9.0), (2, 9.0), (3, 9.0)])
    assert order(far, {1: 0.5, 2: 0.9, 3: 0.2}) == [2, 1, 3]


def test_the_score_is_the_fused_one_and_a_contribution_that_keeps_the_shares() -> None:
    best, *_, last = rescore(BOTH, {1: 0.9, 2: 0.5, 3: 0.1})
    assert best.lanes[3] is not None
    assert (best.lanes[3].rank, best.lanes[3].score) == (1, 0.9)
    assert best.score == pytest.approx(BOTH[0].score + best.lanes[3].contribution)
    assert last.lanes[3] is not None
    assert last.lanes[3].contribution == 0
    # All four scores are alike here, so each contributes to the difference as its share says.
    gained = (best.score - last.score) / (BOTH[0].score - BOTH[-1].score)
    assert gained == pytest.approx(1 / (1 - TOKEN_SHARE - sum(LANE_SHARES)), rel=0.01)


def test_a_passage_without_token_vectors_counts_as_an_average_one() -> None:
    found = rescore(BOTH, {1: 0.1, 3: 0.9})
    assert [one.lanes[3] is None for one in found if one.passage_id == 2] == [True]
    assert order(BOTH, {1: 0.1, 3: 0.9}) == order(BOTH, {1: 0.1, 2: 0.5, 3: 0.9})


def test_a_passage_that_a_lane_did_not_find_has_its_lowest_score() -> None:
    found = fused([(1, 0.9), (2, 0.8)], [(2, 9.0), (3, 7.0)])
    same = {1: 0.5, 2: 0.5, 3: 0.5}
    assert order(found, same)[0] == 2
    assert {one.passage_id for one in rescore(found, same)} == {1, 2, 3}


def test_without_scores_the_order_stays() -> None:
    assert list(rescore(BOTH, {})) == BOTH
    assert order(BOTH[:1], {1: 0.3}) == [1]
    only_text = fused([], [(1, 9.0), (2, 8.0)])
    assert order(only_text, {1: 0.2, 2: 0.2}) == [1, 2]
