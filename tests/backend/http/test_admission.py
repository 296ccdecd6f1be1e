"""Who may not enter is refused before anything is done: counted at the store, the body and the door."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio
import anyio.lowlevel
import httpx2
import pytest
import sqlalchemy as sa
from anyio.abc import TaskGroup
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models.function import AgentInfo, DeltaToolCalls
from starlette.applications import Starlette
from starlette.types import Message, Receive, Scope, Send

from backend.composition.container import Container
from backend.http.middleware.request_caller import AuthenticationMiddleware
from backend.settings.settings import Settings
from services.store.engine.engines import Result
from services.store.store import Store
from tests.backend.http.chatting import ROTATION
from tests.backend.http.conftest import candor
from tests.backend.http.keys import EVERYTHING, UNKNOWN, bearing, make_key, requiring
from tests.backend.http.listening import listening
from tests.backend.http.scripted import application
from tests.fakes.clock import FixedClock
from tests.fakes.loop_clock import pass_time, stop_time
from tests.patience import PATIENCE
from use_cases.kernel import request_limits
from use_cases.kernel.request_limits import LONGEST_WAIT

pytestmark = pytest.mark.anyio


class CountedStore(Store):
    """Counts its transactions."""

    transactions = 0

    async def read(self, work: Callable[[sa.Connection], Result]) -> Result:
        self.transactions += 1
        return await super().read(work)

    async def write(self, work: Callable[[sa.Connection], Result]) -> Result:
        self.transactions += 1
        return await super().write(work)


@dataclass(frozen=True, slots=True)
class Told:
    """An answer: its status, and the seconds to wait."""

    status: int
    retry_after: int | None = None


@dataclass
class Door:
    """The middleware before an application whose requests last until they are let go."""

    candor: Container
    clock: FixedClock
    store: CountedStore
    tasks: TaskGroup
    bodies_read: int = 0
    begun: list[str] = field(default_factory=list[str])
    told: list[Told] = field(default_factory=list[Told])
    ends: dict[str, anyio.Event] = field(default_factory=dict[str, anyio.Event])

    def __post_init__(self) -> None:
        self._served = Starlette()
        self._served.state.candor = self.candor
        self._guarded = AuthenticationMiddleware(self._work, required=True)

    async def key(self, user: str) -> str:
        made = await self.candor.identity.manage_keys.create(user, label="t", scopes=EVERYTHING)
        return made.secret

    async def ask(self, key: str, path: str = "/answers", address: str = "10.0.0.1") -> Told:
        """One request; `path` begins with the route's."""
        told: list[Told] = []

        async def receive() -> Message:
            self.bodies_read += 1
            return {"type": "http.request"}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                wait = dict(message["headers"]).get(b"retry-after")
                told.append(Told(message["status"], None if wait is None else int(wait)))

        scope: Scope = {
            "type": "http",
            "method": "POST" if path.startswith("/chat") else "GET",
            "path": path,
            "headers": [(b"x-api-key", key.encode())],
            "client": (address, 5000),
            "app": self._served,
        }
        await self._guarded(scope, receive, send)
        self.told += told
        return told[0]

    async def begin(self, *requests: tuple[str, str]) -> None:
        """Requests in flight: each a key and its name, after which its path is called."""
        for key, name in requests:
            self.ends[name] = anyio.Event()
            self.tasks.start_soon(self.ask, key, f"/held/{name}")
            await self.settled()

    async def end(self, *names: str) -> None:
        for name in names:
            self.ends[name].set()
            await self.settled()

    async def settled(self) -> None:
        """What is due has happened; callers are known and have credit, so nothing waits for a thread."""
        for _ in range(20):
            await anyio.lowlevel.checkpoint()

    async def _work(self, scope: Scope, _receive: Receive, send: Send) -> None:
        name = str(scope["path"]).rpartition("/")[2]
        self.begun.append(name)
        if name in self.ends:
            await self.ends[name].wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})


@asynccontextmanager
async def opened(settings: Settings, **told: object) -> AsyncGenerator[Door]:
    """A door of a server that requires keys, with these settings; its clock stands still."""
    required = requiring(settings, rate_limit_failures_per_minute=3, **told)
    async with candor(required) as serving, anyio.create_task_group() as tasks:
        serving.clock = FixedClock()
        serving.store = CountedStore(required.store_url)
        try:
            yield Door(serving, serving.clock, serving.store, tasks)
        finally:
            tasks.cancel_scope.cancel()
            with anyio.CancelScope(shield=True):
                await serving.store.close()


async def test_over_the_limit_a_caller_is_refused_again_without_the_store(
    settings: Settings,
) -> None:
    async with opened(settings, rate_limit_reads_per_minute=2) as door:
        anna, boris = await door.key("anna"), await door.key("boris")
        assert [(await door.ask(anna)).status for _ in range(3)] == [200, 200, 429]
        before = door.store.transactions
        assert [await door.ask(anna) for _ in range(5)] == [Told(429, 30)] * 5
        door.clock.move(0.9)
        assert await door.ask(anna) == Told(429, 30)
        assert door.store.transactions == before
        assert await door.ask(boris) == Told(200)
        door.clock.move(29.1)
        assert await door.ask(anna) == Told(200)
        assert door.bodies_read == 0


