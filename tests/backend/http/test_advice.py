"""Advice over HTTP: its forms, what is kept of it, what is refused, what fails."""

import json
import socket
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from typing import Any, cast

import anyio
import httpx2
import pytest
from loguru import logger
from pydantic_ai.exceptions import ModelHTTPError
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models.function import AgentInfo, DeltaToolCalls
from starlette.testclient import TestClient

from backend.settings.settings import Settings
from tests.backend.http.advised import (
    QUESTION,
    WRITTEN,
    Json,
    Script,
    asking,
    holding,
    keep,
    response,
    writing,
)
from tests.backend.http.chatting import problem
from tests.backend.http.keys import key_of, requiring
from tests.backend.http.listening import listening
from tests.backend.http.scripted import application, scripted
from tests.backend.stream.advising import read, sse_events
from tests.fakes.prompts import store_default
from tests.patience import PATIENCE
from use_cases.advice.model import OutcomeState
from use_cases.kernel.model import Scope

FORMS = {"sse": None, "text": "text/plain", "lines": "application/x-ndjson"}


@contextmanager
def advising(settings: Settings, script: Script | None = None) -> Generator[TestClient]:
    with scripted(settings, script or writing(WRITTEN)) as client:
        yield client


def streamed(client: TestClient, form: str, body: Json | None = None) -> Any:
    accept = FORMS[form]
    headers = {} if accept is None else {"Accept": accept}
    return client.post("/advice", json=body or asking(), headers=headers)


def same(advice: Json) -> Json:
    """What does not differ from one time to the next."""
    return {key: value for key, value in advice.items() if key != "response_id"}


def test_each_form_gives_what_the_whole_answer_gives(settings: Settings) -> None:
    with advising(settings) as client:
        whole = client.post("/advice-non-streaming", json=asking()).json()
        frontend = {"messages": [{"role": "user", "parts": [{"type": "text", "text": QUESTION}]}]}
        found = {form: streamed(client, form) for form in FORMS}
        found["ui"] = client.post("/api/advice", json=frontend)
    assert whole["main_advice"] == 'Start "Allen" 🏈.'
    assert whole["confidence_score"] == 0.62
    assert whole["alternatives"] == [
        {"option": "Mahomes", "player": "Mahomes", "reason": "He was sacked twice."}
    ]
    medias = (
        "text/event-stream; charset=utf-8",
        "text/plain; charset=utf-8",
        "application/x-ndjson",
    )
    for form, media in zip(FORMS, medias, strict=True):
        assert found[form].headers["content-type"] == media
        assert found[form].headers["vary"] == "Accept, Origin"
    for form, answer in found.items():
        assert answer.status_code == 200
        told = read(form, [answer.text])
        assert same(told) == same(whole)
        assert answer.headers["x-response-id"] == told["response_id"]


def test_it_can_be_read_again_with_all_that_is_known(settings: Settings) -> None:
    body = asking(event_key="week-10", event_ends="2020-01-31", unknown_field=1)
    with advising(settings) as client:
        advised = client.post("/advice-non-streaming", json=body).json()
        kept = client.get(f"/advice/{advised['response_id']}").json()
    assert {key: kept[key] for key in advised} == advised
    assert kept["question"] == QUESTION
    assert kept["event_key"] == "week-10"
    assert kept["event_ends"] == "2020-01-31"
    assert kept["judgement"]["state"] == "pending"
    assert kept["interrupted"] is False


@pytest.mark.parametrize("form", FORMS)
def test_a_provider_that_fails_in_the_middle_ends_the_stream_in_an_error(
    settings: Settings, form: str
) -> None:
    error = ModelHTTPError(503, "scripted", body={"message": "sk-planted-91c2"})
    with advising(settings, writing(WRITTEN, error=error)) as client:
        answer = streamed(client, form)
        kept = client.get(f"/advice/{answer.headers['x-response-id']}")
    assert answer.status_code == 200
    assert "sk-planted" not in answer.text
    assert kept.status_code == 404
    if form == "sse":
        kind, data = sse_events(answer.text)[-1]
        assert (kind, json.loads(data)["code"]) == ("error", "upstream_failed")
    elif form == "lines":
        last = json.loads(answer.text.splitlines()[-1])
        assert (last["final"], last["error"]["code"]) == (True, "upstream_failed")
    else:
        with pytest.raises(json.JSONDecodeError):
            json.loads(answer.text)


