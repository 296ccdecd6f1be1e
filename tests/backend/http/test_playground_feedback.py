"""People's verdicts over HTTP: given, refused, and what they say of a judge."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from backend.settings.settings import Settings
from tests.backend.http.chatting import problem
from tests.backend.http.conftest import blank, served
from tests.backend.http.keys import key_of, requiring
from tests.backend.http.test_playground_evaluations import RUNS
from tests.fakes.candor import quick_candor
from tests.templates import run_apart
from tests.use_cases.kernel.text.fences import blocks_of
from tests.use_cases.playground.evaluations.test_comparisons import judged_by
from tests.use_cases.playground.judging.judges import Fields, ScriptedModels
from use_cases.kernel.model import LOCAL, Caller, Scope
from use_cases.kernel.prompts.content import PromptContent, PromptMessage, Role
from use_cases.playground.model import Assertion, Case, Plan, Variant

COUNT = 40


def lenient(prompt: str, _form: str) -> Fields:
    """A judge that passes eight of ten where people pass six."""
    return {"reason": "Well.", "pass": int(blocks_of(prompt)["answer"]) % 10 < 8, "score": 0.5}


def judged_run(settings: Settings, caller: Caller = LOCAL) -> str:
    """The id of a run of this caller's that the judge has judged."""
    names: list[str] = []

    async def storing() -> None:
        async with quick_candor(settings) as made:
            judged_by(made, ScriptedModels(lenient))
            cases = [Case(key=f"c{n}", variables={"name": str(n)}) for n in range(COUNT)]
            kept = await made.playground.import_cases.keep(caller, "numbers", cases)
            prompt = PromptContent((PromptMessage(Role.USER, "{{name}}"),))
            plan = Plan(
                name="numbers",
                variants=[Variant(name="plain", prompt=prompt, model="echo")],
                assertions=[Assertion(type="llm-rubric", value="Is it good?")],
            )
            evaluations = made.playground.manage_evaluations
            run = await evaluations.create(caller, plan, kept.dataset_id)
            await evaluations.run(caller, run.job_id)
            names.append(run.job_id)

    run_apart(storing)
    return names[0]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestClient, str]]:
    """A server, and the address of a judged run there."""
    settings = blank(tmp_path_factory.mktemp("judged"))
    run_id = judged_run(settings)
    with served(settings) as client:
        yield client, f"{RUNS}/{run_id}"


def test_verdicts_are_given_and_calibrate_the_judge(judged: tuple[TestClient, str]) -> None:
    client, at = judged
    for place in range(COUNT):
        body = {"passed": place % 10 < 6, "person": "Ada"}
        put = client.put(f"{at}/results/{place}/feedback", json=body)
        assert put.status_code == 200
        assert (put.json()["person"], put.json()["assertion"]) == ("Ada", "llm-rubric")
    whole = {"passed": False, "assertion": "output", "note": "rude"}
    client.put(f"{at}/results/0/feedback", json=whole)
    first, second, *_ = client.get(f"{at}/feedback").json()
    assert (first["assertion"], first["passed"]) == ("llm-rubric", True)
    assert {name: second[name] for name in whole} == whole
    (result,) = client.get(f"{at}/results?limit=1").json()["results"]
    assert result["output_sha256"] == second["output_digest"]
    detail = client.get(at).json()
    assert detail["statements"][0]["headline"].startswith("plain passed")
    (found,) = client.get(f"{at}/calibration").json()
    assert (found["labelled"], found["wrong_pass"], found["wrong_fail"]) == (COUNT, 8, 0)
    assert found["finding"] == "lenient"
    (rate,) = found["rates"]
    assert (rate["stated"]["value"], rate["corrected"]["value"]) == (0.8, pytest.approx(0.6))
    page = client.get(f"{at}/export", params={"format": "html"}).text
    assert "Corrected by labels" in page
    shared = client.post(f"{at}/share", json={}).json()
    assert "Corrected by labels" in client.get(shared["path"]).text


@pytest.mark.parametrize(
    ("place", "body", "code"),
    [
        (99, {"passed": True}, "cell_feedback_invalid"),
        (0, {"passed": True, "output_sha256": "0" * 64}, "cell_feedback_invalid"),
        (0, {"passed": True, "assertion": "tone"}, "cell_feedback_invalid"),
        (0, {}, "validation_error"),
        (-1, {"passed": True}, "validation_error"),
    ],
)
def test_a_wrong_verdict_is_refused(
    judged: tuple[TestClient, str], place: int, body: dict[str, Any], code: str
) -> None:
    client, at = judged
    assert problem(client.put(f"{at}/results/{place}/feedback", json=body)) == (422, code)


def test_another_persons_run_is_not_found(settings: Settings) -> None:
    required = requiring(settings)
    at = f"{RUNS}/{judged_run(required, Caller('anna'))}"
    callers = (("anna", Scope.PLAYGROUND, 200), ("boris", Scope.PLAYGROUND, 404))
    with served(required) as client:
        for user, scope, status in (*callers, ("anna", Scope.CHAT, 403)):
            headers = key_of(required, user, scope)
            put = client.put(f"{at}/results/0/feedback", json={"passed": True}, headers=headers)
            calibrated = client.get(f"{at}/calibration", headers=headers)
            given = client.get(f"{at}/feedback", headers=headers)
            assert [put.status_code, calibrated.status_code, given.status_code] == [status] * 3
