"""Asking over HTTP: one answer, or the stream of AI SDK 4."""

import json
from typing import cast

import pytest
from starlette.testclient import TestClient

from tests.backend.http.chatting import (
    LEAVE,
    ROTATION,
    Json,
    ask,
    body,
    emptied,
    messages,
    said,
    texts,
)

ANSWER = "Passwords must be rotated every 90 days. [1]"


@pytest.fixture
def library(stocked: TestClient) -> TestClient:
    """A server with the corpus, and no chats yet."""
    return emptied(stocked)


def test_the_answer_has_its_sources(library: TestClient) -> None:
    reply = ask(library)
    assert set(reply) == {
        "answer_id",
        "chat_id",
        "message_id",
        "answer",
        "text",
        "tool_calls",
        "sources",
        "outcome",
        "mode",
        "model",
        "prompt_version",
        "usage",
        "cost",
        "latency_ms",
        "interrupted",
        "notices",
    }
    assert reply["text"] == ANSWER
    assert reply["outcome"] == "answered"
    assert reply["model"] == "offline:extractive"
    assert reply["usage"] == {"input_tokens": None, "output_tokens": None}
    assert reply["cost"] == "0"
    assert reply["interrupted"] is False


def test_the_answer_ends_with_a_list_of_its_sources(library: TestClient) -> None:
    assert ask(library)["answer"] == (
        f"{ANSWER}\n\n**Sources**\n[1] policies/passwords.md — Password policy — 2026-02-02"
    )


def test_a_source_has_its_place_and_its_quote(library: TestClient) -> None:
    [source] = ask(library)["sources"]
    assert source["document"] == "policies/passwords.md"
    assert (source["number"], source["date"]) == (1, "2026-02-02")
    assert source["quotes"][0]["text"] == "Passwords must be rotated every 90 days."


def test_arguments_of_a_tool_are_an_object(library: TestClient) -> None:
    [call] = ask(library)["tool_calls"]
    assert (call["name"], call["args"]) == ("search_knowledge_base", {"query": ROTATION})
    assert call["result"].startswith("<source n=")
    assert call["failed"] is False


def test_what_is_not_known_has_no_sources(library: TestClient) -> None:
    reply = ask(library, "What is the airspeed velocity of an unladen swallow?")
    assert reply["outcome"] == "not_found"
    assert reply["sources"] == []
    assert "**Sources**" not in reply["answer"]
    assert reply["answer"] == reply["text"]


def test_a_chat_goes_on(library: TestClient) -> None:
    first = ask(library)
    second = ask(library, LEAVE, chat_id=first["chat_id"])
    assert second["chat_id"] == first["chat_id"]
    assert texts(library, first["chat_id"]) == [ROTATION, ANSWER, LEAVE, second["text"]]


@pytest.mark.parametrize("chat_id", [None, ""])
def test_without_a_chat_a_new_one_begins(library: TestClient, chat_id: str | None) -> None:
    assert ask(library, chat_id=chat_id)["chat_id"] != ask(library, chat_id=chat_id)["chat_id"]


def test_the_answer_is_recorded(library: TestClient) -> None:
    reply = ask(library)
    recorded = library.get(f"/answers/{reply['message_id']}").json()
    assert recorded["answer"] == ANSWER
    assert recorded["chat_id"] == reply["chat_id"]
    [line] = library.get("/answers").json()["answers"]
    assert (line["id"], line["chat_id"]) == (reply["message_id"], reply["chat_id"])
    assert line["answer_id"] == reply["answer_id"] == recorded["answer_id"] == line["id"]


