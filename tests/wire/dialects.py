"""How each family of providers writes an answer on the wire, streamed and whole.

Covers OpenAI's Chat Completions and Responses (with Azure, Ollama, vLLM and every gateway that
speaks them), Anthropic's Messages and Google's GenerateContent, as far as their SDKs and
pydantic-ai read them. Token counts are always 11 in and 7 out.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from tests.wire.script import Finish, Pause, Says, Use

Frame: TypeAlias = bytes | Pause
Json: TypeAlias = dict[str, object]
INPUT_TOKENS = 11
OUTPUT_TOKENS = 7
_NOTHING: list[object] = []


@dataclass(frozen=True, slots=True)
class Dialect:
    """A way to write answers: `stream` gives frames, `whole` one JSON object."""

    stream: Callable[[Says, str], Iterator[Frame]]
    whole: Callable[[Says, str], Json]


def dialect_of(path: str) -> Dialect | None:
    """The dialect spoken at this path, whatever the provider's prefix; None for another path."""
    place = path.partition("?")[0]
    endings = {
        "/chat/completions": Dialect(_chat_stream, _chat_whole),
        "/responses": Dialect(_responses_stream, _responses_whole),
        "/messages": Dialect(_anthropic_stream, _anthropic_whole),
        ":generateContent": Dialect(_google_stream, _google_whole),
        ":streamGenerateContent": Dialect(_google_stream, _google_whole),
    }
    return next((found for ending, found in endings.items() if place.endswith(ending)), None)


def _content(says: Says) -> Sequence[str | Use]:
    return [step for step in says.steps if not isinstance(step, Pause)]


def _text(says: Says) -> str:
    return "".join(step for step in says.steps if isinstance(step, str))


def _uses(says: Says) -> list[Use]:
    return [step for step in says.steps if isinstance(step, Use)]


def _sse(data: Json, event: str = "") -> bytes:
    name = f"event: {event}\n" if event else ""
    return f"{name}data: {json.dumps(data)}\n\n".encode()


def _event(kind: str, **fields: object) -> bytes:
    return _sse({"type": kind, **fields}, kind)


# Chat Completions


def _chat_finish(says: Says) -> str:
    if says.finish is Finish.STOP:
        return "tool_calls" if _uses(says) else "stop"
    return {Finish.LENGTH: "length", Finish.FILTER: "content_filter"}[says.finish]


_CHAT_USAGE: Json = {
    "prompt_tokens": INPUT_TOKENS,
    "completion_tokens": OUTPUT_TOKENS,
    "total_tokens": INPUT_TOKENS + OUTPUT_TOKENS,
}


def _chat_use(use: Use, index: int) -> Json:
    called = {"name": use.name, "arguments": use.arguments}
    return {"index": index, "id": f"call_{index}", "type": "function", "function": called}


def _chat_stream(says: Says, model: str) -> Iterator[Frame]:
    def chunk(delta: Json, finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return _sse({**envelope, "choices": [choice]})

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
    yield _sse({**envelope, "choices": [], "usage": _CHAT_USAGE})
    yield b"data: [DONE]\n\n"


def _chat_whole(says: Says, model: str) -> Json:
    message: Json = {"role": "assistant", "content": _text(says) or None}
    if uses := _uses(says):
        message["tool_calls"] = [_chat_use(use, index) for index, use in enumerate(uses)]
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": _chat_finish(says)}],
        "usage": _CHAT_USAGE,
    }


# Responses


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
    content = {"type": "output_text", "text": step, "annotations": _NOTHING}
    return {
        "type": "message",
        "id": f"msg_{index}",
        "role": "assistant",
        "status": "completed",
        "content": [content],
    }


def _responses_whole(says: Says, model: str) -> Json:
    text, uses = _text(says), _uses(says)
    steps: list[str | Use] = [text, *uses] if text else [*uses]
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


def _responses_stream(says: Says, model: str) -> Iterator[Frame]:
    numbers = iter(range(1_000_000))

    def event(kind: str, **fields: object) -> bytes:
        return _sse({"type": kind, "sequence_number": next(numbers), **fields}, kind)

    whole = _responses_whole(says, model)
    begun = {**whole, "status": "in_progress", "output": _NOTHING, "usage": None}
    yield event("response.created", response=begun)
    text = _text(says)
    if text:
        item = {**_responses_item("", 0), "content": _NOTHING, "status": "in_progress"}
        yield event("response.output_item.added", output_index=0, item=item)
        part: Json = {"type": "output_text", "text": "", "annotations": []}
        place: Json = {"item_id": "msg_0", "output_index": 0, "content_index": 0}
        yield event("response.content_part.added", part=part, **place)
    index = 1 if text else 0
    for step in says.steps:
        if isinstance(step, Pause):
            yield step
        elif isinstance(step, str):
            place = {"item_id": "msg_0", "output_index": 0, "content_index": 0}
            yield event("response.output_text.delta", delta=step, logprobs=[], **place)
        else:
            item = _responses_item(step, index)
            opened = {**item, "arguments": "", "status": "in_progress"}
            yield event("response.output_item.added", output_index=index, item=opened)
            place = {"item_id": item["id"], "output_index": index}
            yield event("response.function_call_arguments.delta", delta=step.arguments, **place)
            yield event("response.output_item.done", output_index=index, item=item)
            index += 1
    if text:
        done = _responses_item(text, 0)
        yield event("response.output_item.done", output_index=0, item=done)
    yield event(f"response.{whole['status']}", response=whole)


