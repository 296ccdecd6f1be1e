"""The wire of AI SDK 4: what a client is sent, line by line."""

from collections.abc import AsyncIterator
from itertools import groupby
from typing import cast

import pytest
from pydantic import JsonValue
from pydantic_ai.exceptions import ContentFilterError
from pydantic_ai.models.function import DeltaToolCall

from backend.stream.data_stream import DataStream
from tests.backend.stream.clients import Chunk, lines
from tests.backend.stream.turns import SEARCH, Ground, Piece, raising, saying, thinking
from use_cases.kernel.errors import RateLimited

pytestmark = pytest.mark.anyio

WIRE = DataStream()
JAILBREAK = '[{"provider_details": {"content_filter_result": {"jailbreak": {"filtered": true}}}}]'
IDS = {
    "chat_id": "chat_000002",
    "answer_id": "ans_000001",
    "message_id": "ans_000001",
    "question_id": "msg_000003",
}


async def sent(ground: Ground) -> list[tuple[str, JsonValue]]:
    return lines(await ground.frames(WIRE))


def only(parts: list[tuple[str, JsonValue]], code: str) -> list[JsonValue]:
    return [value for found, value in parts if found == code]


async def test_a_cited_answer_arrives_in_two_steps_with_its_data_and_its_end() -> None:
    parts = await sent(Ground())
    assert "".join(code for code, _ in groupby(code for code, _ in parts)) == "8fbc9aef0he82d"
    assert parts[0] == ("8", [{"type": "turn", **IDS}])
    assert only(parts, "f") == [{"messageId": "ans_000001"}, {"messageId": "ans_000001"}]
    assert "".join(map(str, only(parts, "0"))) == "Every 90 days [1]."
    assert only(parts, "9") == [
        {"toolCallId": "t1", "toolName": "search_knowledge_base", "args": {"query": "rotation"}}
    ]
    assert only(parts, "e") == [
        {"finishReason": "tool-calls", "isContinued": False},
        {"finishReason": "stop", "isContinued": False},
    ]
    assert parts[-1] == (
        "d",
        {"finishReason": "stop", "usage": {"promptTokens": 100, "completionTokens": 10}},
    )


async def test_the_data_has_ids_tool_calls_and_the_verified_sources() -> None:
    (data,) = only(await sent(Ground()), "2")
    (found,) = cast("list[Chunk]", data)
    assert {key: found[key] for key in IDS} == IDS
    (call,) = cast("list[Chunk]", found["tool_calls"])
    assert (call["name"], call["args"]) == ("search_knowledge_base", {"query": "rotation"})
    (source,) = cast("list[Chunk]", found["sources"])
    assert (source["document"], source["section"], source["date"]) == (
        "policies/security.md",
        "Passwords",
        "2026-01-15",
    )
    assert found["usage"] == {"input_tokens": 100, "output_tokens": 10}


async def test_a_source_of_the_message_has_an_address() -> None:
    assert only(await sent(Ground()), "h") == [
        {
            "sourceType": "url",
            "id": "ans_000001:1",
            "url": "/knowledge/documents/doc_policies%2Fsecurity.md",
            "title": "policies/security.md",
        }
    ]


async def test_unknown_usage_is_null_in_the_data_and_a_number_at_the_end() -> None:
    parts = await sent(Ground(metered=False))
    (found,) = cast("list[Chunk]", only(parts, "2")[0])
    assert found["usage"] == {"input_tokens": None, "output_tokens": None}
    (end,) = cast("list[Chunk]", only(parts, "d"))
    assert end["usage"] == {"promptTokens": 0, "completionTokens": 0}


async def test_the_message_is_annotated_with_outcome_model_and_usage() -> None:
    (_, annotations) = only(await sent(Ground()), "8")
    (annotation,) = cast("list[Chunk]", annotations)
    assert (annotation["type"], annotation["outcome"]) == ("answer", "answered")
    assert annotation["model"] == "test:scripted"


async def test_reasoning_comes_before_the_text() -> None:
    script = saying((thinking("Hm"), thinking("m."), SEARCH), ("Every 90 days [1].",))
    assert only(await sent(Ground(script)), "g") == ["Hm", "m."]


async def test_results_follow_their_calls_also_in_parallel() -> None:
    two: Piece = {
        0: DeltaToolCall("search_knowledge_base", '{"query": "a"}', tool_call_id="t1"),
        1: DeltaToolCall("search_knowledge_base", '{"query": "b"}', tool_call_id="t2"),
    }
    parts = await sent(Ground(saying((two,), ("Every 90 days [1].",))))
    codes = "".join(code for code, _ in parts)
    assert codes.startswith("8fbcbc99aaef0")
    called = [cast("Chunk", value)["toolCallId"] for value in only(parts, "9")]
    answered = [cast("Chunk", value)["toolCallId"] for value in only(parts, "a")]
    assert called == ["t1", "t2"]
    assert sorted(map(str, answered)) == ["t1", "t2"]


