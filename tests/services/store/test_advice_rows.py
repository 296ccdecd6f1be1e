"""Rows of advice: what the tables refuse, what cannot be read, and what a removed person leaves."""

from dataclasses import replace

import pytest

from services.store.responses import SqlCalibrations, SqlResponses
from services.store.store import Store
from tests.contracts.keeping import ANNA
from tests.contracts.test_calibrations import NFL, force
from tests.contracts.test_calibrations import version as calibration
from tests.contracts.test_feedback import told
from tests.contracts.test_responses import ALL, FULL
from tests.contracts.test_responses import given as response
from tests.services.store.statements import execute, scalar
from use_cases.advice.model import OutcomeState
from use_cases.kernel.errors import StorageDamaged

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "damage",
    [
        "outcome = 'perhaps'",
        "freshness = ''",
        "alternatives = '[]'",
        "sources = '{}'",
        "calibrated_bp = NULL",
        "base_right = 0, base_n = 0",
        "base_right = 5, base_n = 3",
    ],
)
async def test_a_response_that_cannot_be_read_is_said_to_be_damaged(
    store: Store, damage: str
) -> None:
    responses = SqlResponses(store)
    await responses.keep(FULL)
    await execute(store, f"UPDATE responses SET {damage}")
    with pytest.raises(StorageDamaged, match="resp_full"):
        await responses.response(ANNA, "resp_full")
    if damage.startswith(("outcome", "calibrated")):
        with pytest.raises(StorageDamaged, match="resp_full"):
            await responses.scored(ANNA, ALL)
    if damage.startswith("outcome"):
        with pytest.raises(StorageDamaged, match="resp_full"):
            await responses.judge(
                ANNA, replace(told(1, OutcomeState.RIGHT), response_id="resp_full")
            )


async def test_feedback_that_cannot_be_read_is_said_to_be_damaged(store: Store) -> None:
    responses = SqlResponses(store)
    await responses.keep(response("resp_1"))
    await responses.judge(ANNA, told(1, OutcomeState.RIGHT))
    await execute(store, "UPDATE feedback SET judge = 'nobody'")
    with pytest.raises(StorageDamaged, match="fb_1"):
        await responses.feedback(ANNA, "resp_1")


async def test_a_calibration_that_cannot_be_read_is_said_to_be_damaged(store: Store) -> None:
    calibrations = SqlCalibrations(store)
    await force(calibrations, calibration(1))
    await execute(store, "UPDATE calibration_versions SET kind = 'guessed'")
    with pytest.raises(StorageDamaged, match="cal_1"):
        await calibrations.current(NFL)
    await execute(store, "UPDATE tuning_notes SET action = 'guessed'")
    with pytest.raises(StorageDamaged, match="note_of_cal_1"):
        await calibrations.notes(NFL)


async def test_a_removed_person_leaves_no_response_and_no_feedback(store: Store) -> None:
    responses = SqlResponses(store)
    await responses.keep(response("resp_1"))
    await responses.judge(ANNA, told(1, OutcomeState.RIGHT))
    await execute(store, "DELETE FROM users")
    for table in ("responses", "feedback"):
        assert await scalar(store, f"SELECT count(*) FROM {table}") == 0


async def test_a_repetition_is_seen_where_characters_had_to_be_replaced(store: Store) -> None:
    responses = SqlResponses(store)
    await responses.keep(response("resp_1"))
    odd = told(1, OutcomeState.RIGHT, notes="a\x00b", key="k\ud800")
    first = await responses.judge(ANNA, odd)
    again = await responses.judge(ANNA, replace(odd, feedback_id="fb_2"))
    assert again.repeated
    assert again.feedback == first.feedback
    assert first.feedback.notes == "a\ufffdb"
