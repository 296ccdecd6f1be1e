"""The promises of the port `Calibrations`, of the fake and of the store."""

import math
import struct
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import anyio
import pytest

from services.store.responses import SqlCalibrations
from services.store.store import Store
from tests.contracts.keeping import at_minute
from tests.fakes.calibrations import InMemoryCalibrations
from use_cases.advice.errors import CalibrationNotFound, TuningConflict
from use_cases.advice.model import (
    CalibrationVersion,
    FittedMap,
    TuningAction,
    TuningNote,
    VersionKind,
)
from use_cases.advice.ports import Calibrations
from use_cases.kernel.errors import Conflict

pytestmark = pytest.mark.anyio

NFL = "fantasy-nfl"


def fitted(
    model: str | None,
    prompt_version: str | None,
    numbers: tuple[float, float],
    effect: tuple[float, float, float],
    n: int = 0,
) -> FittedMap:
    """A map with this intercept and slope, and this effect with its interval."""
    return FittedMap(
        model=model,
        prompt_version=prompt_version,
        intercept=numbers[0],
        slope=numbers[1],
        n=n,
        effect=effect[0],
        effect_low=effect[1],
        effect_high=effect[2],
        stated_from=0.55 if n else None,
        stated_to=0.30000000000000004 if n else None,
    )


MAPS = (
    fitted("openai:gpt-4.1", "advice-1", (-0.1, 0.30000000000000004), (-0.031, -0.05, -0.012), 212),
    fitted("openai:gpt-4.1", None, (math.pi, 1 / 3), (5e-324, -0.0, 1.7976931348623157e308), 700),
    fitted(None, None, (0.0, 1.0), (0.1 + 0.2, 1e-17, 2.0**-1074)),
)
FULL = CalibrationVersion(
    version_id="cal_full",
    parent_id=None,
    profile=NFL,
    kind=VersionKind.TUNED,
    maps=MAPS,
    author="anna",
    created_at=datetime(2026, 3, 14, 12, 0, 0, 123456, tzinfo=UTC),
    n=912,
    window_from=datetime(2026, 1, 1, tzinfo=UTC),
    window_to=datetime(2026, 3, 14, 11, 59, tzinfo=UTC),
    restores="cal_before",
    reason="Overconfident by 18 points — said so by 212 events.",
)


def version(number: int, parent: int | None = None, *, profile: str = NFL) -> CalibrationVersion:
    """The version `cal_NUMBER`, made that many minutes after noon."""
    return CalibrationVersion(
        version_id=f"cal_{number}",
        parent_id=None if parent is None else f"cal_{parent}",
        profile=profile,
        kind=VersionKind.TUNED,
        maps=(fitted(None, None, (0.1 * number, 0.7), (-0.01, -0.02, -0.001), number),),
        author="anna",
        created_at=at_minute(number),
    )


def note_on(made: CalibrationVersion, action: TuningAction = TuningAction.APPLIED) -> TuningNote:
    """The note of what put this version in force."""
    return TuningNote(
        note_id=f"note_of_{made.version_id}",
        profile=made.profile,
        action=action,
        author=made.author,
        created_at=made.created_at,
        from_version=made.parent_id,
        to_version=made.version_id,
        reason="It was better on outcomes it had not seen — by 0.01.",
    )


async def force(calibrations: Calibrations, *made: CalibrationVersion) -> None:
    for one in made:
        await calibrations.put_in_force(one, note_on(one))


def bits(maps: Sequence[FittedMap]) -> list[bytes]:
    """Every float of the maps as its 8 bytes."""
    return [
        struct.pack("<5d", one.intercept, one.slope, one.effect, one.effect_low, one.effect_high)
        for one in maps
    ]


