"""Nothing passes by chance, without order, or against it; what fails is a reason, never an error."""

import pytest

from tests.use_cases.advice.tuning.outcomes import RIGHT, WRONG, overconfident, scored
from use_cases.advice.model import OutcomeState, Scored
from use_cases.advice.tuning.guards import (
    critical,
    cross_validate,
    examine,
    least_order,
    summarise_differences,
)
from use_cases.advice.tuning.maps import UNCHANGED
from use_cases.advice.tuning.tuning_report import Guard
from use_cases.kernel.statistics.figures import Statistic
from use_cases.kernel.statistics.forecast_scores import auc


def rows(*told: tuple[int, OutcomeState]) -> list[Scored]:
    return [scored(f"r{i}", stated, outcome) for i, (stated, outcome) in enumerate(told)]


def order(found: list[Scored]) -> Statistic:
    return auc([row.forecast(row.stated) for row in found])


def failed(found: list[Scored]) -> list[Guard]:
    return [guard for guard, _ in examine(found, UNCHANGED).failed]


def test_overconfidence_passes_and_lowers_what_is_stated() -> None:
    verdict = examine(overconfident(300), UNCHANGED)
    assert verdict.failed == ()
    assert verdict.line is not None
    assert 0.79 < verdict.line.at(9_000) < 0.90
    assert verdict.cross_validation is not None
    assert verdict.cross_validation.high < 0


def test_the_same_outcomes_in_another_order_are_the_same_verdict() -> None:
    known = overconfident(200)
    one, other = (examine(each, UNCHANGED) for each in (known, known[::-1]))
    assert one.line == other.line
    assert one.cross_validation is not None
    assert other.cross_validation is not None
    assert one.cross_validation.t == pytest.approx(other.cross_validation.t)


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ([], Guard.FEW_OUTCOMES),
        ([(8_000, RIGHT)] * 40, Guard.ONE_OUTCOME),
        ([(8_000, WRONG), (9_000, WRONG)] * 20, Guard.ONE_OUTCOME),
        ([(8_000, RIGHT), (8_000, WRONG)] * 20, Guard.ONE_VALUE),
        ([(10_000, RIGHT)] * 39 + [(10_000, WRONG)], Guard.ONE_VALUE),
    ],
)
def test_what_cannot_be_fitted_has_a_name(
    told: list[tuple[int, OutcomeState]], reason: Guard
) -> None:
    assert failed(rows(*told)) == [reason]


def test_confidence_without_order_is_refused_however_wrong_it_is() -> None:
    told = rows(*[(9_000, RIGHT), (9_000, WRONG), (8_000, RIGHT), (8_000, WRONG)] * 50)
    assert failed(told) == [Guard.NO_DISCRIMINATION]


def test_confidence_that_points_the_wrong_way_is_refused() -> None:
    told = rows(*[(9_000, RIGHT), (9_000, WRONG), (9_000, WRONG), (6_000, RIGHT)] * 50)
    verdict = examine(told, UNCHANGED)
    assert Guard.NO_DISCRIMINATION in [guard for guard, _ in verdict.failed]
    assert verdict.right_share == 0.5


def two_values(right_of_lower: int) -> list[Scored]:
    """Stated as 0.9: 60 of 90 right; as 0.7: so many of 70."""
    told = [(9_000, RIGHT)] * 60 + [(9_000, WRONG)] * 30 + [(7_000, RIGHT)] * right_of_lower
    return rows(*told, *[(7_000, WRONG)] * (70 - right_of_lower))


def test_an_order_surely_above_none_passes_one_sided() -> None:
    # AUC 0.578 and 0.564, se 0.040: less 1.645 se one is above 0.5 and one is not.
    least = [least_order(order(two_values(right))) for right in (36, 38)]
    assert least == pytest.approx([0.51223, 0.49767], abs=1e-5)
    assert Guard.NO_DISCRIMINATION not in failed(two_values(36))
    assert Guard.NO_DISCRIMINATION in failed(two_values(38))


def test_the_order_of_one_class_is_unknown() -> None:
    assert least_order(order(rows((9_000, RIGHT), (8_000, RIGHT)))) is None


def test_a_perfect_order_is_an_order() -> None:
    assert failed(rows(*[(6_000, RIGHT), (5_500, WRONG)] * 50)) == []


def test_calibrated_confidence_gives_no_evidence() -> None:
    told = [(9_000, RIGHT)] * 90 + [(9_000, WRONG)] * 10 + [(6_000, RIGHT)] * 60
    told += [(6_000, WRONG)] * 40
    assert failed(rows(*told)) == [Guard.NO_EVIDENCE]


def test_folds_keep_events_together() -> None:
    known = [scored(f"r{i}", 6_000 + i % 40 * 100, event=f"e{i % 10}") for i in range(80)]
    by_event = cross_validate(known, UNCHANGED).differences
    assert len(by_event) == 80
    one_event = [scored(f"r{i}", 8_000, event="e") for i in range(40)]
    # All in one fold, whose map is fitted on no row at all: the identity.
    assert set(cross_validate(one_event, UNCHANGED).differences) == {0.0}


def test_the_interval_and_t_of_paired_differences() -> None:
    found = summarise_differences([-0.02, -0.01, -0.03, -0.02])
    # sd 0.0081650, error sd / 2 x sqrt(1 + 30/4) = 0.0119024
    assert found.mean == pytest.approx(-0.02)
    assert found.t == pytest.approx(1.68034, abs=1e-5)
    assert found.low == pytest.approx(-0.0433282, abs=1e-6)


def test_differences_without_spread_are_no_evidence() -> None:
    assert summarise_differences([-0.01] * 9).t == 0.0
    assert summarise_differences([]).t == 0.0


@pytest.mark.parametrize("differences", [[], [-0.3]])
def test_of_fewer_than_two_differences_anything_is_possible(differences: list[float]) -> None:
    found = summarise_differences(differences)
    assert (found.mean, found.low, found.high) == (sum(differences), -1.0, 1.0)


def test_several_maps_at_once_need_more() -> None:
    assert critical(1) == pytest.approx(1.6449, abs=1e-4)
    assert critical(4) == pytest.approx(2.2414, abs=1e-4)
