"""The routes of datasets over a real store."""

import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from backend.settings.settings import Settings
from tests.backend.http.chatting import problem
from tests.backend.http.conftest import served
from tests.backend.http.keys import key_of, requiring
from use_cases.kernel.model import Scope

ROOT = "/api/v1/datasets"
AB = b'{"id": "a", "vars": {"q": 1}, "expected": "x"}\n{"id": "b", "q": 2}\n'


def make(client: TestClient, name: str = "questions") -> str:
    response = client.post(ROOT, json={"name": name})
    assert response.status_code == 201
    return f"{ROOT}/{response.json()['id']}"


def load(client: TestClient, address: str, content: bytes, name: str = "a.jsonl", **params: str):
    return client.post(f"{address}/import", files={"file": (name, content)}, params=params)


def test_a_dataset_is_made_shown_changed_listed_and_deleted(client: TestClient) -> None:
    address = make(client)
    shown = client.get(address).json()
    assert (shown["name"], shown["version"], shown["item_count"], shown["revision"]) == (
        "questions",
        0,
        0,
        1,
    )
    changed = client.patch(address, json={"name": "Other", "revision": 1})
    assert (changed.json()["name"], changed.json()["revision"]) == ("Other", 2)
    late = client.patch(address, json={"name": "Late", "revision": 1})
    assert (late.status_code, late.json()["code"]) == (409, "changed_meanwhile")
    make(client, "second")
    page = client.get(ROOT, params={"skip": 1, "limit": 1}).json()
    assert ([one["name"] for one in page["datasets"]], page["total"]) == (["Other"], 2)
    assert client.delete(address).status_code == 204
    gone = client.get(address)
    assert (gone.status_code, gone.json()["code"]) == (404, "dataset_not_found")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "validation_error"),
        ({"name": ""}, 422, "validation_error"),
        ({"name": "x" * 256}, 422, "validation_error"),
        ({"name": "x", "use_case_id": "case_of_nobody"}, 404, "use_case_not_found"),
    ],
)
def test_a_dataset_needs_a_name_and_a_use_case_that_is_there(
    shared: TestClient, body: dict[str, str], status: int, code: str
) -> None:
    assert problem(shared.post(ROOT, json=body)) == (status, code)


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("POST", "/items", {"q": 1}, "validation_error"),
        ("POST", "/items", {"vars": {}, "assert": [{"type": "python"}]}, "invalid_input"),
        ("PUT", "/schema", {"schema": {"type": "nothing"}}, "schema_invalid"),
        ("POST", "/import", None, "dataset_unreadable"),
    ],
)
def test_what_cannot_be_stored_changes_nothing(
    shared: TestClient, method: str, path: str, body: object, code: str
) -> None:
    address = make(shared)
    files = {"file": ("a.xlsx", b"x")} if body is None else None
    refused = shared.request(method, address + path, json=body, files=files)
    assert problem(refused) == (422, code)
    assert shared.get(address).json()["version"] == 0


def test_a_file_is_imported_shown_and_exported(shared: TestClient) -> None:
    client, address = shared, make(shared)
    report = load(client, address, AB + b"broken\n").json()
    assert (report["cases"], report["errors"], report["version"]["number"]) == (2, 1, 1)
    assert report["first_errors"][0]["line"] == 3
    page = client.get(f"{address}/items", params={"limit": 1}).json()
    assert page == {
        "version": 1,
        "items": [{"place": 0, "id": "a", "vars": {"q": 1}, "expected": "x"}],
        "next_after": 0,
    }
    rest = client.get(f"{address}/items", params={"after": 0}).json()
    assert ([one["id"] for one in rest["items"]], rest["next_after"]) == (["b"], None)
    lines = client.get(f"{address}/export")
    assert lines.headers["content-type"] == "application/x-ndjson"
    assert lines.headers["content-disposition"].endswith('.jsonl"')
    for form in ("jsonl", "csv", "json", "yaml"):
        content = client.get(f"{address}/export", params={"format": form}).content
        assert load(client, make(client), content, f"x.{form}").json()["cases"] == 2
    more = load(client, address, b'{"id": "c", "q": 3}\n', mode="append").json()
    assert more["version"]["item_count"] == 3
    versions = client.get(f"{address}/versions", params={"limit": 1}).json()
    assert ([one["number"] for one in versions["versions"]], versions["more"]) == ([2], True)
    old = client.get(f"{address}/export", params={"version": 1})
    assert old.content == lines.content
    missing = client.get(f"{address}/export", params={"version": 9})
    assert (missing.status_code, missing.json()["code"]) == (404, "dataset_not_found")


