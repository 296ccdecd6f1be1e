"""`candor eval label` and `candor eval calibrate`: from a judged run to a corrected rate, offline."""

import csv
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


def filled_in(source: str, target: str, *, labeller: str = "", wrong: int = 0) -> None:
    """Fill in the labels as a person would; the first few against their own judgement."""
    with Path(source).open(newline="") as file:
        rows = list(csv.DictReader(file))
    for at, row in enumerate(rows):
        good = int(row["output"].removeprefix("Hello ")) % 10 < 6
        row["label"] = "pass" if good is (at >= wrong) else "fail"
        if labeller:
            row["labeller"] = labeller
    with Path(target).open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def test_a_file_is_filled_in_and_calibrates_the_judge(candor: Candor, run_id: str) -> None:
    before = candor("eval", "calibrate", run_id)
    assert "Nobody has labelled its answers" in before.stdout
    exported = candor("eval", "label", run_id, "--sample", "50", "--export", "labels.csv")
    assert exported.exit_code == 0, exported.output
    text = Path("labels.csv").read_text()
    assert "SECRET VERDICT" not in text
    assert "'=c" in text  # no formula
    assert "\n=c" not in text
    filled_in("labels.csv", "filled.csv")
    stored = candor("eval", "label", run_id, "--from", "filled.csv")
    assert (stored.exit_code, stored.stdout) == (0, "50 labels stored.\n")
    again = candor("eval", "label", run_id, "--sample", "50", "--export", "again.csv")
    assert again.exit_code == 0
    assert Path("again.csv").read_text() == Path("filled.csv").read_text()
    shown = candor("eval", "calibrate", run_id)
    assert shown.exit_code == 0
    assert re.search(r"llm-rubric, judged by openai:gpt-4o-mini \(question \w{12}\)", shown.stdout)
    assert re.search(r"echo +50 of 60 +80\.0% \[.*\] +6\d\.\d% \[", shown.stdout)
    assert re.search(r"The judge passes too much: \d+ of \d+ failures were called", shown.stdout)


def test_two_people_are_compared(candor: Candor, run_id: str) -> None:
    candor("eval", "label", run_id, "--sample", "40", "--export", "labels.csv")
    for name, wrong in (("Ada", 0), ("Bo", 4)):
        filled_in("labels.csv", f"{name}.csv", labeller=name, wrong=wrong)
        assert candor("eval", "label", run_id, "--from", f"{name}.csv").exit_code == 0
    found = candor("eval", "calibrate", run_id)
    assert re.search(r"Ada and Bo +36 of 40 +0\.\d\d \[", found.stdout)
    assert "4 answers with as many passes as failures by people: left out." in found.stderr
    (record,) = json.loads(candor("eval", "calibrate", run_id, "--json").stdout)
    assert (record["labelled"], record["disputed"]) == (36, 4)
    assert record["sentence"] in found.stdout


def test_wrong_lines_are_named_and_the_others_stored(candor: Candor, run_id: str) -> None:
    lines = [{"place": 0, "label": "pass"}, {"place": 999, "label": "pass"}, {"label": "pass"}]
    Path("labels.jsonl").write_text("".join(f"{json.dumps(each)}\n" for each in lines))
    result = candor("eval", "label", run_id, "--from", "labels.jsonl", "--as", "Ada")
    assert (result.exit_code, result.stdout) == (1, "1 label stored.\n")
    assert "line 2: the run has no such result." in result.stderr
    assert "line 3: it names neither a place nor a case." in result.stderr
    assert candor("eval", "label", run_id, "--from", "nowhere.csv").exit_code == 2
    both = ("--from", "labels.jsonl", "--export", "x.csv")
    assert candor("eval", "label", run_id, *both).exit_code == 2


@pytest.mark.exhaustive
def test_without_a_terminal_a_file_is_proposed(candor: Candor, run_id: str) -> None:
    result = candor("eval", "label", run_id)
    assert result.exit_code == 4
    assert "--export" in result.stderr
    assert candor("eval", "label", "eval_nobodys").exit_code == 3
    assert candor("eval", "calibrate", "eval_nobodys").exit_code == 3


def test_the_report_shows_the_calibrated_rate(candor: Candor, run_id: str) -> None:
    candor("eval", "export", run_id, "--out", "before.html")
    assert "Corrected by labels" not in Path("before.html").read_text()
    candor("eval", "label", run_id, "--sample", "50", "--export", "labels.csv")
    filled_in("labels.csv", "filled.csv")
    candor("eval", "label", run_id, "--from", "filled.csv")
    candor("eval", "export", run_id, "--out", "after.html")
    page = Path("after.html").read_text()
    assert "Corrected by labels" in page
    assert "The judge passes too much" in page


@pytest.mark.exhaustive
def test_keys_label_at_a_terminal_and_the_next_time_goes_on(run_id: str, tmp_path: Path) -> None:
    words = ("eval", "label", run_id, "--sample", "4")
    with Terminal(tmp_path, *words, gated=False) as terminal:
        first = terminal.until("CRITERION")
        assert "── 1 of 4" in first
        assert "OUTPUT" in first
        assert "SECRET" not in first
        for key, then in (
            ("", "Greets {{name}} kindly."),
            ("p", "── 2 of 4"),
            ("b", "── 1 of 4, labelled pass"),
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
    assert "1 of 4 answers labelled." in rest
    with Terminal(tmp_path, *words, gated=False) as terminal:
        for number in (2, 3, 4):
            terminal.until(f"── {number} of 4")
            terminal.until_asleep("q quit")
            terminal.type("p")
        code, rest = terminal.ended()
    assert (code, "4 of 4 answers labelled." in rest) == (0, True)
