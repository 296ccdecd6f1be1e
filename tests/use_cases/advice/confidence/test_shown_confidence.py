"""A stated number as it is given: corrected by the map in force, and in words."""

from dataclasses import replace

import pytest

from services.profiles.profile_folders import LIKELIHOOD
from tests.use_cases.advice.advising import GENERAL
from tests.use_cases.advice.tuning.outcomes import fitted, version
from use_cases.advice.confidence.shown_confidence import Scale, base_rate_notice, basis_points
from use_cases.advice.model import (
    BaseRate,
    Confidence,
    FittedMap,
    Freshness,
)
from use_cases.advice.tuning.base_rates import expected

FRESH, STALE = Freshness.VERIFIED, Freshness.UNVERIFIED


def scale(*maps: FittedMap) -> Scale:
    return Scale(GENERAL, version(*maps) if maps else None, "p1")


@pytest.mark.parametrize(
    ("score", "points"),
    [(0.3, 3000), (0.6, 6000), (0.7, 7000), (0.85, 8500), (1, 10_000), (0, 0), (0.12344, 1234)],
)
def test_a_score_is_kept_in_basis_points(score: float, points: int) -> None:
    assert basis_points(score) == points


def test_without_a_calibration_it_is_as_stated() -> None:
    confidence = scale().confidence(0.62, "m", FRESH)
    assert (confidence.stated, confidence.calibrated, confidence.version_id) == (6200, 6200, None)
    assert (confidence.phrase_key, confidence.phrase) == ("likely", "Likely")


@pytest.mark.parametrize(("score", "key"), [(0.0, "unlikely"), (1.0, "very_likely")])
def test_the_ends_stay_where_they_are(score: float, key: str) -> None:
    confidence = scale().confidence(score, "m", FRESH)
    assert (confidence.calibrated, confidence.phrase_key) == (score * 10_000, key)


@pytest.mark.parametrize("score", [0.0, 1.0])
@pytest.mark.parametrize("intercept", [-40.0, 40.0])
def test_no_map_leads_out_of_the_scale(score: float, intercept: float) -> None:
    calibrated = scale(fitted(intercept, 1.0)).confidence(score, "m", FRESH).calibrated
    assert 0 <= calibrated <= 10_000


def test_the_most_exact_map_counts() -> None:
    maps = [fitted(-1.0, 1.0), fitted(-2.0, 1.0, "m"), fitted(-3.0, 1.0, "m", "p1")]
    found = [
        scale(*maps[:n]).confidence(0.5, model, FRESH).calibrated
        for n, model in ((1, "m"), (2, "m"), (3, "m"), (3, "other"))
    ]
    assert found == [2689, 1192, 474, 2689]
    assert scale(maps[0]).confidence(0.5, "m", FRESH).version_id == "cal_1"


def test_a_version_without_a_map_for_it_changes_nothing() -> None:
    confidence = scale(fitted(-2.0, 1.0, "other")).confidence(0.9, "m", FRESH)
    assert (confidence.calibrated, confidence.version_id) == (9000, None)


def test_unverified_facts_cap_the_words_and_not_the_number() -> None:
    confidence = scale().confidence(0.9, "m", STALE)
    assert (confidence.calibrated, confidence.phrase, confidence.capped) == (
        9000,
        "About even",
        True,
    )
    low = scale().confidence(0.2, "m", STALE)
    assert (low.phrase_key, low.capped) == ("unlikely", False)
    assert not scale().confidence(0.9, "m", Freshness.NOT_NEEDED).capped


def test_a_base_rate_takes_the_place_of_what_is_stated_and_of_a_map() -> None:
    base = BaseRate(110, 199)
    known = Scale(GENERAL, scale(fitted(-1.0, 1.0)).version, "p1", {"m": base})
    confidence = known.confidence(0.8, "m", FRESH)
    assert confidence == Confidence(8000, 5528, "likely", "Likely", base_rate=base)
    assert known.confidence(0.8, "other", FRESH).base_rate is None
    assert base.interval == pytest.approx((0.4833, 0.6202), abs=1e-4)
    assert base_rate_notice(confidence) == (
        "This model's stated confidence does not separate right from wrong advice here, so the base "
        "rate is shown: 110 of 199 outcomes were right, 55% (95% interval 48% to 62%), whatever the "
        "model stated. For this advice it stated 80%."
    )


@pytest.mark.parametrize(("right", "points"), [(0, 1135), (30, 8865), (15, 5000)])
def test_no_base_rate_is_certain(right: int, points: int) -> None:
    assert basis_points(expected(BaseRate(right, 30))) == points


@pytest.mark.parametrize(
    ("probability", "phrase"),
    [
        (0, "Almost no chance (less than 1 in 100)"),
        (499, "Almost no chance (about 5 in 100)"),
        (500, "Very unlikely (about 5 in 100)"),
        (1_000, "Very unlikely (about 1 in 10)"),
        (5_852, "More likely than not (about 6 in 10)"),
        (6_500, "Likely (about 7 in 10)"),
        (8_000, "Very likely (about 8 in 10)"),
        (8_990, "Very likely (about 9 in 10)"),
        (9_300, "Very likely (about 93 in 100)"),
        (9_949, "Almost certain (about 99 in 100)"),
        (9_950, "Almost certain (more than 99 in 100)"),
        (10_000, "Almost certain (more than 99 in 100)"),
    ],
)
def test_a_phrase_names_the_number_beside_it(probability: int, phrase: str) -> None:
    assert LIKELIHOOD.scale.wording(probability) == phrase


def test_capped_words_name_no_number() -> None:
    profile = replace(GENERAL, phrases=LIKELIHOOD.scale, unverified_cap="leaning")
    confidence = Scale(profile, None, "p1").confidence(0.899, "m", STALE)
    assert (confidence.calibrated, confidence.phrase) == (8990, "More likely than not")
