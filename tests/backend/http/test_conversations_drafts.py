"""Project drafts over HTTP: versions, the chat about them on a real server, and the project."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import httpx
import pytest
from pydantic_ai.exceptions import ModelHTTPError
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls, FunctionModel
from starlette.testclient import TestClient

from backend.settings.settings import Settings
from services.models.offline.drafter import LABEL
from tests.backend.http.chatting import ask, problem
from tests.backend.http.conftest import application, served
from tests.backend.http.listening import listening
from tests.fakes.search import OneModel
from tests.patience import PATIENCE
from tests.services.conversation_apis.stub_linear import KEY, Fault, failure, stub_linear
from tests.strict_json import parsed

Json = dict[str, Any]
Step = str | tuple[str, str] | list[str | tuple[str, str]] | Exception


def place(chat: str, rest: str = "") -> str:
    return f"/api/conversations/{chat}/project-draft{rest}"


def drafted(client: TestClient) -> str:
    """A conversation with a draft, which a person wrote."""
    chat = str(ask(client)["chat_id"])
    made = client.patch(place(chat), json={"title": "Rotation", "description": "Why"})
    assert made.status_code == 200, made.text
    return chat


# Versions and projects, offline


def test_a_draft_is_edited_by_hand_and_restored(client: TestClient) -> None:
    chat = str(ask(client)["chat_id"])
    assert problem(client.get(place(chat))) == (404, "project_draft_not_found")
    first = client.patch(place(chat), json={"title": "Rotation", "description": "Why"}).json()
    assert set(first) == {
        *("project_draft_id", "conversation_id", "active_version", "created_at", "updated_at")
    }
    version = first["active_version"]
    assert set(version) == {
        *("version_id", "version_number", "title", "description"),
        *("is_manual_edit", "created_by", "created_at"),
    }
    assert (version["version_number"], version["is_manual_edit"]) == (1, True)
    second = client.patch(place(chat), json={"title": "Other"}).json()
    assert second["active_version"]["description"] == "Why"
    versions = client.get(place(chat, "/versions"), params={"limit": 1}).json()
    assert ([one["title"] for one in versions["versions"]], versions["more"]) == (["Other"], True)
    back = client.post(place(chat, f"/versions/{version['version_id']}/activate"))
    assert back.json()["active_version"] == version
    assert client.get(place(chat)).json() == back.json()


def test_an_edit_that_cannot_be_stored_says_why(client: TestClient) -> None:
    chat = str(ask(client)["chat_id"])
    for edit, code in (
        ({"title": "t" * 81, "description": "x"}, "project_draft_invalid"),
        ({"title": "Rotation"}, "project_draft_invalid"),
        ({"titel": "Rotation"}, "validation_error"),
    ):
        assert problem(client.patch(place(chat), json=edit)) == (422, code)


def test_a_first_draft_without_a_model_is_extracted_and_says_so(client: TestClient) -> None:
    chat = str(ask(client)["chat_id"])
    made = client.post(place(chat), json={})
    assert made.status_code == 201, made.text
    version = made.json()["active_version"]
    assert version["title"] == "How often must passwords be rotated?"
    assert version["description"].startswith(LABEL)
    assert "## Problem\n\nHow often must passwords be rotated?" in version["description"]
    assert version["is_manual_edit"] is False
    (asked, reply) = client.get(place(chat, "/chat")).json()["chat_messages"]
    assert (asked["role"], reply["role"]) == ("user", "assistant")
    assert reply["model"] == "offline:drafter"
    assert reply["prompt_version"].startswith("project_draft_generation-1-")
    assert [one["name"] for one in reply["tool_calls"]] == ["update_project_draft"]


def test_the_chat_about_a_draft_is_no_conversation_of_its_own(client: TestClient) -> None:
    draft = client.get(place(drafted(client))).json()["project_draft_id"]
    address = f"/api/conversations/{draft}"
    file = {"file": ("a.txt", b"One.", "text/plain")}
    for answer in (
        client.get(address),
        client.get(f"{address}/files"),
        client.post(f"{address}/files", files=file),
        client.post(f"{address}/summary"),
        client.patch(f"{address}/summary", json={"summary": "Mine."}),
    ):
        assert problem(answer) == (404, "conversation_not_found")
    asked = {"user_id": "local", "chat_id": draft, "message": "And now?"}
    for answer in (
        client.post("/chat", json=asked),
        client.get(f"/chats/{draft}/messages"),
        client.delete(f"/chats/{draft}"),
    ):
        assert problem(answer) == (404, "chat_not_found")
    into = {"duplicate_resolution": "update_existing", "target_conversation_id": draft}
    said = {"format": "candor.conversation/1", "messages": [{"role": "user", "content": "Hi."}]}
    sent = {"file": ("a.json", json.dumps(said).encode(), "application/json")}
    imported = client.post("/api/conversations/import", files=sent, data=into)
    assert '"CONVERSATION_NOT_FOUND"' in imported.text


def test_a_project_is_recorded_here_once_and_locks_the_conversation(client: TestClient) -> None:
    chat = drafted(client)
    project = f"/api/conversations/{chat}/project"
    assert problem(client.get(project)) == (404, "conversation_project_not_found")
    assert problem(client.post(project, content=b"{}")) == (415, "not_json")
    made = client.post(project)
    assert made.status_code == 201, made.text
    found = made.json()
    assert (found["tracker"], found["state"], found["linear_url"]) == ("local", "created", None)
    assert client.get(project).json() == found
    more = {"user_id": "ada", "chat_id": chat, "message": "And now?"}
    for answer in (
        client.post(project, json={}),
        client.patch(place(chat), json={"title": "Other"}),
        client.post(place(chat)),
        client.post(place(chat, "/chat/stream"), json={"message": "Go"}),
        client.post("/chat", json=more),
        client.patch(f"/chats/{chat}", json={"title": "Other"}),
    ):
        assert problem(answer) == (409, "conversation_locked")
    assert client.get(place(chat)).json()["active_version"]["title"] == "Rotation"
    assert client.delete(f"/chats/{chat}").status_code == 204
    assert problem(client.get(place(chat))) == (404, "conversation_not_found")


def test_a_project_is_created_at_linear_and_goes_on_after_a_failure(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stub_linear() as linear:
        monkeypatch.setattr(Settings, "linear_api_url", linear.address)
        told = Settings.model_validate(
            {
                "data_dir": settings.data_dir,
                "linear_access_key": KEY,
                "linear_team_key": "ENG",
            }
        )
        with served(told) as client:
            chat = drafted(client)
            project = f"/api/conversations/{chat}/project"
            slow = failure(400, "ratelimited", headers={"retry-after": "0"})
            linear.fail(Fault(lambda: slow))
            limited = client.post(project, json={})
            assert problem(limited) == (429, "rate_limited")
            assert client.get(project).json()["state"] == "creating"
            linear.fail(None, None, Fault(carried_out=True))  # and the answer is lost
            made = client.post(project, json={"title": "Rotation of keys"})
            assert made.status_code == 201, made.text
            found = made.json()
    assert (found["tracker"], found["state"], found["title"]) == (
        *("linear", "created", "Rotation of keys"),
    )
    assert list(linear.projects) == [found["id"]]
    assert found["linear_url"] == linear.projects[found["id"]]["url"]


# The chat, on a real server


class Scripted:
    """A model that takes one step for each request; `hold` keeps it back within a text."""

    def __init__(self, *steps: Step) -> None:
        self.steps = list(steps)
        self.hold = threading.Event()

    def model(self) -> FunctionModel:
        """The model."""

        async def stream(
            _messages: list[ModelMessage], _info: AgentInfo
        ) -> AsyncIterator[str | DeltaToolCalls]:
            step = self.steps.pop(0)
            if isinstance(step, Exception):
                raise step
            if not isinstance(step, str):
                for place, one in enumerate(step if isinstance(step, list) else [step]):
                    yield one if isinstance(one, str) else {place: DeltaToolCall(*one)}
                return
            first, held, rest = step.partition("|")
            yield first
            if held:
                await asyncio.to_thread(self.hold.wait, PATIENCE)
                yield rest

        return FunctionModel(stream_function=stream, model_name="scripted")


def tool(name: str, title: str = "Rotation", description: str = "Why") -> tuple[str, str]:
    return name, json.dumps({"title": title, "description": description})


@contextmanager
def chatting(settings: Settings, script: Scripted) -> Generator[tuple[httpx.Client, str]]:
    """A client of a real server, and a conversation there."""
    with (
        listening(application(settings, OneModel(script.model()))) as address,
        httpx.Client(base_url=address, timeout=PATIENCE) as client,
    ):
        yield client, ask(cast("TestClient", client))["chat_id"]


def events_of(lines: Iterator[str]) -> Iterator[Json]:
    """The events, as they come."""
    for line in lines:
        if line.startswith("data: "):
            yield cast("Json", parsed(line.removeprefix("data: ")))
        else:
            assert line in {"", ": ping"}, line


def talk(client: httpx.Client, chat: str, message: str) -> Sequence[Json]:
    """All events of one turn."""
    body = {"message": message, "llm_provider": "openai", "llm_model": "gpt-4.1"}
    with client.stream("POST", place(chat, "/chat/stream"), json=body) as answer:
        assert answer.status_code == 200, answer.read()
        assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
        return list(events_of(answer.iter_lines()))


def test_every_event_of_the_chat_about_a_draft(settings: Settings) -> None:
    script = Scripted(
        "x",  # the answer in the conversation itself
        *(tool("update_project_draft"), "The title is there."),
        *(tool("create_linear_project"), "I propose it."),
        *(tool("create_linear_project"), "It is created."),
    )
    with chatting(settings, script) as (client, chat):
        updating, proposing = talk(client, chat, "Title?"), talk(client, chat, "Create it.")
        assert client.get(f"/api/conversations/{chat}/project").status_code == 404
        creating = talk(client, chat, "Yes, create it.")
        messages = client.get(place(chat, "/chat")).json()["chat_messages"]
        locked = client.post(place(chat, "/chat/stream"), json={"message": "More"})
    assert [(one["type"], one.get("status")) for one in updating if one["type"] != "content"] == [
        ("status", "analyzing_request"),
        ("status", "executing_tools"),
        ("status", "updating_project_draft"),
        ("status", "getting_project_draft"),
        ("project_updated", None),
        ("status", "generating_response"),
        ("status", "done"),
        ("done", None),
    ]
    (draft,) = [one["project_draft"] for one in updating if one["type"] == "project_updated"]
    assert draft["active_version"]["title"] == "Rotation"
    text = "".join([one["content"] for one in updating if one["type"] == "content"])
    done = updating[-1]["response"]
    assert done["llm_response"] == text == "The title is there."
    assert (done["project_draft_updated"], done["new_project_draft"]) == (True, draft)
    assert (done["model"], done["project"]) == ("openai:gpt-4.1", None)
    assert done["usage"]["output_tokens"] > 0
    (proposal,) = [one["proposal"] for one in proposing if one["type"] == "project_proposed"]
    assert proposal == {
        "proposal_id": draft["active_version"]["version_id"],
        "version_number": 1,
        "title": "Rotation",
        "description": "Why",
    }
    response = proposing[-1]["response"]
    assert (response["proposal"], response["project"]) == (proposal, None)
    assert "Proposed, not created" in response["notices"][0]
    assert "conversation_locked" not in {one["type"] for one in proposing}
    assert messages[3]["proposal_id"] == proposal["proposal_id"]
    kinds = [one["type"] for one in creating]
    assert kinds.count("conversation_locked") == 1
    assert {"type": "conversation_locked"} in creating
    project = creating[-1]["response"]["project"]
    assert (project["state"], project["tracker"]) == ("created", "local")
    assert [one["content"] for one in messages] == [
        *("Title?", "The title is there.", "Create it.", "I propose it."),
        *("Yes, create it.", "It is created."),
    ]
    assert messages[1]["id"] == done["message_id"]
    assert problem(locked) == (409, "conversation_locked")


def test_a_proposal_is_confirmed_by_its_id(settings: Settings) -> None:
    script = Scripted("x", tool("create_linear_project"), "I propose it.")
    with chatting(settings, script) as (client, chat):
        shown = talk(client, chat, "Create it.")[-1]["response"]["proposal"]
        project, sent = f"/api/conversations/{chat}/project", {"proposal_id": shown["proposal_id"]}
        both = client.post(project, json={**sent, "title": "Other"})
        assert problem(both) == (422, "project_draft_invalid")
        client.patch(place(chat), json={"title": "Other"})
        outdated = client.post(project, json=sent)
        assert problem(outdated) == (409, "project_proposal_outdated")
        client.post(place(chat, f"/versions/{shown['proposal_id']}/activate"))
        made = client.post(project, json=sent)
        assert (made.status_code, made.json()["title"]) == (201, "Rotation")
        # The answer may have been lost: the same request is answered again.
        assert client.post(project, json=sent).json() == made.json()


def test_a_model_that_fails_is_an_error_event(settings: Settings) -> None:
    script = Scripted("x", ModelHTTPError(500, "scripted", {"error": "internal text"}), "Here.")
    with chatting(settings, script) as (client, chat):
        first, *_, last = talk(client, chat, "Go")
        assert first == {"type": "status", "status": "analyzing_request"}
        assert last["type"] == "error"
        assert "failed" in last["message"]
        assert "internal text" not in str(last)
        assert last["code"] == "upstream_failed"
        assert talk(client, chat, "Again")[-1]["type"] == "done"


def test_a_model_that_writes_no_first_draft_has_failed(settings: Settings) -> None:
    with chatting(settings, Scripted("x", "I would rather not.")) as (client, chat):
        assert problem(client.post(place(chat), json={})) == (502, "model_misbehaved")
        assert problem(client.get(place(chat))) == (404, "project_draft_not_found")
