"""Routes of advice: whether it was right, how well confidence was calibrated, and correcting it."""

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Depends, Query
from pydantic import AliasChoices, BaseModel, Field, StrictBool

from backend.errors import NotJson
from backend.http.dependencies import (
    ID,
    JSON_ONLY,
    LONGEST_ID,
    Adviser,
    Before,
    Candor,
    FreeText,
    Router,
    Tuner,
)
from backend.http.problems import documented
from backend.http.routes.advice_routes import ProfileQuery
from backend.schemas.advice_figures import (
    BrierScore,
    CalibrationReply,
    ConfidenceStatsReply,
    PhraseStatusReply,
    Tuning,
    Version,
)
from backend.schemas.advice_schemas import FeedbackReply, RecentAdvice, ResolvedReply
from use_cases.advice.confidence.report_model import RecentRequest, ReportRequest, Which
from use_cases.advice.confidence.reports import (
    BRIER_DAYS,
    CALIBRATION_DAYS,
    LARGEST_PAGE,
    STATS_DAYS,
    STATUS_DAYS,
)
from use_cases.advice.errors import (
    CalibrationNotFound,
    FeedbackInvalid,
    FeedbackKeyReused,
    NothingToRollBack,
    NothingToScore,
    OutcomeTooEarly,
    ProfileBroken,
    ProfileUnknown,
    ResponseNotFound,
    TuningConflict,
)
from use_cases.advice.model import OutcomeState
from use_cases.advice.outcomes.feedback import LONGEST_KEY, LONGEST_NOTES
from use_cases.advice.tuning.tune import LONGEST_WINDOW
from use_cases.advice.tuning.tuning_report import TuningRequest
from use_cases.kernel.errors import StorageBusy, StorageDamaged, StorageFull, TooLarge
from use_cases.kernel.statistics.bands import FEWEST, MOST, Edges

router = Router(tags=["advice"])

_READ = documented(ProfileUnknown, StorageDamaged)
_TUNING_DAYS = TuningRequest().days_back

_Window = Query(ge=1, le=LONGEST_WINDOW, description="Only advice of the last so many days.")
_Days = Annotated[int, _Window]
_Model = Annotated[FreeText | None, Query(max_length=200, description="Only advice of this model.")]
_Prompt = Annotated[
    FreeText | None, Query(max_length=200, description="Only advice under this prompt version.")
]


@dataclass(frozen=True, slots=True)
class _About:
    """The responses of its window that a report is about."""

    profile: ProfileQuery = None
    model: _Model = None
    prompt_version: _Prompt = None
    confidence: Annotated[
        Which,
        Query(description="Judge the confidence that was shown, or the one the model stated."),
    ] = Which.CALIBRATED
    bands: Annotated[int, Query(ge=FEWEST, le=MOST)] = 10
    edges: Annotated[
        Edges, Query(description="Which end of a band belongs to it; `right` as scikit-learn.")
    ] = "left"

    def request(self, days_back: int) -> ReportRequest:
        """Returns the same as the reports take it."""
        return ReportRequest(
            days_back=days_back,
            profile=self.profile or None,
            model=self.model or None,
            prompt_version=self.prompt_version or None,
            which=self.confidence,
            bands=self.bands,
            edges=self.edges,
        )


_Report = Annotated[_About, Depends()]


@router.get("/confidence/stats", responses=_READ)
async def confidence_stats(
    candor: Candor, adviser: Adviser, about: _Report, days_back: _Days = STATS_DAYS
) -> ConfidenceStatsReply:
    """How often your advice was right, and how good its confidence was."""
    request = about.request(days_back)
    return ConfidenceStatsReply.of(await candor.advice.report_confidence.stats(adviser, request))


@router.get("/confidence/brier-score", responses=_READ)
async def brier_score(
    candor: Candor, adviser: Adviser, about: _Report, days_back: _Days = BRIER_DAYS
) -> BrierScore:
    """The Brier score of your advice, and its parts."""
    return BrierScore.of(
        await candor.advice.report_confidence.brier(adviser, about.request(days_back))
    )


@router.get("/confidence/calibration", responses=_READ)
async def confidence_calibration(
    candor: Candor, adviser: Adviser, about: _Report, days_back: _Days = CALIBRATION_DAYS
) -> CalibrationReply:
    """Whether confidence is calibrated, band by band, and whether that changed."""
    request = about.request(days_back)
    return CalibrationReply.of(await candor.advice.report_confidence.calibration(adviser, request))


@router.get(
    "/confidence/recent", responses=documented(ProfileUnknown, ResponseNotFound, StorageDamaged)
)
async def recent_advice(
    candor: Candor,
    adviser: Adviser,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="The most to return.")] = 20,
    before: Before = None,
    days_back: Annotated[int | None, _Window] = None,
    profile: ProfileQuery = None,
    model: _Model = None,
    prompt_version: _Prompt = None,
    outcome: Annotated[
        OutcomeState | None,
        Query(description="Only advice with this outcome; `pending`: none yet."),
    ] = None,
    redact: Annotated[bool, Query(description="Leave out all texts.")] = False,
) -> RecentAdvice:
    """Your recorded advice, newest first."""
    request = RecentRequest(
        limit=limit,
        before=before,
        days_back=days_back,
        profile=profile or None,
        model=model or None,
        prompt_version=prompt_version or None,
        outcome=outcome,
        redact=redact,
    )
    found = await candor.advice.report_confidence.recent(adviser, request)
    return RecentAdvice.of_recent(found)