def test_an_answer_is_judged(library: TestClient) -> None:
    path = f"/answers/{ask(library)['message_id']}"
    assert library.get(path).json()["right"] is None
    for outcome, right in (("wrong", False), (True, True), ("right", True), (False, False)):
        judged = library.post(f"{path}/feedback", json={"outcome": outcome})
        assert (judged.status_code, judged.json()["right"]) == (200, right)
    noted = library.post(f"{path}/feedback", json={"outcome": False, "feedback_notes": " No. "})
    assert noted.json() == library.get(path).json()
    assert (noted.json()["right"], noted.json()["feedback_notes"]) == (False, "No.")
    taken_back = library.post(f"{path}/feedback", json={"outcome": None}).json()
    assert (taken_back["right"], taken_back["feedback_notes"]) == (None, None)
    for wrong in ({}, {"outcome": "void"}, {"outcome": 1}, {"outcome": True, "feedback_notes": 1}):
        assert library.post(f"{path}/feedback", json=wrong).status_code == 422, wrong
    said = {"feedback": "wrong", "expected": "30 days", "expected_document": "passwords.md"}
    corrected = library.post(f"{path}/feedback", json=said).json()
    assert {name: corrected[name] for name in said} == said
    assert corrected["answer_id"] == corrected["id"]
    lost = library.post(
        f"{path}/feedback", json={**said, "expected_document": "policies/password.md"}
    )
    assert (lost.status_code, lost.json()["code"]) == (422, "correction_unknown")
    assert lost.json()["hint"].startswith("Did you mean policies/passwords.md")
    assert library.get(path).json()["expected_document"] == "passwords.md"
    right = {"feedback": "right", "expected": "30 days"}
    assert library.post(f"{path}/feedback", json=right).json()["code"] == "invalid_input"
    unknown = library.post("/answers/ans_of_nobody/feedback", json={"outcome": True})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "answer_not_found")


def test_a_question_can_keep_to_a_category(library: TestClient) -> None:
    question = "How long must I wait for the gateway, and how often must passwords be rotated?"
    documents = {source["document"] for source in ask(library, question)["sources"]}
    assert "policies/passwords.md" in documents
    [source] = ask(library, question, category="runbooks")["sources"]
    assert source["document"] == "runbooks/restart.md"
    elsewhere = ask(library, ROTATION, category="runbooks")
    assert (elsewhere["outcome"], elsewhere["sources"]) == ("not_found", [])


@pytest.mark.parametrize(
    ("chat_id", "status", "code"),
    [
        ("chat_of_nobody", 404, "chat_not_found"),
        ("x" * 4096, 422, "chat_id_invalid"),
        ("../../etc/passwd", 422, "chat_id_invalid"),
        ("a\x00b", 422, "chat_id_invalid"),
    ],
)
@pytest.mark.parametrize("path", ["/chat", "/chat/stream"])
def test_a_chat_that_is_not_there_is_a_problem(
    client: TestClient, path: str, chat_id: str, status: int, code: str
) -> None:
    asked = {"user_id": "ada", "chat_id": chat_id, "message": ROTATION}
    response = client.post(path, json=asked)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.headers["content-type"] == "application/problem+json"
    assert chat_id not in response.text or len(chat_id) < 128
    assert client.get("/chats", params={"user_id": "ada"}).json()["chats"] == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"message": ""}, "question_empty"),
        ({"message": " \n\u0000"}, "question_empty"),
        ({"message": "x" * 8001}, "question_too_long"),
        ({"message": None}, "validation_error"),
        ({"message": ["a"]}, "validation_error"),
        ({"user_id": ""}, "validation_error"),
        ({"user_id": None}, "validation_error"),
        ({"user_id": "a\nb"}, "validation_error"),
        ({"user_id": "a\u2028b"}, "validation_error"),
        ({"user_id": "a\u0085b"}, "validation_error"),
        ({"user_id": "x" * 129}, "validation_error"),
        ({"user_id": "\ud800"}, "validation_error"),
        ({"model": "nobody:nothing"}, "model_unknown"),
        ({"model": "anthropic:claude-sonnet-4-5"}, "model_not_configured"),
        ({"category": 7}, "validation_error"),
    ],
)
@pytest.mark.parametrize("path", ["/chat", "/chat/stream"])
def test_a_question_that_cannot_be_asked_is_a_problem(
    client: TestClient, path: str, changed: dict[str, object], code: str
) -> None:
    asked = json.dumps({"user_id": "ada", "message": ROTATION, **changed})
    response = client.post(path, content=asked, headers={"Content-Type": "application/json"})
    assert (response.status_code, response.json()["code"]) == (422, code)