def test_the_same_failure_of_a_whole_answer_is_a_problem(settings: Settings) -> None:
    with advising(settings, writing(WRITTEN, error=ModelHTTPError(503, "scripted"))) as client:
        answer = client.post("/advice-non-streaming", json=asking())
    assert problem(answer) == (502, "upstream_failed")


def said(*roles: str) -> Json:
    return {"conversation": [{"role": role, "content": f"{role} says"} for role in roles]}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (said(), "conversation_invalid"),
        (said("user", "assistant"), "conversation_invalid"),
        (said("narrator"), "validation_error"),
        (asking("/search Who? /nosrch"), "search_override_conflict"),
        (asking("/search"), "search_override_alone"),
        (asking(search_override="/maybe"), "invalid_input"),
        (asking(profile="nowhere"), "profile_unknown"),
        (asking(prompt_type="nothing"), "prompt_type_unknown"),
        (asking(event_ends=0), "validation_error"),
        (asking(event_ends="2026-02-30"), "validation_error"),
        (asking(event_key=""), "validation_error"),
        (asking(enable_web_search="false"), "validation_error"),
        ({}, "validation_error"),
    ],
)
def test_what_cannot_be_asked_is_a_problem_before_anything_is_streamed(
    shared: TestClient, body: Json, code: str
) -> None:
    for path in ("/advice", "/advice-non-streaming"):
        assert problem(shared.post(path, json=body)) == (422, code)


def test_a_frontends_own_advice_is_what_the_assistant_said(settings: Settings) -> None:
    seen: list[str] = []
    plain = writing(WRITTEN)

    async def script(
        messages: list[ModelMessage], info: AgentInfo
    ) -> AsyncIterator[str | DeltaToolCalls]:
        seen.append(str(messages))
        async for piece in plain(messages, info):
            yield piece

    text = {"type": "text", "text": "Earlier question"}
    advice = {"type": "data-advice", "id": "r", "data": {"main_advice": "Earlier advice."}}
    body = {
        "id": "c1",
        "trigger": "submit-message",
        "messages": [
            {"id": "1", "role": "user", "parts": [text]},
            {"id": "2", "role": "assistant", "parts": [{"type": "step-start"}, advice]},
            {"id": "3", "role": "user", "parts": [{"type": "text", "text": "And now?"}]},
        ],
    }
    with advising(settings, script) as client:
        assert client.post("/api/advice", json=body).status_code == 200
    assert "Earlier question" in seen[-1]
    assert "Earlier advice." in seen[-1]


@pytest.mark.parametrize("path", ["/advice", "/advice-non-streaming"])
def test_who_hangs_up_stops_the_model_and_that_is_recorded(settings: Settings, path: str) -> None:
    errors: list[str] = []
    sink = logger.add(errors.append, level="ERROR")
    with listening(application(settings, holding)) as url:
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=PATIENCE) as tab:
            tab.sendall(_request(asking(), path))
            received = b""
            while path == "/advice" and b"Start" not in received:
                received += tab.recv(4096)
        (log,) = _when_listed(f"{url}/confidence/recent")
        kept = httpx2.get(f"{url}/advice/{log['response_id']}").json()
    logger.remove(sink)
    assert log["interrupted"] is kept["interrupted"] is True
    assert errors == []
    if path == "/advice":
        assert f"x-response-id: {log['response_id']}".encode() in received
        assert kept["confidence_score"] is None
        assert kept["main_advice"].startswith("Start ")


def _request(body: Json, path: str) -> bytes:
    text = json.dumps(body)
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(text)}\r\n\r\n{text}".encode()


def _when_listed(url: str) -> list[Json]:
    """The server records it on its own thread, after it has heard of the closed connection."""
    with httpx2.Client(timeout=PATIENCE) as client:
        for _ in range(5_000):
            logs = client.get(url).json()["logs"]
            if logs:
                return cast("list[Json]", logs)
    raise AssertionError("it was never recorded")


