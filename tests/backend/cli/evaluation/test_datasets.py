import json
from datetime import timedelta
from pathlib import Path

import pytest

from backend.cli.nouns import read_duration
from tests.backend.cli.conftest import Candor, read_json
from use_cases.kernel.errors import InvalidInput

LINES = '{"id": "a", "vars": {"q": "=cmd()"}, "expected": "x"}\n{"id": "b", "q": "<script>"}\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "questions.jsonl"
    path.write_text(LINES)
    return path


def imported(candor: Candor, file: Path) -> str:
    """The id of the dataset of this file."""
    report = read_json(candor("datasets", "import", str(file), "--json"))
    return report["version"]["dataset_id"]


def test_a_file_is_imported_listed_shown_and_exported(candor: Candor, file: Path) -> None:
    assert "Start with: candor datasets import FILE" in candor("datasets").stderr
    done = candor("datasets", "import", str(file))
    assert done.exit_code == 0
    assert "100 %: 2 cases\n" in done.stderr
    assert "version 1 has 2 cases, of them 2 from the file" in done.stdout
    (listed,) = read_json(candor("datasets", "list", "--json"))["datasets"]
    assert (listed["name"], listed["item_count"]) == ("questions", 2)
    assert listed["id"] in candor("datasets").stdout
    shown = candor("datasets", "show", listed["id"]).stdout
    assert "q " in shown
    assert "from questions.jsonl" in shown
    detail = read_json(candor("datasets", "show", listed["id"], "--json"))
    assert detail["columns"] == [{"name": "q", "types": ["string"], "cases": 2}]
    assert [one["number"] for one in detail["versions"]] == [1]
    items = candor("datasets", "show", listed["id"], "--limit", "1")
    assert "q: =cmd()" in items.stdout
    assert "--after 0" in items.stderr
    assert [one["vars"]["q"] for one in detail["items"]] == ["=cmd()", "<script>"]
    exported = candor("datasets", "export", listed["id"])
    assert exported.stdout.splitlines()[0] == LINES.splitlines()[0]


@pytest.mark.parametrize("name", ["out.csv", "out.yml"])
def test_an_export_is_imported_as_the_same_version(
    candor: Candor, file: Path, tmp_path: Path, name: str
) -> None:
    dataset = imported(candor, file)
    out = tmp_path / name
    assert candor("datasets", "export", dataset, "--out", str(out)).exit_code == 0
    again = read_json(candor("datasets", "import", str(out), "--into", dataset, "--json"))
    assert (again["version"]["number"], again["cases"]) == (1, 2)


def test_faulty_lines_are_named_and_the_exit_code_is_1(candor: Candor, file: Path) -> None:
    file.write_text(LINES + "broken\n" * 12)
    done = candor("datasets", "import", str(file))
    assert done.exit_code == 1
    assert "line 3: it is no valid JSON" in done.stderr
    assert "2 more faulty lines" in done.stderr
    assert "2 cases" in done.stdout


def test_a_file_that_is_none_leaves_no_dataset(candor: Candor, file: Path, tmp_path: Path) -> None:
    file.write_text("broken\n")
    failed = candor("datasets", "import", str(file))
    assert (failed.exit_code, "dataset_unreadable" in failed.stderr) == (2, True)
    assert candor("datasets", "import", str(tmp_path / "missing.csv")).exit_code == 2
    assert read_json(candor("datasets", "--json"))["datasets"] == []


def test_a_long_import_says_how_far_it_is(candor: Candor, file: Path) -> None:
    file.write_text("".join(f'{{"q": "{number:0500}"}}\n' for number in range(3000)))
    done = candor("datasets", "import", str(file))
    assert "50 %: 1,500 cases" in done.stderr
    file.write_text('{"q": "one"}\nbroken\n')
    assert "100 %: 1 case, 1 faulty line\n" in candor("datasets", "import", str(file)).stderr


def test_a_format_that_is_unknown_is_wrong_input(candor: Candor, file: Path) -> None:
    dataset = imported(candor, file)
    refused = candor("datasets", "export", dataset, "--out", "questions.xlsx")
    assert (refused.exit_code, "no known format" in refused.stderr) == (2, True)
    nowhere = candor("datasets", "export", dataset, "--out", "no/where.csv")
    assert (nowhere.exit_code, "cannot be written" in nowhere.stderr) == (2, True)


