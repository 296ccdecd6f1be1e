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
    problem,
    said,
    texts,
)

ANSWER = "Passwords must be rotated every 90 days. [1]"


@pytest.fixture
def library(stocked: TestClient) -> TestClient:
    """A server with the corpus, and no chats yet."""
    return emptied(stocked)


def test_the_answer_is_recorded(library: TestClient) -> None:
    reply = ask(library)
    recorded = library.get(f"/answers/{reply['message_id']}").json()
    assert recorded["answer"] == ANSWER
    assert recorded["chat_id"] == reply["chat_id"]
    [line] = library.get("/answers").json()["answers"]
    assert (line["id"], line["chat_id"]) == (reply["message_id"], reply["chat_id"])
    assert line["answer_id"] == reply["answer_id"] == recorded["answer_id"] == line["id"]


def test_a_question_can_keep_to_a_category(library: TestClient) -> None:
    question = "How long must I wait for the gateway, and how often must passwords be rotated?"
    documents = {source["document"] for source in ask(library, question)["sources"]}
    assert "policies/passwords.md" in documents
    [source] = ask(library, question, category="runbooks")["sources"]
    assert source["document"] == "runbooks/restart.md"
    elsewhere = ask(library, ROTATION, category="runbooks")
    assert (elsewhere["outcome"], elsewhere["sources"]) == ("not_found", [])


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


def test_an_answer_has_its_sources_and_how_it_came_about(library: TestClient) -> None:
    reply = ask(library)
    [source], [call] = reply.pop("sources"), reply.pop("tool_calls")
    ids = {name: reply.pop(name) for name in ("answer_id", "chat_id", "message_id")}
    assert ids["answer_id"] == ids["message_id"]
    assert reply.pop("latency_ms") >= 0
    assert reply.pop("prompt_version").startswith("chat-")
    assert reply == {
        "answer": f"{ANSWER}\n\n**Sources**\n[1] policies/passwords.md — Password policy — 2026-02-02",
        "text": ANSWER,
        "outcome": "answered",
        "mode": "grounded",
        "model": "offline:extractive",
        "usage": {"input_tokens": None, "output_tokens": None},
        "cost": "0",
        "interrupted": False,
        "notices": [],
    }
    assert source["document"] == "policies/passwords.md"
    assert (source["number"], source["date"]) == (1, "2026-02-02")
    assert source["quotes"][0]["text"] == "Passwords must be rotated every 90 days."
    assert (call["name"], call["args"]) == ("search_knowledge_base", {"query": ROTATION})
    assert call["result"].startswith("<source n=")
    assert call["failed"] is False


def test_what_is_not_known_has_no_sources(library: TestClient) -> None:
    reply = ask(library, "What is the airspeed velocity of an unladen swallow?")
    assert (reply["outcome"], reply["sources"]) == ("not_found", [])
    assert reply["answer"] == reply["text"]


def test_a_chat_goes_on_where_it_is_named(library: TestClient) -> None:
    first = ask(library, chat_id=None)
    second = ask(library, LEAVE, chat_id=first["chat_id"])
    assert second["chat_id"] == first["chat_id"]
    assert texts(library, first["chat_id"]) == [ROTATION, ANSWER, LEAVE, second["text"]]
    assert ask(library, chat_id="")["chat_id"] != first["chat_id"]


def test_an_answer_is_judged(library: TestClient) -> None:
    path = f"/answers/{ask(library)['message_id']}"

    def told(**feedback: object) -> Json:
        response = library.post(f"{path}/feedback", json=feedback)
        assert response.status_code == 200, response.text
        return cast("Json", response.json())

    assert library.get(path).json()["right"] is None
    assert library.get(path).json()["door"] == "http"
    for outcome, right in (("wrong", False), (True, True), ("right", True), (False, False)):
        assert told(outcome=outcome)["right"] is right
    noted = told(outcome=False, feedback_notes=" No. ")
    assert noted == library.get(path).json()
    assert (noted["right"], noted["feedback_notes"]) == (False, "No.")
    taken_back = told(outcome=None)
    assert (taken_back["right"], taken_back["feedback_notes"]) == (None, None)
    said = {"feedback": "wrong", "expected": "30 days", "expected_document": "passwords.md"}
    corrected = told(**said)
    assert {name: corrected[name] for name in said} == said
    assert corrected["answer_id"] == corrected["id"]


@pytest.mark.parametrize(
    ("feedback", "code"),
    [
        ({}, "validation_error"),
        ({"outcome": "void"}, "validation_error"),
        ({"outcome": 1}, "validation_error"),
        ({"outcome": True, "feedback_notes": 1}, "validation_error"),
        ({"feedback": "right", "expected": "30 days"}, "invalid_input"),
        ({"feedback": "wrong", "expected_document": "policies/password.md"}, "correction_unknown"),
    ],
)
def test_a_judgement_that_says_nothing_is_refused(
    library: TestClient, feedback: Json, code: str
) -> None:
    path = f"/answers/{ask(library)['message_id']}"
    assert problem(library.post(f"{path}/feedback", json=feedback)) == (422, code)
    unknown = library.post("/answers/ans_of_nobody/feedback", json={"outcome": True})
    assert problem(unknown) == (404, "answer_not_found")


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"message": ""}, 422, "question_empty"),
        ({"message": " \n\u0000"}, 422, "question_empty"),
        ({"message": "x" * 8001}, 422, "question_too_long"),
        ({"message": None}, 422, "validation_error"),
        ({"message": ["a"]}, 422, "validation_error"),
        ({"user_id": ""}, 422, "validation_error"),
        ({"user_id": None}, 422, "validation_error"),
        ({"user_id": "a\nb"}, 422, "validation_error"),
        ({"user_id": "a\u2028b"}, 422, "validation_error"),
        ({"user_id": "x" * 129}, 422, "validation_error"),
        ({"user_id": "\ud800"}, 422, "validation_error"),
        ({"model": "nobody:nothing"}, 422, "model_unknown"),
        ({"model": "anthropic:claude-sonnet-4-5"}, 422, "model_not_configured"),
        ({"mode": "free"}, 422, "validation_error"),
        ({"category": 7}, 422, "validation_error"),
        ({"chat_id": "chat_of_nobody"}, 404, "chat_not_found"),
        ({"chat_id": "x" * 4096}, 422, "chat_id_invalid"),
        ({"chat_id": "../../etc/passwd"}, 422, "chat_id_invalid"),
        ({"chat_id": "a\x00b"}, 422, "chat_id_invalid"),
    ],
)
@pytest.mark.parametrize("path", ["/chat", "/chat/stream"])
def test_a_question_that_cannot_be_asked_is_a_problem(
    shared: TestClient, path: str, changed: Json, status: int, code: str
) -> None:
    asked = json.dumps({"user_id": "ada", "message": ROTATION, **changed})
    response = shared.post(path, content=asked, headers={"Content-Type": "application/json"})
    assert problem(response) == (status, code)
    assert response.headers["content-type"] == "application/problem+json"
    assert len(response.text) < 1000
    assert shared.get("/chats").json()["chats"] == []
