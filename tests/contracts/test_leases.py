"""The promises of the port `Leases`, of the fake and of the store."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from services.store.leases import SqlLeases, leases
from services.store.store import Store
from tests.contracts.keeping import (
    ANNA,
    Kept,
    at_minute,
    kept_in,
    kept_in_memory,
    opening,
)
from use_cases.chat.errors import ChatBusy
from use_cases.kernel.model import Caller

pytestmark = pytest.mark.anyio

MINUTE = timedelta(minutes=1)


async def begin(kept: Kept, *names: str, caller: Caller = ANNA) -> None:
    """A turn in a chat of its own for each name, which it holds for a minute."""
    for name in names:
        await kept.transcript.open(caller, opening(name, holding=MINUTE))


class LeasesContract:
    """The suite, on the store unless a subclass says otherwise."""

    @pytest.fixture
    def kept(self, store: Store) -> Kept:
        return kept_in(store)

    async def test_a_lease_is_kept_until_it_is_released(self, kept: Kept) -> None:
        await begin(kept, "1", "2")
        assert set(await kept.leases.kept(["ans_1", "ans_2", "ans_3"])) == {"ans_1", "ans_2"}
        await kept.leases.release("ans_1")
        await kept.leases.release("ans_1")
        assert set(await kept.leases.kept(["ans_1", "ans_2"])) == {"ans_2"}
        assert set(await kept.leases.kept([])) == set()

    async def test_a_lease_that_is_renewed_holds_longer(self, kept: Kept) -> None:
        await begin(kept, "1", "2")
        await kept.leases.renew(["ans_1", "ans_3"], at_minute(10))
        one = await kept.chats.chat(ANNA, "chat_1")
        two = await kept.chats.chat(ANNA, "chat_2")
        with pytest.raises(ChatBusy):
            await kept.transcript.open(ANNA, opening("a", chat=one, minute=9))
        await kept.transcript.open(ANNA, opening("b", chat=two, minute=9))

    async def test_whoever_holds_a_name_can_be_asked_to_stop(self, kept: Kept) -> None:
        await begin(kept, "1", "2")
        assert await kept.leases.cancel("chat_1", at_minute(0))
        assert await kept.leases.cancel("chat_1", at_minute(0))
        assert set(await kept.leases.kept(["ans_1", "ans_2"])) == {"ans_2"}
        chat = await kept.chats.chat(ANNA, "chat_1")
        with pytest.raises(ChatBusy):  # until it has stopped
            await kept.transcript.open(ANNA, opening("a", chat=chat))

    @pytest.mark.parametrize(("name", "minute"), [("chat_2", 0), ("chat_1", 1), ("ans_1", 0)])
    async def test_where_nobody_holds_it_there_is_nobody_to_ask(
        self, kept: Kept, name: str, minute: int
    ) -> None:
        await begin(kept, "1")
        assert not await kept.leases.cancel(name, at_minute(minute))
        assert set(await kept.leases.kept(["ans_1"])) == {"ans_1"}

    async def test_a_chat_that_is_deleted_is_held_by_nobody(self, kept: Kept) -> None:
        await begin(kept, "1", "2")
        await kept.chats.delete(ANNA, "chat_1")
        assert set(await kept.leases.kept(["ans_1", "ans_2"])) == {"ans_2"}


class TestInMemoryLeases(LeasesContract):
    @pytest.fixture
    def kept(self) -> Kept:
        return kept_in_memory()


class TestSqliteLeases(LeasesContract):
    async def test_a_trial_of_writing_leaves_nothing(self, store: Store, kept: Kept) -> None:
        await begin(kept, "1")
        probe = SqlLeases(store)
        for _ in range(2):
            await probe.try_write()
        held = await store.read(lambda connection: connection.scalars(sa.select(leases.c.name)))
        assert list(held) == ["chat_1"]
