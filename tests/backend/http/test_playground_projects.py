"""Projects and use cases over HTTP."""

from typing import Any, cast

import pytest
from starlette.testclient import TestClient

from backend.settings.settings import Settings
from tests.backend.http.chatting import Json, problem
from tests.backend.http.conftest import served
from tests.backend.http.keys import key_of, requiring

API = "/api/v1"


def made(client: TestClient, path: str = "/projects", **fields: Any) -> Json:
    """A thing that was made, by its fields."""
    response = client.post(API + path, json={"name": "Help desk", **fields})
    assert response.status_code == 201, response.text
    return cast("Json", response.json())


def test_a_project_is_made_read_changed_and_deleted(shared: TestClient) -> None:
    project = made(shared, description="For\0 staff.")
    path = f"{API}/projects/{project['id']}"
    assert set(project) == {"id", "name", "description", "revision", "created_at", "updated_at"}
    assert (project["description"], project["revision"]) == ("For staff.", 1)
    assert shared.get(path).json() == project
    for method, revision in (("PATCH", 2), ("PUT", 3)):
        changed = shared.request(method, path, json={"name": method, "revision": revision - 1})
        assert changed.status_code == 200, changed.text
        assert (changed.json()["name"], changed.json()["revision"]) == (method, revision)
        assert changed.json()["description"] == "For staff."
    late = shared.patch(path, json={"name": "Late", "revision": 1})
    assert (late.status_code, late.json()["code"]) == (409, "changed_meanwhile")
    gone = shared.delete(path)
    assert (gone.status_code, gone.content) == (204, b"")
    assert shared.get(path).json()["code"] == "project_not_found"
    assert shared.delete(path).status_code == 404


def test_lists_skip_count_and_search(client: TestClient) -> None:
    for number in range(3):
        made(client, name=f"Project {number}")
    found = client.get(f"{API}/projects", params={"skip": 1, "limit": 1})
    assert [each["name"] for each in found.json()] == ["Project 1"]
    assert found.headers["X-Total-Count"] == "3"
    found = client.get(f"{API}/projects", params={"text": "CT 2"})
    assert [each["name"] for each in found.json()] == ["Project 2"]
    for params in ({"skip": -1}, {"limit": 0}, {"limit": 1001}, {"skip": "x"}):
        assert client.get(f"{API}/projects", params=params).status_code == 422


def test_addresses_may_end_with_a_slash(client: TestClient) -> None:
    response = client.post(f"{API}/projects/", json={"name": "Desk"}, follow_redirects=False)
    assert response.status_code == 201
    found = client.get(f"{API}/projects/?limit=5", follow_redirects=False)
    assert [each["name"] for each in found.json()] == ["Desk"]
    one = client.get(f"{API}/projects/{response.json()['id']}/", follow_redirects=False)
    assert one.json() == response.json()
    assert client.get(f"{API}/nothing/").json()["code"] == "route_not_found"


@pytest.mark.parametrize("name", ["", " \n", "x" * 256, None, 7, "\0"])
def test_a_project_needs_a_name(shared: TestClient, name: object) -> None:
    assert shared.post(f"{API}/projects", json={"name": name}).status_code == 422


