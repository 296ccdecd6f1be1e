import pytest

from use_cases.benchmark.scoring.contestant_comparison import compare_contestants

WORSE = {str(n): [0.5, 0.3 + n / 100] for n in range(12)}
BETTER = {str(n): [0.7, 0.5 + n / 90] for n in range(12)}


def test_contestants_are_compared_task_by_task() -> None:
    found = compare_contestants(WORSE, BETTER)
    assert (found.n, found.verdict, found.method) == (12, "better", "bootstrap")
    assert found.difference == pytest.approx(0.2, abs=0.01)
    assert compare_contestants(BETTER, WORSE).verdict == "worse"


def test_only_tasks_of_both_are_compared() -> None:
    assert compare_contestants(WORSE, {"0": [1.0], "none": [1.0]}).n == 1
    assert compare_contestants(WORSE, {"0": [None]}).n == 0


def test_less_damage_is_better() -> None:
    found = compare_contestants(WORSE, BETTER, more_is_better=False)
    assert found.verdict == "worse"
    assert found.difference == pytest.approx(-0.2, abs=0.01)
