"""Feedback, reports, tuning and rollback over HTTP."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import anyio
import pytest
from loguru import logger
from starlette.testclient import TestClient

from backend.processes.beside_requests import shared_tasks
from backend.settings.settings import Settings
from tests.backend.http.advised import Json, keep, overconfident, response
from tests.backend.http.chatting import problem
from tests.backend.http.conftest import blank, candor, served
from use_cases.advice.model import OutcomeState
from use_cases.kernel.errors import StorageBusy
from use_cases.kernel.jobs.orders import Bench, Order

RIGHT, WRONG, VOID = OutcomeState.RIGHT, OutcomeState.WRONG, OutcomeState.VOID
EDGES = [
    *[(response(n, 3000), RIGHT if n < 3 else WRONG) for n in range(10)],
    *[(response(n, 10_000), RIGHT) for n in range(10, 14)],
    (response(14, 9000), VOID),
    (response(15, 9000), None),
]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A server with a record of 16 responses, two of them not right or wrong; no test changes it."""
    settings = blank(tmp_path_factory.mktemp("judged"))
    keep(settings, EDGES)
    with served(settings) as client:
        yield client


@pytest.fixture
def open_one(settings: Settings) -> Iterator[TestClient]:
    """A server with one response that has no outcome."""
    keep(settings, [(response(15, 9000), None)])
    with served(settings) as client:
        yield client


@pytest.fixture
def tunable(settings: Settings) -> Iterator[TestClient]:
    """A server with a record that shows overconfidence."""
    keep(settings, overconfident())
    with served(settings) as client:
        yield client


def tell(client: TestClient, response_id: str = "resp_15", **said: Any) -> Any:
    return client.post("/feedback", json={"response_id": response_id, **said})


# Feedback


def test_feedback_answers_as_it_was_agreed(open_one: TestClient) -> None:
    told = tell(open_one, outcome=True, feedback_notes="Spot on.")
    assert told.status_code == 200
    assert told.json() == {
        "status": "success",
        "message": "Feedback recorded successfully",
        "response_id": "resp_15",
        "state": "right",
        "helpful": None,
        "repeated": False,
        "superseded": None,
    }
    kept = open_one.get("/advice/resp_15").json()["judgement"]
    assert (kept["outcome"], kept["feedback_notes"]) == (True, "Spot on.")
    for said, state in ((False, "wrong"), ("right", "right"), ("wrong", "wrong"), ("void", "void")):
        assert tell(open_one, outcome=said).json()["state"] == state


@pytest.mark.parametrize("said", [1, 0, "true", "yes", 1.0, [], "pending"])
def test_nothing_else_is_an_outcome(judged: TestClient, said: object) -> None:
    assert problem(tell(judged, outcome=said)) == (422, "validation_error")


def test_a_key_is_for_one_feedback_and_the_state_is_the_one_in_force(open_one: TestClient) -> None:
    assert tell(open_one, helpful=True).json()["state"] == "pending"
    assert tell(open_one, outcome=True, key="k1").json()["state"] == "right"
    assert tell(open_one, outcome=False, key="k2").json()["state"] == "wrong"
    late = tell(open_one, outcome=True, key="k1").json()
    assert (late["repeated"], late["state"]) == (True, "wrong")
    assert problem(tell(open_one, outcome=False, key="k1")) == (409, "feedback_key_reused")
    assert problem(tell(open_one, "resp_none", outcome=True)) == (404, "response_not_found")


# Reports


@pytest.mark.parametrize("report", ["stats", "brier-score", "calibration", "phrase-status"])
def test_an_empty_record_is_no_error(shared: TestClient, report: str) -> None:
    told = shared.get(f"/confidence/{report}")
    assert told.status_code == 200
    assert told.json()["warnings"]


def test_statistics_have_the_agreed_fields_and_what_judges_them(judged: TestClient) -> None:
    stats = judged.get("/confidence/stats").json()
    assert stats["total_responses"] == 16
    assert stats["responses_with_feedback"] == 14
    assert stats["positive_feedback_count"] == 7
    assert stats["negative_feedback_count"] == 7
    assert (stats["void_count"], stats["pending_count"]) == (1, 1)
    assert stats["coverage"] == pytest.approx(14 / 15)
    assert stats["brier_score_overall"] == pytest.approx((3 * 0.49 + 7 * 0.09) / 14)
    bands = {band["confidence_band"]: band["count"] for band in stats["calibration_data"]}
    assert bands["0.3-0.4"] == 10
    assert bands["0.9-1.0"] == 4
    assert bands["0.2-0.3"] == 0
    assert datetime.fromisoformat(stats["last_updated"]) < datetime.now(UTC)
    assert stats["warnings"]


