"""Grounded and open chats over HTTP: chosen, changed, shown, and the label of what rests on no source."""

from collections.abc import AsyncIterator, Iterator

import pytest
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models.function import AgentInfo
from starlette.testclient import TestClient

from tests.backend.cli.conversations.test_conversations import CHAT
from tests.backend.http.chatting import ask, body, chunks, emptied, messages, said, streamed_text
from tests.backend.http.conftest import blank
from tests.backend.http.scripted import scripted
from tests.backend.http.test_conversations import upload
from tests.strict_json import parsed
from use_cases.chat.shown_answer import UNSOURCED_NOTICE
from use_cases.kernel.citations.sources import UNSOURCED

NAME = "Call it The Thursday Boat."
LABELLED = f"{NAME}\n\n*({UNSOURCED})*"


async def inventing(_messages: list[ModelMessage], _info: AgentInfo) -> AsyncIterator[str]:
    """Writes without looking anything up."""
    yield "Call it "
    yield "The Thursday Boat."


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with scripted(blank(tmp_path_factory.mktemp("inventor")), inventing) as client:
        yield client


@pytest.fixture
def inventor(running: TestClient) -> TestClient:
    """A server whose model looks nothing up, without chats."""
    return emptied(running)


def test_an_uncited_answer_is_withdrawn_in_a_new_chat_and_labelled_in_an_open_one(
    inventor: TestClient,
) -> None:
    grounded = ask(inventor, "What shall we call it?")
    assert (grounded["mode"], grounded["outcome"]) == ("grounded", "not_found")
    reply = ask(inventor, "What shall we call it?", mode="open")
    assert (reply["mode"], reply["outcome"]) == ("open", "unsourced")
    assert (reply["text"], reply["answer"]) == (NAME, LABELLED)
    assert reply["notices"] == [UNSOURCED_NOTICE]
    (_, answer) = messages(inventor, reply["chat_id"])
    assert (answer["mode"], answer["outcome"]) == ("open", "unsourced")
    assert answer["notices"] == [UNSOURCED_NOTICE]
    listed = inventor.get("/answers", params={"user_id": "ada"}).json()["answers"]
    assert [(one["mode"], one["outcome"]) for one in listed] == [
        ("open", "unsourced"),
        ("grounded", "not_found"),
    ]


def test_both_streams_and_the_reloaded_chat_end_with_the_label(inventor: TestClient) -> None:
    question = {"user_id": "ada", "message": "What shall we call it?", "mode": "open"}
    lines = inventor.post("/chat/stream", json=question).text.splitlines()
    text = [parsed(line[2:]) for line in lines if line.startswith("0:")]
    assert "".join(map(str, text)) == LABELLED
    (data,) = [str(line) for line in lines if line.startswith("2:")]
    assert '"outcome":"unsourced"' in data
    assert UNSOURCED_NOTICE in data
    sent = body(said("What shall we call it?"), mode="open")
    stream = inventor.post("/api/chat", json=sent).text
    assert streamed_text(stream) == LABELLED
    metadata = [one for one in chunks(stream) if one["type"] == "message-metadata"]
    assert metadata[-1]["messageMetadata"]["notices"] == [UNSOURCED_NOTICE]
    reloaded = inventor.get("/api/chat/c1/messages").json()["messages"][-1]
    assert [part["text"] for part in reloaded["parts"] if part["type"] == "text"] == [LABELLED]


def test_a_chat_changes_its_mode_by_itself_and_with_a_question(inventor: TestClient) -> None:
    chat_id = ask(inventor, "What shall we call it?")["chat_id"]
    changed = inventor.patch(f"/chats/{chat_id}", json={"mode": "open"}).json()
    assert (changed["mode"], changed["title"]) == ("open", "What shall we call it?")
    renamed = inventor.patch(f"/chats/{chat_id}", json={"title": " The letter "}).json()
    assert (renamed["mode"], renamed["title"]) == ("open", "The letter")
    assert ask(inventor, "And else?", chat_id=chat_id)["outcome"] == "unsourced"
    back = ask(inventor, "And else?", chat_id=chat_id, mode="grounded")
    assert (back["mode"], back["outcome"]) == ("grounded", "not_found")
    assert inventor.get(f"/chats/{chat_id}").json()["mode"] == "grounded"
    (listed,) = inventor.get("/chats", params={"user_id": "ada"}).json()["chats"]
    assert listed["mode"] == "grounded"


def test_an_imported_chat_is_open_until_its_mode_is_changed(inventor: TestClient) -> None:
    upload(inventor, CHAT)
    (chat,) = inventor.get("/chats").json()["chats"]
    assert chat["mode"] == "open"
    reply = ask(inventor, "Name one more", user_id="local", chat_id=chat["id"])
    assert (reply["mode"], reply["outcome"]) == ("open", "unsourced")
    inventor.patch(f"/chats/{chat['id']}", json={"mode": "grounded"})
    again = ask(inventor, "Name one more", user_id="local", chat_id=chat["id"])
    assert (again["mode"], again["outcome"]) == ("grounded", "not_found")


def test_an_exported_chat_keeps_its_label_and_its_mode(inventor: TestClient) -> None:
    chat_id = ask(inventor, "What shall we call it?", mode="open")["chat_id"]
    place = f"/api/conversations/{chat_id}"
    shown = inventor.get(place).json()
    assert (shown["mode"], shown["messages"][1]["outcome"]) == ("open", "unsourced")
    text = inventor.get(f"{place}/export", params={"format": "markdown"}).text
    assert LABELLED in text
    assert " · open · " in text
    page = inventor.get(f"{place}/export", params={"format": "html"}).text
    assert f"<em>({UNSOURCED})</em>" in page
    exported = inventor.get(f"{place}/export").json()
    assert (exported["mode"], exported["messages"][1]["outcome"]) == ("open", "unsourced")
    inventor.delete(place)
    again = upload(inventor, exported)[-1][1]["conversation_id"]
    (_, answer) = inventor.get(f"/api/conversations/{again}").json()["messages"]
    assert UNSOURCED in answer["content"]


def test_a_grounded_chat_comes_back_grounded(inventor: TestClient) -> None:
    place = f"/api/conversations/{ask(inventor, 'What shall we call it?')['chat_id']}"
    exported = inventor.get(f"{place}/export").json()
    other = {**exported, "id": "x", "mode": "free"}
    inventor.delete(place)
    found = upload(inventor, exported, other)
    stored = [data["conversation"] for kind, data in found if kind == "progress"]
    modes = [inventor.get(f"/chats/{one['id']}").json()["mode"] for one in stored]
    assert modes == ["grounded", "open"]
    assert exported["mode"] == "grounded"
