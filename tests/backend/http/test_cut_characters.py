"""A character that a provider cuts in two between two pieces: whole on every wire, in chat and advice."""

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from pydantic_ai.messages import ModelMessage, ToolReturnPart
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls

from backend.settings.settings import Settings
from tests.backend.http.advised import QUESTION, WRITTEN, asking
from tests.backend.http.chatting import body, said, streamed_text
from tests.backend.http.scripted import scripted
from tests.backend.stream.advising import read

TEXT = "Start Allen 😀, and sit 𝒳 🏈."
ADVICE = {**WRITTEN, "choice": "Allen 😀", "main_advice": TEXT, "reasoning": "🏈 So. 😀"}
PAIR = {"😀": ["\ud83d", "\ude00"], "🏈": ["\ud83c", "\udfc8"], "𝒳": ["\ud835", "\udcb3"]}


def cut(text: str) -> Sequence[str]:
    """The text in the pieces that a provider sends: each character by itself, the large ones in two."""
    return [half for char in text for half in PAIR.get(char, [char])]


async def advising(
    messages: list[ModelMessage], _info: AgentInfo
) -> AsyncIterator[str | DeltaToolCalls]:
    """Looks up a word with such a character, then advises with some."""
    for piece in _lookup(messages):
        yield piece
        return
    for number, piece in enumerate(cut(json.dumps(ADVICE, ensure_ascii=False))):
        yield {0: DeltaToolCall(None if number else "give_advice", piece, tool_call_id="out")}


async def answering(
    messages: list[ModelMessage], _info: AgentInfo
) -> AsyncIterator[str | DeltaToolCalls]:
    """Looks up a word with such a character, then answers with some."""
    for piece in _lookup(messages):
        yield piece
        return
    # Declared, because an answer without citations would be withdrawn.
    for piece in cut(f"[refused] {TEXT}"):
        yield piece


def _lookup(messages: Sequence[ModelMessage]) -> Sequence[DeltaToolCalls]:
    if any(isinstance(part, ToolReturnPart) for part in messages[-1].parts):
        return []
    query = '{"query": "\ud83d\ude00 emoji"}'
    return [{0: DeltaToolCall("search_knowledge_base", query, tool_call_id="t")}]


@pytest.mark.parametrize("form", ["whole", "sse", "text", "lines", "ui"])
def test_advice_has_whole_characters(settings: Settings, form: str) -> None:
    accept = {"text": "text/plain", "lines": "application/x-ndjson"}.get(form, "*/*")
    with scripted(settings, advising) as client:
        if form == "ui":
            question = {"role": "user", "parts": [{"type": "text", "text": QUESTION}]}
            response = client.post("/api/advice", json={"messages": [question]})
        else:
            path = "/advice-non-streaming" if form == "whole" else "/advice"
            response = client.post(path, json=asking(), headers={"Accept": accept})
        assert response.status_code == 200, response.text
        told: dict[str, Any] = response.json() if form == "whole" else read(form, [response.text])
        kept = client.get(f"/advice/{told['response_id']}").json()
    for found in (told, kept):
        assert [found[key] for key in ("choice", "main_advice", "reasoning")] == [
            ADVICE[key] for key in ("choice", "main_advice", "reasoning")
        ]
    assert kept["tool_calls"][0]["args"] == {"query": "😀 emoji"}
    assert "event: replace" not in response.text


def test_an_answer_has_whole_characters(settings: Settings) -> None:
    with scripted(settings, answering) as client:
        whole = client.post("/chat", json={"user_id": "ada", "message": "Whom?"}).json()
        streamed = client.post("/chat/stream", json={"user_id": "ada", "message": "Whom?"}).text
        frontend = client.post("/api/chat", json=body(said("Whom?"))).text
    assert whole["text"] == TEXT
    assert whole["tool_calls"][0]["args"] == {"query": "😀 emoji"}
    pieces = [json.loads(line[2:]) for line in streamed.splitlines() if line.startswith("0:")]
    assert "".join(pieces) == TEXT
    assert streamed_text(frontend) == TEXT