def test_bands_belong_to_the_end_that_is_asked_for(judged: TestClient) -> None:
    def band_of(edges: str) -> list[str]:
        told = judged.get("/confidence/calibration", params={"edges": edges}).json()
        return [band["band"] for band in told["calibration_bands"] if band["count"] == 10]

    assert band_of("left") == ["[0.3, 0.4)"]
    assert band_of("right") == ["(0.2, 0.3]"]


def test_calibration_says_what_it_does_not_know(judged: TestClient) -> None:
    told = judged.get("/confidence/calibration").json()
    overall = told["overall_calibration"]
    assert overall["expected_calibration_error (ECE)"] == overall["ece"]
    assert overall["ece_expected_if_calibrated"] > 0
    assert [band["band"] for band in told["calibration_bands"]][-1] == "[0.9, 1.0]"
    assert len(told["calibration_bands"]) == 10
    for band in told["calibration_bands"]:
        assert (band["status"], band["is_calibrated"]) == ("insufficient_data", None)
    assert told["drift_analysis"]["n"] == 14
    assert told["recalibration"]["n"] == 14
    assert told["window"]["counts"]["coverage"] == pytest.approx(14 / 15)


def test_the_brier_score_comes_with_its_reasons(judged: TestClient) -> None:
    told = judged.get("/confidence/brier-score").json()
    assert told["total_predictions"] == 14
    assert told["murphy"]["five_terms"] == pytest.approx(told["brier_score"])
    assert told["calibration_curve_data"] == [
        {"predicted_probability": 0.3, "observed_frequency": 0.3, "count": 10},
        {"predicted_probability": 1.0, "observed_frequency": 1.0, "count": 4},
    ]
    diagram = told["reliability_diagram_data"]
    assert diagram["base_rate"] == 0.5
    assert [band["count"] for band in diagram["bands"]] == [0, 0, 0, 10, 0, 0, 0, 0, 0, 4]


@pytest.mark.parametrize(
    "query",
    [
        {"bands": 4},
        {"bands": 21},
        {"edges": "both"},
        {"days_back": 0},
        {"days_back": 3651},
        {"days_back": "week"},
        {"profile": "nowhere"},
    ],
)
def test_a_report_that_has_no_meaning_is_refused(shared: TestClient, query: Json) -> None:
    for report in ("stats", "brier-score", "calibration"):
        assert shared.get(f"/confidence/{report}", params=query).status_code == 422


def test_the_record_is_read_page_by_page(judged: TestClient) -> None:
    seen: list[str] = []
    before: str | None = None
    while True:
        params: Json = {"limit": 6} | ({"before": before} if before else {})
        page = judged.get("/confidence/recent", params=params).json()
        assert page["total_count"] == 16
        assert page["returned"] == len(page["logs"])
        seen += [log["response_id"] for log in page["logs"]]
        before = page["next_before"]
        if before is None:
            break
    assert seen == [f"resp_{n}" for n in range(16)]
    pending = judged.get("/confidence/recent", params={"outcome": "pending"}).json()
    assert [log["id"] for log in pending["logs"]] == ["resp_15"]
    assert judged.get("/confidence/recent", params={"before": "resp_x"}).status_code == 404


def test_the_record_can_be_read_without_its_texts(judged: TestClient) -> None:
    plain = judged.get("/confidence/recent", params={"limit": 1})
    redacted = judged.get("/confidence/recent", params={"limit": 1, "redact": True})
    assert plain.json()["logs"][0]["user_query"] == "Question 0?"
    assert "Question" not in redacted.text
    assert "Do 0." not in redacted.text
    assert "event-0" not in redacted.text
    assert redacted.json()["logs"][0]["confidence_score"] == 0.3


# Tuning


def test_a_dry_run_changes_nothing(tunable: TestClient) -> None:
    told = tunable.post("/confidence/auto-tune").json()
    assert told["status"] == "dry_run_complete"
    assert told["n"] == 240
    assert told["suggested_adjustments"]
    changed = told["new_phrase_configuration"]
    assert changed == told["corrections"][0]["phrases"]
    assert set(changed["very_likely"]) >= {"min_score", "max_score", "phrase"}
    assert set(told["suggested_adjustments"][0]) >= {
        "phrase_key",
        "old_threshold",
        "new_threshold",
        "reason",
    }
    status = tunable.get("/confidence/phrase-status").json()
    assert (status["tuning_mode"], status["version"]) == ("untuned", None)
    assert [entry["action"] for entry in status["audit"]] == ["dry_run"]


