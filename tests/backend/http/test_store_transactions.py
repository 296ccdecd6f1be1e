"""How often a turn goes to the store: each time is a way to a thread, or to a server, and back."""

from collections.abc import Callable, Generator
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import Connection
from starlette.testclient import TestClient

from backend.composition.container import Container
from backend.settings.settings import Settings
from services.store.store import Store
from tests.backend.http.chatting import body, said
from tests.backend.http.keys import key_of, requiring
from tests.backend.http.scripted import scripted
from tests.fakes.clock import FixedClock
from use_cases.kernel.runs import inflight

Result = TypeVar("Result")
OF_NO_TURN = ("SqlSearchableConversations", "SqlRelay.asked", "_run")
"""What goes on beside turns: the index of conversations, followers of answers, uses of keys."""


class CountedStore(Store):
    """A store that notes its transactions, by the function that is run in them."""

    def __init__(self, url: str | Path) -> None:
        super().__init__(url)
        self.transactions: list[str] = []

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        self.transactions.append(work.__qualname__)
        return await super().read(work)

    async def write(self, work: Callable[[Connection], Result]) -> Result:
        self.transactions.append(work.__qualname__)
        return await super().write(work)


@pytest.fixture(params=["local", "required"])
def served(
    request: pytest.FixtureRequest, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Generator[tuple[TestClient, CountedStore]]:
    """A server, in local mode and with an API key, and its store."""
    # Running answers are looked at together, a few times a second however many they are.
    monkeypatch.setattr(inflight, "LOOKED_AT_EVERY", 3600.0)
    headers = dict[str, str]()
    if request.param == "required":
        settings = requiring(settings)
        headers = key_of(settings, "anna")
    store = CountedStore(settings.store_url)

    def prepare(candor: Container) -> None:
        candor.clock = FixedClock()  # what is kept for a second is kept, on a slow machine as well
        candor.store = store
        candor.closing.push_async_callback(store.close)

    with scripted(settings, prepare=prepare) as client:
        client.headers.update(headers)
        yield client, store


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/api/chat", body(said("How often?"), said("And who?", id="m2"))),
        ("/chat/stream", {"user_id": "anna", "message": "And who?"}),
    ],
    ids=["a page's next question in its chat", "a new chat"],
)
def test_a_turn_takes_few_transactions(
    served: tuple[TestClient, CountedStore], path: str, asked: dict[str, object]
) -> None:
    client, store = served
    for _ in range(2):  # with its first use a key is read once more
        assert client.post("/api/chat", json=body(said("How often?"))).status_code == 200
    store.transactions.clear()
    assert client.post(path, json=asked).status_code == 200
    found = [each for each in store.transactions if not any(name in each for name in OF_NO_TURN)]
    turn = ["SqlTranscript.open.<locals>.work", "SqlTranscript.close.<locals>.work"]
    if "X-API-Key" in client.headers:  # its budget, and its place among the key's answers
        admitted, done = (
            "SqlAdmissions.admit.<locals>.<lambda>",
            "SqlLeases.release.<locals>.<lambda>",
        )
        turn = [admitted, *turn, done]
    assert found == turn