async def test_arguments_are_an_object_and_a_failure_is_said_as_one() -> None:
    broken: Piece = {0: DeltaToolCall("lookup_structured_data", '{"sql_', tool_call_id="t0")}
    parts = await sent(Ground(saying((broken,), (SEARCH,), ("Every 90 days [1].",))))
    call, _ = cast("list[Chunk]", only(parts, "9"))
    assert call["args"] == {"INVALID_JSON": '{"sql_'}
    failed, _ = cast("list[Chunk]", only(parts, "a"))
    assert "Invalid JSON" in str(cast("Chunk", failed["result"])["error"])


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-1e999"])
async def test_arguments_with_a_number_that_json_lacks_are_sent_as_text(number: str) -> None:
    broken: Piece = {
        0: DeltaToolCall("search_knowledge_base", f'{{"query": {number}}}', tool_call_id="t0")
    }
    parts = await sent(Ground(saying((broken,), (SEARCH,), ("Every 90 days [1].",))))
    call, _ = cast("list[Chunk]", only(parts, "9"))
    (found,) = cast("list[Chunk]", only(parts, "2")[0])
    (kept, _) = cast("list[Chunk]", found["tool_calls"])
    assert list(cast("Chunk", call["args"])) == ["unreadable"]
    assert kept["args"] == call["args"]


async def test_an_answer_that_is_replaced_is_announced_and_follows_as_text() -> None:
    parts = await sent(Ground(saying(("It is 42 [3].",))))
    _, announced, _ = cast("list[list[Chunk]]", only(parts, "8"))
    assert (announced[0]["type"], announced[0]["reason"]) == ("answer-replaced", "uncited")
    assert only(parts, "0")[-1] == f"\n\n{announced[0]['text']}"
    (found,) = cast("list[Chunk]", only(parts, "2")[0])
    assert found["outcome"] == "not_found"


async def test_doubt_is_data_for_a_client() -> None:
    parts = await sent(Ground(saying((SEARCH,), ("[tentative] Every 90 days [1].",))))
    (found,) = cast("list[Chunk]", only(parts, "2")[0])
    assert found["outcome"] == "tentative"
    assert len(cast("list[str]", found["notices"])) == 1


async def test_a_refusal_by_a_content_filter_has_its_own_finish_reason() -> None:
    parts = await sent(Ground(raising(ContentFilterError("jailbreak: sk-secret", JAILBREAK))))
    assert "sk-secret" not in str(parts)
    assert cast("Chunk", parts[-1][1])["finishReason"] == "content-filter"
    (text,) = only(parts, "0")
    assert str(text).startswith("I'm sorry")
    assert "".join(code for code, _ in parts) == "88f0e82d"
    assert only(parts, "f") == [{"messageId": "ans_000001"}]


async def test_a_refusal_after_a_tools_result_is_a_step_of_its_own() -> None:
    async def script(request: int) -> AsyncIterator[Piece]:
        if request:
            raise ContentFilterError("jailbreak", JAILBREAK)
        yield SEARCH

    parts = await sent(Ground(script))
    assert "".join(code for code, _ in parts) == "8fbc9a8ef0e82d"
    assert only(parts, "f") == [{"messageId": "ans_000001"}] * 2


async def test_an_answer_that_was_stopped_before_its_first_word_has_its_id() -> None:
    ground = Ground()

    async def stopped(_request: int) -> AsyncIterator[Piece]:
        (chat,) = ground.chats.kept
        assert ground.inflight.cancel(chat)
        await ground.silence.wait()
        yield ""

    ground.script = stopped
    parts = await sent(ground)
    assert "".join(code for code, _ in parts) == "8fe82d"
    assert only(parts, "f") == [{"messageId": "ans_000001"}]


async def test_an_error_is_a_problem_in_the_data_and_then_a_safe_sentence() -> None:
    error = RateLimited("The provider is limiting requests.", retry_after=7.0)
    parts = await sent(Ground(raising(error, "Half an ans")))
    assert "".join(code for code, _ in parts) == "8f023ed"
    (problem,) = cast("list[Chunk]", only(parts, "2")[0])
    assert (problem["type"], problem["code"], problem["status"]) == ("problem", "rate_limited", 429)
    assert problem["retry_after"] == 7.0
    assert only(parts, "3") == ["The provider is limiting requests."]
    assert cast("Chunk", parts[-1][1])["finishReason"] == "error"


async def test_nobody_is_told_the_text_of_an_unknown_exception(logged: list[str]) -> None:
    parts = await sent(Ground(raising(RuntimeError("secret=hunter2"))))
    assert "hunter2" not in str(parts)
    assert only(parts, "3") == ["The answer failed for a reason that is not yours."]
    assert any("hunter2" in line for line in logged)


async def test_an_answer_that_was_stopped_has_an_unknown_finish_reason() -> None:
    ground = Ground()

    async def stopped(request: int) -> AsyncIterator[Piece]:
        if request == 0:
            yield SEARCH
        else:
            yield "Every 90 days [1]. "
            (chat,) = ground.chats.kept
            assert ground.inflight.cancel(chat)
            await ground.silence.wait()

    ground.script = stopped
    parts = await sent(ground)
    assert cast("Chunk", parts[-1][1])["finishReason"] == "unknown"
    (found,) = cast("list[Chunk]", only(parts, "2")[0])
    assert found["interrupted"] is True


def test_a_heartbeat_is_a_blank_line_which_every_client_skips() -> None:
    assert WIRE.heartbeat == "\n"
    assert lines(['0:"a"\n', WIRE.heartbeat, '0:"b"\n']) == [("0", "a"), ("0", "b")]