async def test_questions_over_the_limit_leave_other_requests_alone(settings: Settings) -> None:
    async with opened(settings, rate_limit_per_minute=1) as door:
        anna = await door.key("anna")
        assert [(await door.ask(anna, "/chat")).status for _ in range(2)] == [200, 429]
        before = door.store.transactions
        assert [(await door.ask(anna, "/chat")).status for _ in range(5)] == [429] * 5
        assert door.store.transactions == before
        assert (await door.ask(anna)).status == 200


async def test_a_key_that_is_none_is_refused_without_the_store(settings: Settings) -> None:
    async with opened(settings) as door:
        statuses = [(await door.ask(UNKNOWN)).status for _ in range(8)]
        assert statuses == [401, 401, 401, 429, 429, 429, 429, 429]
        assert door.store.transactions == 1
        door.clock.move(1)
        await door.ask(UNKNOWN)
        assert door.store.transactions == 2
        assert door.bodies_read == 0
        assert door.begun == []


async def test_after_some_refusals_of_an_address_their_answers_are_held_back(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(settings) as door:
        anna = await door.key("anna")
        for key in (anna, UNKNOWN):  # what follows reads no store
            await door.ask(key)
        door.told.clear()
        stop_time(monkeypatch)
        for _ in range(40):
            door.tasks.start_soon(door.ask, UNKNOWN)
        await door.settled()
        assert len(door.told) == 9
        assert await door.ask(anna) == Told(200)  # from the same address
        assert (await door.ask(UNKNOWN, address="10.0.0.2")).status == 401
        pass_time(monkeypatch, 1)
        await door.settled()
        assert [told.status for told in door.told].count(429) == 38


async def test_no_more_answers_are_held_back_than_a_process_has_connections(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_limits, "MOST_HELD", 5)
    async with opened(settings) as door:
        await door.ask(UNKNOWN)
        stop_time(monkeypatch)
        for _ in range(40):
            door.tasks.start_soon(door.ask, UNKNOWN)
        await door.settled()
        assert len(door.told) == 36


async def test_a_caller_has_so_many_requests_in_flight_and_another_does_not_notice(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Settings, "requests_per_caller", 2)
    async with opened(settings) as door:
        anna, boris = await door.key("anna"), await door.key("boris")
        for key in (anna, boris):
            await door.ask(key)
        door.begun.clear()
        await door.begin(*((anna, f"a{n}") for n in range(4)), (boris, "b0"))
        assert door.begun == ["a0", "a1", "b0"]
        await door.end("a1")
        assert door.begun == ["a0", "a1", "b0", "a2"]


async def test_what_waits_is_served_round_robin_by_user(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Settings, "requests_per_caller", 1)
    monkeypatch.setattr(request_limits, "CALLERS_AT_ONCE", 1)
    async with opened(settings) as door:
        anna, other, boris = [await door.key(user) for user in ("anna", "anna", "boris")]
        for key in (anna, other, boris):
            await door.ask(key)
        door.begun.clear()
        await door.begin((anna, "a0"), (other, "a1"), (anna, "a2"), (boris, "b0"), (boris, "b1"))
        await door.end("a0", "a1", "b0", "a2", "b1")
        assert door.begun == ["a0", "a1", "b0", "a2", "b1"]


async def test_who_waits_for_long_is_told_to_come_back(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Settings, "requests_per_caller", 1)
    async with opened(settings) as door:
        anna = await door.key("anna")
        await door.ask(anna)
        stop_time(monkeypatch)
        await door.begin((anna, "a0"), (anna, "a1"))
        door.told.clear()
        pass_time(monkeypatch, LONGEST_WAIT)
        await door.settled()
        assert door.told == [Told(429, 2)]
        await door.end("a0")
        assert await door.ask(anna) == Told(200)


async def test_limits_of_requests_in_flight_follow_those_of_answers() -> None:
    assert Settings().requests_per_caller == 0
    settings = requiring(Settings())
    assert settings.requests_per_caller == 24
    assert requiring(settings, max_streams_per_caller=100).requests_per_caller == 114
    assert requiring(settings, max_streams_per_caller=0).requests_per_caller == 0


async def speaking_on(
    _messages: list[ModelMessage], _info: AgentInfo
) -> AsyncIterator[str | DeltaToolCalls]:
    yield "It goes on "
    await anyio.sleep_forever()


def test_a_reader_who_leaves_a_stream_frees_its_place(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Settings, "requests_per_caller", 1)
    required = requiring(settings, max_streams_per_caller=1)
    headers = bearing(make_key(required, "ada"))
    asked = {"user_id": "ada", "message": ROTATION}
    with (
        listening(application(required, speaking_on)) as address,
        httpx2.Client(base_url=address, headers=headers, timeout=PATIENCE) as client,
    ):
        for _ in range(2):
            with client.stream("POST", "/chat/stream", json=asked) as stream:
                assert stream.status_code == 200
                next(stream.iter_bytes())
        assert client.get("/chats").status_code == 200
