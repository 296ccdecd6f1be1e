"""A key's day over HTTP: what is charged, when it is refused, and what `candor keys list` shows."""

import re
from collections.abc import AsyncIterator
from decimal import Decimal

import anyio
from pydantic_ai.exceptions import ModelHTTPError
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models.function import AgentInfo, DeltaToolCalls

from backend.cli.server.keys import UsedKey
from backend.settings.settings import Settings
from tests.backend.http.chatting import problem
from tests.backend.http.conftest import candor
from tests.backend.http.keys import bearing, make_key, requiring
from tests.backend.http.scripted import scripted
from use_cases.kernel.identity.admission import Budget
from use_cases.kernel.identity.manage_keys import NewApiKey
from use_cases.kernel.model import Scope

HELLO = {"user_id": "anna", "message": "How often must passwords be rotated?"}
ADVICE = {"conversation": [{"role": "user", "content": "This or that?"}]}


async def unknown(
    _messages: list[ModelMessage], _info: AgentInfo
) -> AsyncIterator[str | DeltaToolCalls]:
    yield "I cannot tell."


async def broken(
    _messages: list[ModelMessage], _info: AgentInfo
) -> AsyncIterator[str | DeltaToolCalls]:
    raise ModelHTTPError(status_code=500, model_name="scripted")
    yield ""


def listed(settings: Settings) -> list[UsedKey]:
    """Return what `candor keys` lists."""

    async def read() -> list[UsedKey]:
        async with candor(settings) as reading:
            keys = await reading.identity.manage_keys.list()
            used = await reading.identity.show_key_use.run(keys)
            return [UsedKey.of(key, used) for key in keys]

    return anyio.run(read)


def limited(settings: Settings, **told: object) -> tuple[Settings, NewApiKey]:
    guarded = requiring(settings, unknown_cost=Decimal("0.25"), **told)
    return guarded, make_key(guarded)


def test_a_day_ends_with_429_and_the_seconds_until_midnight(settings: Settings) -> None:
    guarded, key = limited(settings, cost_per_day=Decimal("0.50"))
    with scripted(guarded, unknown) as client:
        codes = [
            client.post("/chat", headers=bearing(key), json=HELLO).status_code for _ in range(3)
        ]
        refused = client.post("/chat/stream", headers=bearing(key), json=HELLO)
        assert client.get("/chats", headers=bearing(key)).status_code == 200
    assert codes == [200, 200, 429]
    assert problem(refused) == (429, "budget_spent")
    assert refused.json()["detail"] == "The key has used $0.50 of $0.50 of this day."
    assert 1 <= int(refused.headers["retry-after"]) <= 24 * 3600


def test_advice_and_the_chat_about_a_draft_are_charged_as_answers_are(settings: Settings) -> None:
    guarded, key = limited(settings, cost_per_day=Decimal("0.75"))
    with scripted(guarded, unknown) as client:
        client.headers.update(bearing(key))
        chat = client.post("/chat", json=HELLO).json()["chat_id"]
        client.post("/advice-non-streaming", json=ADVICE)
        stream = f"/api/conversations/{chat}/project-draft/chat/stream"
        assert '"type":"done"' in client.post(stream, json={"message": "Shorter."}).text
        for path, body in ((stream, {"message": "Shorter."}), ("/advice", ADVICE)):
            assert problem(client.post(path, json=body)) == (429, "budget_spent")


def test_a_spent_budget_is_a_clear_error_at_the_doors_of_other_tools(settings: Settings) -> None:
    guarded, key = limited(settings, cost_per_day=Decimal("0.25"))
    question = HELLO["message"]
    asked: dict[str, object] = {"messages": [{"role": "user", "content": question}]}
    tool = {"name": "ask", "arguments": {"question": question}}
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": tool}
    accepted = {"accept": "application/json, text/event-stream"}
    with scripted(guarded, unknown) as client:
        client.headers.update(bearing(key))
        assert client.post("/v1/chat/completions", json=asked).status_code == 200
        for streamed in (False, True):
            refused = client.post("/v1/chat/completions", json={**asked, "stream": streamed})
            error = refused.json()["error"]
            assert (refused.status_code, error["code"], error["type"]) == (
                429,
                "budget_spent",
                "rate_limit_error",
            )
            assert error["message"].startswith("The key has used $0.25 of $0.25 of this day. ")
            assert int(refused.headers["retry-after"]) >= 1
        result = client.post("/mcp", json=call, headers=accepted).json()["result"]
        assert result["isError"] is True
        text = result["content"][0]["text"]
        assert text.startswith("budget_spent: The key has used $0.25 of $0.25 of this day. ")
        assert re.search(r"Try again in \d+ seconds\.$", text)
    (shown,) = listed(guarded)
    assert shown.today.answers == 1


def test_a_question_that_cannot_be_asked_costs_nothing_and_leaves_its_place(
    settings: Settings,
) -> None:
    guarded, key = limited(settings, max_streams_per_caller=1)
    with scripted(guarded, broken) as client:
        for body in ({}, {**HELLO, "chat_id": "chat_x"}, HELLO, HELLO):
            response = client.post("/chat", headers=bearing(key), json=body)
            assert response.status_code != 429
    (shown,) = listed(guarded)
    assert shown.today.answers == 0


def test_a_keys_own_limits_go_before_the_servers(settings: Settings) -> None:
    guarded, key = limited(settings, tokens_per_day=1, cost_per_day=Decimal(1))

    async def own(tokens: int, cost: str) -> NewApiKey:
        async with candor(guarded) as making:
            budget = Budget(tokens, Decimal(cost))
            return await making.identity.manage_keys.create(
                "bo", label="x", scopes=[*Scope], budget=budget
            )

    free, poor = anyio.run(own, 0, "0"), anyio.run(own, 0, "0.20")
    counted: dict[str, list[int]] = {}
    with scripted(guarded, unknown) as client:
        for name, one in (("anna", key), ("free", free), ("poor", poor)):
            body = {**HELLO, "user_id": one.key.user_id}
            counted[name] = [
                client.post("/chat", headers=bearing(one), json=body).status_code for _ in range(3)
            ]
    assert counted == {
        "anna": [200, 429, 429],
        "free": [200, 200, 200],
        "poor": [200, 429, 429],
    }
