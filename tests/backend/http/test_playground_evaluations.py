"""Evaluations over HTTP: begun, worked off in the background, watched, exported, compared."""

import asyncio
import json
from collections.abc import Iterator
from threading import Event
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from backend.http.playground_request import EvalRunCreate
from backend.settings.settings import Settings
from tests.backend.http.conftest import application, served
from tests.backend.http.keys import key_of, requiring
from tests.backend.http.listening import listening
from tests.fakes.candor import quick_candor
from tests.patience import PATIENCE
from tests.templates import run_apart
from tests.use_cases.playground.evaluations.evaluating import AnsweringModels, echo
from use_cases.kernel.model import LOCAL, Scope
from use_cases.playground.model import Case

HOSTILE = "=cmd()<script>alert(1)</script>{{7*7}}"
RUNS = "/api/v1/eval-runs"
BOTH = {"name": "a", "messages": [{"role": "user", "content": "Hello"}]}


@pytest.fixture
def dataset_id(settings: Settings) -> str:
    """A stored dataset of three cases, one of them hostile."""
    names: list[str] = []

    async def storing() -> None:
        async with quick_candor(settings) as candor:
            cases = [
                Case(key=f"c{at}", variables={"name": name})
                for at, name in enumerate(["Ada", "Grace", HOSTILE])
            ]
            kept = await candor.playground.import_cases.keep(LOCAL, "names", cases)
            names.append(kept.dataset_id)

    run_apart(storing)
    return names[0]


@pytest.fixture(scope="module")
def names(shared: TestClient) -> str:
    """A dataset of one case."""
    made = shared.post("/api/v1/datasets", json={"name": "names"}).json()["id"]
    case = {"id": "c0", "vars": {"name": "Ada"}}
    assert shared.post(f"/api/v1/datasets/{made}/items", json=case).status_code == 201
    return str(made)


def plan(dataset_id: str, **fields: Any) -> dict[str, Any]:
    """The body of a new run."""
    hello = {"role": "user", "content": "Hello {{name}}"}
    return {
        "name": "greetings",
        "dataset_id": dataset_id,
        "variants": [
            {"name": "plain", "messages": [hello], "model": "echo"},
            {"name": "kind", "messages": [{**hello, "content": "Dear {{name}}"}], "model": "echo"},
        ],
        "assertions": [{"type": "contains", "value": "Dear"}],
        **fields,
    }


def created(client: TestClient, body: dict[str, Any]) -> str:
    """The id of a new run, which is over."""
    answer = client.post(RUNS, json=body)
    assert answer.status_code == 201, answer.text
    run_id = answer.json()["id"]
    events = client.get(f"{RUNS}/{run_id}/events")
    assert events.text.rstrip().endswith("data: {}")
    return run_id


def test_a_run_is_worked_off_in_the_background(client: TestClient, dataset_id: str) -> None:
    run_id = created(client, plan(dataset_id))
    found = client.get(f"{RUNS}/{run_id}").json()
    assert found["status"] == "completed"
    assert found["progress"] == {"total": 6, "completed": 6, "failed": 0, "percent": 100}
    rates = [(total["variant"], total["pass_rate"]) for total in found["summary"]["totals"]]
    assert rates == [("plain", 0.0), ("kind", 1.0)]
    assert client.get(RUNS).json()["runs"][0]["id"] == run_id
    cells: list[dict[str, Any]] = []
    params = {"limit": 4}
    while "after" not in params or params["after"] is not None:
        page = client.get(f"{RUNS}/{run_id}/results", params=params).json()
        cells.extend(page["results"])
        params["after"] = page["next_after"]
    assert [(one["dataset_item_id"], one["variant"]) for one in cells] == [
        (case, variant) for case in ("c0", "c1", "c2") for variant in ("plain", "kind")
    ]
    assert (cells[1]["output"], cells[1]["grading"]["verdict"]) == ("Dear Ada", "passed")
    other = created(client, plan(dataset_id))
    compared = client.get(f"{RUNS}/{run_id}/compare/{other}").json()
    assert [each["finding"] for each in compared] == ["no_difference_shown"] * 2


