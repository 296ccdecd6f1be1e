"""The dialects of Anthropic (Messages), Google (GenerateContent) and Cohere (Chat v2)."""

import json
from collections.abc import Iterator, Sequence

from tests.wire.script import Finish, Pause, Says, Use
from tests.wire.spelling import (
    INPUT_TOKENS,
    NOTHING,
    OUTPUT_TOKENS,
    Frame,
    Json,
    content,
    event,
    sse,
    text,
    uses,
)


def _anthropic_finish(says: Says) -> str:
    if says.finish is Finish.STOP:
        return "tool_use" if uses(says) else "end_turn"
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


def anthropic_whole(says: Says, model: str) -> Json:
    """A message."""
    blocks = [_anthropic_block(step, index) for index, step in enumerate(content(says))]
    return {**_anthropic_message(says, model), "content": blocks}


def anthropic_stream(says: Says, model: str) -> Iterator[Frame]:
    """The events of a message."""
    message = {**_anthropic_message(says, model), "content": NOTHING, "stop_reason": None}
    yield event("message_start", message=message)
    index, in_text = -1, False
    for step in says.steps:
        if isinstance(step, Pause):
            yield step
            continue
        if not (in_text and isinstance(step, str)):
            if in_text:
                yield event("content_block_stop", index=index)
            index += 1
            yield _anthropic_opened(index, step)
        yield _anthropic_delta(index, step)
        in_text = isinstance(step, str)
        if not in_text:
            yield event("content_block_stop", index=index)
    if in_text:
        yield event("content_block_stop", index=index)
    ended = {"stop_reason": _anthropic_finish(says), "stop_sequence": None}
    yield event("message_delta", delta=ended, usage={"output_tokens": OUTPUT_TOKENS})
    yield event("message_stop")


def _anthropic_opened(index: int, step: str | Use) -> bytes:
    block: Json = {"type": "text", "text": ""}
    if isinstance(step, Use):
        block = {"type": "tool_use", "id": f"toolu_{index}", "name": step.name, "input": {}}
    return event("content_block_start", index=index, content_block=block)


def _anthropic_delta(index: int, step: str | Use) -> bytes:
    delta: Json = {"type": "text_delta", "text": step}
    if isinstance(step, Use):
        delta = {"type": "input_json_delta", "partial_json": step.arguments}
    return event("content_block_delta", index=index, delta=delta)


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


def google_whole(says: Says, model: str) -> Json:
    """Generated content."""
    return _google_chunk([_google_part(step) for step in content(says)], model, says.finish)


def google_stream(says: Says, model: str) -> Iterator[Frame]:
    """The chunks of generated content."""
    for step in says.steps:
        if isinstance(step, Pause):
            yield step
        else:
            yield sse(_google_chunk([_google_part(step)], model, None))
    yield sse(_google_chunk([], model, says.finish))


_COHERE_USAGE: Json = {"tokens": {"input_tokens": INPUT_TOKENS, "output_tokens": OUTPUT_TOKENS}}


def _cohere_finish(says: Says) -> str:
    if says.finish is Finish.STOP:
        return "TOOL_CALL" if uses(says) else "COMPLETE"
    return {Finish.LENGTH: "MAX_TOKENS", Finish.FILTER: "ERROR_TOXIC"}[says.finish]


def _cohere_use(use: Use, index: int) -> Json:
    called = {"name": use.name, "arguments": use.arguments}
    return {"id": f"call_{index}", "type": "function", "function": called}


def cohere_whole(says: Says, _model: str) -> Json:
    """A chat response."""
    message: Json = {"role": "assistant", "content": [{"type": "text", "text": text(says)}]}
    if called := uses(says):
        message = {
            "role": "assistant",
            "tool_calls": [_cohere_use(use, index) for index, use in enumerate(called)],
        }
    return {
        "id": "co_1",
        "finish_reason": _cohere_finish(says),
        "message": message,
        "usage": _COHERE_USAGE,
    }


def cohere_stream(says: Says, _model: str) -> Iterator[Frame]:
    """A chat stream."""
    yield event("message-start", id="co_1", delta={"message": {"role": "assistant"}})
    opened = {"message": {"content": {"type": "text", "text": ""}}}
    if any(isinstance(step, str) for step in says.steps):
        yield event("content-start", index=0, delta=opened)
    called = 0
    for step in says.steps:
        if isinstance(step, Pause):
            yield step
        elif isinstance(step, str):
            yield event("content-delta", index=0, delta={"message": {"content": {"text": step}}})
        else:
            begun = _cohere_use(Use(step.name, ""), called)
            more = {"function": {"arguments": step.arguments}}
            yield event("tool-call-start", index=called, delta={"message": {"tool_calls": begun}})
            yield event("tool-call-delta", index=called, delta={"message": {"tool_calls": more}})
            yield event("tool-call-end", index=called)
            called += 1
    ended = {"finish_reason": _cohere_finish(says), "usage": _COHERE_USAGE}
    yield event("message-end", delta=ended)
