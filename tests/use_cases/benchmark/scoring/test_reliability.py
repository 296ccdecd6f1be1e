from use_cases.benchmark.scoring.reliability import Repeat, jaccard, measure_reliability
from use_cases.benchmark.scoring.task_score import EditSet

A: EditSet = frozenset({("1", "c", "x"), ("2", "c", "y")})
B: EditSet = frozenset({("1", "c", "x"), ("3", "c", "y")})
NONE: EditSet = frozenset()


def repeat(
    edits: EditSet, f1: float = 1.0, *, damage: float = 0.0, completed: bool = True
) -> Repeat:
    return Repeat(edits=edits, f1=f1, corruption_rate=damage, completed=completed)


def test_the_jaccard_index_is_1_of_two_empty_sets() -> None:
    assert (jaccard(A, B), jaccard(A, A), jaccard(A, NONE), jaccard(NONE, NONE)) == (1 / 3, 1, 0, 1)


def test_reliability_is_the_mean_likeness_of_pairs() -> None:
    found = measure_reliability([repeat(A), repeat(A, 0.8), repeat(B, 0.6)])
    assert found.reliability_score == (1 + 1 / 3 + 1 / 3) / 3
    assert found.exact_agreement == 1 / 3
    assert found.f1_deviation is not None
    assert round(found.f1_deviation, 12) == 0.2
    assert (found.completion_rate, found.passed) == (1.0, 1)
    assert found.pass_all == (1 / 3, 0.0, 0.0)


def test_the_chance_that_k_pass_is_over_draws_without_replacement() -> None:
    found = measure_reliability([repeat(A), repeat(A), repeat(A), repeat(A, 0.1)])
    assert found.pass_all == (3 / 4, 1 / 2, 1 / 4, 0.0)


def test_repeats_that_failed_are_no_likeness() -> None:
    failed = repeat(NONE, 0.0, completed=False)
    found = measure_reliability([failed, failed, failed])
    assert (found.reliability_score, found.exact_agreement) == (None, None)
    assert (found.completion_rate, found.passed) == (0.0, 0)
    assert measure_reliability([repeat(NONE), failed, failed]).reliability_score == 0.0


def test_a_failed_repeat_is_like_no_other_and_did_not_complete() -> None:
    found = measure_reliability([repeat(A), repeat(A), repeat(A, completed=False)])
    assert found.reliability_score == 1 / 3
    assert found.completion_rate == 2 / 3
    assert found.passed == 2


def test_damage_does_not_pass() -> None:
    assert not repeat(A, 1.0, damage=0.01).passed
    assert Repeat(edits=A, f1=1.0, corruption_rate=None).passed


def test_one_repeat_has_no_reliability() -> None:
    found = measure_reliability([repeat(A)])
    assert (found.reliability_score, found.exact_agreement, found.f1_deviation) == (None,) * 3
    assert found.pass_all == (1.0,)
    assert measure_reliability([]).completion_rate is None
