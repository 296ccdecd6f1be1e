"""Recorded advice with known outcomes, made up."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from use_cases.advice.model import (
    Advice,
    CalibrationVersion,
    Confidence,
    FittedMap,
    Freshness,
    OutcomeState,
    Response,
    Scored,
    TuningAction,
    TuningNote,
    VersionKind,
)
from use_cases.advice.ports import Calibrations
from use_cases.advice.profile import Phrase, PhraseScale, Profile

NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=20)

SCALE = PhraseScale(
    (
        Phrase("unlikely", "Unlikely", 0),
        Phrase("even", "Roughly even", 4_500),
        Phrase("likely", "Likely", 5_500),
        Phrase("very_likely", "Very likely", 8_000),
        Phrase("almost_certain", "Almost certain", 9_500),
    )
)

PROFILE = Profile(
    profile_id="general",
    version="general-1",
    title="General",
    description="Anything",
    prompts={"default": "Advise."},
    phrases=SCALE,
    unverified_cap="likely",
)

RIGHT, WRONG = OutcomeState.RIGHT, OutcomeState.WRONG


def scored(
    name: str,
    stated: int,
    outcome: OutcomeState = RIGHT,
    *,
    model: str = "m",
    prompt_version: str = "p1",
    event: str | None = None,
    created_at: datetime = LONG_AGO,
    feedback_at: datetime | None = LONG_AGO + timedelta(days=1),
    calibrated: int | None = None,
    web: bool = False,
) -> Scored:
    """One row."""
    return Scored(
        response_id=name,
        profile=PROFILE.profile_id,
        model=model,
        prompt_version=prompt_version,
        web_search_used=web,
        stated=stated,
        calibrated=stated if calibrated is None else calibrated,
        outcome=outcome,
        created_at=created_at,
        event_key=event,
        feedback_at=None if outcome is OutcomeState.PENDING else feedback_at,
    )


def overconfident(
    n: int,
    *,
    gap: int = 1_800,
    seed: int = 1,
    prefix: str = "r",
    model: str = "m",
    prompt_version: str = "p1",
) -> list[Scored]:
    """So many, of values from .55 to 1, each right by its value less the gap (basis points)."""
    generator = random.Random(seed)
    values = generator.choices(range(5_500, 10_001, 500), k=n)
    return [
        scored(
            f"{prefix}{i:04}",
            stated,
            RIGHT if generator.random() < (stated - gap) / 10_000 else WRONG,
            created_at=LONG_AGO + timedelta(minutes=i),
            model=model,
            prompt_version=prompt_version,
        )
        for i, stated in enumerate(values)
    ]


def response(row: Scored, *, user: str = "anna") -> Response:
    """The recorded advice that the row is of."""
    return Response(
        response_id=row.response_id,
        user_id=user,
        profile=row.profile,
        profile_version=PROFILE.version,
        prompt_type="default",
        prompt_version=row.prompt_version,
        model=row.model,
        question="Tea or coffee?",
        advice=Advice(
            main_advice="Tea.",
            reasoning="It keeps.",
            confidence=Confidence(row.stated, row.calibrated, "likely", "Likely"),
        ),
        search_decision="DEFAULT_NO",
        web_search_used=row.web_search_used,
        freshness=Freshness.NOT_NEEDED,
        latency_ms=12,
        created_at=row.created_at,
        event_key=row.event_key,
        outcome=row.outcome,
        feedback_at=row.feedback_at,
    )


def fitted(
    intercept: float, slope: float, model: str | None = None, prompt_version: str | None = None
) -> FittedMap:
    """A map."""
    return FittedMap(
        model=model,
        prompt_version=prompt_version,
        intercept=intercept,
        slope=slope,
        n=100,
        effect=-0.01,
        effect_low=-0.02,
        effect_high=-0.001,
    )


def version(*maps: FittedMap, name: str = "cal_1", parent: str | None = None) -> CalibrationVersion:
    """A version with these maps, put in force ten days ago."""
    return CalibrationVersion(
        version_id=name,
        parent_id=parent,
        profile=PROFILE.profile_id,
        kind=VersionKind.TUNED,
        maps=maps,
        author="anna",
        created_at=NOW - timedelta(days=10),
    )


async def put(calibrations: Calibrations, *versions: CalibrationVersion) -> None:
    """Put versions in force, one after the other, each with a note."""
    for each in versions:
        note = TuningNote(
            note_id=f"note of {each.version_id}",
            profile=each.profile,
            action=TuningAction.APPLIED,
            author=each.author,
            created_at=each.created_at,
            from_version=each.parent_id,
            to_version=each.version_id,
            reason="",
        )
        await calibrations.put_in_force(each, note)


def of_event(rows: Sequence[Scored], event: str) -> list[Scored]:
    """The rows, all about one event."""
    return [replace(row, event_key=event) for row in rows]
