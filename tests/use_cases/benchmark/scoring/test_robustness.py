import pytest

from use_cases.benchmark.scoring.robustness import LevelScore, measure_robustness


def level(rate: float, recall: float | None, damage: float | None = 0.0) -> LevelScore:
    return LevelScore(level=rate, recall=recall, corruption_rate=damage, f1=0.5)


def test_robustness_is_the_area_under_recall_by_the_range_of_levels() -> None:
    found = measure_robustness([level(0.3, 0.4, 0.2), level(0.1, 0.8), level(0.2, 0.8, 0.1)])
    assert found.robustness_score == pytest.approx((0.8 + 0.6) / 2)
    assert found.retention == 0.5
    assert found.slope == pytest.approx(-2.0)
    assert [each.corruption_rate for each in found.curve] == [0.0, 0.1, 0.2]


def test_a_constant_recall_is_its_own_area() -> None:
    found = measure_robustness([level(rate, 0.7) for rate in (0.02, 0.05, 0.15)])
    assert found.robustness_score == pytest.approx(0.7)
    assert (found.retention, found.slope) == (1.0, pytest.approx(0.0, abs=1e-12))


def test_scores_of_one_level_are_averaged_and_two_levels_are_too_few() -> None:
    found = measure_robustness(
        [level(0.1, 0.2), level(0.1, 0.4), level(0.2, 0.5), level(0.0, None)]
    )
    assert (found.robustness_score, found.retention, found.slope) == (None, None, None)
    assert [each.recall for each in found.curve] == [None, pytest.approx(0.3), 0.5]


def test_nothing_can_be_retained_of_nothing() -> None:
    found = measure_robustness([level(0.1, 0.0), level(0.2, 0.1), level(0.3, 0.2)])
    assert found.retention is None
    assert found.robustness_score == pytest.approx(0.1)