@router.get(
    "/confidence/phrase-status", responses=documented(ProfileUnknown, ProfileBroken, StorageDamaged)
)
async def phrase_status(
    candor: Candor, adviser: Adviser, about: _Report, days_back: _Days = STATUS_DAYS
) -> PhraseStatusReply:
    """The phrases and the calibration in force, since when, by whom and why; `days_back` is the window of
    the calibration beside them.
    """
    status = await candor.advice.report_confidence.phrase_status(
        adviser, request=about.request(days_back)
    )
    return PhraseStatusReply.of(status)


@router.post(
    "/confidence/resolve",
    responses=documented(ProfileUnknown, ProfileBroken, StorageBusy, StorageFull, StorageDamaged),
)
async def resolve_outcomes(
    candor: Candor, adviser: Adviser, profile: ProfileQuery = None
) -> ResolvedReply:
    """Judge your advice that has no outcome yet by the tables."""
    return ResolvedReply.of(await candor.advice.resolve_outcomes.run(adviser, profile or None))


@router.post(
    "/confidence/auto-tune",
    responses=documented(
        ProfileUnknown, ProfileBroken, TuningConflict, StorageBusy, StorageFull, StorageDamaged
    ),
)
async def auto_tune(
    candor: Candor,
    tuner: Tuner,
    days_back: Annotated[
        int, Query(ge=1, le=LONGEST_WINDOW, description="Use outcomes of the last so many days.")
    ] = _TUNING_DAYS,
    dry_run: Annotated[
        bool, Query(description="Report what would change; `false` changes it, for everyone.")
    ] = True,
    profile: ProfileQuery = None,
    model: _Model = None,
    prompt_version: _Prompt = None,
    expected_version: Annotated[
        str | None,
        Query(
            max_length=LONGEST_ID,
            pattern=ID,
            description="Refuse when another version than this one is in force.",
        ),
    ] = None,
) -> Tuning:
    """Correct stated confidence by everyone's outcomes, where the evidence suffices."""
    request = TuningRequest(
        profile=profile or None,
        days_back=days_back,
        dry_run=dry_run,
        model=model or None,
        prompt_version=prompt_version or None,
        expected_parent=expected_version,
    )
    return Tuning.of(await candor.advice.tune_confidence.run(tuner, request))


@router.post(
    "/confidence/auto-tune/rollback",
    responses=documented(
        ProfileUnknown,
        ProfileBroken,
        CalibrationNotFound,
        NothingToRollBack,
        TuningConflict,
        StorageBusy,
        StorageFull,
        StorageDamaged,
    ),
)
async def roll_back(
    candor: Candor,
    tuner: Tuner,
    profile: Annotated[
        FreeText | None,
        Query(
            max_length=100,
            description="The domain; without it that of the version in `to`, for `nothing` the only "
            "one with something in force, else the server's default.",
        ),
    ] = None,
    to: Annotated[
        str | None,
        Query(
            max_length=LONGEST_ID,
            pattern=ID,
            description="A version, or `nothing`; without it, what was in force before.",
        ),
    ] = None,
) -> Version:
    """Restore an earlier calibration, or none; the reply is the version then in force."""
    return Version.of(await candor.advice.roll_back_calibration.run(tuner, profile or None, to))


class OutcomeFeedback(BaseModel):
    """An outcome, whether the advice was helpful, or notes; at least one of them."""

    response_id: str = Field(min_length=1, max_length=LONGEST_ID, pattern=ID)
    outcome: StrictBool | Literal["right", "wrong", "void"] | None = Field(
        default=None,
        validation_alias=AliasChoices("outcome", "feedback"),
        description="True or `right`, false or `wrong`; `void` where the event did not decide. "
        "Null tells none. Also called `feedback`.",
    )
    helpful: StrictBool | None = Field(
        default=None,
        description="Whether it helped, apart from being right; counted in no statistic.",
    )
    feedback_notes: FreeText | None = Field(default=None, max_length=LONGEST_NOTES)
    key: FreeText | None = Field(
        default=None,
        min_length=1,
        max_length=LONGEST_KEY,
        description="Your own id of this feedback; sent twice, it counts once.",
    )

    def told(self) -> OutcomeState | None:
        """Returns the outcome in it."""
        if isinstance(self.outcome, bool):
            return OutcomeState.RIGHT if self.outcome else OutcomeState.WRONG
        return None if self.outcome is None else OutcomeState(self.outcome)


@router.post(
    "/feedback",
    dependencies=[JSON_ONLY],
    responses=documented(
        ResponseNotFound,
        NothingToScore,
        OutcomeTooEarly,
        FeedbackKeyReused,
        FeedbackInvalid,
        NotJson,
        TooLarge,
        StorageBusy,
        StorageFull,
    ),
)
async def give_feedback(candor: Candor, adviser: Adviser, body: OutcomeFeedback) -> FeedbackReply:
    """Record whether advice was right. A later outcome supersedes the earlier one."""
    kept = await candor.advice.give_feedback.run(
        adviser,
        body.response_id,
        body.told(),
        helpful=body.helpful,
        notes=body.feedback_notes,
        key=body.key,
    )
    return FeedbackReply.of_result(kept)