def test_events_go_on_behind_the_last_one(settings: Settings, dataset_id: str) -> None:
    with listening(application(settings)) as address, httpx2.Client(timeout=PATIENCE) as client:
        run_id = client.post(f"{address}{RUNS}", json=plan(dataset_id)).json()["id"]
        every = list(_events(client, f"{address}{RUNS}/{run_id}/events"))
        assert [name for name, _, _ in every][-1] == "done"
        finished = [cell["place"] for _, _, data in every for cell in data.get("finished", ())]
        assert sorted(finished) == [0, 1, 2, 3, 4, 5]
        last = every[-1][1]
        again = list(_events(client, f"{address}{RUNS}/{run_id}/events", last))
        assert [cell for _, _, data in again for cell in data.get("finished", ())] == []
        assert again[-1][0] == "done"


def _events(
    client: httpx2.Client, address: str, last: int = 0
) -> Iterator[tuple[str, int, dict[str, Any]]]:
    with client.stream("GET", address, headers={"Last-Event-ID": str(last)}) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        fields: dict[str, str] = {}
        for line in answer.iter_lines():
            name, colon, value = line.partition(": ")
            if colon and name:
                fields[name] = value
            elif not line and fields:
                yield fields["event"], int(fields["id"]), json.loads(fields["data"])
                fields = {}


def test_exports_are_inert(client: TestClient, dataset_id: str) -> None:
    run_id = created(client, plan(dataset_id))
    got = {
        name: client.get(f"{RUNS}/{run_id}/export", params={"format": name})
        for name in ("csv", "json", "jsonl", "junit", "html")
    }
    assert {name: answer.status_code for name, answer in got.items()} == dict.fromkeys(got, 200)
    assert "<script>alert" not in got["html"].text
    assert "sha256-" in got["html"].headers["content-security-policy"]
    assert HOSTILE in got["jsonl"].text
    assert len(json.loads(got["json"].text)["cells"]) == 6
    assert got["csv"].headers["content-disposition"] == f'attachment; filename="{run_id}.csv"'


def test_a_run_is_begun_later_stopped_and_removed(client: TestClient, dataset_id: str) -> None:
    run_id = client.post(RUNS, json=plan(dataset_id, start=False)).json()["id"]
    estimate = client.get(f"{RUNS}/{run_id}/estimate").json()
    assert estimate == {"cells": 6, "calls": 0, "judge_calls": 0, "cost_usd": 0}
    assert client.post(f"{RUNS}/{run_id}/cancel").json()["status"] == "cancelled"
    assert client.post(f"{RUNS}/{run_id}/resume").status_code == 200
    client.get(f"{RUNS}/{run_id}/events")
    assert client.get(f"{RUNS}/{run_id}").json()["status"] == "completed"
    (job,) = client.get("/api/v1/jobs").json()["jobs"]
    assert (job["id"], job["kind"], job["workers"]) == (run_id, "evaluation", [])
    assert job["progress"] == {"total": 6, "completed": 6, "failed": 0, "percent": 100}
    assert client.post(f"{RUNS}/{run_id}/retry").json()["code"] == "job_over"
    assert client.post(f"{RUNS}/{run_id}/retry", content="budget=1").status_code == 415
    assert client.delete(f"{RUNS}/{run_id}").status_code == 204
    assert client.get(f"{RUNS}/{run_id}").status_code == 404


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"variants": []}, "evaluation_invalid"),
        ({"baseline": "other"}, "evaluation_invalid"),
        ({"judge": "nobody:nothing"}, "model_unknown"),
        ({"prompt_versions": ["chat.answer@99"]}, "prompt_not_found"),
        ({"repeats": 0}, "validation_error"),
        ({"assertion": [{"type": "contains"}]}, "validation_error"),
        ({"assertions": [{"type": "contains", "treshold": 1}]}, "validation_error"),
        ({"variants": [{**BOTH, "prompt_version": "chat.answer@1"}]}, "evaluation_invalid"),
    ],
)
def test_a_wrong_plan_is_refused_before_a_call(
    shared: TestClient, names: str, fields: dict[str, Any], code: str
) -> None:
    answer = shared.post(RUNS, json=plan(names, **fields))
    assert answer.json()["code"] == code
    assert shared.get(RUNS).json()["runs"] == []


