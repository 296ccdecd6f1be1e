"""A provider of models on this machine, in vLLM's shape, that says what its questions ask for.

The answer to a question with the word `endless` begins and never ends; any other ends at once. Each
is said to have taken 100 tokens in and 20 out.
"""

import json
from collections.abc import AsyncGenerator

import anyio
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

WORDS = "I cannot tell. "
_USAGE = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}


def provider() -> FastAPI:
    """The application."""
    app = FastAPI()

    @app.post("/v1/chat/completions")
    async def complete(request: Request) -> Response:
        body = await request.json()
        asked = body["messages"]
        if not body.get("stream"):
            return JSONResponse(_whole())
        last = next(one["content"] for one in reversed(asked) if one["role"] == "user")
        return StreamingResponse(_said(endless="endless" in last), media_type="text/event-stream")

    return app


def _whole() -> dict[str, object]:
    message = {"role": "assistant", "content": WORDS}
    return {
        "id": "one",
        "object": "chat.completion",
        "created": 1,
        "model": "scripted",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": _USAGE,
    }


async def _said(*, endless: bool) -> AsyncGenerator[str]:
    yield _chunk({"role": "assistant", "content": WORDS})
    if endless:
        await anyio.sleep_forever()
    yield _chunk({}, finish_reason="stop")
    yield _chunk(None, usage=_USAGE)
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
