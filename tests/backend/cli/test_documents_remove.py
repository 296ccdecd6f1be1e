"""`candor documents remove`: what is asked, what is shown, what is refused."""

from pathlib import Path

import pytest

from tests.backend.cli.conftest import Candor, read_json
from tests.backend.cli.pseudo_terminal import CTRL_C, Terminal

ALL = [
    "policies/leave.md",
    "policies/passwords.md",
    "runbooks/restart.md",
    "tables/directory.csv",
]


def names(candor: Candor) -> list[str]:
    return [one["name"] for one in read_json(candor("documents", "--json"))["documents"]]


def test_a_removed_document_is_gone(filled: Candor) -> None:
    result = filled("documents", "remove", "policies/leave.md", "--yes")
    assert (result.exit_code, result.stdout.split("\n")[-2]) == (0, "Removed policies/leave.md")
    assert names(filled) == ALL[1:]
    again = filled("documents", "remove", "policies/leave.md", "--yes")
    assert again.exit_code == 3
    assert again.stderr.startswith("error[document_not_found]: ")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--all"], "error[confirmation_needed]: "),
        (["--all", "--json"], '"code": "confirmation_needed"'),
    ],
)
def test_without_a_terminal_nothing_is_removed_without_yes(
    filled: Candor, words: list[str], said: str
) -> None:
    result = filled("documents", "remove", *words, stdin="y\n")
    assert (result.exit_code, result.stdout) == (4, "")
    assert said in result.stderr
    assert "Run the same command with --yes." in result.stderr
    assert names(filled) == ALL


@pytest.mark.parametrize(
    ("words", "left"),
    [
        (["policies/leave.md", "tables/directory.csv"], ["policies/passwords.md", ALL[2]]),
        (["--category", "policies"], ALL[2:]),
        (["--all"], []),
    ],
)
def test_documents_are_selected_by_name_by_category_or_all(
    filled: Candor, words: list[str], left: list[str]
) -> None:
    removed = read_json(filled("documents", "remove", *words, "--yes", "--json"))["removed"]
    assert names(filled) == left
    assert sorted([*(one["name"] for one in removed), *left]) == ALL


def test_a_folder_is_removed_although_it_has_gone(ingested: Candor, corpus: Path) -> None:
    (corpus / "policies").rename(corpus / "old")
    result = ingested("documents", "remove", "--folder", str(corpus / "policies"), "--yes")
    assert result.exit_code == 0
    assert names(ingested) == ["runbooks/restart.md", "tables/directory.csv"]


def test_many_documents_are_counted_and_the_first_are_shown(candor: Candor, tmp_path: Path) -> None:
    for number in range(12):
        (tmp_path / f"{number:02}.md").write_text(f"# Page {number}")
    candor("ingest", str(tmp_path))
    result = candor("documents", "remove", "--folder", str(tmp_path), "--yes")
    assert result.stdout == "Removed 12 documents\n"
    assert result.stderr.startswith("12 documents to remove:\n  00.md (doc_")
    assert "  09.md (doc_" in result.stderr
    assert "  … and 2 more\n" in result.stderr


@pytest.mark.exhaustive
@pytest.mark.parametrize("answer", ["\r", CTRL_C])
def test_a_person_is_asked_and_may_say_no(filled: Candor, answer: str) -> None:
    with Terminal(Path.cwd(), "documents", "remove", "--all", gated=False) as terminal:
        terminal.until_asleep("Remove 4 documents? [y/N]: ")
        terminal.type(answer)
        terminal.until("Nothing was removed.")
        assert terminal.process.wait() == 4
    assert names(filled) == ALL


def test_a_person_who_says_yes_is_obeyed(filled: Candor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.cli.terminal.terminal.is_interactive", lambda: True)
    result = filled("documents", "remove", "policies/leave.md", stdin="y\n")
    assert "Remove 1 document? [y/N]:" in result.stderr
    assert (result.exit_code, result.stdout.split("\n")[-2]) == (0, "Removed policies/leave.md")
    assert names(filled) == ALL[1:]
