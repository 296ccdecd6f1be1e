"""The wire of AI SDK 5 to 7: what a client is sent, chunk by chunk."""

from collections.abc import AsyncIterator
from itertools import groupby
from typing import cast

import pytest
from pydantic_ai.exceptions import ContentFilterError, ModelHTTPError, ModelRateLimitError
from pydantic_ai.models.function import DeltaToolCall

from backend.stream.ui_messages import UIMessageStream
from backend.stream.wire import json_of
from tests.backend.stream.clients import Assembled, Chunk, chunks
from tests.backend.stream.turns import SEARCH, Ground, Piece, raising, saying, thinking
from use_cases.kernel.errors import CandorError

pytestmark = pytest.mark.anyio

WIRE = UIMessageStream()
JAILBREAK = '[{"provider_details": {"content_filter_result": {"jailbreak": {"filtered": true}}}}]'


async def test_a_cited_answer_arrives_with_its_ids_steps_sources_and_metadata() -> None:
    sent = chunks(await Ground().frames(WIRE))
    kinds = [kind for kind, _ in groupby(str(chunk["type"]) for chunk in sent)]
    assert kinds == [
        "start",
        "start-step",
        "tool-input-start",
        "tool-input-delta",
        "tool-input-available",
        "tool-output-available",
        "finish-step",
        "start-step",
        "text-start",
        "text-delta",
        "text-end",
        "source-document",
        "data-sources",
        "message-metadata",
        "finish-step",
        "finish",
    ]
    assert sent[0] == {
        "type": "start",
        "messageId": "ans_000001",
        "messageMetadata": {"chat_id": "chat_000002", "question_id": "msg_000003"},
    }
    assert sent[-1] == {"type": "finish", "finishReason": "stop"}


async def test_a_source_says_where_it_stands_and_what_supports_the_answer() -> None:
    sent = {str(chunk["type"]): chunk for chunk in chunks(await Ground().frames(WIRE))}
    assert sent["source-document"] == {
        "type": "source-document",
        "sourceId": "ans_000001:1",
        "mediaType": "text/markdown",
        "title": "policies/security.md",
        "filename": "policies/security.md",
        "providerMetadata": {
            "candor": {
                "number": 1,
                "kind": "passage",
                "section": "Passwords",
                "date": "2026-01-15",
                "document_id": "doc_policies/security.md",
                "version_id": 1,
                "page": None,
                "said": None,
                "url": "/knowledge/documents/doc_policies%2Fsecurity.md",
            }
        },
    }
    (source,) = cast("list[Chunk]", sent["data-sources"]["data"])
    (quote,) = cast("list[Chunk]", source["quotes"])
    assert quote["text"] == "Passwords must be rotated every 90 days."
    assert quote["span"] == {"start": 108, "end": 148}


async def test_metadata_says_what_was_used_and_null_where_that_is_not_known() -> None:
    made = Assembled(await Ground(metered=False).frames(WIRE))
    metadata = cast("Chunk", made.message["metadata"])
    assert metadata["outcome"] == "answered"
    assert metadata["model"] == "test:scripted"
    assert metadata["usage"] == {"input_tokens": None, "output_tokens": None}
    assert metadata["cost"] == "0"
    assert metadata["interrupted"] is False
    assert metadata["created_at"] == "2026-11-21T12:00:00+00:00"


async def test_reasoning_is_a_part_of_its_own() -> None:
    script = saying((thinking("Let me "), thinking("see."), SEARCH), ("Every 90 days [1].",))
    made = Assembled(await Ground(script).frames(WIRE))
    assert made.parts[1] == {
        "type": "reasoning",
        "id": "ans_000001:1",
        "text": "Let me see.",
        "state": "done",
    }


async def test_tools_called_in_parallel_each_get_their_result() -> None:
    two: Piece = {
        0: DeltaToolCall("search_knowledge_base", '{"query": "a"}', tool_call_id="t1"),
        1: DeltaToolCall("search_knowledge_base", '{"query": "b"}', tool_call_id="t2"),
    }
    made = Assembled(await Ground(saying((two,), ("Every 90 days [1].",))).frames(WIRE))
    tools = [part for part in made.parts if str(part["type"]).startswith("tool-")]
    assert [tool["toolCallId"] for tool in tools] == ["t1", "t2"]
    assert [tool["state"] for tool in tools] == ["output-available", "output-available"]
    assert [part["type"] for part in made.parts].count("step-start") == 2