def test_what_was_applied_can_be_taken_back(tunable: TestClient) -> None:
    query = {"dry_run": False, "expected_version": "cal_of_yesterday"}
    late = tunable.post("/confidence/auto-tune", params=query)
    assert problem(late) == (409, "tuning_conflict")
    applied = tunable.post("/confidence/auto-tune", params={"dry_run": False}).json()
    assert applied["status"] == "tuning_applied"
    assert applied["effect"]["brier_change"] < 0
    first = applied["version"]
    status = tunable.get("/confidence/phrase-status").json()
    assert (status["tuning_mode"], status["version"]["id"]) == ("automatic", first)
    assert status["current_phrase_map"]["very_likely"]["min_score"] == 0.8
    back = "/confidence/auto-tune/rollback"
    undone = tunable.post(back).json()
    assert (undone["parent"], undone["restores"], undone["maps"]) == (first, None, [])
    again = tunable.post(back, params={"to": first}).json()
    assert (again["restores"], again["maps"]) == (first, status["version"]["maps"])
    assert tunable.post(back, params={"to": "nothing"}).status_code == 200
    unknown = tunable.post(back, params={"to": "cal_x"})
    assert problem(unknown) == (404, "calibration_not_found")


def test_nothing_is_suggested_or_rolled_back_without_a_record(shared: TestClient) -> None:
    told = shared.post("/confidence/auto-tune").json()
    assert (told["suggested_adjustments"], told["new_phrase_configuration"]) == ([], {})
    assert told["corrections"] == []
    refused = shared.post("/confidence/auto-tune/rollback")
    assert problem(refused) == (409, "nothing_to_roll_back")


# Outcomes from the tables


def test_what_no_table_knows_stays_open(judged: TestClient) -> None:
    told = judged.post("/confidence/resolve")
    assert told.status_code == 200
    assert (told.json()["right"], told.json()["wrong"]) == (0, 0)


def test_a_server_that_cannot_look_up_says_so_and_goes_on(
    settings: Settings, log: list[str]
) -> None:
    class Busy:
        async def run(self, *_: object) -> None:
            raise StorageBusy("Another process writes.")

    async def looking() -> None:
        async with candor(settings) as broken:
            vars(broken.advice)["resolve_outcomes"] = Busy()
            bench = Bench(shared_tasks(broken), 1)
            await bench.do(Order("outcomes"))

    anyio.run(looking)
    assert "outcomes could not be looked up: storage_busy: Another process writes." in log


def test_it_looks_up_when_it_is_time(settings: Settings, log: list[str]) -> None:
    keep(settings, [(replace(response(1, 8000), profile="gone"), None)])
    with served(settings.model_copy(update={"resolve_minutes": 1 / 60_000})) as client:
        for _ in range(2_000):
            client.get("/health")
            if any("1 outcomes of gone" in line for line in log):
                break
    assert any("1 outcomes of gone could not be told" in line for line in log)


@pytest.fixture
def log() -> Iterator[list[str]]:
    """The lines of the log."""
    lines: list[str] = []
    sink = logger.add(lambda line: lines.append(str(line).strip()), format="{message}")
    yield lines
    logger.remove(sink)


def test_openais_models_are_shown_and_asked_for_by_their_bare_names(
    settings: Settings,
) -> None:
    name = "gpt-4.1-mini"
    known = response(1, 8000, model="openai:gpt-4.1-mini")
    keep(settings, [(known, OutcomeState.RIGHT), (response(2, 8000), OutcomeState.RIGHT)])
    with served(settings) as client:
        found = client.get("/confidence/recent", params={"model": name}).json()
        stats = client.get("/confidence/stats", params={"model": name}).json()
        tried = client.post("/confidence/auto-tune", params={"model": name}).json()
        kept = client.get("/advice/resp_1").json()
    assert [log["model_used"] for log in found["logs"]] == ["gpt-4.1-mini"]
    assert kept["model_identifier"] == "gpt-4.1-mini"
    assert (stats["total_responses"], tried["responses"]) == (1, 1)
