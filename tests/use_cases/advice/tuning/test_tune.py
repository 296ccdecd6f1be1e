"""A tuning changes what is in force only when asked, with evidence, and over nobody's head."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from tests.fakes.calibrations import InMemoryCalibrations
from tests.fakes.clock import FixedClock
from tests.fakes.ids import CountedIds
from tests.fakes.profiles import InMemoryProfiles
from tests.fakes.responses import InMemoryResponses
from tests.use_cases.advice.tuning.outcomes import (
    NOW,
    PROFILE,
    RIGHT,
    WRONG,
    of_event,
    overconfident,
    response,
    scored,
)
from use_cases.advice.errors import ProfileUnknown, TuningConflict
from use_cases.advice.model import ResponseFilter, Scored, TuningAction, VersionKind
from use_cases.advice.tuning.tune import TuneConfidence
from use_cases.advice.tuning.tuning_report import (
    Exclusion,
    Guard,
    TuningRequest,
    TuningResult,
    TuningStatus,
)
from use_cases.kernel.errors import InvalidInput
from use_cases.kernel.model import LOCAL, Caller

pytestmark = pytest.mark.anyio

APPLY = TuningRequest(dry_run=False)
OFTEN = 300


class Responses(InMemoryResponses):
    """The fake; with a barrier, reading waits until so many read at once."""

    barrier: asyncio.Barrier | None = None

    async def scored(self, caller: Caller, wanted: ResponseFilter) -> Sequence[Scored]:
        """All that state a confidence."""
        if self.barrier:
            await self.barrier.wait()
        return await super().scored(caller, wanted)


LATELY = NOW - timedelta(hours=1)


@dataclass
class Ground:
    """A use case over fakes."""

    calibrations: InMemoryCalibrations = field(default_factory=InMemoryCalibrations)
    responses: Responses = field(default_factory=Responses)
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOW))
    ids: CountedIds = field(default_factory=CountedIds)

    @property
    def tune(self) -> TuneConfidence:
        return TuneConfidence(
            responses=self.responses,
            calibrations=self.calibrations,
            profiles=InMemoryProfiles(PROFILE),
            clock=self.clock,
            ids=self.ids,
        )

    def record(self, rows: Sequence[Scored]) -> "Ground":
        for row in rows:
            self.responses.recorded[row.response_id] = response(row)
        return self

    async def run(self, wish: TuningRequest = APPLY, caller: Caller = LOCAL) -> TuningResult:
        return await self.tune.run(caller, wish)

    async def actions(self) -> list[TuningAction]:
        return [note.action for note in await self.calibrations.notes("general")]


async def test_a_dry_run_suggests_and_changes_nothing() -> None:
    ground = Ground().record(overconfident(OFTEN))
    result = await ground.run(TuningRequest())
    assert result.status is TuningStatus.DRY_RUN_COMPLETE
    assert [a.phrase_key for a in result.suggested_adjustments][-2:] == [
        "very_likely",
        "almost_certain",
    ]
    assert all(0 <= (a.new_threshold or 0) <= 1 for a in result.suggested_adjustments)
    assert result.candidate is not None
    assert result.effect is not None
    assert result.effect.high < 0
    assert await ground.calibrations.current("general") is None
    assert await ground.actions() == [TuningAction.DRY_RUN]
    assert result.summary.endswith("This was a dry run: nothing was changed.")


async def test_a_tuning_puts_a_version_in_force_with_its_account() -> None:
    ground = Ground().record(overconfident(OFTEN))
    result = await ground.run(caller=Caller("boris"))
    assert result.status is TuningStatus.TUNING_APPLIED
    version = await ground.calibrations.current("general")
    assert version == result.candidate
    assert version is not None
    assert (version.parent_id, version.kind) == (None, VersionKind.TUNED)
    assert (version.author, version.n) == ("boris", OFTEN)
    assert version.window_to == NOW - timedelta(days=1)
    assert [(m.model, m.prompt_version) for m in version.maps] == [("m", "p1")]
    (note,) = await ground.calibrations.notes("general")
    assert (note.action, note.to_version) == (TuningAction.APPLIED, version.version_id)
    assert note.reason == version.reason
    assert result.summary == f"{version.reason} It is in force."


async def test_a_tuner_learns_from_everyones_outcomes_and_sees_no_text() -> None:
    ground = Ground().record(overconfident(OFTEN))
    result = await ground.run(TuningRequest(), Caller("boris"))
    assert (result.responses, result.n) == (OFTEN, OFTEN)


async def test_what_a_tuning_showed_is_never_what_the_next_one_learns_from() -> None:
    rows = overconfident(OFTEN)
    shown = [replace(row, calibrated=max(row.stated - 1_800, 0)) for row in rows]
    one = await Ground().record(rows).run()
    other = await Ground().record(shown).run()
    assert one.maps == other.maps


async def test_no_outcomes_are_a_reason_and_no_error() -> None:
    result = await Ground().run()
    assert result.status is TuningStatus.NOT_APPLIED
    assert [reason.guard for reason in result.reasons] == [Guard.FEW_OUTCOMES]
    assert (result.n, result.previous_calibration.brier_score) == (0, None)
    assert result.summary == ("Nothing is suggested. There is no outcome yet. Nothing was changed.")


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ((LATELY,), "left out is 1 outcome younger than 24 hours."),
        (
            (LATELY, LATELY, None),
            "left out are 2 outcomes younger than 24 hours and 1 outcome without a date.",
        ),
    ],
)
async def test_outcomes_that_do_not_count_yet_are_named(
    rows: Sequence[datetime | None], why: str
) -> None:
    given = [scored(f"r{n}", 7_000, feedback_at=moment) for n, moment in enumerate(rows)]
    result = await Ground().record(given).run()
    assert result.summary == (
        f"Nothing is suggested. No outcome counts yet: {why} Nothing was changed."
    )


async def test_refusals_are_in_the_audit() -> None:
    ground = Ground().record(overconfident(10))
    await ground.run()
    (note,) = await ground.calibrations.notes("general")
    assert note.action is TuningAction.NOT_APPLIED
    assert "10 outcomes of at least 30 needed." in note.reason


async def test_without_discrimination_the_base_rate_is_recommended() -> None:
    kinds = [(9_000, RIGHT), (9_000, RIGHT), (9_000, WRONG)]
    kinds += [(8_000, RIGHT), (8_000, RIGHT), (8_000, WRONG)]
    rows = [scored(f"r{i}", *kinds[i % 6]) for i in range(240)]
    result = await Ground().record(rows).run()
    assert result.status is TuningStatus.NOT_APPLIED
    assert Guard.NO_DISCRIMINATION in [reason.guard for reason in result.reasons]
    (rate,) = result.base_rates
    assert (rate.probability, rate.phrase_key) == (pytest.approx(2 / 3), "likely")
    assert "The base rate is the best that can be said of such advice." in result.summary


async def test_repeated_advice_on_one_event_counts_once() -> None:
    ground = Ground().record(of_event(overconfident(OFTEN), "the final"))
    result = await ground.run()
    assert result.status is TuningStatus.NOT_APPLIED
    assert result.n == 1
    assert result.excluded == {Exclusion.SAME_EVENT: OFTEN - 1}


async def test_the_same_outcomes_do_not_tune_twice() -> None:
    ground = Ground().record(overconfident(OFTEN))
    await ground.run()
    again = await ground.run()
    assert again.status is TuningStatus.NOT_APPLIED
    assert [reason.guard for reason in again.reasons] == [Guard.TOO_SOON]
    assert again.reasons[0].detail.startswith(
        "Only 0 new outcomes since the last tuning or rollback;"
    )


async def test_twenty_new_outcomes_open_the_next_tuning() -> None:
    ground = Ground().record(overconfident(OFTEN))
    first = await ground.run()
    ground.clock.move(3 * 86_400)
    later = [
        replace(row, created_at=NOW, feedback_at=NOW + timedelta(days=1))
        for row in overconfident(20, seed=5, prefix="later")
    ]
    second = await ground.record(later).run()
    assert second.status is TuningStatus.TUNING_APPLIED
    assert second.candidate is not None
    assert first.candidate is not None
    assert second.candidate.parent_id == first.candidate.version_id
    assert second.previous_calibration.brier_score is not None
    assert second.previous_calibration.version_id == first.candidate.version_id


async def test_of_two_tunings_at_once_one_comes_too_late() -> None:
    ground = Ground().record(overconfident(OFTEN))
    ground.responses.barrier = asyncio.Barrier(2)
    ended = await asyncio.gather(ground.run(), ground.run(), return_exceptions=True)
    conflicts = [each for each in ended if isinstance(each, TuningConflict)]
    applied = [each for each in ended if isinstance(each, TuningResult)]
    assert (len(conflicts), len(applied)) == (1, 1)
    assert await ground.calibrations.current("general") == applied[0].candidate
    assert len(await ground.calibrations.versions("general")) == 1
    assert set(await ground.actions()) == {TuningAction.APPLIED, TuningAction.CONFLICT}


async def test_a_tuning_that_expects_another_parent_is_a_conflict_before_it_begins() -> None:
    ground = Ground().record(overconfident(OFTEN))
    with pytest.raises(TuningConflict, match="In force is nothing, not cal_9"):
        await ground.run(replace(APPLY, expected_parent="cal_9"))
    assert await ground.actions() == [TuningAction.CONFLICT]


async def test_only_the_window_model_and_prompt_version_asked_for_are_looked_at() -> None:
    ground = Ground().record(overconfident(40) + overconfident(50, prefix="o", model="other"))
    assert (await ground.run(TuningRequest(model="other"))).n == 50
    assert (await ground.run(TuningRequest(prompt_version="p2"))).n == 0


async def test_one_prompt_version_alone_makes_no_map_for_all() -> None:
    thin = [overconfident(40, seed=i, prefix=f"{i}-", model=f"m{i}") for i in range(3)]
    ground = Ground().record([row for rows in thin for row in rows])
    everything = await ground.run(TuningRequest())
    assert [(each.model, each.prompt_version) for each in everything.maps] == [(None, None)]
    assert not (await ground.run(TuningRequest(prompt_version="p1"))).maps


@pytest.mark.parametrize("days", [0, 3_651])
async def test_a_window_that_is_none_is_refused(days: int) -> None:
    with pytest.raises(InvalidInput, match=f"not {days}"):
        await Ground().run(TuningRequest(days_back=days))


async def test_an_unknown_profile_is_an_error() -> None:
    with pytest.raises(ProfileUnknown):
        await Ground().run(TuningRequest(profile="astrology"))
