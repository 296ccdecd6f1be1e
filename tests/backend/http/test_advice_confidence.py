"""Feedback, reports, tuning and rollback over HTTP."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import anyio
import pytest
from loguru import logger
from starlette.testclient import TestClient

from backend.http.background_work import resolve_once
from backend.settings.settings import Settings
from tests.backend.http.advised import Json, keep, overconfident, response
from tests.backend.http.conftest import candor, served
from use_cases.advice.model import OutcomeState
from use_cases.kernel.errors import StorageBusy

RIGHT, WRONG, VOID = OutcomeState.RIGHT, OutcomeState.WRONG, OutcomeState.VOID
EDGES = [
    *[(response(n, 3000), RIGHT if n < 3 else WRONG) for n in range(10)],
    *[(response(n, 10_000), RIGHT) for n in range(10, 14)],
    (response(14, 9000), VOID),
    (response(15, 9000), None),
]


@pytest.fixture
def judged(settings: Settings) -> Iterator[TestClient]:
    """A server with a record of 16 responses, two of them not right or wrong."""
    keep(settings, EDGES)
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


def test_feedback_answers_as_it_was_agreed(judged: TestClient) -> None:
    told = tell(judged, outcome=True, feedback_notes="Spot on.")
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
    kept = judged.get("/advice/resp_15").json()["judgement"]
    assert (kept["outcome"], kept["feedback_notes"]) == (True, "Spot on.")


@pytest.mark.parametrize(
    ("said", "state"),
    [
        (True, "right"),
        (False, "wrong"),
        ("right", "right"),
        ("wrong", "wrong"),
        ("void", "void"),
    ],
)
def test_an_outcome_is_told_in_json_or_in_a_word(
    judged: TestClient, said: object, state: str
) -> None:
    assert tell(judged, outcome=said).json()["state"] == state


@pytest.mark.parametrize("said", [1, 0, "true", "yes", 1.0, [], "pending"])
def test_nothing_else_is_an_outcome(judged: TestClient, said: object) -> None:
    refused = tell(judged, outcome=said)
    assert (refused.status_code, refused.json()["code"]) == (422, "validation_error")


def test_a_key_is_for_one_feedback(judged: TestClient) -> None:
    assert tell(judged, outcome=True, key="k1").status_code == 200
    assert tell(judged, outcome=True, key="k1").json()["repeated"] is True
    reused = tell(judged, outcome=False, key="k1")
    assert (reused.status_code, reused.json()["code"]) == (409, "feedback_key_reused")


def test_the_state_that_is_answered_is_the_one_in_force(judged: TestClient) -> None:
    assert tell(judged, helpful=True).json()["state"] == "pending"
    assert tell(judged, outcome=True, key="k1").json()["state"] == "right"
    assert tell(judged, helpful=False).json()["state"] == "right"
    assert tell(judged, outcome=False, key="k2").json()["state"] == "wrong"
    late = tell(judged, outcome=True, key="k1").json()
    assert (late["repeated"], late["state"]) == (True, "wrong")


def test_what_nobody_advised_has_no_outcome(client: TestClient) -> None:
    missing = tell(client, outcome=True)
    assert (missing.status_code, missing.json()["code"]) == (404, "response_not_found")


# Reports


@pytest.mark.parametrize("report", ["stats", "brier-score", "calibration", "phrase-status"])
def test_an_empty_record_is_no_error(client: TestClient, report: str) -> None:
    told = client.get(f"/confidence/{report}")
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


def test_what_holds_for_all_bands_is_said_once(settings: Settings) -> None:
    """One of three has an outcome; one more states no confidence."""
    unsure = response(4, 7000)
    unsure = replace(unsure, advice=replace(unsure.advice, confidence=None))
    asked = [(response(n, 7000), RIGHT if n == 1 else None) for n in (1, 2, 3)]
    keep(settings, [*asked, (unsure, None)])
    with served(settings) as client:
        told = client.get("/confidence/calibration").json()
    assert any(text.startswith("Only 33% of the responses") for text in told["warnings"])
    banded = {band["count"]: band["warnings"] for band in told["calibration_bands"]}
    assert banded == {
        0: ["There is no outcome yet."],
        1: ["Only 1 outcome: too few for a reliable figure."],
    }
    assert (told["window"]["counts"]["total"], told["window"]["unsure"]) == (3, 1)


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


def test_windows_are_in_the_openapi_document_with_their_defaults(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    defaults = {
        name: next(
            parameter["schema"].get("default")
            for method in paths[f"/confidence/{name}"].values()
            for parameter in method["parameters"]
            if parameter["name"] == "days_back"
        )
        for name in ("stats", "brier-score", "calibration", "phrase-status", "auto-tune", "recent")
    }
    assert defaults == {
        "stats": 7,
        "brier-score": 7,
        "calibration": 30,
        "phrase-status": 30,
        "auto-tune": 365,
        "recent": None,
    }


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
def test_a_report_that_has_no_meaning_is_refused(client: TestClient, query: Json) -> None:
    for report in ("stats", "brier-score", "calibration"):
        assert client.get(f"/confidence/{report}", params=query).status_code == 422


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


def test_a_dry_run_that_suggests_nothing_configures_nothing(client: TestClient) -> None:
    told = client.post("/confidence/auto-tune").json()
    assert (told["suggested_adjustments"], told["new_phrase_configuration"]) == ([], {})
    assert told["corrections"] == []


def test_what_was_applied_can_be_taken_back_and_that_too(tunable: TestClient) -> None:
    applied = tunable.post("/confidence/auto-tune", params={"dry_run": False}).json()
    assert applied["status"] == "tuning_applied"
    assert applied["effect"]["brier_change"] < 0
    first = applied["version"]
    status = tunable.get("/confidence/phrase-status").json()
    assert (status["tuning_mode"], status["version"]["id"]) == ("automatic", first)
    assert status["current_phrase_map"]["very_likely"]["min_score"] == 0.8
    undone = tunable.post("/confidence/auto-tune/rollback").json()
    assert (undone["parent"], undone["restores"], undone["maps"]) == (first, None, [])
    again = tunable.post("/confidence/auto-tune/rollback").json()
    assert (again["restores"], again["maps"]) == (first, status["version"]["maps"])
    for to in (first, "nothing"):
        told = tunable.post("/confidence/auto-tune/rollback", params={"to": to})
        assert told.status_code == (409 if to == first else 200)
    missing = tunable.post("/confidence/auto-tune/rollback", params={"to": "cal_x"})
    assert (missing.status_code, missing.json()["code"]) == (404, "calibration_not_found")


def test_who_expects_another_version_changes_nothing(tunable: TestClient) -> None:
    query = {"dry_run": False, "expected_version": "cal_of_yesterday"}
    told = tunable.post("/confidence/auto-tune", params=query)
    assert (told.status_code, told.json()["code"]) == (409, "tuning_conflict")


def test_nothing_is_rolled_back_where_nothing_is_in_force(client: TestClient) -> None:
    told = client.post("/confidence/auto-tune/rollback")
    assert (told.status_code, told.json()["code"]) == (409, "nothing_to_roll_back")


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
            await resolve_once(broken)

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


@pytest.mark.parametrize("name", ["gpt-4.1-mini", "openai:gpt-4.1-mini"])
def test_openais_models_are_shown_and_asked_for_by_their_bare_names(
    settings: Settings, name: str
) -> None:
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
