"""A caller who asks too much is told when to come back; the others do not notice."""

from collections.abc import Iterator
from dataclasses import replace

import anyio
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from backend.http.middleware.request_caller import (
    ASKING,
    BENCHMARKING,
    AuthenticationMiddleware,
    is_question,
)
from backend.settings.settings import Settings
from tests.backend.http.chatting import problem
from tests.backend.http.conftest import application, candor, served
from tests.backend.http.keys import bearing, key_of, requiring
from use_cases.kernel.identity.errors import TooManyUploads
from use_cases.kernel.model import LOCAL, Door
from use_cases.kernel.request_limits import Work


@pytest.mark.anyio
async def test_so_many_uploads_may_run_at_once(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Settings, "uploads_per_caller", 1)
    async with candor(settings) as serving:
        limits = serving.identity.limits
        async with limits.admitted(None, Work.UPLOAD):
            with pytest.raises(TooManyUploads):
                await limits.admitted(None, Work.UPLOAD).__aenter__()
        async with limits.admitted(None, Work.UPLOAD):
            pass


@pytest.fixture
def required(settings: Settings) -> Settings:
    return requiring(
        settings,
        rate_limit_reads_per_minute=2,
        rate_limit_per_minute=1,
        rate_limit_failures_per_minute=3,
    )


@pytest.fixture
def guarded(required: Settings) -> Iterator[TestClient]:
    with served(required) as client:
        yield client


def test_the_time_to_wait_is_told_and_questions_have_a_limit_of_their_own(
    guarded: TestClient, required: Settings
) -> None:
    anna, boris = key_of(required, "anna"), key_of(required, "boris")
    assert [guarded.get("/answers", headers=anna).status_code for _ in range(2)] == [200, 200]
    response = guarded.get("/answers", headers=anna)
    assert problem(response) == (429, "rate_limited")
    assert 1 <= int(response.headers["retry-after"]) <= 30
    asked = [
        guarded.post(path, headers=anna, json={}).status_code for path in ("/chat", "/api/chat")
    ]
    assert asked == [422, 429]
    assert guarded.get("/answers", headers=boris).status_code == 200


def test_strangers_are_limited_by_address_and_good_keys_let_in_all_the_same(
    guarded: TestClient, required: Settings
) -> None:
    key = key_of(required, "anna")
    seen = [guarded.get("/answers").status_code for _ in range(5)]
    assert seen == [401, 401, 401, 429, 429]
    assert guarded.get("/answers", headers=bearing("cndr_wrong")).status_code == 429
    assert guarded.get("/health").status_code == 200
    assert guarded.get("/answers", headers=key).status_code == 200


def test_in_local_mode_a_limit_counts_that_is_set(settings: Settings) -> None:
    with served(settings.model_copy(update={"rate_limit_reads_per_minute": 1})) as client:
        assert [client.get("/answers").status_code for _ in range(2)] == [200, 429]


def test_the_defaults_count_where_keys_are_required() -> None:
    assert Settings().asks_per_minute == 0
    settings = requiring(Settings())
    assert settings.asks_per_minute == 60
    assert settings.reads_per_minute == 600
    assert settings.streams_per_caller == 10
    assert requiring(settings, rate_limit_per_minute=0).asks_per_minute == 0


def test_every_route_that_makes_a_model_work_counts_as_a_question(settings: Settings) -> None:
    """Those are the routes that say which providers' models they may not know."""
    asking = {
        (method.upper(), path)
        for path, operations in application(settings).openapi()["paths"].items()
        for method, operation in operations.items()
        if "model_unknown" in str(operation["responses"])
    }
    # A default model is only looked up, so that an unknown one is refused; the benchmark has its own limit.
    others = {
        ("PUT", "/api/v1/model-defaults/{purpose}"),
        ("GET", "/api/llm-defaults/{prompt_type}"),
        ("PUT", "/api/llm-defaults/{prompt_type}"),
        BENCHMARKING,
    }
    counted = {route for route in asking if is_question(*route)}
    assert counted >= ASKING
    assert asking - counted == others


@pytest.mark.anyio
async def test_a_place_is_held_until_the_stream_has_ended(settings: Settings) -> None:
    begun, end = anyio.Event(), anyio.Event()
    statuses: list[int] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["state"]["caller"] == replace(LOCAL, door=Door.HTTP)
        begun.set()
        await end.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    guarded = AuthenticationMiddleware(app, required=False)
    served = Starlette()

    async def ask() -> None:
        scope: Scope = {
            "type": "http",
            "method": "POST",
            "path": "/chat/stream",
            "headers": [],
            "app": served,
        }
        await guarded(scope, receive, send)

    one = settings.model_copy(update={"max_streams_per_caller": 1})
    async with candor(one) as served.state.candor:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ask)
            await begun.wait()
            await ask()
            end.set()
        await ask()
    assert statuses == [429, 200, 200]
