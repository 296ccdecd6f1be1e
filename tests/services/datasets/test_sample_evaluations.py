"""The evaluations in samples/evals: complete, true to the sample documents, and read without a rest."""

import json
from pathlib import Path

from services.datasets.eval_files import DatasetFiles
from use_cases.playground.model import Case, TargetKind
from use_cases.playground.ports import PlanFile
from use_cases.playground.templates import render_messages

SAMPLES = Path(__file__).parents[3] / "samples"
DOCUMENTS = {path.name: path for path in (SAMPLES / "documents").rglob("*.*")}


def plan(name: str) -> PlanFile:
    found = DatasetFiles().plan(str(SAMPLES / "evals" / name))
    assert found.plan.not_understood == ()
    return found


def cases(found: PlanFile) -> list[Case]:
    listed = list(found.cases)
    read = [case for case in listed if isinstance(case, Case)]
    assert len(read) == len(listed)
    return read


def test_the_handbook_is_answered_by_two_models_that_need_no_key() -> None:
    found = plan("handbook.yaml")
    assert [(each.name, each.target, each.model) for each in found.plan.variants] == [
        ("echo", TargetKind.CHAT, "echo"),
        ("extractive", TargetKind.CHAT, "offline:extractive"),
    ]
    assert len(cases(found)) == 25


def test_what_the_handbooks_cases_expect_is_in_the_documents() -> None:
    for case in cases(plan("handbook.yaml")):
        values = {assertion.type: str(assertion.value) for assertion in case.assertions}
        if values["outcome-is"] != "answered":
            continue
        document = DOCUMENTS[values["cites-document"]]
        text = " ".join(document.read_text(encoding="utf-8").split())
        assert values.get("quotes-span", "") in text
        assert values.get("contains", "") in text


def test_its_questions_are_not_those_that_tune_and_measure_the_answers() -> None:
    lines = (SAMPLES / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    asked = {json.loads(line)["question"].casefold() for line in lines}
    mine = {str(case.variables["question"]).casefold() for case in cases(plan("handbook.yaml"))}
    assert not asked & mine


def test_the_promptfoo_sample_makes_the_cases_and_prompts_that_promptfoo_makes() -> None:
    found = plan("promptfooconfig.yaml")
    assert [(each.name, each.model) for each in found.plan.variants] == [
        ("plain", "echo"),
        ("with the rule", "echo"),
    ]
    prompt = found.plan.variants[0].prompt
    assert prompt
    # As `npx promptfoo@0.123.1 eval` wrote them with its provider `echo`.
    assert [
        render_messages(prompt, case.variables, allow_unused=True)[0].content
        for case in cases(found)
    ] == [
        "Answer in one sentence, for a technician: Which refrigerant does the SK-600 use?",
        "Answer in one sentence, for a farmer: Who may switch the tank off?",
        "Answer in one sentence, for a dispatcher: Who may switch the tank off?",
        "Answer in one sentence, for a technician: What does option AW cost?",
        "Answer in one sentence, for a driver: How long may I keep unused leave?",
        "Answer in one sentence, for a farmer: How warm may the milk be?",
    ]