def test_another_persons_advice_is_as_absent_as_none(settings: Settings) -> None:
    guarded = requiring(settings, rate_limit_per_minute=1)
    anna, bea = key_of(guarded, "anna"), key_of(guarded, "bea", Scope.ADVICE)
    with advising(guarded) as client:
        mine = client.post("/advice-non-streaming", json=asking(), headers=anna).json()
        told = {"response_id": mine["response_id"], "outcome": True}
        assert client.post("/advice", json=asking(), headers=anna).status_code == 429
        for missing in (
            client.get(f"/advice/{mine['response_id']}", headers=bea),
            client.get("/advice/resp_nobody", headers=bea),
            client.post("/feedback", json=told, headers=bea),
        ):
            assert problem(missing) == (404, "response_not_found")
        assert client.get("/confidence/recent", headers=bea).json()["total_count"] == 0
        assert client.get("/confidence/recent", headers=anna).json()["total_count"] == 1


def test_the_two_defaults_are_told_apart_and_a_stored_one_is_the_effective_one(
    settings: Settings,
) -> None:
    own = settings.model_copy(update={"openai_default_model": "openai:o4-mini"})
    with advising(own) as client:
        assert client.get("/model").json() == {"model": "gpt-4.1"}
        assert client.get("/api/v1/settings/default-model").json() == {"model": "o4-mini"}
    anyio.run(store_default, "advice", "openai:gpt-4.1-mini", settings)
    with advising(own) as client:
        effective = client.get("/api/v1/settings/default-model").json()
    assert effective == {"model": "gpt-4.1-mini"}


def test_the_decision_about_a_search_says_both_decisions_and_every_rule(
    shared: TestClient,
) -> None:
    query = {"query": "Is player X injured?", "search_override": "/nosrch"}
    told = shared.post("/search-discipline", params=query).json()
    assert (told["query"], told["search_override"]) == ("Is player X injured?", "/nosrch")
    assert (told["decision"], told["should_search"]) == ("USER_OVERRIDE_NO", False)
    assert told["policy_payload"]["system_rules_decision"] == "MANDATORY"
    assert told["policy_payload"]["final_decision"] == "USER_OVERRIDE_NO"
    assert told["policy_payload"]["conversation_context"] is None
    assert told["query_analysis"]["time_sensitive_keywords"] == ["injured"]
    assert told["query_analysis"]["query_classification"] == "interrogative"
    assert [rule["rule"] for rule in told["trace"]][-1] == "status"
    for query, code in (
        ({"query": " "}, "validation_error"),
        ({"query": "/search Who?", "search_override": "/nosrch"}, "search_override_conflict"),
    ):
        assert problem(shared.post("/search-discipline", params=query)) == (422, code)


def test_confidence_known_to_be_useless_is_replaced_by_the_base_rate_everywhere(
    settings: Settings,
) -> None:
    with advising(settings) as client:
        first = client.post("/advice-non-streaming", json=asking()).json()
        kept = client.get(f"/advice/{first['response_id']}").json()
    assert (first["confidence_score"], first["base_rate"]) == (0.62, None)
    about = {"model": kept["model_identifier"], "prompt_version": kept["prompt_version"]}
    states = [OutcomeState.RIGHT if n % 20 < 7 else OutcomeState.WRONG for n in range(60)]
    keep(settings, [(response(n, 6200, **about), state) for n, state in enumerate(states)])
    rate = {
        "share": 0.35,
        "right": 21,
        "n": 60,
        "interval": [pytest.approx(0.2417, abs=1e-3), pytest.approx(0.4764, abs=1e-3)],
    }
    with advising(settings) as client:
        whole = client.post("/advice-non-streaming", json=asking()).json()
        frontend = {"messages": [{"role": "user", "parts": [{"type": "text", "text": QUESTION}]}]}
        found = {form: streamed(client, form) for form in FORMS}
        found["ui"] = client.post("/api/advice", json=frontend)
        kept = client.get(f"/advice/{whole['response_id']}").json()
        (recent, *_) = client.get("/confidence/recent").json()["logs"]
        status = client.get("/confidence/phrase-status").json()
    for told in (whole, kept, recent, *(read(form, [found[form].text]) for form in found)):
        assert (told["confidence_score"], told["raw_confidence"]) == (0.35, 0.62)
        assert told["confidence_phrase"] == "Less likely than not (about 4 in 10)"
        assert told["base_rate"] == rate
    assert "21 of 60 outcomes were right, 35% (95% interval 24% to 48%)" in whole["notices"][0]
    done = json.loads(sse_events(found["sse"].text)[-1][1])
    assert (done["confidence"], done["base_rate"]) == (0.35, rate)
    assert [rate["n"] for rate in status["base_rates"]] == [60]
