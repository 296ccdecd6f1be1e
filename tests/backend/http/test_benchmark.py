"""The benchmark over HTTP: tasks, runs worked off in the background, results, metrics."""

import json
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from starlette.testclient import TestClient

from backend.composition.container import Container
from backend.http.app import create_app
from backend.settings.settings import Settings
from tests.backend.http.conftest import blank, candor
from tests.backend.http.keys import key_of, requiring
from tests.templates import run_apart
from tests.use_cases.benchmark.benchmarking import SmallTasks, asking_at_once, repairing
from tests.use_cases.benchmark.contestants.scripted_cleaner import CleaningModels
from use_cases.benchmark.benchmark_runs import BenchmarkPlan
from use_cases.kernel.model import LOCAL, Scope

RUN = "/api/benchmark/run"
MODEL = "other:team/gpt@rows-free"


def build(settings: Settings) -> Container:
    made = candor(settings, CleaningModels(repairing))
    made.benchmark.load_tasks = SmallTasks()
    asking_at_once(made)
    return made


@contextmanager
def benchmarking(settings: Settings) -> Generator[TestClient]:
    """A server with small tasks and a scripted model."""
    app = create_app(settings, lambda: build(settings))
    with TestClient(app, base_url="http://localhost", raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def benchmark(settings: Settings) -> Iterator[TestClient]:
    with benchmarking(settings) as client:
        yield client


@pytest.fixture(scope="module")
def idle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The same, once for all tests that begin no run."""
    with benchmarking(blank(tmp_path_factory.mktemp("idle"))) as client:
        yield client


def ran(client: TestClient, **body: Any) -> str:
    """The id of a new run, which is over."""
    answer = client.post(RUN, json=body)
    assert answer.status_code == 201, answer.text
    run_id = answer.json()["run_id"]
    assert client.get(f"/api/results/{run_id}/events").text.rstrip().endswith("data: {}")
    return run_id


def test_tasks_and_contestants_are_listed(idle: TestClient) -> None:
    tasks = idle.get("/api/tasks", params={"seed": 9}).json()
    assert [task["id"] for task in tasks if task["dimension"] == "accuracy"] == [
        f"places_accuracy_{level}_9" for level in ("easy", "medium", "hard")
    ]
    task = idle.get("/api/tasks/places_accuracy_medium_9").json()
    assert (task["errors"], task["rows"]) == ({"typo": 2}, 8)
    assert task["head"][0] == ["Bostxn", "02134", "MA"]
    assert idle.get("/api/tasks/places_accuracy_other_9").json()["code"] == "task_not_found"
    assert idle.get("/api/tasks", params={"seed": "nine"}).status_code == 422
    models = idle.get("/api/models").json()
    assert {"name": "nothing", "kind": "rule"}.items() <= models[0].items()


def test_a_run_has_the_results_that_the_contract_names(benchmark: TestClient) -> None:
    run_id = ran(benchmark, model=MODEL, difficulties=["medium"], repeats=1)
    found = benchmark.get(f"/api/results/{run_id}").json()
    assert (found["run_id"], found["status"]) == (run_id, "completed")
    assert (found["model"], found["models"]) == (MODEL, [MODEL])
    assert found["timestamp"]
    (result,) = found["task_results"]
    assert {
        "task_id": "places_accuracy_medium_7",
        "dimension": "accuracy",
        "difficulty": "medium",
        "model": MODEL,
        "status": "scored",
        "headline": "canonical",
        "precision": 1.0,
        "recall": 0.5,
        "corruption_rate": 0.0,
        "auditability_score": 1.0,
    }.items() <= result.items()
    assert result["justification"].endswith("nearest frequent value: three of four rows.")
    assert result["f1"] == pytest.approx(2 / 3)
    assert 0 < result["drift_score"] < 1
    assert result["strict"]["recall"] == result["canonical"]["recall"] == 0.5
    assert benchmark.get("/api/results").json()["runs"][0]["run_id"] == run_id


def test_results_are_paged_and_streamed_as_lines(benchmark: TestClient) -> None:
    run_id = ran(benchmark, contestants=["nothing", "dependencies"])
    address = f"/api/results/{run_id}"
    first = benchmark.get(address, params={"limit": 3}).json()
    assert (len(first["task_results"]), first["done"], first["planned"]) == (3, 8, 8)
    rest = benchmark.get(address, params={"after": first["next_after"]}).json()
    assert (len(rest["task_results"]), rest["next_after"]) == (5, None)
    lines = benchmark.get(address, headers={"Accept": "application/x-ndjson"})
    assert lines.headers["content-type"].startswith("application/x-ndjson")
    run, *results = map(json.loads, lines.text.splitlines())
    assert (run["run_id"], run["model"]) == (run_id, None)
    assert [one["place"] for one in results] == list(range(8))
    assert results[1]["edits"][0]["new"] == "Boston"


def test_metrics_are_those_of_the_newest_run_of_the_model(benchmark: TestClient) -> None:
    before = ran(benchmark, models=[MODEL], contestants=["nothing"])
    ran(benchmark, contestants=["nothing"])
    address = f"/api/metrics/f1/{MODEL}"
    found = benchmark.get(address).json()
    assert (found["run_id"], found["model"], found["partial"]) == (before, MODEL, False)
    whole = found["scopes"][0]
    assert (whole["dimension"], whole["canonical"]["recall"]["tasks"]) == (None, 3)
    assert whole["strict"]["recall"]["value"] == pytest.approx(11 / 18)
    damage = benchmark.get(f"/api/metrics/corruption/{MODEL}").json()["scopes"][0]
    assert damage["canonical"]["corruption_rate"]["value"] == 0.0
    assert benchmark.get(f"/api/metrics/drift/{MODEL}").json()["scopes"][0]["strict"]["drift_score"]
    steady = benchmark.get(f"/api/metrics/reliability/{MODEL}").json()
    assert (steady["repeats"], steady["scopes"][0]["reliability_score"]["value"]) == (3, 1.0)
    (strict, canonical) = benchmark.get(f"/api/metrics/robustness/{MODEL}").json()["scopes"]
    assert (strict["rule"], canonical["rule"]) == ("strict", "canonical")
    assert [at["level"] for at in canonical["curve"]] == [0.02, 0.05, 0.15]
    assert canonical["retention"] == pytest.approx(1 / 3)


def test_the_overview_is_the_leaderboard(benchmark: TestClient) -> None:
    assert benchmark.get("/api/metrics/overview").json()["code"] == "benchmark_not_run"
    run_id = ran(benchmark, contestants=["nothing", "dependencies"])
    found = benchmark.get("/api/metrics/overview").json()
    assert (found["run_id"], found["models"]) == (run_id, ["dependencies", "nothing"])
    assert (found["done"], found["planned"], found["partial"]) == (8, 8, False)
    assert found["rows"][0]["canonical"]["f1"]["value"] == 1.0
    beside, by_dimension = found["comparisons"]
    assert (beside["dimension"], by_dimension["dimension"]) == (None, "accuracy")
    assert (beside["model"], beside["first"], beside["tasks"]) == ("nothing", "dependencies", 3)
    assert beside["difference"] == -1.0
    part = benchmark.get("/api/metrics/dimension/control", params={"run_id": run_id}).json()
    assert {row["dimension"] for row in part["rows"]} == {"control"}
    assert benchmark.get("/api/metrics/dimension/speed").status_code == 422
    missing = benchmark.get("/api/metrics/f1/nobody:nothing")
    assert (missing.status_code, missing.json()["code"]) == (404, "benchmark_not_run")
    assert benchmark.get("/api/metrics/overview?run_id=bench_none").status_code == 404


async def _nobody(*_: object) -> None:
    """Leaves an order lying."""


def test_a_run_that_waits_is_stopped_resumed_and_removed(
    benchmark: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.http.routes.benchmark_routes.put", _nobody)
    run_id = benchmark.post(RUN, json={"model": MODEL}).json()["run_id"]
    address = f"/api/results/{run_id}"
    assert benchmark.post(f"{address}/cancel").json()["status"] == "cancelled"
    assert benchmark.get("/api/metrics/overview").json()["partial"] is True
    assert benchmark.post(f"{address}/resume", json={}).status_code == 200
    benchmark.get(f"{address}/events")
    assert benchmark.get(address).json()["status"] == "completed"
    assert benchmark.post(f"{address}/resume", json={}).json()["code"] == "job_over"
    assert benchmark.delete(address).status_code == 204
    assert benchmark.get(address).status_code == 404


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"contestants": ["nobody"]}, "contestant_unknown"),
        ({"model": "offline:extractive"}, "model_cannot_clean"),
        ({"dimensions": ["uniqueness"]}, "benchmark_invalid"),
        ({"dimensions": ["speed"]}, "validation_error"),
        ({"repeats": 0}, "validation_error"),
        ({"buget": 1}, "validation_error"),
    ],
)
def test_a_wrong_plan_is_refused(idle: TestClient, body: dict[str, Any], code: str) -> None:
    answer = idle.post(RUN, json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert idle.get("/api/results").json()["runs"] == []


def test_it_takes_the_scope_and_has_a_limit_of_its_own(settings: Settings) -> None:
    guarded = requiring(settings, rate_limit_benchmarks_per_minute=1)
    allowed = key_of(guarded, "anna", Scope.BENCHMARK)
    other = key_of(guarded, "boris", Scope.PLAYGROUND)
    with benchmarking(guarded) as client:
        body = {"contestants": ["nothing"]}
        assert client.post(RUN, json=body, headers=other).status_code == 403
        answers = [client.post(RUN, json=body, headers=allowed) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [201, 429]
        assert int(answers[1].headers["retry-after"]) > 0
        assert client.get("/api/results", headers=allowed).status_code == 200


@pytest.mark.exhaustive
def test_a_run_that_waits_for_a_server_is_taken_up(settings: Settings) -> None:
    left: list[str] = []

    async def leaving() -> None:
        async with build(settings) as made:
            plan = BenchmarkPlan(contestants=["nothing"])
            run = await made.benchmark.manage_benchmarks.create(LOCAL, plan, queued=True)
            left.append(run.job_id)

    run_apart(leaving)
    with benchmarking(settings) as client:
        while client.get(f"/api/results/{left[0]}").json()["status"] != "completed":
            client.get(f"/api/results/{left[0]}/events")