def test_recorded_questions_become_a_dataset(filled: Candor) -> None:
    assert filled("datasets", "from-answers").exit_code == 2
    filled("ask", "How many leave days may I carry over?")
    made = filled("datasets", "from-answers", "--since", "1d", "--json")
    assert read_json(made)["item_count"] == 1
    assert filled("datasets", "from-answers", "--since", "2020-01-01").exit_code == 0
    assert "1 case\n" in filled("datasets", "from-answers").stdout
    assert filled("datasets", "from-answers", "--feedback", "wrong").exit_code == 2
    assert filled("datasets", "from-answers", "--until", "2020-01-01").exit_code == 2
    answer = read_json(filled("answers", "--json"))["answers"][0]["id"]
    chosen = ("--text", "leave", "--model", "offline:extractive", "--name", "Chosen")
    assert "1 case\n" in filled("datasets", "from-answers", answer, *chosen).stdout
    assert filled("datasets", "from-answers", "ans_nobodys").exit_code == 2
    assert filled("feedback", answer, "wrong", "--notes", "Ten.").stdout.startswith(answer)
    assert "1 case\n" in filled("datasets", "from-answers", "--feedback", "wrong").stdout
    judged = read_json(filled("feedback", answer, "right", "--json"))
    assert (judged["right"], judged["feedback_notes"]) == (True, None)
    assert filled("datasets", "from-answers", "--feedback", "wrong").exit_code == 2
    for words in (("void",), ("right", "--helpful"), ()):
        refused = filled("feedback", answer, *words)
        assert (refused.exit_code, "is right or wrong" in refused.stderr) == (2, True), words
    assert filled("feedback", "ans_of_nobody", "right").exit_code == 3


def test_a_wrong_answer_leads_to_a_case_and_to_the_next_step(filled: Candor) -> None:
    filled("ask", "How many leave days may I carry over?")
    bare = filled("feedback", "last", "wrong")
    assert "Say what is right: add --expected TEXT or --document NAME." in bare.stderr
    without = filled("datasets", "from-answers", "--feedback", "wrong")
    assert "1 case of the first 1 without a check" in without.stderr
    corrected = filled(
        "feedback", "last", "wrong", "--expected", "12 days", "--document", "passwords.md"
    )
    assert "candor datasets from-answers --feedback wrong" in corrected.stderr
    made = filled("datasets", "from-answers", "--feedback", "wrong")
    assert "without a check" not in made.stderr
    assert "candor prompts save chat.answer" in made.stderr
    dataset = made.stdout.partition(":")[0]
    case = json.loads(filled("datasets", "export", dataset).stdout)
    assert case["expected"] == "12 days"
    assert case["assert"] == [
        {"type": "icontains", "value": "12 days"},
        {"type": "cites-document", "value": "passwords.md"},
    ]
    text = read_json(filled("prompts", "show", "chat.answer", "--json"))["messages"][0]["content"]
    saved = filled("prompts", "save", "chat.answer", "-", stdin=f"{text} Be kind.")
    assert (
        f"candor eval run {dataset} --target chat --prompt chat.answer@production" in saved.stderr
    )
    promoted = filled("prompts", "promote", "chat.answer@1")
    assert "candor prompts rollback chat.answer" in promoted.stderr
    assert filled("feedback", "last", "right", "--expected", "x").exit_code == 2


def test_a_dataset_is_deleted_when_it_is_confirmed(candor: Candor, file: Path) -> None:
    dataset = imported(candor, file)
    assert candor("datasets", "remove", dataset).exit_code == 4
    assert candor("datasets", "remove", dataset, "--yes").exit_code == 0
    assert candor("datasets", "show", dataset).exit_code == 3


def test_a_duration_is_a_number_and_a_unit() -> None:
    assert read_duration("--since", " 30D ") == timedelta(days=30)
    for wrong in ("", "30", "0d", "3y", "-1d"):
        with pytest.raises(InvalidInput, match="--since takes a number and a unit"):
            read_duration("--since", wrong)
