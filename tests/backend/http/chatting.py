"""Questions to a served Candor, as its clients send them."""

from typing import Any, TypeAlias, cast

from starlette.testclient import TestClient

from tests.strict_json import parsed

Json: TypeAlias = dict[str, Any]
"""An object as a client reads it: its shape is what the tests look at."""

ROTATION = "How often must passwords be rotated?"
LEAVE = "How many days of leave can be carried over?"


def ask(client: TestClient, message: str = ROTATION, user_id: str = "ada", **more: Any) -> Json:
    """`POST /chat`; the whole reply."""
    response = client.post("/chat", json={"user_id": user_id, "message": message, **more})
    assert response.status_code == 200, response.text
    return cast("Json", response.json())


def problem(response: Any) -> tuple[int, str]:
    """The status and the code of a refusal."""
    return response.status_code, response.json()["code"]


def said(text: str, *, id: str | None = "m1", role: str = "user", **more: Any) -> Json:  # noqa: A002
    """A message of `useChat`, with one text part."""
    return {"id": id, "role": role, "parts": [{"type": "text", "text": text}], **more}


def body(*messages: Json, id: str = "c1", **more: Any) -> Json:  # noqa: A002
    """What `useChat` posts."""
    return {"id": id, "trigger": "submit-message", "messages": list(messages), **more}


def chunks(text: str) -> list[Json]:
    """The chunks of a UI message stream."""
    lines = [line.removeprefix("data: ") for line in text.splitlines() if line]
    assert lines[-1] == "[DONE]"
    return [cast("Json", parsed(line)) for line in lines[:-1]]


def streamed_text(text: str) -> str:
    """The answer of a UI message stream."""
    return "".join(str(chunk["delta"]) for chunk in chunks(text) if chunk["type"] == "text-delta")


def messages(client: TestClient, chat_id: str, **params: str | int) -> list[Json]:
    """The messages of a chat."""
    response = client.get(f"/chats/{chat_id}/messages", params=params)
    assert response.status_code == 200, response.text
    return cast("list[Json]", response.json()["messages"])


def texts(client: TestClient, chat_id: str) -> list[str]:
    """What was said in a chat, in order."""
    return [str(message["content"]) for message in messages(client, chat_id)]


def emptied(client: TestClient) -> TestClient:
    """The server without the chats of whoever has used it."""
    for user_id in ("ada", "grace", "local"):
        for chat in client.get("/chats", params={"user_id": user_id}).json()["chats"]:
            assert client.delete(f"/chats/{chat['id']}").status_code == 204
    return client