@pytest.mark.parametrize(
    ("args", "input_", "error"),
    [
        ('{"sql_query": "DROP TABLE x"}', {"sql_query": "DROP TABLE x"}, "That is no SELECT."),
        ('{"sql_query": ', {"INVALID_JSON": '{"sql_query": '}, "Invalid JSON"),
    ],
)
async def test_a_tool_that_failed_shows_its_input_and_a_bare_sentence(
    args: str, input_: object, error: str
) -> None:
    call: Piece = {0: DeltaToolCall("lookup_structured_data", args, tool_call_id="t0")}
    made = Assembled(await Ground(saying((call,), (SEARCH,), ("Every 90 days [1].",))).frames(WIRE))
    tool = made.parts[1]
    assert (tool["state"], tool["input"]) == ("output-error", input_)
    assert error in str(tool["errorText"])


async def test_an_answer_that_is_replaced_is_announced_and_follows() -> None:
    made = Assembled(await Ground(saying(("It is 42 [3].",))).frames(WIRE))
    assert [part["type"] for part in made.parts] == [
        "step-start",
        "text",
        "data-answer-replaced",
        "text",
    ]
    data = cast("Chunk", made.parts[2]["data"])
    assert data["reason"] == "uncited"
    assert data["text"] == made.parts[3]["text"]
    assert (made.finish_reason, made.error) == ("stop", None)


async def test_doubt_is_data_for_a_client() -> None:
    ground = Ground(saying((SEARCH,), ("[tentative] Every 90 days [1].",)))
    metadata = cast("Chunk", Assembled(await ground.frames(WIRE)).message["metadata"])
    assert metadata["outcome"] == "tentative"
    assert len(cast("list[str]", metadata["notices"])) == 1


async def test_a_refusal_by_a_content_filter_is_an_answer_with_its_own_finish_reason() -> None:
    script = raising(ContentFilterError("jailbreak: sk-secret", JAILBREAK), "Half an ans")
    frames = await Ground(script).frames(WIRE)
    made = Assembled(frames)
    assert (made.finish_reason, made.error) == ("content-filter", None)
    assert cast("Chunk", made.message["metadata"])["outcome"] == "refused"
    assert "sk-secret" not in "".join(frames)


async def test_an_error_closes_what_is_open_and_says_what_programs_and_people_need() -> None:
    limited = ModelHTTPError.for_category(
        ModelRateLimitError, status_code=429, model_name="scripted", headers={"retry-after": "7"}
    )
    made = Assembled(await Ground(raising(limited, "Half an ans")).frames(WIRE))
    assert made.parts == [
        {"type": "step-start"},
        {"type": "text", "text": "Half an ans", "state": "done"},
    ]
    (problem,) = made.transient
    assert problem["type"] == "data-problem"
    assert problem["data"] == {
        "code": "rate_limited",
        "status": 429,
        "title": "Too many requests",
        "detail": made.error,
        "hint": "Wait a little and try again.",
        "retry_after": 7.0,
    }


async def test_after_an_error_the_stream_still_ends_in_order() -> None:
    sent = chunks(await Ground(raising(CandorError("Broken."), "Half")).frames(WIRE))
    assert [chunk["type"] for chunk in sent[-4:]] == [
        "data-problem",
        "error",
        "finish-step",
        "finish",
    ]
    assert sent[-1]["finishReason"] == "error"


async def test_nobody_is_told_the_text_of_an_unknown_exception(logged: list[str]) -> None:
    frames = await Ground(raising(RuntimeError("secret=hunter2"), "Half")).frames(WIRE)
    made = Assembled(frames)
    assert made.error == "The answer failed for a reason that is not yours."
    assert "hunter2" not in "".join(frames)
    assert any("hunter2" in line and "Traceback" in line for line in logged)


async def test_an_answer_that_was_stopped_ends_in_abort_and_nothing_stays_open() -> None:
    ground = Ground()

    async def stopped(request: int) -> AsyncIterator[Piece]:
        if request == 0:
            yield SEARCH
        else:
            yield "Every 90 days [1]. And "
            (chat,) = ground.chats.kept
            assert ground.inflight.cancel(chat)
            yield "more "
            await ground.silence.wait()

    ground.script = stopped
    made = Assembled(await ground.frames(WIRE))
    assert (made.aborted, made.finish_reason, made.error) == (True, None, None)
    assert cast("Chunk", made.message["metadata"])["interrupted"] is True
    states = [part["state"] for part in made.parts if "state" in part]
    assert states == ["output-available", "done"]


def test_half_a_surrogate_pair_is_escaped() -> None:
    assert json_of("\ud83d!") == '"\\ud83d!"'
    assert json_of('\u2713 "é"') == '"\u2713 \\"é\\""'
