"""Column types: what goes in comes out, or is refused before it is stored."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import hypothesis
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from sqlalchemy.exc import StatementError

from services.store.store import Store
from services.store.stored_answers import SqlAnswers
from services.store.transcript import SqlTranscript
from tests.contracts.keeping import record
from tests.contracts.test_answers import ANNA, BARE
from tests.thoroughness import examples
from use_cases.kernel.text.plain_text import storable

anyio = pytest.mark.anyio

COUNT = itertools.count()


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("", ""),
        ("Zürich 東京 🚂", "Zürich 東京 🚂"),
        ("a\x00b", "a\ufffdb"),
        ("\ud83d", "\ufffd"),
        ("\udc00x\ud800", "\ufffdx\ufffd"),
    ],
)
def test_only_what_a_database_cannot_hold_is_replaced_one_for_one(text: str, stored: str) -> None:
    assert storable(text) == stored


@hypothesis.given(st.text())
def test_storable_text_keeps_its_length_and_is_utf_8(text: str) -> None:
    assert len(storable(text)) == len(text)
    assert storable(text).encode().decode() == storable(text)
    assert "\x00" not in storable(text)


@anyio
async def test_a_moment_without_a_time_zone_is_refused(store: Store) -> None:
    naive = datetime(2026, 3, 14, 12, 0, tzinfo=UTC).replace(tzinfo=None)
    with pytest.raises(StatementError, match="needs its time zone"):
        await record(SqlTranscript(store), replace(BARE, created_at=naive))
    assert await SqlAnswers(store).answers(ANNA) == ()


@anyio
@pytest.mark.parametrize("cost", ["NaN", "Infinity", "-Infinity"])
async def test_a_cost_that_is_no_number_is_refused(store: Store, cost: str) -> None:
    with pytest.raises(StatementError, match="not a finite number"):
        await record(SqlTranscript(store), replace(BARE, cost=Decimal(cost)))


@anyio
@settings(max_examples=examples(25), suppress_health_check=[HealthCheck.function_scoped_fixture])
@hypothesis.given(
    cost=st.decimals(allow_nan=False, allow_infinity=False, places=12),
    created_at=st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=st.timezones()),  # noqa: DTZ001
    tokens=st.integers(0, 2**62),
)
async def test_numbers_and_moments_come_back_exactly(
    store: Store, cost: Decimal, created_at: datetime, tokens: int
) -> None:
    number = next(COUNT)
    answer = replace(
        BARE,
        answer_id=f"ans_{number}",
        chat_id=f"chat_{number}",
        cost=cost,
        created_at=created_at,
        input_tokens=tokens,
        latency_ms=tokens,
    )
    await record(SqlTranscript(store), answer)
    # In UTC, because Python calls an hour that a time zone has twice unequal to any other's.
    expected = replace(answer, created_at=created_at.astimezone(UTC))
    assert await SqlAnswers(store).answer(ANNA, answer.answer_id) == expected
