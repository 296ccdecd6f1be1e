"""A model that writes NaN for an argument: every door of a chat still sends JSON, also later."""

from collections.abc import AsyncIterator, Iterator

import pytest
from pydantic_ai.messages import ModelMessage, ModelResponse
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls
from starlette.testclient import TestClient

from backend.settings.settings import Settings
from tests.backend.http.chatting import Json, body, chunks, said
from tests.backend.http.scripted import scripted
from tests.strict_json import parsed

NUMBERS = ("NaN", "Infinity", "-Infinity", "1e999")


async def unusual(
    messages: list[ModelMessage], _info: AgentInfo
) -> AsyncIterator[str | DeltaToolCalls]:
    """One call for each number, all at once; then a sentence."""
    if any(isinstance(message, ModelResponse) for message in messages):
        yield "[not_found] Which document is it in?"
        return
    for place, number in enumerate(NUMBERS):
        call = DeltaToolCall(
            "search_knowledge_base", f'{{"query": {number}}}', tool_call_id=f"t{place}"
        )
        yield {place: call}


@pytest.fixture
def server(settings: Settings) -> Iterator[TestClient]:
    with scripted(settings, unusual) as client:
        yield client


def arguments(calls: list[Json]) -> list[list[str]]:
    """The names of each call's arguments."""
    return [list(call["args"]) for call in calls]


UNREADABLE = [["unreadable"]] * len(NUMBERS)


def test_one_answer(server: TestClient) -> None:
    reply = parsed(server.post("/chat", json={"user_id": "ada", "message": "Hm?"}).text)
    assert arguments(reply["tool_calls"]) == UNREADABLE
    kept = server.get(f"/chats/{reply['chat_id']}/messages", params={"user_id": "ada"})
    assert arguments(parsed(kept.text)["messages"][-1]["tool_calls"]) == UNREADABLE


def test_the_data_stream(server: TestClient) -> None:
    response = server.post("/chat/stream", json={"user_id": "ada", "message": "Hm?"})
    lines = [(line[:1], parsed(line[2:])) for line in response.text.splitlines() if line]
    assert arguments([value for code, value in lines if code == "9"]) == UNREADABLE
    ((recorded,),) = [value for code, value in lines if code == "2"]
    assert arguments(recorded["tool_calls"]) == UNREADABLE


def test_the_ui_messages_and_the_chat_read_again(server: TestClient) -> None:
    response = server.post("/api/chat", json=body(said("Hm?")))
    announced = [part for part in chunks(response.text) if part["type"] == "tool-input-available"]
    assert [list(part["input"]) for part in announced] == UNREADABLE
    chat_id = chunks(response.text)[0]["messageMetadata"]["chat_id"]
    again = parsed(server.get(f"/api/chat/{chat_id}/messages").text)
    tools = [
        part
        for part in again["messages"][-1]["parts"]
        if part["type"] == "tool-search_knowledge_base"
    ]
    inputs = [part["input"] for part in tools]
    assert inputs == [part["input"] for part in announced]
