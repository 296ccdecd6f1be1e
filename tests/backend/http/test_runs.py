"""Turns that are under way: stopped from outside, one at a time in a chat, hung up on, failing."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient, Response
from pydantic_ai.exceptions import (
    ModelHTTPError,
    ModelOverloadedError,
    ModelRateLimitError,
    ModelServerError,
)
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models.function import AgentInfo, DeltaToolCalls

from backend.settings.settings import Settings
from tests.backend.http.chatting import LEAVE, ROTATION, Json, body, chunks, problem, said
from tests.backend.http.scripted import Script, application, scripted

pytestmark = pytest.mark.anyio

SECRET = "sk-planted-5150"
CANNOT = "I can't find this in the knowledge base."


class Held:
    """A model that says a little, and the rest when it is let go."""

    def __init__(self) -> None:
        self.speaking = asyncio.Event()
        self.go = asyncio.Event()
        self.stopped = False

    async def script(
        self, _messages: list[ModelMessage], _info: AgentInfo
    ) -> AsyncIterator[str | DeltaToolCalls]:
        yield CANNOT
        self.speaking.set()
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.stopped = True
            raise
        yield " What are you looking for?"


@asynccontextmanager
async def running(app: FastAPI) -> AsyncGenerator[AsyncClient]:
    """The application and a client in one event loop."""
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://localhost") as client,
    ):
        yield client


async def asked(client: AsyncClient, held: Held) -> tuple["asyncio.Task[Response]", str]:
    """A question that is being answered, and its chat."""
    sent = {"user_id": "ada", "message": ROTATION}
    asking = asyncio.create_task(client.post("/chat", json=sent))
    await held.speaking.wait()
    [chat] = (await client.get("/chats", params={"user_id": "ada"})).json()["chats"]
    return asking, str(chat["id"])


async def test_an_answer_can_be_stopped_from_outside(settings: Settings) -> None:
    held = Held()
    async with running(application(settings, held.script)) as client:
        asking, chat = await asked(client, held)
        cancelled = await client.post(f"/chats/{chat}/cancel")
        assert (cancelled.status_code, cancelled.json()) == (200, {"cancelled": True})
        reply = (await asking).json()
        assert (reply["interrupted"], reply["chat_id"]) == (True, chat)
        assert reply["notices"] == ["The answer was stopped before it was complete."]
        kept = (await client.get(f"/chats/{chat}/messages")).json()["messages"]
        assert [message["interrupted"] for message in kept] == [False, True]
        assert kept[1]["content"] == reply["text"]
    assert held.stopped


async def test_a_chat_answers_one_question_at_a_time(settings: Settings) -> None:
    held = Held()
    async with running(application(settings, held.script)) as client:
        asking, chat = await asked(client, held)
        sent = {"user_id": "ada", "chat_id": chat, "message": LEAVE}
        for path, second in (("/chat", sent), ("/api/chat", body(said(LEAVE), id=chat))):
            refused = await client.post(path, json=second)
            assert problem(refused) == (409, "chat_busy")
            assert refused.headers["content-type"] == "application/problem+json"
        held.go.set()
        assert (await asking).json()["text"].startswith(CANNOT)
        assert len((await client.get(f"/chats/{chat}/messages")).json()["messages"]) == 2


async def test_whoever_hangs_up_stops_the_answer(settings: Settings) -> None:
    held = Held()
    app = application(settings, held.script)
    async with running(app) as client:
        await hung_up_on(app, held)
        assert held.stopped
        [chat] = (await client.get("/chats", params={"user_id": "ada"})).json()["chats"]
        kept = (await client.get(f"/chats/{chat['id']}/messages")).json()["messages"]
        assert [message["role"] for message in kept] == ["user", "assistant"]
        assert kept[1]["interrupted"] is True


async def hung_up_on(
    app: FastAPI, held: Held, path: str = "/chat", body: Json | None = None
) -> None:
    """Send a question and leave as soon as the model speaks."""
    sent = json.dumps(body or {"user_id": "ada", "message": ROTATION}).encode()
    told = iter([{"type": "http.request", "body": sent, "more_body": False}])

    async def receive() -> dict[str, Any]:
        for message in told:
            return message
        await held.speaking.wait()
        return {"type": "http.disconnect"}

    async def send(_message: Any) -> None:
        return None

    headers = [(b"host", b"localhost"), (b"content-type", b"application/json")]
    headers.append((b"accept", b"application/json, text/event-stream"))
    scope: Json = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": headers,
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 1),
    }
    await app(scope, receive, send)


Kind: TypeAlias = type[ModelRateLimitError] | type[ModelServerError] | type[ModelOverloadedError]

FAILURES = [
    (ModelRateLimitError, 429, 429, "rate_limited"),
    (ModelServerError, 500, 502, "upstream_failed"),
    (ModelOverloadedError, 503, 502, "upstream_failed"),
]


def failing(kind: Kind, status: int) -> Script:
    async def script(
        _messages: list[ModelMessage], _info: AgentInfo
    ) -> AsyncIterator[str | DeltaToolCalls]:
        raise ModelHTTPError.for_category(
            kind, status_code=status, model_name="m", body={"error": SECRET}
        )
        yield  # what makes it a generator

    return script


@pytest.mark.parametrize(("kind", "theirs", "ours", "code"), FAILURES)
def test_a_providers_failure_has_a_status_or_is_a_part_of_the_stream(
    settings: Settings, kind: Kind, theirs: int, ours: int, code: str
) -> None:
    with scripted(settings, failing(kind, theirs)) as client:
        response = client.post("/chat", json={"user_id": "ada", "message": ROTATION})
        assert problem(response) == (ours, code)
        assert response.headers["content-type"] == "application/problem+json"
        [chat] = client.get("/chats", params={"user_id": "ada"}).json()["chats"]
        [question] = client.get(f"/chats/{chat['id']}/messages").json()["messages"]
        assert question["role"] == "user"
        streamed = client.post("/api/chat", json=body(said(ROTATION)))
        assert streamed.status_code == 200
        (told,) = [one for one in chunks(streamed.text) if one["type"] == "data-problem"]
        assert (told["data"]["status"], told["data"]["code"]) == (ours, code)
        assert SECRET not in response.text + streamed.text
