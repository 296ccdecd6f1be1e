"""Whose outcomes a map is fitted on, and whom it serves."""

from dataclasses import replace

from tests.use_cases.advice.tuning.outcomes import RIGHT, fitted, overconfident, version
from use_cases.advice.model import Scored
from use_cases.advice.tuning.maps import fit, map_in_force
from use_cases.advice.tuning.proposal import PooledMaps, effect, pool


def tried(rows: list[Scored]) -> PooledMaps:
    return pool(rows, None)


def test_a_group_with_evidence_gets_a_map_of_its_own_and_nobody_else_one() -> None:
    found = tried(overconfident(300))
    assert list(found.maps) == [("m", "p1")]
    assert found.maps["m", "p1"].n == 300
    assert effect(found, overconfident(300)).mean == found.maps["m", "p1"].effect


def test_thin_groups_are_pooled_over_the_prompt_versions_of_their_model() -> None:
    rows = [
        row
        for i in range(12)
        for row in overconfident(25, seed=i, prefix=f"p{i}-", prompt_version=f"p{i}")
    ]
    found = tried(rows)
    assert list(found.maps) == [("m", None)]
    assert found.maps["m", None].n == 300
    assert len(effect(found, rows).differences) == 300


def test_thin_models_are_pooled_over_all() -> None:
    rows = [
        row for i in range(12) for row in overconfident(25, seed=i, prefix=f"m{i}-", model=f"m{i}")
    ]
    assert list(tried(rows).maps) == [(None, None)]


def test_a_new_prompt_version_is_lent_what_its_model_has_shown() -> None:
    rows = overconfident(400) + overconfident(20, seed=2, prefix="n", prompt_version="p2")
    found = tried(rows)
    assert list(found.maps) == [("m", "p1"), ("m", None)]
    assert found.maps["m", None].n == 420
    assert list(tried(rows[:-1]).maps) == [("m", "p1")]


def test_another_models_error_is_not_charged_to_some_few_outcomes() -> None:
    rows = overconfident(1_024) + overconfident(3, gap=0, seed=2, prefix="n", model="careful")
    found = tried(rows)
    assert list(found.maps) == [("m", "p1")]
    known = version(*found.merged.values())
    assert map_in_force(known, "careful", "p1") is None
    assert map_in_force(known, "never seen", "p1") is None


def test_many_groups_of_few_outcomes_are_no_two_of_enough() -> None:
    rows = [
        row for i in range(20) for row in overconfident(19, seed=i, prefix=f"m{i}-", model=f"m{i}")
    ]
    assert tried(rows).maps == {}


def test_outcomes_count_for_a_group_where_it_was_asked_first() -> None:
    first = overconfident(300, prefix="a", model="a")
    second = overconfident(25, seed=2, prefix="b", model="b")
    assert (None, None) in tried(first + second).examinations
    again = [
        replace(row, event_key=f"event {i}")
        for rows in (first, second)
        for i, row in enumerate(rows)
    ]
    assert (None, None) not in tried(again).examinations


def test_a_model_that_fits_its_chance_itself_is_pooled_with_nobody() -> None:
    offline = [
        row
        for i in range(3)
        for row in overconfident(
            25, seed=i, prefix=f"o{i}-", model="offline:adviser", prompt_version=f"p{i}"
        )
    ]
    models = [
        row for i in range(12) for row in overconfident(25, seed=i, prefix=f"m{i}-", model=f"m{i}")
    ]
    found = tried(offline + models)
    assert list(found.maps) == [(None, None)]
    assert found.maps[None, None].n == 300
    assert found.serving(offline[0]) is None
    assert [key for key in found.examinations if key[0] == "offline:adviser"] == [
        ("offline:adviser", f"p{i}") for i in range(3)
    ]


def test_a_model_that_fits_its_chance_itself_is_tuned_by_its_own_outcomes() -> None:
    rows = overconfident(300, model="offline:adviser")
    assert list(tried(rows).maps) == [("offline:adviser", "p1")]


def test_a_group_that_the_pooled_map_would_harm_keeps_what_it_has() -> None:
    rows = overconfident(600) + overconfident(
        200, gap=0, seed=2, prefix="n", prompt_version="calibrated"
    )
    rows += overconfident(1, seed=3, prefix="w", prompt_version="waiting")
    found = tried(rows)
    assert list(found.maps) == [("m", "p1"), ("m", "calibrated"), ("m", None)]
    kept = found.maps["m", "calibrated"]
    assert (kept.intercept, kept.slope) == (0.0, 1.0)
    assert list(found.kept) == [("m", "calibrated")]
    # Only what a new map serves is counted as its effect.
    assert len(effect(found, rows).differences) == 601


def test_a_pooled_map_that_would_serve_no_recorded_outcome_is_not_put_in_force() -> None:
    rows = overconfident(600) + overconfident(
        200, gap=0, seed=2, prefix="n", prompt_version="calibrated"
    )
    found = tried(rows)
    assert list(found.maps) == [("m", "p1")]
    assert found.examinations["m", None].line is not None
    assert list(found.kept) == [("m", "calibrated")]
    assert len(effect(found, rows).differences) == 600


def test_an_effect_is_of_new_maps_alone() -> None:
    rows = overconfident(600) + overconfident(
        200, gap=0, seed=2, prefix="n", prompt_version="calibrated"
    )
    found = pool(rows, version(fitted(0.0, 1.0, "m")))
    assert list(found.maps) == [("m", "p1")]
    assert len(effect(found, rows).differences) == 600


def test_the_effect_on_one_outcome_is_in_finite_numbers() -> None:
    rows = overconfident(300) + overconfident(30, seed=2, prefix="o", prompt_version="p2")
    line = fit((row.stated, row.outcome is RIGHT) for row in rows)
    own = [fitted(line.intercept, line.slope, "m", each) for each in ("p1", "p2")]
    rows += overconfident(1, prefix="n", prompt_version="p3")
    found = pool(rows, version(*own))
    assert list(found.maps) == [("m", None)]
    changed = effect(found, rows)
    assert (len(changed.differences), changed.low, changed.high) == (1, -1.0, 1.0)


def test_nothing_is_pooled_where_only_the_finest_maps_are_asked_for() -> None:
    rows = overconfident(300) + overconfident(300, seed=2, prefix="n", prompt_version="p2")
    found = pool(rows[:325], None, finest_only=True)
    assert list(found.examinations) == [("m", "p1"), ("m", "p2")]
    assert list(found.maps) == [("m", "p1")]


def test_maps_that_nothing_replaces_stay() -> None:
    old = version(fitted(-0.3, 0.8, "old", "p1"), fitted(0.0, 0.9, "m", "p1"))
    found = pool(overconfident(300), old)
    assert found.merged["old", "p1"] == old.maps[0]
    assert found.merged["m", "p1"].n == 300


def test_a_map_is_compared_with_the_one_in_force() -> None:
    rows = overconfident(400)
    first = pool(rows, None)
    second = pool(rows, version(*first.maps.values()))
    third = pool(rows, version(*second.merged.values()))
    maps = [each.merged["m", "p1"] for each in (first, second, third)]
    effects = [each.effect for each in maps]
    assert effects[0] < effects[1] < 0
    # No further move is worth it.
    assert maps[2] == maps[1]


def test_without_enough_rows_there_is_no_map() -> None:
    assert tried(overconfident(29)).maps == {}