# Anthropic


def _anthropic_finish(says: Says) -> str:
    if says.finish is Finish.STOP:
        return "tool_use" if _uses(says) else "end_turn"
    return {Finish.LENGTH: "max_tokens", Finish.FILTER: "refusal"}[says.finish]


_ANTHROPIC_USAGE: Json = {"input_tokens": INPUT_TOKENS, "output_tokens": OUTPUT_TOKENS}


def _anthropic_block(step: str | Use, index: int) -> Json:
    if isinstance(step, str):
        return {"type": "text", "text": step}
    arguments: object = json.loads(step.arguments)
    return {"type": "tool_use", "id": f"toolu_{index}", "name": step.name, "input": arguments}


def _anthropic_message(says: Says, model: str) -> Json:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": model,
        "stop_sequence": None,
        "stop_reason": _anthropic_finish(says),
        "usage": _ANTHROPIC_USAGE,
    }


def _anthropic_whole(says: Says, model: str) -> Json:
    blocks = [_anthropic_block(step, index) for index, step in enumerate(_content(says))]
    return {**_anthropic_message(says, model), "content": blocks}


def _anthropic_stream(says: Says, model: str) -> Iterator[Frame]:
    message = {**_anthropic_message(says, model), "content": _NOTHING, "stop_reason": None}
    yield _event("message_start", message=message)
    index, in_text = -1, False
    for step in says.steps:
        if isinstance(step, Pause):
            yield step
            continue
        if not (in_text and isinstance(step, str)):
            if in_text:
                yield _event("content_block_stop", index=index)
            index += 1
            yield _anthropic_opened(index, step)
        yield _anthropic_delta(index, step)
        in_text = isinstance(step, str)
        if not in_text:
            yield _event("content_block_stop", index=index)
    if in_text:
        yield _event("content_block_stop", index=index)
    ended = {"stop_reason": _anthropic_finish(says), "stop_sequence": None}
    yield _event("message_delta", delta=ended, usage={"output_tokens": OUTPUT_TOKENS})
    yield _event("message_stop")


def _anthropic_opened(index: int, step: str | Use) -> bytes:
    block: Json = {"type": "text", "text": ""}
    if isinstance(step, Use):
        block = {"type": "tool_use", "id": f"toolu_{index}", "name": step.name, "input": {}}
    return _event("content_block_start", index=index, content_block=block)


def _anthropic_delta(index: int, step: str | Use) -> bytes:
    delta: Json = {"type": "text_delta", "text": step}
    if isinstance(step, Use):
        delta = {"type": "input_json_delta", "partial_json": step.arguments}
    return _event("content_block_delta", index=index, delta=delta)


# Google


def _google_part(step: str | Use) -> Json:
    if isinstance(step, str):
        return {"text": step}
    arguments: object = json.loads(step.arguments)
    return {"functionCall": {"name": step.name, "args": arguments}}


def _google_chunk(parts: Sequence[Json], model: str, finish: Finish | None) -> Json:
    candidate: Json = {"index": 0, "content": {"role": "model", "parts": list(parts)}}
    if finish is not None:
        names = {Finish.STOP: "STOP", Finish.LENGTH: "MAX_TOKENS", Finish.FILTER: "SAFETY"}
        candidate["finishReason"] = names[finish]
    usage = {
        "promptTokenCount": INPUT_TOKENS,
        "candidatesTokenCount": OUTPUT_TOKENS,
        "totalTokenCount": INPUT_TOKENS + OUTPUT_TOKENS,
    }
    return {
        "candidates": [candidate],
        "usageMetadata": usage,
        "modelVersion": model,
        "responseId": "g1",
    }


def _google_whole(says: Says, model: str) -> Json:
    return _google_chunk([_google_part(step) for step in _content(says)], model, says.finish)


def _google_stream(says: Says, model: str) -> Iterator[Frame]:
    for step in says.steps:
        if isinstance(step, Pause):
            yield step
        else:
            yield _sse(_google_chunk([_google_part(step)], model, None))
    yield _sse(_google_chunk([], model, says.finish))