def test_items_are_added_edited_and_removed(shared: TestClient) -> None:
    client, address = shared, make(shared)
    item = {"id": "one/2 ü", "vars": {"q": "x"}, "assert": [{"type": "contains", "value": "y"}]}
    added = client.post(f"{address}/items", json=item)
    assert (added.status_code, added.json()) == (201, {"place": 0, **item})
    assert client.post(f"{address}/items", json=item).status_code == 409
    place = f"{address}/items/one/2 ü"
    assert client.get(place).json()["id"] == item["id"]
    edited = client.patch(place, json={"expected": "z", "assert": None})
    assert edited.json() == {"place": 0, "id": item["id"], "vars": {"q": "x"}, "expected": "z"}
    assert client.delete(place).status_code == 204
    assert client.delete(place).status_code == 404
    assert client.get(address).json()["version"] == 3


def test_hostile_cells_come_back_as_they_were(shared: TestClient) -> None:
    client, address = shared, make(shared)
    cells = ["=cmd()", "<script>", "\ud800", "\0", "{{7*7}}", "x" * 1_000_000]
    lines = b"".join(json.dumps({"cell": cell}).encode() + b"\n" for cell in cells)
    assert load(client, address, lines).json()["errors"] == 0
    page = client.get(f"{address}/items").json()
    assert [one["vars"]["cell"] for one in page["items"]] == cells
    added = client.post(f"{address}/items", content=b'{"vars": {"cell": "\\udfff"}}', headers=JSON)
    assert added.json()["vars"] == {"cell": "\udfff"}


JSON = {"Content-Type": "application/json"}


def test_the_schema_is_inferred_until_it_is_edited(shared: TestClient) -> None:
    client, address = shared, make(shared)
    load(client, address, AB)
    found = client.get(f"{address}/schema").json()
    assert (found["schema"]["required"], found["edited"]) == (["q"], False)
    assert client.get(f"{address}/columns").json() == [
        {"name": "q", "types": ["integer"], "cases": 2}
    ]
    edited = {"properties": {"q": {"type": "string"}}}
    assert client.put(f"{address}/schema", json={"schema": edited}).status_code == 200
    assert client.get(f"{address}/schema").json() == {"schema": edited, "edited": True}


def test_an_upload_has_a_limit_of_its_own(settings: Settings) -> None:
    with served(settings.model_copy(update={"max_dataset_mb": 1.0})) as client:
        address = make(client)
        line = json.dumps({"q": "x" * 1000}).encode() + b"\n"
        assert load(client, address, b'{"q": 1}\n' + line * 900).status_code == 200
        refused = load(client, address, line * 2000)
        assert (refused.status_code, refused.json()["code"]) == (413, "too_large")
        assert "Send less." in refused.json()["hint"]


def test_recorded_questions_become_a_dataset(stocked: TestClient) -> None:
    library = stocked
    none = library.post(f"{ROOT}-from-answers", json={"name": "Asked"})
    assert (none.status_code, none.json()["code"]) == (422, "invalid_input")
    said = library.post("/chat", json={"user_id": "anna", "message": "How many leave days?"})
    made = library.post(
        f"{ROOT}-from-answers",
        json={"name": "Asked", "since": "2020-01-01T00:00:00Z", "target": "chat"},
    )
    assert (made.status_code, made.json()["item_count"]) == (201, 1)
    items = library.get(f"{ROOT}/{made.json()['id']}/items").json()["items"]
    assert items[0]["vars"] == {"question": "How many leave days?"}
    assert items[0]["id"] == said.json()["message_id"]
    wrong = library.post(f"{ROOT}-from-answers", json={"name": "Asked", "feedback": "wrong"})
    assert wrong.status_code == 422
    answer = items[0]["id"]
    cases: list[tuple[dict[str, Any], int]] = [
        (
            {"ids": [answer], "text": "LEAVE", "feedback": "none", "model": "offline:extractive"},
            201,
        ),
        ({"document": "hr/leave.md", "until": "2030-01-01T00:00:00Z"}, 422),
        ({"ids": ["ans_nobodys"]}, 422),
        ({"ids": []}, 422),
        ({"prompt_version": "chat-0"}, 422),
        ({"since": 1700000000}, 422),
    ]
    for selected, status in cases:
        body = {"name": "Selected", **selected}
        assert library.post(f"{ROOT}-from-answers", json=body).status_code == status, selected


def test_datasets_need_the_scope_and_are_ones_own(settings: Settings) -> None:
    anna, boris = key_of(settings, "anna"), key_of(settings, "boris", Scope.PLAYGROUND)
    with served(requiring(settings)) as guarded:
        made = guarded.post(ROOT, json={"name": "mine"}, headers=anna).json()["id"]
        assert guarded.get(f"{ROOT}/{made}", headers=anna).status_code == 200
        assert guarded.get(ROOT, headers=boris).json()["datasets"] == []
        for ending in ("", "/items", "/versions", "/export", "/schema", "/columns", "/items/a"):
            assert guarded.get(f"{ROOT}/{made}{ending}", headers=boris).status_code == 404
        asked = {"name": "x", "target": "chat"}
        refused = guarded.post(f"{ROOT}-from-answers", json=asked, headers=boris)
        assert problem(refused) == (403, "scope_missing")
