"""A rollback restores byte for byte, removes nothing, and can itself be rolled back."""

from dataclasses import replace

import pytest

from tests.fakes.calibrations import InMemoryCalibrations
from tests.fakes.clock import FixedClock
from tests.fakes.ids import CountedIds
from tests.fakes.profiles import InMemoryProfiles
from tests.use_cases.advice.tuning.outcomes import NOW, PROFILE, fitted, put, version
from use_cases.advice.errors import CalibrationNotFound, NothingToRollBack, TuningConflict
from use_cases.advice.model import CalibrationVersion, TuningAction, TuningNote, VersionKind
from use_cases.advice.ports import Calibrations
from use_cases.advice.tuning.tune import RollBackCalibration
from use_cases.kernel.model import LOCAL

pytestmark = pytest.mark.anyio

FIRST = version(fitted(-0.1, 1 / 3, "m", "p1"), fitted(0.1 + 0.2, 0.9), name="cal_a")
SECOND = version(fitted(-0.4, 0.7, "m", "p1"), name="cal_b", parent="cal_a")


TWO = InMemoryProfiles(PROFILE, replace(PROFILE, profile_id="other"))
"""The general one, which is the default, and another."""


def rolling_back(
    calibrations: Calibrations, profiles: InMemoryProfiles | None = None
) -> RollBackCalibration:
    return RollBackCalibration(
        calibrations=calibrations,
        profiles=profiles or InMemoryProfiles(PROFILE),
        clock=FixedClock(NOW),
        ids=CountedIds(),
    )


async def test_a_rollback_brings_back_the_maps_before_unchanged() -> None:
    calibrations = InMemoryCalibrations()
    await put(calibrations, FIRST, SECOND)
    back = await rolling_back(calibrations).run(LOCAL)
    assert back.maps == FIRST.maps
    assert (back.kind, back.parent_id) == (VersionKind.ROLLED_BACK, "cal_b")
    assert back.restores == "cal_a"
    assert await calibrations.current("general") == back
    (note, *_) = await calibrations.notes("general")
    assert (note.action, note.to_version) == (TuningAction.ROLLED_BACK, back.version_id)


async def test_a_rollback_of_a_rollback_brings_back_what_the_first_one_undid() -> None:
    calibrations = InMemoryCalibrations()
    await put(calibrations, FIRST, SECOND)
    roll = rolling_back(calibrations)
    await roll.run(LOCAL)
    again = await roll.run(LOCAL)
    assert again.maps == SECOND.maps
    assert again.restores == "cal_b"
    assert len(await calibrations.versions("general")) == 4


async def test_what_was_first_is_rolled_back_to_nothing_and_forth() -> None:
    calibrations = InMemoryCalibrations()
    await put(calibrations, FIRST)
    roll = rolling_back(calibrations)
    nothing = await roll.run(LOCAL)
    assert (tuple(nothing.maps), nothing.restores) == ((), None)
    assert (await roll.run(LOCAL)).maps == FIRST.maps
    third = await roll.run(LOCAL)
    assert third.reason.startswith("No calibration again, instead of ")


async def test_any_version_can_be_named_and_nothing_too() -> None:
    calibrations = InMemoryCalibrations()
    await put(calibrations, FIRST, SECOND)
    roll = rolling_back(calibrations)
    assert tuple((await roll.run(LOCAL, to="nothing")).maps) == ()
    assert (await roll.run(LOCAL, "general", "cal_a")).maps == FIRST.maps
    assert (await roll.run(LOCAL, to="cal_b")).maps == SECOND.maps


async def test_where_nothing_is_in_force_there_is_nothing_to_roll_back() -> None:
    with pytest.raises(NothingToRollBack, match="Nothing is in force for general"):
        await rolling_back(InMemoryCalibrations()).run(LOCAL)


@pytest.mark.parametrize("to", ["cal_b", "cal_a", "nothing"])
async def test_what_is_in_force_already_cannot_be_restored(to: str) -> None:
    calibrations = InMemoryCalibrations()
    await put(calibrations, FIRST, SECOND)
    roll = rolling_back(calibrations)
    if to != "cal_b":
        await roll.run(LOCAL, to=to)
    said = "Nothing is in force for general" if to == "nothing" else "is in force already"
    with pytest.raises(NothingToRollBack, match=said):
        await roll.run(LOCAL, to=to)


async def test_unknown_versions_and_those_of_other_profiles_are_not_found() -> None:
    calibrations = InMemoryCalibrations()
    await put(calibrations, FIRST, replace(SECOND, profile="other", parent_id=None))
    roll = rolling_back(calibrations)
    for name in ("cal_z", "cal_b"):
        with pytest.raises(CalibrationNotFound, match=name):
            await roll.run(LOCAL, "general", name)


async def test_a_version_tells_its_profile_and_so_does_the_only_one_in_force() -> None:
    calibrations = InMemoryCalibrations()
    others = [replace(each, profile="other") for each in (FIRST, SECOND)]
    await put(calibrations, *others)
    roll = rolling_back(calibrations, TWO)

    back = await roll.run(LOCAL, to="cal_a")
    assert (back.profile, back.restores) == ("other", "cal_a")
    nothing = await roll.run(LOCAL, to="nothing")
    assert (nothing.profile, tuple(nothing.maps)) == ("other", ())
    with pytest.raises(CalibrationNotFound, match="cal_z"):
        await roll.run(LOCAL, to="cal_z")


async def test_where_the_default_has_nothing_the_error_names_who_has() -> None:
    calibrations = InMemoryCalibrations()
    await put(calibrations, replace(FIRST, profile="other"))
    roll = rolling_back(calibrations, TWO)

    with pytest.raises(NothingToRollBack, match="for general") as refused:
        await roll.run(LOCAL)
    assert refused.value.hint == "Name the profile: something is in force for other."


async def test_of_several_that_have_something_in_force_the_default_is_meant() -> None:
    calibrations = InMemoryCalibrations()
    await put(calibrations, FIRST, replace(SECOND, profile="other", parent_id=None))
    roll = rolling_back(calibrations, TWO)

    assert (await roll.run(LOCAL, to="nothing")).profile == "general"


class Overtaken(InMemoryCalibrations):
    """Something else is put in force just before each version."""

    async def put_in_force(self, version: CalibrationVersion, note: TuningNote) -> None:
        """Too late."""
        self.heads[version.profile] = "cal_other"
        await super().put_in_force(version, note)


async def test_a_rollback_that_comes_too_late_is_a_conflict_and_in_the_audit() -> None:
    calibrations = Overtaken()
    calibrations.kept[FIRST.version_id] = FIRST
    calibrations.heads["general"] = FIRST.version_id
    with pytest.raises(TuningConflict):
        await rolling_back(calibrations).run(LOCAL)
    assert [note.action for note in calibrations.audit.values()] == [TuningAction.CONFLICT]