def test_use_cases_belong_to_a_project(shared: TestClient) -> None:
    project = made(shared)
    assertion = {"type": "contains", "value": "refund", "required": True}
    case = made(
        shared,
        f"/projects/{project['id']}/use-cases",
        name="Refunds",
        owner="Ada",
        success_criteria=None,
        default_assertions=[assertion],
        default_dataset_id=made(shared, "/datasets")["id"],
    )
    assert (case["project_id"], case["owner"], case["success_criteria"]) == (
        project["id"],
        "Ada",
        "",
    )
    assert {key: case["default_assertions"][0][key] for key in assertion} == assertion
    path = f"{API}/use-cases/{case['id']}"
    assert shared.get(path).json() == case
    changed = shared.patch(path, json={"owner": None, "default_dataset_id": None, "revision": 1})
    assert changed.status_code == 200, changed.text
    assert (changed.json()["owner"], changed.json()["default_dataset_id"]) == ("", None)
    assert changed.json()["default_assertions"] == case["default_assertions"]
    assert shared.put(path, json={"name": "x", "revision": 1}).status_code == 409
    assert shared.patch(path, json={"name": None}).status_code == 422
    listed = shared.get(f"{API}/projects/{project['id']}/use-cases")
    assert ([each["id"] for each in listed.json()], listed.headers["X-Total-Count"]) == (
        [case["id"]],
        "1",
    )


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"default_dataset_id": "data_of_nobody"}, 404, "dataset_not_found"),
        ({"default_assertions": [{"type": "rhymes"}]}, 422, "assertion_invalid"),
        (
            {"default_assertions": [{"type": "llm-rubric", "judge": "nobody:x"}]},
            422,
            "model_unknown",
        ),
    ],
)
def test_the_defaults_of_a_use_case_can_be_used(
    shared: TestClient, fields: dict[str, Any], status: int, code: str
) -> None:
    cases = f"{API}/projects/{made(shared)['id']}/use-cases"
    there = shared.post(cases, json={"name": "x"}).json()["id"]
    refused = shared.post(cases, json={"name": "x", **fields})
    assert problem(refused) == (status, code)
    assert shared.patch(f"{API}/use-cases/{there}", json=fields).status_code == status
    assert len(shared.get(cases).json()) == 1


def test_a_deleted_project_takes_its_use_cases_and_prompts_along(shared: TestClient) -> None:
    project = made(shared)
    case = made(shared, f"/projects/{project['id']}/use-cases")
    prompt = made(shared, f"/use-cases/{case['id']}/prompts", tags=["a"])
    assert prompt["use_case_id"] == case["id"]
    listed = shared.get(f"{API}/use-cases/{case['id']}/prompts").json()
    assert [each["id"] for each in listed] == [prompt["id"]]
    assert shared.delete(f"{API}/projects/{project['id']}").status_code == 204
    for path in (
        f"/use-cases/{case['id']}",
        f"/use-cases/{case['id']}/prompts",
        f"/projects/{project['id']}/use-cases",
        f"/prompts/{prompt['id']}",
    ):
        assert shared.get(API + path).status_code == 404, path
    for path in (f"/use-cases/{case['id']}/prompts", f"/projects/{project['id']}/use-cases"):
        assert shared.post(API + path, json={"name": "x"}).status_code == 404, path


def test_another_persons_things_are_not_there(settings: Settings) -> None:
    keyed = requiring(settings)
    with served(keyed) as client:
        client.headers.update(key_of(keyed, "anna"))
        project = made(client)
        case = made(client, f"/projects/{project['id']}/use-cases")
        prompt = made(client, f"/use-cases/{case['id']}/prompts")
        client.headers.update(key_of(keyed, "boris"))
        for path in (f"/projects/{project['id']}", f"/use-cases/{case['id']}"):
            for method in ("GET", "PATCH", "DELETE"):
                answer = client.request(method, API + path, json={"name": "mine"})
                assert answer.status_code == 404, path
        for path in ("", "/versions", "/labels", "/history"):
            assert client.get(f"{API}/prompts/{prompt['id']}{path}").status_code == 404, path
        for path in (f"/projects/{project['id']}/use-cases", f"/use-cases/{case['id']}/prompts"):
            assert client.get(API + path).status_code == 404, path
        assert client.delete(f"{API}/prompts/{prompt['id']}").status_code == 404
        assert client.get(f"{API}/projects").json() == []
        assert client.get(f"{API}/prompts").json() == []


def test_a_use_case_is_changed_when_its_dataset_is_gone(shared: TestClient) -> None:
    dataset = made(shared, "/datasets")["id"]
    cases = f"/projects/{made(shared)['id']}/use-cases"
    case = made(shared, cases, default_dataset_id=dataset)
    assert shared.delete(f"{API}/datasets/{dataset}").status_code == 204
    changed = shared.patch(f"{API}/use-cases/{case['id']}", json={"owner": "Ada"})
    assert (changed.status_code, changed.json()["default_dataset_id"]) == (200, dataset)


def test_an_assertion_holds_what_json_can_hold(shared: TestClient) -> None:
    cases = f"{API}/projects/{made(shared)['id']}/use-cases"
    body = '{"name": "x", "default_assertions": [{"type": "cost", "value": 1e999}]}'
    refused = shared.post(cases, content=body, headers={"Content-Type": "application/json"})
    assert problem(refused) == (422, "project_invalid")
