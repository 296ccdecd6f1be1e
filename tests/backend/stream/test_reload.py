"""A chat that is read again looks as it did when it was streamed."""

from collections.abc import AsyncIterator
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_ai.exceptions import ContentFilterError
from pydantic_ai.models.function import DeltaToolCall

from backend.stream.reload import ui_messages
from backend.stream.ui_messages import UIMessageStream
from tests.backend.stream.clients import Assembled, Chunk
from tests.backend.stream.turns import (
    CITED,
    SEARCH,
    Ground,
    Piece,
    Script,
    raising,
    saying,
    thinking,
)
from tests.fakes.search import FixedSearch
from tests.thoroughness import examples
from use_cases.chat.model import Message, Role, ShownTool, StepBegun
from use_cases.kernel.runs.surroundings import closing

pytestmark = pytest.mark.anyio

JAILBREAK = '[{"provider_details": {"content_filter_result": {"jailbreak": {"filtered": true}}}}]'


def querying(args: str) -> Piece:
    return {0: DeltaToolCall("lookup_structured_data", args, tool_call_id="q1")}


def pair(first: str, second: str) -> Piece:
    return {
        0: DeltaToolCall("search_knowledge_base", f'{{"query": "{first}"}}', tool_call_id="p1"),
        1: DeltaToolCall("search_knowledge_base", f'{{"query": "{second}"}}', tool_call_id="p2"),
    }


SCRIPTS: dict[str, Script] = {
    "cited": CITED,
    "text before a tool": saying(("I look. ", SEARCH), ("Every 90 days [1].",)),
    "parallel tools": saying((pair("a", "b"),), ("Every 90 days [1].",)),
    "reasoning": saying((thinking("Hm"), thinking("m."), SEARCH), (thinking("So"), "90 days [1].")),
    "a failed tool": saying((querying('{"sql_query": "DROP"}'),), (SEARCH,), ("90 days [1].",)),
    "invalid arguments": saying((querying('{"sql_'),), (SEARCH,), ("90 days [1].",)),
    "a number that is none": saying(
        (querying('{"sql_query": NaN}'),), (SEARCH,), ("90 days [1].",)
    ),
    "rows": saying((querying('{"sql_query": "SELECT 1"}'),), ("It is First fix [1].",)),
    "tentative": saying((SEARCH,), ("[tentative]", " Every 90 days [1].")),
    "uncited": saying(("It is 42 [3].",)),
    "nothing at all but a marker": saying(("[not_found]",)),
    "refused by a filter": raising(ContentFilterError("jailbreak", JAILBREAK), "Half an ans"),
    "refused at once": raising(ContentFilterError("jailbreak", JAILBREAK)),
    "a marker that is dropped": saying((SEARCH,), ("[7]", " [8]", "90 days [1].")),
}


async def same(ground: Ground) -> None:
    live = Assembled(await ground.frames(UIMessageStream()))
    _, answer = ui_messages(await ground.stored())
    assert answer == live.message


@pytest.mark.parametrize("name", SCRIPTS)
async def test_what_was_streamed_is_what_is_read_again(name: str) -> None:
    await same(Ground(SCRIPTS[name]))


@pytest.mark.parametrize("request_", [0, 1])
async def test_so_is_an_answer_that_was_stopped_in_its_middle(request_: int) -> None:
    ground = Ground()

    async def stopped(request: int) -> AsyncIterator[Piece]:
        if request == 0:
            yield thinking("Hm.")
            yield SEARCH
        else:
            yield "Every 90 days [1]. And "
        if request == request_:
            (chat,) = ground.chats.kept
            assert ground.inflight.cancel(chat)
            await ground.silence.wait()

    ground.script = stopped
    await same(ground)


async def test_so_is_a_tool_that_was_stopped_before_it_had_an_end() -> None:
    ground = Ground()

    class Silent:
        async def require_category(self, _category: str | None) -> None:
            """Any will do."""

        async def search(self, *_: object, **__: object) -> None:
            (chat,) = ground.chats.kept
            assert ground.inflight.cancel(chat)
            await ground.silence.wait()

    ground.search = cast("FixedSearch", Silent())
    await same(ground)
    tool = ui_messages(await ground.stored())[1]["parts"][1]
    assert tool["state"] == "output-error"
    assert tool["errorText"] == "The answer was stopped before this tool came to its end."


async def test_so_is_a_tool_whose_arguments_were_still_being_written() -> None:
    ground = Ground()

    async def stopped(_request: int) -> AsyncIterator[Piece]:
        yield {0: DeltaToolCall("search_knowledge_base", '{"que', tool_call_id="t1")}
        (chat,) = ground.chats.kept
        assert ground.inflight.cancel(chat)
        await ground.silence.wait()

    ground.script = stopped
    await same(ground)


pieces = st.lists(
    st.one_of(
        st.sampled_from(["90 days [1]. ", "[9]", "\n\n", "", "[conflict] ", "word "]),
        st.sampled_from(["Hm. ", ""]).map(thinking),
    ),
    max_size=6,
)


@settings(max_examples=examples(60))
@given(st.lists(pieces, min_size=1, max_size=3))
async def test_so_is_any_mixture_of_text_reasoning_and_tools(steps: list[list[Piece]]) -> None:
    async def script(request: int) -> AsyncIterator[Piece]:
        # Parts of one response have indexes of their own, so that kinds may alternate.
        for piece in steps[request] if request < len(steps) else ["90 days [1]."]:
            yield piece
        if request < len(steps):
            yield {
                50: DeltaToolCall(
                    "search_knowledge_base", '{"query": "x"}', tool_call_id=f"t{request}"
                )
            }

    await same(Ground(script))


async def test_a_question_keeps_the_id_that_its_frontend_gave_it() -> None:
    ground = Ground()
    async with closing(ground.events(client_id="mine")) as events:
        assert [event async for event in events]
    question, answer = ui_messages(await ground.stored())
    assert question == {
        "id": "mine",
        "role": "user",
        "parts": [{"type": "text", "text": "How often?"}],
    }
    assert answer["id"] == "ans_000001"
    assert cast("Chunk", answer.get("metadata"))["question_id"] == "msg_000003"


def _message(**said: object) -> Message:
    from datetime import UTC, datetime

    given = {
        "message_id": "m",
        "chat_id": "c",
        "parent_id": "q",
        "role": Role.ASSISTANT,
        "text": "Hello",
        "created_at": datetime(2026, 1, 1, tzinfo=UTC),
        **said,
    }
    return Message(**given)  # pyright: ignore[reportArgumentType]


def test_a_message_from_before_there_were_parts_is_its_text() -> None:
    (message,) = ui_messages([_message()])
    assert message == {
        "id": "m",
        "role": "assistant",
        "metadata": {"chat_id": "c", "question_id": "q"},
        "parts": [{"type": "step-start"}, {"type": "text", "text": "Hello", "state": "done"}],
    }


def test_an_empty_result_of_a_tool_is_a_result() -> None:
    (message,) = ui_messages([_message(parts=[StepBegun(), ShownTool("t", "x", "{}", "")])])
    assert message["parts"][1] == {
        "type": "tool-x",
        "toolCallId": "t",
        "input": {},
        "state": "output-available",
        "output": "",
    }
