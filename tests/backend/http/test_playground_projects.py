"""Projects and use cases over HTTP."""

from typing import Any, cast

import pytest
from starlette.testclient import TestClient

from backend.settings.settings import Settings
from tests.backend.http.chatting import Json
from tests.backend.http.conftest import served
from tests.backend.http.keys import bearing, make_key, requiring
from use_cases.kernel.model import Scope

API = "/api/v1"


def made(client: TestClient, path: str = "/projects", **fields: Any) -> Json:
    """A thing that was made, by its fields."""
    response = client.post(API + path, json={"name": "Help desk", **fields})
    assert response.status_code == 201, response.text
    return cast("Json", response.json())


def test_a_project_is_made_read_changed_and_deleted(client: TestClient) -> None:
    project = made(client, description="For\0 staff.")
    path = f"{API}/projects/{project['id']}"
    assert set(project) == {"id", "name", "description", "revision", "created_at", "updated_at"}
    assert (project["description"], project["revision"]) == ("For staff.", 1)
    assert client.get(path).json() == project
    for method, revision in (("PATCH", 2), ("PUT", 3)):
        changed = client.request(method, path, json={"name": method, "revision": revision - 1})
        assert changed.status_code == 200, changed.text
        assert (changed.json()["name"], changed.json()["revision"]) == (method, revision)
        assert changed.json()["description"] == "For staff."
    late = client.patch(path, json={"name": "Late", "revision": 1})
    assert (late.status_code, late.json()["code"]) == (409, "changed_meanwhile")
    gone = client.delete(path)
    assert (gone.status_code, gone.content) == (204, b"")
    assert client.get(path).json()["code"] == "project_not_found"
    assert client.delete(path).status_code == 404


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
def test_a_project_needs_a_name(client: TestClient, name: object) -> None:
    assert client.post(f"{API}/projects", json={"name": name}).status_code == 422


def test_use_cases_belong_to_a_project(client: TestClient) -> None:
    project = made(client)
    assertion = {"type": "contains", "value": "refund", "required": True}
    case = made(
        client,
        f"/projects/{project['id']}/use-cases",
        name="Refunds",
        owner="Ada",
        success_criteria=None,
        default_assertions=[assertion],
        default_dataset_id=made(client, "/datasets")["id"],
    )
    assert (case["project_id"], case["owner"], case["success_criteria"]) == (
        project["id"],
        "Ada",
        "",
    )
    assert {key: case["default_assertions"][0][key] for key in assertion} == assertion
    path = f"{API}/use-cases/{case['id']}"
    assert client.get(path).json() == case
    changed = client.patch(path, json={"owner": None, "default_dataset_id": None, "revision": 1})
    assert changed.status_code == 200, changed.text
    assert (changed.json()["owner"], changed.json()["default_dataset_id"]) == ("", None)
    assert changed.json()["default_assertions"] == case["default_assertions"]
    assert client.put(path, json={"name": "x", "revision": 1}).status_code == 409
    assert client.patch(path, json={"name": None}).status_code == 422
    listed = client.get(f"{API}/projects/{project['id']}/use-cases")
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
            {"default_assertions": [{"type": "assert-set", "assertions": [{"type": "rhymes"}]}]},
            422,
            "assertion_invalid",
        ),
        (
            {"default_assertions": [{"type": "llm-rubric", "judge": "nobody:x"}]},
            422,
            "model_unknown",
        ),
    ],
)
def test_the_defaults_of_a_use_case_can_be_used(
    client: TestClient, fields: dict[str, Any], status: int, code: str
) -> None:
    cases = f"{API}/projects/{made(client)['id']}/use-cases"
    there = client.post(cases, json={"name": "x"}).json()["id"]
    refused = client.post(cases, json={"name": "x", **fields})
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert refused.json()["hint"]
    assert client.patch(f"{API}/use-cases/{there}", json=fields).status_code == status
    assert len(client.get(cases).json()) == 1


def test_a_use_case_is_changed_when_its_dataset_is_gone(client: TestClient) -> None:
    dataset = made(client, "/datasets")["id"]
    cases = f"/projects/{made(client)['id']}/use-cases"
    case = made(client, cases, default_dataset_id=dataset)
    assert client.delete(f"{API}/datasets/{dataset}").status_code == 204
    changed = client.patch(f"{API}/use-cases/{case['id']}", json={"owner": "Ada"})
    assert (changed.status_code, changed.json()["default_dataset_id"]) == (200, dataset)


def test_an_assertion_holds_what_json_can_hold(client: TestClient) -> None:
    project = made(client)
    body = '{"name": "x", "default_assertions": [{"type": "cost", "value": 1e999}]}'
    response = client.post(
        f"{API}/projects/{project['id']}/use-cases",
        content=body,
        headers={"Content-Type": "application/json"},
    )
    assert (response.status_code, response.json()["code"]) == (422, "project_invalid")


def test_a_deleted_project_takes_its_use_cases_and_prompts_along(client: TestClient) -> None:
    project = made(client)
    case = made(client, f"/projects/{project['id']}/use-cases")
    prompt = made(client, f"/use-cases/{case['id']}/prompts", tags=["a"])
    assert prompt["use_case_id"] == case["id"]
    listed = client.get(f"{API}/use-cases/{case['id']}/prompts").json()
    assert [each["id"] for each in listed] == [prompt["id"]]
    assert client.delete(f"{API}/projects/{project['id']}").status_code == 204
    for path in (
        f"/use-cases/{case['id']}",
        f"/use-cases/{case['id']}/prompts",
        f"/projects/{project['id']}/use-cases",
        f"/prompts/{prompt['id']}",
    ):
        assert client.get(API + path).status_code == 404, path
    for path in (f"/use-cases/{case['id']}/prompts", f"/projects/{project['id']}/use-cases"):
        assert client.post(API + path, json={"name": "x"}).status_code == 404, path


def test_another_persons_things_are_not_there(settings: Settings) -> None:
    keyed = requiring(settings)
    with served(keyed) as client:
        anna, boris = bearing(make_key(keyed)), bearing(make_key(keyed, "boris"))
        client.headers.update(anna)
        project = made(client)
        case = made(client, f"/projects/{project['id']}/use-cases")
        prompt = made(client, f"/use-cases/{case['id']}/prompts")
        client.headers.update(boris)
        for path in (
            f"/projects/{project['id']}",
            f"/projects/{project['id']}/use-cases",
            f"/use-cases/{case['id']}",
            f"/use-cases/{case['id']}/prompts",
            f"/prompts/{prompt['id']}",
            f"/prompts/{prompt['id']}/versions",
            f"/prompts/{prompt['id']}/labels",
            f"/prompts/{prompt['id']}/history",
        ):
            assert client.get(API + path).status_code == 404, path
        for path in (f"/projects/{project['id']}", f"/use-cases/{case['id']}"):
            assert client.patch(API + path, json={"name": "mine"}).status_code == 404
            assert client.delete(API + path).status_code == 404
        assert client.delete(f"{API}/prompts/{prompt['id']}").status_code == 404
        assert client.get(f"{API}/projects").json() == []
        assert client.get(f"{API}/prompts").json() == []


def test_the_scope_is_asked_for(settings: Settings) -> None:
    keyed = requiring(settings)
    with served(keyed) as client:
        header = bearing(make_key(keyed, scopes=(Scope.CHAT,)))
        refused = client.get(f"{API}/projects", headers=header)
        assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
        assert client.get(f"{API}/projects").status_code == 401
