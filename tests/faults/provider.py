"""A provider of models on this machine, in vLLM's shape, that says what its questions ask for.

The answer to a question with the word `endless` begins and never ends; any other ends at once. Each
is said to have taken 100 tokens in and 20 out.
"""

import json
from collections.abc import AsyncGenerator

import anyio
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse

WORDS = "I cannot tell. "


def provider() -> FastAPI:
    """The application."""
    app = FastAPI()

    @app.post("/v1/chat/completions")
    async def complete(request: Request) -> StreamingResponse:
        asked = (await request.json())["messages"]
        last = next(one["content"] for one in reversed(asked) if one["role"] == "user")
        return StreamingResponse(_said(endless="endless" in last), media_type="text/event-stream")

    return app


async def _said(*, endless: bool) -> AsyncGenerator[str]:
    yield _chunk({"role": "assistant", "content": WORDS})
    if endless:
        await anyio.sleep_forever()
    yield _chunk({}, finish_reason="stop")
    yield _chunk(None, usage={"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120})
    yield "data: [DONE]\n\n"


def _chunk(delta: dict[str, str] | None, finish_reason: str | None = None, **more: object) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    found = {
        "id": "one",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "scripted",
        "choices": [] if delta is None else [choice],
        **more,
    }
    return f"data: {json.dumps(found)}\n\n"
