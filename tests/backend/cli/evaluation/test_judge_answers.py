"""`candor eval feedback` and `candor eval calibrate`: from a judged run to a corrected rate."""

import json
import re
from pathlib import Path

import pytest

from backend.composition.container import Container
from backend.settings.settings import Settings
from tests.backend.cli.conftest import Candor
from tests.backend.cli.pseudo_terminal import CTRL_C, Terminal
from tests.fakes.candor import quick_candor
from tests.use_cases.kernel.text.fences import blocks_of
from tests.use_cases.playground.evaluations.test_comparisons import judged_by
from tests.use_cases.playground.judging.judges import Fields, ScriptedModels

PLAN = """\
name: greetings
prompts: [{label: plain, text: "Hello {{name}}"}]
models: [echo]
dataset: cases.jsonl
assert: [{type: llm-rubric, value: "Greets {{name}} kindly."}]
"""
CASES = 60


def lenient(prompt: str, _form: str) -> Fields:
    """A judge that passes eight of ten where people pass six."""
    number = int(blocks_of(prompt)["answer"].removeprefix("Hello "))
    return {"reason": "SECRET VERDICT", "pass": number % 10 < 8, "score": 0.5}


@pytest.fixture
def run_id(candor: Candor, monkeypatch: pytest.MonkeyPatch) -> str:
    """A run that the lenient judge has judged."""

    def judging(settings: Settings, *, offline: bool = False) -> Container:
        made = quick_candor(settings, offline=offline)
        judged_by(made, ScriptedModels(lenient))
        return made

    monkeypatch.setattr("backend.cli.command_run.Container", judging)
    Path("plan.yaml").write_text(PLAN)
    Path("cases.jsonl").write_text(
        "".join(f'{{"id": "=c{n}", "vars": {{"name": "{n}"}}}}\n' for n in range(CASES))
    )
    result = candor("eval", "run", "plan.yaml")
    assert result.exit_code == 0, result.output
    return re.findall(r"eval_\w+", result.stderr)[-1]


def judge(candor: Candor, run_id: str, count: int, *words: str, wrong: int = 0) -> None:
    """Judge the first results as a person would; the first few against their own judgement."""
    for place in range(count):
        verdict = "pass" if (place % 10 < 6) is (place >= wrong) else "fail"
        result = candor("eval", "feedback", run_id, str(place), verdict, *words)
        assert result.exit_code == 0, result.output


def test_two_people_are_compared(candor: Candor, run_id: str) -> None:
    for name, wrong in (("Ada", 0), ("Bo", 2)):
        judge(candor, run_id, 12, "--as", name, wrong=wrong)
    found = candor("eval", "calibrate", run_id)
    assert re.search(r"Ada and Bo +10 of 12 +0\.\d\d \[", found.stdout)
    assert "2 answers with as many passes as failures by people: left out." in found.stderr
    (record,) = json.loads(candor("eval", "calibrate", run_id, "--json").stdout)["calibrations"]
    assert (record["labelled"], record["disputed"]) == (10, 2)


def test_what_cannot_be_judged_is_said(candor: Candor, run_id: str) -> None:
    given = candor("eval", "feedback", run_id, "0", "fail", "--as", "Ada", "--notes", "Rude.")
    assert given.stdout == "llm-rubric of result 0: fail by Ada\n"
    nowhere = candor("eval", "feedback", run_id, "999", "pass")
    assert (nowhere.exit_code, "has no result at place 999" in nowhere.stderr) == (2, True)
    assert "/results` all of them" in nowhere.stderr  # `eval show` has no places
    assert candor("eval", "feedback", run_id, "0").exit_code == 2
    waiting = candor("eval", "feedback", run_id)
    assert (waiting.exit_code, f"candor eval feedback {run_id} 0 pass" in waiting.stderr) == (
        4,
        True,
    )
    assert candor("eval", "feedback", "eval_nobodys").exit_code == 3
    assert candor("eval", "calibrate", "eval_nobodys").exit_code == 3


@pytest.mark.exhaustive
def test_keys_judge_at_a_terminal_and_the_next_time_goes_on(run_id: str, tmp_path: Path) -> None:
    words = ("eval", "feedback", run_id, "--sample", "4")
    with Terminal(tmp_path, *words, gated=False) as terminal:
        first = terminal.until("CRITERION")
        assert "── 1 of 4" in first
        assert "OUTPUT" in first
        assert "SECRET" not in first
        for key, then in (
            ("", "Greets {{name}} kindly."),
            ("p", "── 2 of 4"),
            ("b", "── 1 of 4, judged pass"),
            ("f", "── 2 of 4"),
            ("s", "── 3 of 4"),
            ("b", "── 2 of 4"),
        ):
            terminal.type(key)
            terminal.until(then)
            terminal.until_asleep("q quit")
        terminal.type(CTRL_C)
        code, rest = terminal.ended()
    assert code == 0
    assert "1 of 4 answers judged." in rest
    with Terminal(tmp_path, *words, gated=False) as terminal:
        for number in (2, 3, 4):
            terminal.until(f"── {number} of 4")
            terminal.until_asleep("q quit")
            terminal.type("p")
        code, rest = terminal.ended()
    assert (code, "4 of 4 answers judged." in rest) == (0, True)