class CalibrationsContract:
    """The suite, on the store unless a subclass says otherwise."""

    @pytest.fixture
    def calibrations(self, store: Store) -> Calibrations:
        return SqlCalibrations(store)

    async def test_where_nothing_was_tuned_nothing_is_in_force(
        self, calibrations: Calibrations
    ) -> None:
        assert await calibrations.current(NFL) is None
        assert await calibrations.versions(NFL) == ()
        assert await calibrations.notes(NFL) == ()

    async def test_a_version_comes_back_as_it_was_made_bit_for_bit(
        self, calibrations: Calibrations
    ) -> None:
        await force(calibrations, FULL)
        for found in (
            await calibrations.current(NFL),
            await calibrations.version("cal_full"),
            (await calibrations.versions(NFL))[0],
        ):
            assert found is not None
            assert found == FULL
            assert bits(found.maps) == bits(MAPS)
        assert await calibrations.notes(NFL) == (note_on(FULL),)

    async def test_a_version_may_have_no_maps(self, calibrations: Calibrations) -> None:
        none = replace(version(1), maps=(), kind=VersionKind.ROLLED_BACK)
        await force(calibrations, none)
        assert await calibrations.current(NFL) == none

    async def test_each_version_replaces_its_parent_and_all_stay(
        self, calibrations: Calibrations
    ) -> None:
        chain = (version(1), version(2, 1), version(3, 2))
        await force(calibrations, *chain)
        assert await calibrations.current(NFL) == chain[2]
        assert await calibrations.versions(NFL) == chain[::-1]
        assert await calibrations.version("cal_1") == chain[0]
        assert await calibrations.notes(NFL) == tuple(note_on(one) for one in chain[::-1])

    async def test_profiles_are_tuned_apart(self, calibrations: Calibrations) -> None:
        other = version(2, profile="general")
        await force(calibrations, version(1), other)
        assert await calibrations.current("general") == other
        assert await calibrations.versions("general") == (other,)
        assert await calibrations.notes("general") == (note_on(other),)
        assert await calibrations.current(NFL) == version(1)
        with pytest.raises(TuningConflict):
            await force(calibrations, version(3, 1, profile="general"))

    @pytest.mark.parametrize("stale", [version(9), version(9, 1), version(9, 7)])
    async def test_what_replaces_another_than_the_one_in_force_changes_nothing(
        self, calibrations: Calibrations, stale: CalibrationVersion
    ) -> None:
        await force(calibrations, version(1), version(2, 1))
        with pytest.raises(TuningConflict):
            await force(calibrations, stale)
        assert await calibrations.current(NFL) == version(2, 1)
        assert await calibrations.versions(NFL) == (version(2, 1), version(1))
        assert len(await calibrations.notes(NFL)) == 2
        with pytest.raises(CalibrationNotFound):
            await calibrations.version("cal_9")

    async def test_a_first_version_has_no_parent(self, calibrations: Calibrations) -> None:
        with pytest.raises(TuningConflict):
            await force(calibrations, version(2, 1))
        assert await calibrations.current(NFL) is None
        assert await calibrations.notes(NFL) == ()

    @pytest.mark.parametrize("parent", [None, 1])
    async def test_of_many_that_replace_one_at_once_exactly_one_wins(
        self, calibrations: Calibrations, parent: int | None
    ) -> None:
        if parent is not None:
            await force(calibrations, version(1))
        won: list[str] = []
        lost: list[str] = []

        async def tune(number: int) -> None:
            made = version(number, parent)
            try:
                await calibrations.put_in_force(made, note_on(made))
            except TuningConflict:
                lost.append(made.version_id)
            else:
                won.append(made.version_id)

        async with anyio.create_task_group() as group:
            for number in range(2, 10):
                group.start_soon(tune, number)
        assert (len(won), len(lost)) == (1, 7)
        current = await calibrations.current(NFL)
        assert current is not None
        assert [current.version_id] == won
        assert len(await calibrations.versions(NFL)) == len(await calibrations.notes(NFL))

    async def test_a_taken_id_is_refused_and_changes_nothing(
        self, calibrations: Calibrations
    ) -> None:
        await force(calibrations, version(1))
        again = replace(version(1), parent_id="cal_1")
        with pytest.raises(Conflict):
            await calibrations.put_in_force(again, replace(note_on(again), note_id="note_new"))
        with pytest.raises(Conflict):
            await calibrations.put_in_force(version(2, 1), note_on(version(1)))
        with pytest.raises(Conflict):
            await calibrations.note(note_on(version(1)))
        assert await calibrations.current(NFL) == version(1)
        assert await calibrations.versions(NFL) == (version(1),)
        assert await calibrations.notes(NFL) == (note_on(version(1)),)

    async def test_an_unknown_version_is_said_to_be_unknown(
        self, calibrations: Calibrations
    ) -> None:
        with pytest.raises(CalibrationNotFound, match="cal_nowhere"):
            await calibrations.version("cal_nowhere")

    async def test_what_put_nothing_in_force_is_noted_too(self, calibrations: Calibrations) -> None:
        await force(calibrations, version(1))
        tried = replace(
            note_on(version(1), TuningAction.DRY_RUN),
            note_id="note_tried",
            created_at=at_minute(5),
            from_version=None,
            to_version=None,
        )
        await calibrations.note(tried)
        assert await calibrations.notes(NFL) == (tried, note_on(version(1)))
        assert await calibrations.current(NFL) == version(1)


class TestInMemoryCalibrations(CalibrationsContract):
    @pytest.fixture
    def calibrations(self) -> Calibrations:
        return InMemoryCalibrations()


class TestSqliteCalibrations(CalibrationsContract):
    @pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
    async def test_a_map_that_is_no_number_is_not_kept(
        self, calibrations: Calibrations, number: float
    ) -> None:
        broken = replace(version(1), maps=(replace(MAPS[0], slope=number),))
        with pytest.raises(ValueError, match="finite"):
            await force(calibrations, broken)
        assert await calibrations.current(NFL) is None
