"""`candor documents remove`: what is asked, what is shown, what is refused."""

from pathlib import Path

import pytest

from tests.backend.cli.conftest import Candor, read_json
from tests.backend.cli.pseudo_terminal import CTRL_C, CTRL_D, Terminal
from tests.thoroughness import sample

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
    assert (result.exit_code, result.stdout) == (0, "Removed policies/leave.md\n")
    assert names(filled) == ALL[1:]
    again = filled("documents", "remove", "policies/leave.md", "--yes")
    assert again.exit_code == 3
    assert again.stderr.startswith("error[document_not_found]: ")


@pytest.mark.parametrize("which", [["policies/leave.md"], ["--all"], ["--category", "policies"]])
@pytest.mark.parametrize("stdin", [None, "y\n"])
def test_without_a_terminal_nothing_is_removed_without_yes(
    filled: Candor, which: list[str], stdin: str | None
) -> None:
    result = filled("documents", "remove", *which, stdin=stdin)
    assert (result.exit_code, result.stdout) == (4, "")
    assert "error[confirmation_needed]: " in result.stderr
    assert "hint: Run the same command with --yes." in result.stderr
    assert names(filled) == ALL


def test_a_program_is_refused_in_json(filled: Candor) -> None:
    result = filled("documents", "remove", "--all", "--json")
    assert (result.exit_code, result.stdout) == (4, "")
    assert '"code": "confirmation_needed"' in result.stderr


def test_several_documents_are_removed_at_once(filled: Candor) -> None:
    result = filled("documents", "remove", "--yes", "policies/leave.md", "tables/directory.csv")
    assert result.stdout == "Removed policies/leave.md\nRemoved tables/directory.csv\n"
    assert names(filled) == ["policies/passwords.md", "runbooks/restart.md"]


def test_one_wrong_name_among_several_removes_nothing(filled: Candor) -> None:
    result = filled("documents", "remove", "--yes", "policies/leave.md", "nothing.md")
    assert result.exit_code == 3
    assert names(filled) == ALL


def test_a_name_of_two_documents_is_refused_with_their_ids(filled: Candor, tmp_path: Path) -> None:
    other = tmp_path / "other" / "policies"
    other.mkdir(parents=True)
    (other / "leave.md").write_text("# Another")
    filled("ingest", str(other.parent))
    for command in (["show"], ["remove", "--yes"]):
        result = filled("documents", *command, "policies/leave.md")
        assert result.exit_code == 5
        assert "error[document_ambiguous]: " in result.stderr
        for one in read_json(filled("documents", "--json"))["documents"]:
            assert (one["id"] in result.stderr) == (one["name"] == "policies/leave.md")
    assert len(names(filled)) == 5


def test_a_folder_is_removed_although_it_has_gone(ingested: Candor, corpus: Path) -> None:
    (corpus / "policies").rename(corpus / "old")
    result = ingested("documents", "remove", "--folder", str(corpus / "policies"), "--yes")
    assert result.exit_code == 0
    assert names(ingested) == ["runbooks/restart.md", "tables/directory.csv"]


def test_a_category_is_removed(filled: Candor) -> None:
    assert filled("documents", "remove", "--category", "policies", "--yes").exit_code == 0
    assert names(filled) == ["runbooks/restart.md", "tables/directory.csv"]


def test_all_are_removed_for_a_program(filled: Candor) -> None:
    removed = read_json(filled("documents", "remove", "--all", "--yes", "--json"))["removed"]
    assert [one["name"] for one in removed] == ALL
    assert names(filled) == []
    again = filled("documents", "remove", "--all", "--yes")
    assert (again.exit_code, again.stdout) == (0, "")


def test_many_documents_are_counted_and_the_first_are_shown(candor: Candor, tmp_path: Path) -> None:
    for number in range(12):
        (tmp_path / f"{number:02}.md").write_text(f"# Page {number}")
    candor("ingest", str(tmp_path))
    result = candor("documents", "remove", "--folder", str(tmp_path), "--yes")
    assert result.stdout == "Removed 12 documents\n"
    assert result.stderr.startswith("12 documents to remove:\n  00.md (doc_")
    assert "  09.md (doc_" in result.stderr
    assert "  … and 2 more\n" in result.stderr


@pytest.mark.parametrize(
    "which", [[], ["--all", "a.md"], ["--all", "--category", "policies"], ["--folder", ""]]
)
def test_a_selection_that_means_nothing_is_wrong_input(filled: Candor, which: list[str]) -> None:
    result = filled("documents", "remove", "--yes", *which)
    assert result.exit_code == 2
    assert result.stderr.startswith("error[invalid_input]: ")
    assert names(filled) == ALL


@pytest.mark.exhaustive
@pytest.mark.parametrize("answer", sample(["n\r", "\r", CTRL_D, CTRL_C], 2))
def test_a_person_is_asked_and_may_say_no(filled: Candor, answer: str) -> None:
    with Terminal(Path.cwd(), "documents", "remove", "--all", gated=False) as terminal:
        terminal.until_asleep("Remove 4 documents? [y/N]: ")
        terminal.type(answer)
        terminal.until("Nothing was removed.")
        assert terminal.process.wait() == 4
    assert names(filled) == ALL


def test_a_person_who_says_yes_is_obeyed(filled: Candor) -> None:
    with Terminal(Path.cwd(), "documents", "remove", "policies/leave.md", gated=False) as terminal:
        terminal.until("Remove 1 document? [y/N]: ")
        terminal.type("y\r")
        terminal.until("Removed policies/leave.md")
        assert terminal.process.wait() == 0
    assert names(filled) == ALL[1:]
