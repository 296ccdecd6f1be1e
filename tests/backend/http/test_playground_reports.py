"""Reports behind links: made, read without a key, revoked, expired, removed with their run."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from backend.settings.settings import Settings
from tests.backend.http.conftest import application
from tests.backend.http.test_playground_evaluations import RUNS, created, dataset_id, plan

__all__ = ["dataset_id"]


def test_the_page_needs_no_key_and_the_link_does(settings: Settings) -> None:
    locked = settings.model_copy(update={"auth_mode": "required"})
    with TestClient(application(locked), base_url="http://localhost") as client:
        assert client.get(f"/reports/{'a' * 43}").status_code == 404
        assert client.get(f"{RUNS}/eval_1/share").status_code == 401


@pytest.fixture
def run_id(client: TestClient, dataset_id: str) -> str:
    """A run that is over."""
    return created(client, plan(dataset_id))


def test_a_link_is_read_until_it_is_revoked_or_expires_or_its_run_is_removed(
    client: TestClient, run_id: str
) -> None:
    made = client.post(f"{RUNS}/{run_id}/share", json={}).json()
    page = client.get(made["path"])
    assert page.status_code == 200
    assert "Ada" in page.text
    assert "sha256-" in page.headers["content-security-policy"]
    assert len(made["path"].removeprefix("/reports/")) == 43
    (listed,) = client.get(f"{RUNS}/{run_id}/share").json()
    assert listed["id"] == made["id"]
    assert "path" not in listed
    ended = client.delete(f"{RUNS}/{run_id}/share/{made['id']}").json()
    assert ended["revoked_at"]
    assert client.get(made["path"]).json()["code"] == "report_link_not_found"
    without = {"without": ["outputs", "variables", "prompts"]}
    bare = client.post(f"{RUNS}/{run_id}/share", json=without).json()["path"]
    assert "Ada" not in client.get(bare).text
    short = client.post(f"{RUNS}/{run_id}/share", json={"days": 1e-9}).json()["path"]
    assert client.get(short).status_code == 404
    assert client.delete(f"{RUNS}/{run_id}").status_code == 204
    assert client.get(bare).status_code == 404


@pytest.mark.parametrize("body", [{"without": ["output"]}, {"outputs": True}])
def test_what_a_report_shall_leave_out_is_never_misunderstood(
    client: TestClient, run_id: str, body: dict[str, Any]
) -> None:
    assert client.post(f"{RUNS}/{run_id}/share", json=body).status_code == 422
    assert client.get(f"{RUNS}/{run_id}/share").json() == []
