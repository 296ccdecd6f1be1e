"""Memories of mem0 at the wire: three versions of its platform, and its open-source server."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from fastapi import Response
from fastapi.responses import JSONResponse

from services.conversation_apis.mem0 import Mem0Memories
from tests.services.conversation_apis.json_stub import JsonStub
from use_cases.conversations.model import Memory
from use_cases.kernel.errors import CandorError, UpstreamFailed

pytestmark = pytest.mark.anyio

FOUND: dict[str, object] = {
    "id": "m1",
    "memory": "They prefer SQLite.",
    "hash": "x",
    "metadata": None,
    "score": 0.7,
    "created_at": "2026-03-14T12:00:00-00:00",
    "updated_at": None,
    "user_id": "anna",
}
ODD: tuple[dict[str, object], ...] = ({"memory": " "}, {"score": None}, {"score": True})
MEMORY = Memory(
    memory_id="m1",
    text="They prefer SQLite.",
    score=0.7,
    created_at=datetime(2026, 3, 14, 12, tzinfo=UTC),
)


async def search(
    stub: JsonStub,
    answer: Response,
    place: str = "",
    key: str | None = "sesame-key",
    user_id: str | None = None,
) -> list[Memory]:
    memories = Mem0Memories(f"{stub.address}{place}", key, user_id)
    stub.answers.append(answer)
    try:
        return list(await memories.search("Which database?", "anna"))
    finally:
        await memories.close()


@pytest.mark.parametrize(
    ("place", "path", "answer", "body"),
    [
        ("/v1/memories", "v1/memories/search/", [FOUND], {"user_id": "anna"}),
        ("/v1/memories/", "v1/memories/search/", {"results": [FOUND]}, {"user_id": "anna"}),
        ("/v2/memories", "v2/memories/search/", [FOUND], {"filters": {"user_id": "anna"}}),
        (
            "/v3/memories",
            "v3/memories/search/",
            {"results": [FOUND | {"score_breakdown": {"semantic": 0.7}}]},
            {"filters": {"user_id": "anna"}},
        ),
        ("", "search", {"results": [FOUND], "relations": []}, {"user_id": "anna"}),
        ("/search/", "search", [FOUND], {"user_id": "anna"}),
    ],
)
async def test_every_version_is_asked_and_read_in_its_form(
    stub: JsonStub, place: str, path: str, answer: object, body: Mapping[str, object]
) -> None:
    assert await search(stub, JSONResponse(answer), place) == [MEMORY]
    assert stub.asked == [
        (path, "Token sesame-key", {"query": "Which database?", "top_k": 10, **body})
    ]


async def test_without_a_key_none_is_sent_and_one_user_may_stand_for_all(stub: JsonStub) -> None:
    assert await search(stub, JSONResponse([]), key=None, user_id="team") == []
    [(_, authorization, body)] = stub.asked
    assert authorization == ""
    assert body["user_id"] == "team"


async def test_entries_without_a_text_or_a_score_are_passed_over(stub: JsonStub) -> None:
    odd: list[object] = [1, {}, *({**FOUND, **each} for each in ODD)]
    undated = [{**FOUND, "created_at": when} for when in ("yesterday", 5, None)]
    found = await search(stub, JSONResponse([*odd, *undated]))
    assert [(each.text, each.created_at) for each in found] == [(MEMORY.text, None)] * 3


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (JSONResponse({"error": "sesame"}), UpstreamFailed),
        (JSONResponse("sesame"), UpstreamFailed),
        (Response("sesame", 401), UpstreamFailed),
    ],
)
async def test_what_goes_wrong_is_an_error_without_its_text(
    stub: JsonStub, answer: Response, error: type[CandorError]
) -> None:
    with pytest.raises(error) as raised:
        await search(stub, answer)
    assert "sesame" not in f"{raised.value.detail} {raised.value.hint}"