def test_a_dataset_without_a_case_is_called_so(shared: TestClient) -> None:
    made = shared.post("/api/v1/datasets", json={"name": "nothing in it"}).json()["id"]
    refused = shared.post(RUNS, json=plan(made))
    assert (refused.status_code, refused.json()["code"]) == (422, "evaluation_invalid")
    assert refused.json()["detail"] == "The dataset 'nothing in it' has no case yet."
    assert refused.json()["hint"] == f"Add some: candor datasets import FILE --into {made}"


def test_jobs_are_shown_to_their_owner_alone(settings: Settings) -> None:
    guarded = requiring(settings)
    with served(guarded) as client:
        runs = dict[str, str]()
        keys = {user: key_of(guarded, user, Scope.PLAYGROUND) for user in ("anna", "boris")}
        for user, key in keys.items():
            made = client.post("/api/v1/datasets", json={"name": "one"}, headers=key).json()["id"]
            case = {"vars": {"name": user}}
            client.post(f"/api/v1/datasets/{made}/items", json=case, headers=key)
            asked = plan(made, start=False, variants=[{**BOTH, "model": "offline:extractive"}])
            runs[user] = client.post(RUNS, json=asked, headers=key).json()["id"]
        for user, key in keys.items():
            (job,) = client.get("/api/v1/jobs", headers=key).json()["jobs"]
            assert (job["id"], job["user_id"], job["status"]) == (runs[user], user, "pending")
        before = client.get(f"/api/v1/jobs?before={runs['boris']}", headers=keys["anna"])
        assert before.status_code == 404


@pytest.mark.exhaustive
def test_a_run_that_a_killed_process_left_is_taken_up(settings: Settings, dataset_id: str) -> None:
    left: list[str] = []

    async def leaving() -> None:
        async with quick_candor(settings) as candor:
            asked = EvalRunCreate.model_validate(plan(dataset_id)).plan()
            run = await candor.playground.manage_evaluations.create(LOCAL, asked, dataset_id)
            await candor.jobs.begin(run.job_id, "worker_killed")  # and never heard of again
            left.append(run.job_id)

    run_apart(leaving)
    with TestClient(application(settings), base_url="http://localhost") as client:
        while client.get(f"{RUNS}/{left[0]}").json()["status"] != "completed":
            client.get(f"{RUNS}/{left[0]}/events")


def test_what_a_server_had_in_work_when_it_ended_goes_on_in_the_next(
    settings: Settings, dataset_id: str
) -> None:
    working = Event()

    async def never() -> None:
        working.set()
        await asyncio.Event().wait()

    models = AnsweringModels({"echo": echo}, waiting=never)
    with TestClient(application(settings, models=models), base_url="http://localhost") as client:
        left = client.post(RUNS, json=plan(dataset_id)).json()["id"]
        assert working.wait(PATIENCE)
        cancelled, unbegun = [
            client.post(RUNS, json=plan(dataset_id, start=False)).json()["id"] for _ in range(2)
        ]
        client.post(f"{RUNS}/{cancelled}/cancel")
    with TestClient(application(settings), base_url="http://localhost") as client:
        client.get(f"{RUNS}/{left}/events")
        assert client.get(f"{RUNS}/{left}").json()["status"] == "completed"
        assert client.get(f"{RUNS}/{cancelled}").json()["status"] == "cancelled"
        assert client.get(f"{RUNS}/{unbegun}").json()["status"] == "pending"
