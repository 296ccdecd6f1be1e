"""The promises of the port `Relay`, of the fake and of the store."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from services.store.relay import SqlRelay
from services.store.store import Store
from tests.contracts.keeping import ANNA, NOON, Kept, kept_in, kept_in_memory, opening
from tests.fakes.chats import InMemoryChats
from tests.fakes.relay import InMemoryRelay
from use_cases.chat.ports import Relay, Wish

pytestmark = pytest.mark.anyio

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Passing:
    """The port, and the chats whose turns it passes on."""

    kept: Kept
    relay: Relay


class RelayContract:
    """The suite, on the store unless a subclass says otherwise."""

    @pytest.fixture
    def passing(self, store: Store) -> Passing:
        return Passing(kept_in(store), SqlRelay(store))

    async def test_the_turn_that_holds_a_chat_is_known_while_it_does(
        self, passing: Passing
    ) -> None:
        await passing.kept.transcript.open(ANNA, opening("1", holding=MINUTE))
        assert await passing.relay.running("chat_1", NOON) == "ans_1"
        assert await passing.relay.running("chat_2", NOON) is None
        assert await passing.relay.running("chat_1", NOON + 2 * MINUTE) is None

    async def test_a_wish_reaches_its_turn_however_often_it_is_told(self, passing: Passing) -> None:
        relay = passing.relay
        for _ in range(2):
            await relay.ask("ans_1", Wish.FOLLOW, NOON)
        await relay.ask("ans_2", Wish.MAKE_WAY, NOON)
        assert list(await relay.asked(["ans_1"])) == [("ans_1", Wish.FOLLOW)]
        assert set(await relay.asked(["ans_1", "ans_2", "ans_3"])) == {
            ("ans_1", Wish.FOLLOW),
            ("ans_2", Wish.MAKE_WAY),
        }
        assert list(await relay.asked([])) == []

    async def test_pieces_come_in_order_and_then_their_end(self, passing: Passing) -> None:
        relay = passing.relay
        await relay.ask("ans_1", Wish.FOLLOW, NOON)
        for place, text in ((1, "data: é\n\n"), (2, "b"), (3, None)):
            await relay.write("ans_1", place, text)
        assert list(await relay.read("ans_1", 0)) == ["data: é\n\n", "b", None]
        assert list(await relay.read("ans_1", 2)) == [None]
        assert list(await relay.read("ans_2", 0)) == []
        await relay.forget("ans_1")
        assert list(await relay.read("ans_1", 0)) == []
        assert list(await relay.asked(["ans_1"])) == []


class TestInMemoryRelay(RelayContract):
    @pytest.fixture
    def passing(self) -> Passing:
        kept = kept_in_memory()
        assert isinstance(kept.chats, InMemoryChats)
        return Passing(kept, InMemoryRelay(kept.chats.leases))


class TestSqliteRelay(RelayContract):
    async def test_what_a_killed_process_left_is_removed_by_a_later_wish(
        self, tmp_path: Path, passing: Passing
    ) -> None:
        await passing.relay.ask("ans_1", Wish.FOLLOW, NOON)
        await passing.relay.write("ans_1", 1, "half of")
        await passing.relay.ask("ans_2", Wish.FOLLOW, NOON + timedelta(hours=2))
        assert list(await passing.relay.read("ans_1", 0)) == []
