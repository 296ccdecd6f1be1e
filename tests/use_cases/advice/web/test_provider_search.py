"""A provider's own web search, shown as a tool like ours."""

import pytest
from pydantic_ai import (
    AgentStreamEvent,
    FunctionToolCallEvent,
    FunctionToolResultEvent,
    PartDeltaEvent,
    PartEndEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
)
from pydantic_ai.messages import NativeToolCallPart, NativeToolReturnPart, ToolCallPartDelta

from use_cases.advice.web.search_tool import NativeSearches

CALL = NativeToolCallPart("web_search", {"query": "allen"}, "n1")


def seen(searches: NativeSearches, *events: AgentStreamEvent) -> list[AgentStreamEvent]:
    return [shown for event in events for shown in searches.see(event)]


def returned(content: object) -> PartStartEvent:
    return PartStartEvent(index=1, part=NativeToolReturnPart("web_search", content, "n1"))


def test_a_search_is_one_call_and_one_result_however_often_it_is_told() -> None:
    searches = NativeSearches()
    found = returned([{"url": "https://a.example", "title": "A"}])
    shown = seen(
        searches,
        PartStartEvent(index=0, part=NativeToolCallPart("web_search", None, "n1")),
        PartDeltaEvent(index=0, delta=ToolCallPartDelta(args_delta='{"query"', tool_call_id="n1")),
        PartEndEvent(index=0, part=CALL),
        PartEndEvent(index=0, part=CALL),
        found,
        found,
    )
    call, result = shown
    assert isinstance(call, FunctionToolCallEvent)
    assert (call.part.tool_name, call.part.args_as_dict()) == ("search_web", {"query": "allen"})
    assert isinstance(result, FunctionToolResultEvent)
    assert result.part.content == "https://a.example A"
    assert searches.succeeded
    assert [page.url for page in searches.pages] == ["https://a.example"]


@pytest.mark.parametrize(
    "content",
    [
        {"status": "failed"},
        {"type": "web_search_tool_result_error", "error_code": "max_uses_exceeded"},
    ],
)
def test_a_search_that_failed_verifies_nothing(content: object) -> None:
    searches = NativeSearches()
    (result,) = seen(searches, returned(content))
    assert isinstance(result, FunctionToolResultEvent)
    assert result.part.outcome == "failed"
    assert not searches.succeeded


def test_a_provider_that_names_no_pages_has_searched_all_the_same() -> None:
    searches = NativeSearches()
    (result,) = seen(searches, returned({"status": "completed"}))
    assert isinstance(result, FunctionToolResultEvent)
    assert "does not tell" in str(result.part.content)
    assert searches.succeeded


def test_everything_else_passes_also_at_an_index_used_before() -> None:
    searches = NativeSearches()
    events: list[AgentStreamEvent] = [
        PartStartEvent(index=0, part=TextPart("a")),
        PartDeltaEvent(index=0, delta=TextPartDelta("b")),
    ]
    seen(searches, PartStartEvent(index=0, part=CALL))
    assert seen(searches, *events) == events
