"""`candor eval`: evaluations from files to exit codes, over a real library and store, offline."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.backend.cli.conftest import Candor

PLAN = """\
name: company
target: chat
variants:
  - {name: echo, model: echo}
  - {name: extractive, model: "offline:extractive"}
tests:
  - id: rotation
    vars: {question: How often must passwords be rotated?}
    assert: [{type: contains, value: 90 days}, {type: cites-document, value: passwords.md}]
  - id: length
    vars: {question: How many characters has a password at least?}
    assert: [{type: contains, value: "14"}]
"""
PROMPTS = """\
name: greetings
prompts:
  - {label: plain, text: "Hello {{name}}"}
  - {label: kind, text: "Dear {{name}}"}
models: [echo]
tests:
  - {id: ada, vars: {name: Ada}, assert: [{type: contains, value: Ada, required: true}]}
  - {id: grace, vars: {name: Grace}, assert: [{type: contains, value: Dear}]}
"""


@pytest.fixture
def plan(tmp_path: Path) -> str:
    """A plan over the prompts alone."""
    (tmp_path / "greetings.yaml").write_text(PROMPTS)
    return "greetings.yaml"


def run_id(stderr: str) -> str:
    """The id that a command names last."""
    return re.findall(r"eval_\w+", stderr)[-1]


def test_chat_is_evaluated_over_the_library(filled: Candor) -> None:
    Path("company.yaml").write_text(PLAN)
    result = filled("eval", "run", "company.yaml", "--offline")
    assert result.exit_code == 0, result.output
    assert "CASE" in result.stdout
    assert re.search(r"extractive +100\.0%", result.stdout)
    assert re.search(r"echo +0\.0%", result.stdout)
    assert "No difference between extractive and echo is shown" in result.stdout


def test_a_run_is_listed_shown_and_removed(candor: Candor, plan: str) -> None:
    made = candor("eval", "run", plan)
    assert made.exit_code == 0, made.output
    name = run_id(made.stderr)
    (listed,) = json.loads(candor("eval", "list", "--json").stdout)["runs"]
    assert (listed["id"], listed["status"]) == (name, "completed")
    assert [each["name"] for each in listed["variants"]] == ["plain", "kind"]
    shown = candor("eval", "show", name)
    assert shown.exit_code == 0
    assert shown.stdout == made.stdout
    assert candor("eval", "remove", name).exit_code == 4
    assert candor("eval", "remove", name, "--yes").exit_code == 0
    assert candor("eval", "show", name).exit_code == 3


def test_every_file_is_written(candor: Candor, plan: str) -> None:
    files = {"--out": "r.html", "--junit": "j.xml", "--csv": "c.csv", "--jsonl": "c.jsonl"}
    options = [word for pair in files.items() for word in pair]
    result = candor("eval", "run", plan, *options, "--json", "-")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert len(found["cells"]) == 4
    assert Path("r.html").read_text().startswith("<!doctype html>")
    suites = ElementTree.parse("j.xml").getroot()
    assert [suite.get("failures") for suite in suites] == ["1", "0"]
    assert Path("c.csv").read_bytes().count(b"\r\n") == 5
    assert len(Path("c.jsonl").read_text().splitlines()) == 4


def test_a_file_that_cannot_be_written_is_an_error_before_the_run(
    candor: Candor, plan: str
) -> None:
    assert candor("eval", "run", plan, "--out", "nowhere/r.html").exit_code == 2
    assert json.loads(candor("eval", "list", "--json").stdout)["runs"] == []


def test_the_strict_gate_judges_the_interval(candor: Candor, plan: str) -> None:
    assert candor("eval", "run", plan, "--gate").exit_code == 1
    assert candor("eval", "run", plan, "--gate", "--margin", "1").exit_code == 0
    Path("one.yaml").write_text(PROMPTS.replace('  - {label: kind, text: "Dear {{name}}"}\n', ""))
    alone = candor("eval", "run", "one.yaml", "--gate")
    assert alone.exit_code == 2
    assert "A gate judges a comparison" in alone.stderr


def test_errors_are_no_failures_and_are_tried_again(candor: Candor) -> None:
    Path("code.py").write_text("def check(output, context):\n    return True\n")
    Path("plan.yaml").write_text(
        PROMPTS.replace(
            "{type: contains, value: Dear}", "{type: python, value: file://code.py:check}"
        )
    )
    refused = candor("eval", "run", "plan.yaml")
    assert refused.exit_code == 3
    assert "The run is not judged: 2 errors." in refused.stderr
    allowed = candor("eval", "run", "plan.yaml", "--allow-code", "code.py")
    assert allowed.exit_code == 0, allowed.output
    run_id = refused.stderr.partition("candor eval resume ")[2].split()[0]
    again = ("eval", "resume", run_id, "--errors")
    assert candor("eval", "resume", run_id).exit_code == 5
    assert candor(*again).exit_code == 3
    tried = candor(*again, "--allow-code", "code.py")
    assert tried.exit_code == 0, tried.output
    assert "errors" not in tried.stdout.lower()
    assert candor(*again, "--allow-code", "code.py").exit_code == 5
    nobodys = candor("eval", "resume", "eval_of_nobody")
    assert (nobodys.exit_code, "`candor jobs` lists the runs" in nobodys.stderr) == (3, True)
    assert run_id in candor("jobs").stdout


def test_assertions_that_cannot_be_run_are_not_proposed_for_another_try(candor: Candor) -> None:
    Path("promptfooconfig.yaml").write_text(
        "prompts: ['{{q}}']\nproviders: [echo]\ntests:\n"
        "- vars: {q: hi}\n  assert: [{type: javascript, value: 'true'}]\n"
        "- vars: {q: ho}\n  assert: [{type: icontains, value: ho}]\n"
        "- vars: {q: hu}\n  assert: [{type: assert-set, assert: [{type: javascript, value: 'true'}]}]\n"
    )
    refused = candor("eval", "run", "promptfooconfig.yaml")
    assert refused.exit_code == 3, refused.output
    assert "--errors" not in refused.stderr
    assert "replace or remove them" in refused.stderr


def test_a_matrix_of_models_over_the_prompts(candor: Candor, plan: str) -> None:
    result = candor(
        "eval", "run", plan, "--models", "echo,offline:echo", "--limit", "1", "--json", "-"
    )
    assert result.exit_code == 0, result.output
    names = [each["variant"] for each in json.loads(result.stdout)["cells"]]
    assert names == ["plain · echo", "plain · offline:echo", "kind · echo", "kind · offline:echo"]


def test_a_stored_dataset_is_evaluated(candor: Candor, plan: str) -> None:
    assert candor("eval", "run", plan).exit_code == 0
    (listed,) = json.loads(candor("eval", "list", "--json").stdout)["runs"]
    result = candor(
        "eval", "run", listed["dataset_id"], "--prompt", "chat.answer@0", "--models", "echo"
    )
    assert re.search(r"echo +0\.0%", result.stdout), result.output


def test_an_estimate_leaves_nothing(candor: Candor, plan: str) -> None:
    result = candor("eval", "run", plan, "--estimate")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "4 cells" in result.stderr
    assert json.loads(candor("eval", "list", "--json").stdout)["runs"] == []


def test_an_empty_library_is_filled_from_the_documents_of_the_plan(
    candor: Candor, corpus: Path
) -> None:
    Path("company.yaml").write_text(PLAN + f"documents: {corpus}/../{corpus.name}\n")
    result = candor("eval", "run", "company.yaml")
    assert result.exit_code == 0, result.output
    assert f"The library is empty: ingesting {corpus}\n" in result.stderr
    assert re.search(r"extractive +100\.0%", result.stdout)


@pytest.mark.parametrize(("answer", "code"), [("n\n", 2), ("y\ny\n", 0)])
def test_at_a_terminal_the_user_is_asked_before_documents_are_ingested(
    candor: Candor, corpus: Path, monkeypatch: pytest.MonkeyPatch, answer: str, code: int
) -> None:
    monkeypatch.setattr("backend.cli.terminal.terminal.is_interactive", lambda: True)
    Path("company.yaml").write_text(PLAN + f"documents: {corpus}\n")
    result = candor("eval", "run", "company.yaml", stdin=answer)
    assert result.exit_code == code, result.output
    assert f"The library is empty. Ingest {corpus} first?" in result.stderr


def test_two_runs_are_compared(candor: Candor, plan: str) -> None:
    before = run_id(candor("eval", "run", plan).stderr)
    after = run_id(candor("eval", "run", plan).stderr)
    result = candor("eval", "compare", before, after)
    assert result.exit_code == 0, result.output
    assert f"No difference between plain of {after} and plain of {before} is shown" in result.stdout


def test_a_report_is_shared_listed_and_revoked(candor: Candor, plan: str) -> None:
    name = run_id(candor("eval", "run", plan).stderr)
    made = candor("eval", "share", name, "--without", "outputs")
    assert re.fullmatch(r"/reports/[0-9A-Za-z]{43}\n", made.stdout)
    link = re.findall(r"link_\w+", made.stderr)[0]
    assert "outputs" in candor("eval", "share", name, "--list").stdout
    assert candor("eval", "share", name, "--revoke", link).stdout == f"Revoked {link}\n"
    assert "revoked" in candor("eval", "share", name, "--list").stdout
    assert candor("eval", "share", name, "--revoke", "link_none").exit_code == 3
