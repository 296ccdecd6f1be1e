"""An export holds what hangs on a conversation, and an import takes it back."""

import base64
import json
from typing import Any, cast

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend.composition.container import Container
from tests.backend.http.test_conversations import CHAT, ROOT, upload
from use_cases.kernel.model import LOCAL

BYTES = b"Green tea, 80 degrees."


@pytest.fixture
def chat_id(client: TestClient) -> str:
    """A conversation with a summary, a file, a draft in two versions, and its project."""
    made = str(upload(client, CHAT)[-1][1]["conversation_id"])
    place = f"{ROOT}/{made}"
    assert client.post(f"{place}/files", files={"file": ("tea.txt", BYTES)}).status_code < 300
    assert client.patch(f"{place}/summary", json={"summary": "They chose tea."}).status_code == 200
    for title in ("Tea", "Green tea"):
        edited = {"title": title, "description": "Brew it."}
        assert client.patch(f"{place}/project-draft", json=edited).status_code == 200
    versions = client.get(f"{place}/project-draft/versions").json()["versions"]
    first = versions[-1]["version_id"]
    client.post(f"{place}/project-draft/versions/{first}/activate")
    assert client.post(f"{place}/project").status_code < 300
    return made


def exported(client: TestClient, chat_id: str) -> dict[str, Any]:
    """The export with the contents of files, as the command writes it."""
    candor = cast("FastAPI", client.app).state.candor
    belongings = cast("Container", candor).conversations.belongings

    async def run() -> str:
        return json.dumps(await belongings.export(LOCAL, chat_id, contents=True))

    assert client.portal is not None
    return json.loads(client.portal.call(run))


def test_an_export_holds_what_hangs_on_a_conversation(client: TestClient, chat_id: str) -> None:
    found = exported(client, chat_id)["belongings"]
    assert found["summary"]["edited"] == "They chose tea."
    versions = [(one["title"], one.get("is_active", False)) for one in found["draft"]]
    assert versions == [("Tea", True), ("Green tea", False)]
    assert (found["project"]["title"], found["project"]["tracker"]) == ("Tea", "local")
    (file,) = found["files"]
    assert (file["name"], base64.b64decode(file["content"])) == ("tea.txt", BYTES)
    over_http = client.get(f"{ROOT}/{chat_id}/export").json()["belongings"]["files"]
    assert over_http == [{name: one for name, one in file.items() if name != "content"}]


def test_an_import_takes_it_back_once(client: TestClient, chat_id: str) -> None:
    kept = exported(client, chat_id)
    again = upload(client, kept, duplicate_resolution="update_existing")
    assert again[-1][1]["outcomes"] == {"unchanged": 1}
    assert again[-1][1]["report"]["faults"] == []
    client.delete(f"{ROOT}/{chat_id}")
    done = upload(client, kept)[-1][1]
    assert (done["outcomes"], done["report"]["faults"]) == ({"created": 1}, [])
    new = client.get(ROOT).json()["conversations"][0]
    assert not new["is_locked"]
    back = exported(client, new["id"])["belongings"]
    assert back["summary"]["edited"] == "They chose tea."
    assert [one["title"] for one in back["draft"]] == ["Tea", "Green tea"]
    assert back["draft"][0]["is_active"]
    assert base64.b64decode(back["files"][0]["content"]) == BYTES
    assert "project" not in back


@pytest.mark.parametrize(
    ("belongings", "detail"),
    [
        ([1], "has no known form"),
        ({"draft": [{"title": ""}]}, "has no known form"),
        ({"files": [{"name": "a.txt", "content": "%"}]}, "no base64"),
        ({"files": [{"name": "a.txt"}]}, "is not in the file"),
        ({"files": [{"name": "a.png", "content": "eHh4"}]}, "'a.png'"),
    ],
)
def test_what_cannot_be_taken_is_named_and_the_rest_stays(
    shared: TestClient, belongings: object, detail: str
) -> None:
    plain = {
        "format": "candor.conversation/1",
        "id": str(belongings),
        "messages": [{"role": "user", "content": "Hi"}],
        "belongings": belongings,
    }
    done = upload(shared, plain)[-1][1]
    assert done["conversation_id"]
    (fault,) = done["report"]["faults"]
    assert detail in fault["detail"]
