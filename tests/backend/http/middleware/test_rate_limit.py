"""A caller who asks too much is told when to come back; the others do not notice."""

import time
from collections.abc import Iterator

import anyio
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from backend.errors import TooManyUploads
from backend.http.middleware.authentication import ASKING, AuthenticationMiddleware
from backend.http.middleware.rate_limit import MOST_REMEMBERED, Allowance, RateLimit, RequestLimits
from backend.settings.settings import Settings
from tests.backend.http.conftest import application, candor, served
from tests.backend.http.keys import bearing, make_key, requiring
from use_cases.kernel.errors import RateLimited
from use_cases.kernel.model import LOCAL


def taken(limit: RateLimit, who: str, moments: list[float]) -> list[float]:
    """For each moment 0 where it was let in, else the seconds to wait."""
    waits: list[float] = []
    for moment in moments:
        try:
            limit.take(who, moment)
        except RateLimited as error:
            waits.append(round(error.retry_after or -1, 6))
        else:
            waits.append(0)
    return waits


def test_a_minutes_requests_may_come_at_once_and_come_back_evenly() -> None:
    limit = RateLimit(3)
    assert taken(limit, "a", [0, 0, 0, 0, 5, 20, 20, 40, 41]) == [0, 0, 0, 20, 15, 0, 20, 0, 19]


def test_who_waits_as_told_is_let_in() -> None:
    limit = RateLimit(7)
    assert taken(limit, "a", [0.0] * 7) == [0.0] * 7
    (wait,) = taken(limit, "a", [0.1])
    assert taken(limit, "a", [0.1 + wait]) == [0]


def test_after_a_minute_of_silence_all_of_it_is_back() -> None:
    limit = RateLimit(2)
    assert taken(limit, "a", [0, 0, 60, 60, 60]) == [0, 0, 0, 0, 30]


def test_many_small_steps_do_not_add_up_to_a_refusal() -> None:
    limit = RateLimit(60)
    assert sum(taken(limit, "a", [float(second) for second in range(5000)])) == 0


def test_callers_do_not_share_a_limit() -> None:
    limit = RateLimit(1)
    assert taken(limit, "a", [0, 0]) == [0, 60]
    assert taken(limit, "b", [0]) == [0]


def test_zero_is_no_limit() -> None:
    limit = RateLimit(0)
    assert taken(limit, "a", [0.0] * 10_000) == [0.0] * 10_000
    assert len(limit) == 0


def test_memory_is_bounded_and_who_was_heard_lately_is_remembered() -> None:
    limit = RateLimit(2)
    limit.take("first", 0)
    for number in range(MOST_REMEMBERED - 1):
        limit.take(f"other-{number}", 0)
    limit.take("first", 0)
    limit.take("one more", 0)
    assert len(limit) == MOST_REMEMBERED
    with pytest.raises(RateLimited):
        limit.take("first", 0)


def test_so_many_uploads_may_run_at_once() -> None:
    limits = RequestLimits(Allowance(uploads=1))
    with limits.upload(None), pytest.raises(TooManyUploads), limits.upload(None):
        pass
    with limits.upload(None):
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


def test_over_http_the_time_to_wait_is_told(guarded: TestClient, required: Settings) -> None:
    anna, boris = (bearing(make_key(required, user)) for user in ("anna", "boris"))
    assert [guarded.get("/answers", headers=anna).status_code for _ in range(2)] == [200, 200]
    response = guarded.get("/answers", headers=anna)
    assert (response.status_code, response.json()["code"]) == (429, "rate_limited")
    assert 1 <= int(response.headers["retry-after"]) <= 30
    assert guarded.get("/answers", headers=boris).status_code == 200


def test_questions_have_a_limit_of_their_own(guarded: TestClient, required: Settings) -> None:
    anna = bearing(make_key(required))
    assert [
        guarded.post(path, headers=anna, json={}).status_code for path in ("/chat", "/api/chat")
    ] == [422, 429]
    assert guarded.get("/answers", headers=anna).status_code == 200


def test_requests_that_a_process_takes_ahead_are_no_more_than_are_allowed(
    settings: Settings,
) -> None:
    busy = requiring(settings, rate_limit_reads_per_minute=180)
    key = bearing(make_key(busy))
    begun = time.monotonic()
    with served(busy) as one, served(busy) as other:
        seen = [client.get("/answers", headers=key).status_code for client in [one, other] * 100]
    come_back = 3 * (time.monotonic() - begun)
    assert 176 <= seen.count(200) <= 180 + come_back
    assert seen.count(429) == 200 - seen.count(200)


def test_strangers_are_limited_by_address_and_good_keys_let_in_all_the_same(
    guarded: TestClient, required: Settings
) -> None:
    key = bearing(make_key(required))
    seen = [guarded.get("/answers").status_code for _ in range(5)]
    assert seen == [401, 401, 401, 429, 429]
    assert guarded.get("/answers", headers=bearing("cndr_wrong")).status_code == 429
    assert guarded.get("/health").status_code == 200
    assert guarded.get("/answers", headers=key).status_code == 200


def test_in_local_mode_there_is_no_limit_unless_one_is_set(settings: Settings) -> None:
    with served(settings) as client:
        assert {client.get("/answers").status_code for _ in range(50)} == {200}
    limited = settings.model_copy(update={"rate_limit_reads_per_minute": 1})
    with served(limited) as client:
        assert [client.get("/answers").status_code for _ in range(2)] == [200, 429]


def test_the_defaults_count_where_keys_are_required() -> None:
    settings = Settings()
    assert settings.asks_per_minute(required=True) == 60
    assert settings.reads_per_minute(required=True) == 600
    assert settings.streams_per_caller(required=True) == 10
    assert settings.asks_per_minute(required=False) == 0
    off = Settings.model_validate({"rate_limit_per_minute": 0})
    assert off.asks_per_minute(required=True) == 0


def test_every_route_that_makes_a_model_work_counts_as_a_question(settings: Settings) -> None:
    """Those are the routes that say which providers' models they may not know."""
    asking = {
        (method.upper(), path)
        for path, operations in application(settings).openapi()["paths"].items()
        for method, operation in operations.items()
        if "model_unknown" in str(operation["responses"])
    }
    assert asking == ASKING


@pytest.mark.anyio
async def test_a_place_is_held_until_the_stream_has_ended(settings: Settings) -> None:
    begun, end = anyio.Event(), anyio.Event()
    statuses: list[int] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["state"]["caller"] is LOCAL
        begun.set()
        await end.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    guarded = AuthenticationMiddleware(
        app, required=False, limits=RequestLimits(Allowance(streams=1))
    )
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

    async with candor(settings) as served.state.candor:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ask)
            await begun.wait()
            await ask()
            end.set()
        await ask()
    assert statuses == [429, 200, 200]
