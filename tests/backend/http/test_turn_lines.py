"""The lines of a request: each has its ids, also those that the door writes."""

import io
import json
from collections.abc import AsyncIterator
from typing import cast

import anyio
import httpx
import pytest
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models.function import AgentInfo, DeltaToolCalls

from backend.observability.log_lines import set_up_logs
from backend.settings.server import LogFormat
from backend.settings.settings import Settings
from tests.backend.http.scripted import application, scripted
from use_cases.kernel.errors import UpstreamTimeout

pytestmark = pytest.mark.usefixtures("restored_logs")


async def failing(
    _messages: list[ModelMessage], _info: AgentInfo
) -> AsyncIterator[str | DeltaToolCalls]:
    yield "Well, "
    raise UpstreamTimeout("It took too long.")


def lines(output: io.StringIO) -> list[dict[str, str]]:
    return [cast("dict[str, str]", json.loads(line)) for line in output.getvalue().splitlines()]


@pytest.mark.parametrize("path", ["/chat", "/chat/stream"])
def test_the_door_tells_of_an_error_with_the_ids_of_the_turn(settings: Settings, path: str) -> None:
    output = io.StringIO()
    set_up_logs(level="DEBUG", form=LogFormat.JSON, to=output)
    with scripted(settings, failing) as client:
        asked = {"user_id": "local", "message": "?"}
        client.post(path, json=asked, headers={"X-Request-ID": "req-1"})
        found = [line for line in lines(output) if line["request_id"] == "req-1"]
    assert [line["message"] for line in found] == [
        "question: user=local characters=1",
        "stream: failed with upstream_timeout",
        "upstream_timeout: It took too long.",
        "upstream_timeout was raised here",
    ]
    (chat_id,) = {line["chat_id"] for line in found}
    (run_id,) = {line["run_id"] for line in found}
    assert chat_id.startswith("chat_")
    assert run_id.startswith("ans_")


@pytest.mark.anyio
async def test_two_requests_at_once_do_not_mix_their_lines(settings: Settings) -> None:
    output = io.StringIO()
    both = anyio.Event()
    waiting = 0

    async def meeting(
        _messages: list[ModelMessage], _info: AgentInfo
    ) -> AsyncIterator[str | DeltaToolCalls]:
        nonlocal waiting
        yield "Well, "
        waiting += 1
        if waiting == 2:
            both.set()
        await both.wait()
        yield "so."

    app = application(settings, meeting)
    set_up_logs(level="INFO", form=LogFormat.JSON, to=output)
    async with app.router.lifespan_context(app):
        door = httpx.ASGITransport(app)
        async with (
            httpx.AsyncClient(transport=door, base_url="http://localhost") as client,
            anyio.create_task_group() as tasks,
        ):
            for number in range(2):

                async def ask(name: str = f"req-{number}") -> None:
                    body = {"user_id": name, "message": "?"}
                    await client.post("/chat", json=body, headers={"X-Request-ID": name})

                tasks.start_soon(ask)
    for name in ("req-0", "req-1"):
        own = [line for line in lines(output) if line["request_id"] == name]
        assert own[0]["message"] == f"question: user={name} characters=1"
        assert [line["message"].partition(":")[0] for line in own] == [
            "question",
            "stream",
            "answer",
        ]
        assert len({(line["chat_id"], line["run_id"]) for line in own}) == 1