def test_half_an_emoji_does_no_harm(library: TestClient) -> None:
    asked = '{"user_id": "ada", "message": "How often must passwords be rotated?\\ud83d"}'
    response = library.post("/chat", content=asked, headers={"Content-Type": "application/json"})
    assert response.json()["text"] == ANSWER


def test_a_stream_is_the_same_turn(library: TestClient) -> None:
    response = library.post("/chat/stream", json={"user_id": "ada", "message": ROTATION})
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.headers["x-vercel-ai-data-stream"] == "v1"
    lines = [(line[:1], json.loads(line[2:])) for line in response.text.splitlines() if line]
    assert "".join(value for code, value in lines if code == "0") == ANSWER
    [data] = next(value for code, value in lines if code == "2")
    assert lines[-1][0] == "d"
    assert texts(library, data["chat_id"]) == [ROTATION, ANSWER]
    [_, answer] = messages(library, data["chat_id"])
    assert answer["id"] == data["message_id"]
    assert answer["sources"] == data["sources"]


def test_the_question_is_kept_although_the_stream_is_not_read(library: TestClient) -> None:
    with library.stream("POST", "/chat/stream", json={"user_id": "ada", "message": LEAVE}) as told:
        assert told.status_code == 200
    [chat] = library.get("/chats", params={"user_id": "ada"}).json()["chats"]
    assert texts(library, chat["id"])[0] == LEAVE


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/chat", {"user_id": "ada", "message": "How often?"}),
        ("/chat/stream", {"user_id": "ada", "message": "How often?"}),
        ("/api/chat", body(said("How often?"), user_id="ada")),
    ],
)
def test_a_category_that_is_not_there_is_refused_and_nothing_is_recorded(
    library: TestClient, path: str, sent: Json
) -> None:
    response = library.post(path, json={**sent, "category": "recipes"})
    assert (response.status_code, response.json()["code"]) == (422, "category_unknown")
    assert response.json()["detail"] == (
        "There is no category 'recipes'. There are: general, policies, runbooks."
    )
    assert library.get("/chats", params={"user_id": "ada"}).json()["chats"] == []


def test_recorded_answers_are_filtered_and_summed_up(library: TestClient) -> None:
    first = ask(library)
    ask(library, "Who won the war of the roses?")
    library.post(f"/answers/{first['message_id']}/feedback", json={"outcome": "wrong"})

    def found(path: str = "/answers", **params: str) -> Json:
        response = library.get(path, params=params)
        assert response.status_code == 200, response.text
        return cast("Json", response.json())

    [line] = found(feedback="wrong", text="ROTATED", model="offline:extractive")["answers"]
    assert line["question"] == ROTATION
    assert found(until="2020-01-01T00:00:00Z")["answers"] == []
    assert found(prompt_version="none")["answers"] == []
    [cited] = first["sources"][:1]
    assert len(found(document=cited["document"])["answers"]) == 1
    total = found("/answers/summary")
    assert (total["answers"], total["feedback"]) == (2, {"wrong": 1, "none": 1})
    assert (total["cost"], total["unpriced"]) == ("0", 0)
    assert total["documents_cited"] + total["documents_never_cited"] == 4
    assert total["by_version"][0]["model"] == "offline:extractive"
    assert found("/answers/summary", outcome="refused")["answers"] == 0
    assert library.get("/answers", params={"outcome": "lost"}).status_code == 422
    assert library.get("/answers", params={"since": "yesterday"}).status_code == 422
