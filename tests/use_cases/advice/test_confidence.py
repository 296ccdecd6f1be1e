"""A stated number as it is given: corrected by the map in force, and in words."""

from datetime import UTC, datetime

import pytest

from tests.use_cases.advice.advising import GENERAL
from use_cases.advice.confidence import Scale, basis_points
from use_cases.advice.model import CalibrationVersion, FittedMap, Freshness, VersionKind

FRESH, STALE = Freshness.VERIFIED, Freshness.UNVERIFIED


def fitted(model: str | None, prompt: str | None, intercept: float) -> FittedMap:
    return FittedMap(
        model=model,
        prompt_version=prompt,
        intercept=intercept,
        slope=1.0,
        n=200,
        effect=-0.03,
        effect_low=-0.04,
        effect_high=-0.02,
    )


def scale(*maps: FittedMap) -> Scale:
    version = CalibrationVersion(
        version_id="cal_1",
        parent_id=None,
        profile="general",
        kind=VersionKind.TUNED,
        maps=maps,
        author="ann",
        created_at=datetime(2026, 11, 1, tzinfo=UTC),
    )
    return Scale(GENERAL, version if maps else None, "p1")


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
    calibrated = scale(fitted(None, None, intercept)).confidence(score, "m", FRESH).calibrated
    assert 0 <= calibrated <= 10_000


def test_the_most_exact_map_counts() -> None:
    maps = [fitted(None, None, -1.0), fitted("m", None, -2.0), fitted("m", "p1", -3.0)]
    found = [
        scale(*maps[:n]).confidence(0.5, model, FRESH).calibrated
        for n, model in ((1, "m"), (2, "m"), (3, "m"), (3, "other"))
    ]
    assert found == [2689, 1192, 474, 2689]
    assert scale(maps[0]).confidence(0.5, "m", FRESH).version_id == "cal_1"


def test_a_version_without_a_map_for_it_changes_nothing() -> None:
    confidence = scale(fitted("other", None, -2.0)).confidence(0.9, "m", FRESH)
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


def test_the_offline_adviser_says_what_its_curve_says_whatever_others_have_shown() -> None:
    others = scale(fitted(None, None, -1.0), fitted("m", "p1", -1.0))
    confidence = others.confidence(0.64, "offline:adviser", FRESH)
    assert (confidence.calibrated, confidence.version_id) == (6400, None)
    assert others.confidence(0.64, "m", FRESH).calibrated < 6400
