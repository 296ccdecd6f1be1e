"""Phrases keep their meaning; what moves is where in the stated scores they begin."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.thoroughness import examples
from tests.use_cases.advice.tuning.outcomes import SCALE, fitted
from use_cases.advice.tuning.maps import adjustments, calibrate, phrase_map


def test_as_stated_thresholds_are_the_edges_of_the_scale() -> None:
    assert [(p.min_stated, p.max_stated) for p in phrase_map(SCALE, None).phrases] == [
        (0.0, 0.45),
        (0.45, 0.55),
        (0.55, 0.8),
        (0.8, 0.95),
        (0.95, 1.0),
    ]


def test_overconfidence_raises_thresholds_above_even_and_tells_why() -> None:
    halved = fitted(-0.6931471805599453, 1.0)  # odds are half of what is stated
    found = adjustments(SCALE, None, halved)
    assert [(a.phrase_key, a.old_threshold, a.new_threshold) for a in found] == [
        ("even", 0.45, 0.6207),
        ("likely", 0.55, 0.7097),
        ("very_likely", 0.8, 0.8889),
        ("almost_certain", 0.95, 0.9744),
    ]
    assert found[2].reason == (
        "By the new map a stated 0.8 is right in 0.67 of cases, a stated 0.8889 in 0.8."
    )


def test_a_phrase_that_nothing_leads_to_is_said_to_be_unreachable() -> None:
    flat = phrase_map(SCALE, fitted(0.4, 0.05))
    assert [each.phrase_key for each in flat.phrases if not each.reachable] == [
        "unlikely",
        "very_likely",
        "almost_certain",
    ]
    gone = adjustments(SCALE, None, fitted(0.4, 0.05))[-1]
    assert (gone.phrase_key, gone.new_threshold) == ("almost_certain", None)
    assert gone.reason == "By the new map no stated confidence leads to this phrase."


def test_a_phrase_that_can_be_reached_again_says_from_where() -> None:
    back = adjustments(SCALE, fitted(0.4, 0.05), fitted(0.0, 1.0))[-1]
    assert (back.old_threshold, back.new_threshold) == (None, 0.95)
    assert back.reason == (
        "By the new map a stated 0.95 or more is right in 0.95 of cases or more again."
    )


def test_nothing_is_said_of_confidences_that_were_never_stated() -> None:
    halved = fitted(-0.6931471805599453, 1.0)
    narrow = replace(halved, stated_from=0.7, stated_to=0.85)
    found = adjustments(SCALE, None, narrow)
    assert [(a.phrase_key, a.old_threshold, a.new_threshold, a.reason) for a in found] == [
        ("likely", 0.55, 0.7097, "By the new map a stated 0.7097 is right in 0.55 of cases."),
        ("very_likely", 0.8, 0.8889, "By the new map a stated 0.8 is right in 0.67 of cases."),
    ]
    assert (phrase_map(SCALE, narrow).stated_from, phrase_map(SCALE, None).stated_to) == (0.7, None)
    above = replace(fitted(0.4, 0.05), stated_from=0.9, stated_to=0.94)
    assert adjustments(SCALE, None, above) == ()


def test_a_map_that_changes_nothing_adjusts_nothing() -> None:
    assert adjustments(SCALE, None, fitted(0.0, 1.0)) == ()


@settings(max_examples=examples(40))
@given(intercept=st.floats(-3, 3), slope=st.floats(0.05, 3), stated=st.integers(0, 10_000))
def test_every_stated_score_has_the_phrase_whose_interval_it_lies_in(
    intercept: float, slope: float, stated: int
) -> None:
    line = fitted(intercept, slope)
    phrase = SCALE.phrase(calibrate(stated, line))
    setting = next(p for p in phrase_map(SCALE, line).phrases if p.phrase_key == phrase.key)
    assert setting.min_stated is not None
    assert setting.max_stated is not None
    score = stated / 10_000
    assert setting.min_stated <= score
    assert score < setting.max_stated or setting.max_stated == score == 1
