"""Reciprocal rank fusion, by its definition."""

from hypothesis import given
from hypothesis import strategies as st

from use_cases.kernel.fusion import Candidate, fuse
from use_cases.kernel.model import LaneScore


def lane(*passage_ids: int) -> list[Candidate]:
    return [Candidate(number, 1.0 / (at + 1)) for at, number in enumerate(passage_ids)]


def test_a_passage_in_both_lanes_is_before_one_in_either() -> None:
    fused = fuse([lane(1, 2), lane(3, 2)], weights=[1, 1], k=60)
    assert [found.passage_id for found in fused] == [2, 1, 3]
    assert fused[0].score == 1 / 62 + 1 / 62
    assert fused[1].score == 1 / 61


def test_each_lane_says_rank_score_and_share() -> None:
    fused = fuse([lane(7), lane(5, 7)], weights=[2, 0.5], k=10)
    assert fused[0].passage_id == 7
    assert fused[0].lanes == [LaneScore(1, 1.0, 2 / 11), LaneScore(2, 0.5, 0.5 / 12)]
    assert fused[1].lanes == [None, LaneScore(1, 1.0, 0.5 / 11)]


def test_equal_scores_are_ordered_by_passage_id() -> None:
    fused = fuse([lane(9, 1), lane(4, 2)], weights=[1, 1], k=60)
    assert [found.passage_id for found in fused] == [4, 9, 1, 2]


def test_nothing_fused_is_nothing() -> None:
    assert fuse([[], []], weights=[1, 1], k=60) == []


def test_a_lane_without_weight_only_adds_passages_at_the_end() -> None:
    fused = fuse([lane(1, 2), lane(3)], weights=[1, 0], k=60)
    assert [found.passage_id for found in fused] == [1, 2, 3]


ids = st.lists(st.integers(1, 30), unique=True, max_size=20)


@given(one=ids, other=ids, k=st.integers(0, 100))
def test_every_passage_appears_once_and_the_scores_fall(
    one: list[int], other: list[int], k: int
) -> None:
    fused = fuse([lane(*one), lane(*other)], weights=[1, 1.5], k=k)
    assert {found.passage_id for found in fused} == {*one, *other}
    assert len(fused) == len({*one, *other})
    scores = [found.score for found in fused]
    assert scores == sorted(scores, reverse=True)
    for found in fused:
        shares = [said.contribution for said in found.lanes if said]
        assert found.score == sum(shares)
