"""A run whose process is stopped or killed is continued by the next one, and no cell is lost."""

import json
import re
import signal
import subprocess
import sys
from pathlib import Path
from shlex import split

import pytest
from pydantic_ai.models import override_allow_model_requests

from tests.backend.cli.conftest import Candor
from tests.patience import PATIENCE
from tests.wire.script import says
from tests.wire.stub_provider import StubProvider

CASES = 40
PLAN = """\
name: slow
prompts: ["Hello {{name}}"]
models: [echo]
dataset: cases.jsonl
assert: [{type: python, value: "file://code.py:check"}]
"""


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), pytest.param(signal.SIGKILL, -9, marks=pytest.mark.exhaustive)],
)
def test_a_run_that_ends_in_the_middle_is_resumed(
    candor: Candor, number: signal.Signals, code: int
) -> None:
    Path("plan.yaml").write_text(PLAN)
    Path("code.py").write_text("def check(output, context):\n    return True\n")
    Path("cases.jsonl").write_text(
        "".join(f'{{"id": "c{each}", "vars": {{"name": "{each}"}}}}\n' for each in range(CASES))
    )
    given = ("--fail-under", "0.5", "--junit", "a b.xml", "--allow-code", "code.py")
    words = ("eval", "run", "plan.yaml", *given)
    program = [sys.executable, "-m", "backend.cli.program", *words]
    with subprocess.Popen(program, stderr=subprocess.PIPE, text=True) as started:
        assert started.stderr is not None
        for line in started.stderr:
            if re.match(r"\d+ of 40 cells", line):
                break
        started.send_signal(number)
        said = started.stderr.read()
        assert started.wait(PATIENCE) == code
    (listed,) = json.loads(candor("eval", "list", "--json").stdout)["runs"]
    if number is signal.SIGINT:
        named = said.partition("Continue with: candor ")[2].splitlines()[0]
        assert split(named) == ["eval", "resume", listed["id"], *given]
        assert listed["status"] == "interrupted"
    result = candor("eval", "resume", listed["id"], *given)
    assert result.exit_code == 0, result.output
    assert f'tests="{CASES}"' in Path("a b.xml").read_text()
    cells = json.loads(candor("eval", "export", listed["id"], "--json", "-").stdout)["cells"]
    assert sorted(cell["case"] for cell in cells) == sorted(f"c{each}" for each in range(CASES))


def test_a_run_whose_budget_is_spent_names_the_budget_that_continues_it(candor: Candor) -> None:
    Path("plan.yaml").write_text(PLAN.replace("echo", "openai:gpt-4.1-mini").partition("assert")[0])
    Path("cases.jsonl").write_text(
        "".join(f'{{"id": "c{each}", "vars": {{"name": "{each}"}}}}\n' for each in range(CASES))
    )
    with StubProvider() as stub, override_allow_model_requests(True):
        stub.answers(says("Hello"))
        Path(".env").write_text(f"OPENAI_API_KEY=sk-planted\nOPENAI_BASE_URL={stub.url}\n")
        stopped = candor("eval", "run", "plan.yaml", "--budget", "0.00001")
        assert stopped.exit_code == 3, stopped.output
        assert "The run is stopped (its budget of $0.00001 is spent): " in stopped.stderr
        words = re.search(
            r"Continue with: candor (eval resume eval_\w+) --budget MORE", stopped.stderr
        )
        assert words, stopped.stderr
        again = candor(*words[1].split())
        assert (again.exit_code, "--budget MORE" in again.stderr) == (3, True)
        nothing = candor(*words[1].split(), "--budget", "0")
        assert (nothing.exit_code, "more than 0 US dollars" in nothing.stderr) == (2, True)
        whole = candor(*words[1].split(), "--budget", "1", "--junit", "junit.xml")
        assert (whole.exit_code, "--budget MORE" in whole.stderr) == (0, False)
    assert f'tests="{CASES}" failures="0" errors="0"' in Path("junit.xml").read_text()
