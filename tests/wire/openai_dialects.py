"""OpenAI's two dialects: Chat Completions and Responses."""

from collections.abc import Iterator

from tests.wire.script import Finish, Pause, Says, Use
from tests.wire.spelling import (
    INPUT_TOKENS,
    NOTHING,
    OUTPUT_TOKENS,
    Frame,
    Json,
    sse,
    text,
    uses,
)


def _chat_finish(says: Says) -> str:
    if says.finish is Finish.STOP:
        return "tool_calls" if uses(says) else "stop"
    return {Finish.LENGTH: "length", Finish.FILTER: "content_filter"}[says.finish]


_CHAT_USAGE: Json = {
    "prompt_tokens": INPUT_TOKENS,
    "completion_tokens": OUTPUT_TOKENS,
    "total_tokens": INPUT_TOKENS + OUTPUT_TOKENS,
}


def _chat_use(use: Use, index: int) -> Json:
    called = {"name": use.name, "arguments": use.arguments}
    return {"index": index, "id": f"call_{index}", "type": "function", "function": called}


def chat_stream(says: Says, model: str) -> Iterator[Frame]:
    """Chunks of a chat completion."""

    def chunk(delta: Json, finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return sse({**envelope, "choices": [choice]})

    envelope: Json = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": model,
    }
    yield chunk({"role": "assistant", "content": ""})
    index = 0
    for step in says.steps:
        if isinstance(step, Pause):
            yield step
        elif isinstance(step, str):
            yield chunk({"content": step})
        else:
            yield chunk({"tool_calls": [_chat_use(step, index)]})
            index += 1
    yield chunk({}, _chat_finish(says))
    yield sse({**envelope, "choices": [], "usage": _CHAT_USAGE})
    yield b"data: [DONE]\n\n"


def chat_whole(says: Says, model: str) -> Json:
    """A chat completion; OpenRouter states the `provider` behind it, too."""
    message: Json = {"role": "assistant", "content": text(says) or None}
    if called := uses(says):
        message["tool_calls"] = [_chat_use(use, index) for index, use in enumerate(called)]
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": model,
        "provider": "Scripted",
        "choices": [{"index": 0, "message": message, "finish_reason": _chat_finish(says)}],
        "usage": _CHAT_USAGE,
    }


def _responses_item(step: str | Use, index: int) -> Json:
    if isinstance(step, Use):
        return {
            "type": "function_call",
            "id": f"fc_{index}",
            "call_id": f"call_{index}",
            "name": step.name,
            "arguments": step.arguments,
            "status": "completed",
        }
    content = {"type": "output_text", "text": step, "annotations": NOTHING}
    return {
        "type": "message",
        "id": f"msg_{index}",
        "role": "assistant",
        "status": "completed",
        "content": [content],
    }


def responses_whole(says: Says, model: str) -> Json:
    """A response."""
    said, called = text(says), uses(says)
    steps: list[str | Use] = [said, *called] if said else [*called]
    cut = {Finish.LENGTH: "max_output_tokens", Finish.FILTER: "content_filter"}.get(says.finish)
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "model": model,
        "status": "incomplete" if cut else "completed",
        "incomplete_details": {"reason": cut} if cut else None,
        "error": None,
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "output": [_responses_item(step, index) for index, step in enumerate(steps)],
        "usage": {
            "input_tokens": INPUT_TOKENS,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": OUTPUT_TOKENS,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": INPUT_TOKENS + OUTPUT_TOKENS,
        },
    }


def responses_stream(says: Says, model: str) -> Iterator[Frame]:
    """The events of a response."""
    numbers = iter(range(1_000_000))

    def numbered(kind: str, **fields: object) -> bytes:
        return sse({"type": kind, "sequence_number": next(numbers), **fields}, kind)

    whole = responses_whole(says, model)
    begun = {**whole, "status": "in_progress", "output": NOTHING, "usage": None}
    yield numbered("response.created", response=begun)
    said = text(says)
    if said:
        item = {**_responses_item("", 0), "content": NOTHING, "status": "in_progress"}
        yield numbered("response.output_item.added", output_index=0, item=item)
        part: Json = {"type": "output_text", "text": "", "annotations": []}
        place: Json = {"item_id": "msg_0", "output_index": 0, "content_index": 0}
        yield numbered("response.content_part.added", part=part, **place)
    index = 1 if said else 0
    for step in says.steps:
        if isinstance(step, Pause):
            yield step
        elif isinstance(step, str):
            place = {"item_id": "msg_0", "output_index": 0, "content_index": 0}
            yield numbered("response.output_text.delta", delta=step, logprobs=[], **place)
        else:
            item = _responses_item(step, index)
            opened = {**item, "arguments": "", "status": "in_progress"}
            yield numbered("response.output_item.added", output_index=index, item=opened)
            place = {"item_id": item["id"], "output_index": index}
            yield numbered("response.function_call_arguments.delta", delta=step.arguments, **place)
            yield numbered("response.output_item.done", output_index=index, item=item)
            index += 1
    if said:
        done = _responses_item(said, 0)
        yield numbered("response.output_item.done", output_index=0, item=done)
    yield numbered(f"response.{whole['status']}", response=whole)
