"""`candor benchmark run` and the commands for recorded runs, without a key."""

import json
from pathlib import Path

from tests.backend.cli.conftest import Candor

SMALL = ("--tables", "customers", "--contestants", "nothing,dependencies", "--levels", "easy,none")


def test_without_a_key_it_runs_shows_and_writes(candor: Candor) -> None:
    words = ("--out", "page.html", "--json", "run.json")
    result = candor("benchmark", "run", *SMALL, *words)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert max(map(len, lines[:8])) <= 80
    assert lines[0].split()[:3] == ["CONTESTANT", "ERROR", "REDUCTION"]
    assert lines[1].split()[:2] == ["1", "dependencies"]
    assert lines[4].split() == ["CONTESTANT", "F1", "STRICT", "CORRUPTION", "STRICT"]
    assert lines[8].split() == ["CONTESTANT", "A", "TABLE"]
    assert all(int(line.split()[-2].replace(",", "")) > 0 for line in lines[9:11])
    assert lines[12].split()[:3] == ["BESIDE", "dependencies", "TASKS"]
    assert lines[13].split()[:2] == ["nothing", "all"]
    assert "10 tables to clean" in result.stderr
    assert "<h1>Who cleans without breaking?" in Path("page.html").read_text()
    whole = json.loads(Path("run.json").read_text())
    assert [row["status"] for row in whole["task_results"]] == ["scored"] * 10
    assert whole["leaderboard"]["models"] == ["dependencies", "nothing"]
    beside, *by_dimension = whole["leaderboard"]["comparisons"]
    # Duplicates are no task that voting attempts.
    dimensions = ["accuracy", "completeness", "consistency"]
    assert [each["dimension"] for each in by_dimension] == dimensions
    assert (beside["model"], beside["first"], beside["tasks"]) == ("nothing", "dependencies", 3)
    run_id = whole["run"]["run_id"]

    (listed,) = json.loads(candor("benchmark", "list", "--json").stdout)["runs"]
    assert (listed["run_id"], listed["status"]) == (run_id, "completed")
    assert run_id in candor("benchmark", "list").stdout
    assert candor("eval", "show", run_id).stdout == result.stdout
    assert json.loads(candor("eval", "export", run_id, "--json", "-").stdout) == whole
    assert candor("eval", "export", run_id, "--csv", "-").exit_code == 2
    other = candor("eval", "resume", run_id, "--junit", "-")
    assert "is written as a page" in other.stderr
    over = candor("eval", "resume", run_id)
    assert over.exit_code != 0
    assert "complete" in over.stderr
    assert candor("eval", "remove", run_id, "--yes").exit_code == 0
    assert "Start with: candor benchmark run" in candor("benchmark", "list").stderr


def test_only_an_estimate_leaves_no_run(candor: Candor) -> None:
    result = candor("benchmark", "run", *SMALL, "--estimate")
    assert (result.exit_code, result.stdout) == (0, "")
    assert json.loads(candor("benchmark", "list", "--json").stdout)["runs"] == []


def test_wrong_options_are_refused_with_what_there_is(candor: Candor) -> None:
    wrong = candor("benchmark", "run", "--dimensions", "speed")
    assert wrong.exit_code == 2
    assert "accuracy" in wrong.stderr
    unknown = candor("benchmark", "run", "--contestants", "nobody")
    assert unknown.exit_code == 2
    assert "combined" in unknown.stderr
    assert candor("eval", "show", "bench_none").exit_code != 0
