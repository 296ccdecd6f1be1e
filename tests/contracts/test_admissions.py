"""The promises of the port `Admissions`, of the store."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import anyio
import pytest

from services.store.admissions import SqlAdmissions
from services.store.leases import SqlLeases
from services.store.people import SqlApiKeys
from services.store.store import Store
from services.store.transcript import SqlTranscript
from tests.contracts.keeping import ANNA, NOON, answer_to, message_of, opening
from tests.contracts.test_api_keys import KEY
from use_cases.chat.ports import Transcript
from use_cases.kernel.errors import RateLimited
from use_cases.kernel.identity.admission import (
    Admissions,
    Budget,
    Charge,
    Entry,
    Estimate,
    Used,
    lost,
)
from use_cases.kernel.identity.api_key import ApiKeys
from use_cases.kernel.identity.errors import BudgetSpent, TooManyAnswers
from use_cases.kernel.runs.inflight import Leases

pytestmark = pytest.mark.anyio

DAY = date(2026, 3, 14)
USED = Used(1, 600, 400, Decimal("0.1"), 0)


@dataclass(frozen=True, slots=True)
class Counting:
    """Several ports over one store, in which there is the key `KEY`."""

    admissions: Admissions
    leases: Leases
    transcript: Transcript


def entry(name: str, *, second: float = 0, **limits: object) -> Entry:
    """A question of the key, which holds its place for a minute."""
    now = NOON + timedelta(seconds=second)
    asked = Entry(
        who=KEY.key_id,
        place=name,
        now=now,
        until=now + timedelta(minutes=1),
        lost=lost(KEY.key_id, now, Estimate(7000, Decimal("0.03"))),
    )
    return replace(asked, **limits)  # pyright: ignore[reportArgumentType]


async def charge(counting: Counting, name: str, used: Used = USED, day: date = DAY) -> None:
    """A turn of the key that is recorded, and takes its place with it."""
    opened = await counting.transcript.open(ANNA, opening(name))
    answer = answer_to(opened, name)
    await counting.transcript.close(
        ANNA,
        answer,
        message_of(answer, opened.question),
        lambda: "[]",
        Charge(KEY.key_id, day, used),
    )


async def waits(counting: Counting, moments: list[datetime], per_minute: int) -> list[float]:
    """The seconds to wait of requests at these moments."""
    return [
        round(await counting.admissions.take("reads/a", 1, per_minute=per_minute, now=moment), 3)
        for moment in moments
    ]


class AdmissionsContract:
    """The suite, on the store unless a subclass says otherwise."""

    @pytest.fixture
    async def counting(self, store: Store) -> Counting:
        keys: ApiKeys = SqlApiKeys(store)
        await keys.add(KEY)
        return Counting(SqlAdmissions(store), SqlLeases(store), SqlTranscript(store))

    async def test_a_minutes_requests_come_at_once_and_come_back_evenly(
        self, counting: Counting
    ) -> None:
        at = [NOON + timedelta(seconds=second) for second in (0, 0, 0, 0, 5, 20, 20)]
        assert await waits(counting, at, 3) == [0, 0, 0, 20, 15, 0, 20]
        assert await counting.admissions.take("reads/b", 3, per_minute=3, now=NOON) == 0

    async def test_a_clock_that_was_set_back_shuts_nobody_out(self, counting: Counting) -> None:
        later = NOON + timedelta(days=1)
        assert await waits(counting, [later, later, NOON], 2) == [0, 0, 30]

    async def test_questions_have_a_limit_a_minute(self, counting: Counting) -> None:
        await counting.admissions.admit(entry("1", asks_per_minute=1))
        with pytest.raises(RateLimited) as refused:
            await counting.admissions.admit(entry("2", second=15, asks_per_minute=1))
        assert refused.value.retry_after == pytest.approx(45)
        await counting.admissions.admit(entry("3", second=60, asks_per_minute=1))

    async def test_so_many_answers_run_at_once(self, counting: Counting) -> None:
        for name in ("1", "2"):
            await counting.admissions.admit(entry(name, at_once=2))
        with pytest.raises(TooManyAnswers):
            await counting.admissions.admit(entry("3", at_once=2, asks_per_minute=3))
        await counting.admissions.admit(entry("4", who="another", lost=None, at_once=1))
        await counting.leases.release("1")
        await counting.admissions.admit(entry("5", at_once=2, asks_per_minute=1))

    async def test_of_questions_at_once_no_more_are_let_in_than_there_are_places(
        self, counting: Counting
    ) -> None:
        refused: list[int] = []

        async def ask(number: int) -> None:
            try:
                await counting.admissions.admit(entry(str(number), at_once=3))
            except TooManyAnswers:
                refused.append(number)

        async with anyio.create_task_group() as group:
            for number in range(8):
                group.start_soon(ask, number)
        assert len(refused) == 5

    async def test_what_was_used_adds_up_to_the_last_digit(self, counting: Counting) -> None:
        assert await counting.admissions.used([KEY.key_id], DAY) == {}
        tiny = Used(1, 1, 2, Decimal("0.000000000000000000000001"), 1)
        await charge(counting, "1")
        await charge(counting, "2", tiny)
        await charge(counting, "3", USED, DAY + timedelta(days=1))
        await counting.transcript.abandon("ans_4", Charge(KEY.key_id, DAY, tiny))
        found = await counting.admissions.used([KEY.key_id, "key_x"], DAY)
        total = Used(3, 602, 404, Decimal("0.100000000000000000000002"), 2)
        assert found == {KEY.key_id: total}

    @pytest.mark.parametrize(
        ("budget", "said"),
        [
            (Budget(tokens=1000), "1000 of 1000 tokens"),
            (Budget(cost=Decimal("0.10")), "$0.10 of $0.10"),
        ],
    )
    async def test_a_day_has_a_budget(self, counting: Counting, budget: Budget, said: str) -> None:
        await counting.admissions.admit(entry("1", budget=budget))
        await charge(counting, "1")
        with pytest.raises(BudgetSpent, match="of this day") as refused:
            await counting.admissions.admit(entry("2", budget=budget))
        assert said in refused.value.detail
        assert refused.value.retry_after == 12 * 3600
        await counting.leases.release("1")
        await counting.admissions.admit(entry("3", second=12 * 3600, budget=budget))

    @pytest.mark.parametrize("budget", [Budget(), Budget(0, Decimal(0)), Budget(1001)])
    async def test_without_a_limit_or_below_it_nothing_is_refused(
        self, counting: Counting, budget: Budget
    ) -> None:
        await charge(counting, "1")
        await counting.admissions.admit(entry("1", budget=budget))

    async def test_an_answer_that_was_lost_with_its_process_counts_as_estimated(
        self, counting: Counting
    ) -> None:
        for name in ("1", "2"):
            await counting.admissions.admit(entry(name))
        await counting.leases.release("1")
        with pytest.raises(BudgetSpent):
            await counting.admissions.admit(entry("3", second=61, budget=Budget(7000)))
        with pytest.raises(BudgetSpent):
            await counting.admissions.admit(entry("4", second=62, budget=Budget(7000)))
        found = await counting.admissions.used([KEY.key_id], DAY)
        assert found == {KEY.key_id: Used(1, 0, 7000, Decimal("0.03"), 1)}


class TestSqliteAdmissions(AdmissionsContract):
    pass
