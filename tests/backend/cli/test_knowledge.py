"""Ingest, search, documents, tables and sql, as a person and a program use them."""

from pathlib import Path

import pytest

from tests.backend.cli.conftest import Candor, read_json


def test_ingest_can_report_to_a_program(candor: Candor, corpus: Path) -> None:
    (corpus / "broken.pdf").write_bytes(b"%PDF-1.7 and then nothing")
    result = candor("ingest", str(corpus), "--json")
    report = read_json(result)
    assert report["counts"] == {
        "added": 4,
        "changed": 0,
        "unchanged": 0,
        "removed": 0,
        "skipped": 0,
        "failed": 1,
    }
    assert report["failures"][0]["name"] == "broken.pdf"
    assert report["failures"][0]["code"] == "source_broken"
    assert (result.exit_code, result.stderr) == (1, "")
    said = candor("ingest", str(corpus))
    assert said.stdout.startswith("4 unchanged, 1 failed")
    assert "failed: broken.pdf\n  error[source_broken]: " in said.stderr
    assert "  hint: " in said.stderr


def test_what_is_no_document_is_named_and_skipped(candor: Candor, corpus: Path) -> None:
    (corpus / "photo.png").write_bytes(b"\x89PNG\r\n")
    (corpus / "questions.jsonl").write_text('{"question": "How many days?"}')
    (corpus / "blank.md").write_text(" ")
    result = candor("ingest", str(corpus))
    assert result.exit_code == 0
    assert result.stdout.startswith("4 added, 3 skipped (1 no text, 2 unsupported), ")
    assert (
        "skipped: photo.png: It is an image, not a document: its name ends in .png."
        in result.stderr
    )
    assert "questions.jsonl" not in candor("documents").stdout


def test_a_long_list_of_skipped_files_is_shortened(candor: Candor, corpus: Path) -> None:
    for number in range(12):
        (corpus / f"photo-{number:02}.png").write_bytes(b"\x89PNG")
    result = candor("ingest", str(corpus))
    assert "photo-09.png" in result.stderr
    assert "photo-10.png" not in result.stderr
    assert "… and 2 more; --verbose lists all." in result.stderr
    assert "photo-11.png" in candor("ingest", str(corpus), "--verbose").stderr
    report = read_json(candor("ingest", str(corpus), "--json"))
    assert report["counts"]["skipped"] == len(report["skipped"]) == 12
    assert report["skipped"][11]["name"] == "photo-11.png"
    assert report["skipped"][11]["code"] == "source_binary"


def test_a_vanished_file_goes_with_prune(ingested: Candor, corpus: Path) -> None:
    (corpus / "policies" / "leave.md").unlink()
    assert "removed" not in ingested("ingest", str(corpus)).stdout
    assert "1 removed" in ingested("ingest", str(corpus), "--prune").stdout
    assert "leave.md" not in ingested("documents").stdout


def test_search_shows_passages_with_their_place(filled: Candor) -> None:
    result = filled("search", "how", "often", "are", "passwords", "rotated", "--limit", "1")
    assert result.exit_code == 0
    assert result.stdout.startswith("1. Password policy")
    assert "policies/passwords.md · policies · 2026-02-02" in result.stdout
    assert "every 90 days" in result.stdout


def test_search_marks_what_another_version_supersedes(candor: Candor, tmp_path: Path) -> None:
    (tmp_path / "badges-v1.md").write_text("---\nupdated: 2022-05-01\n---\nBadges last a month.")
    (tmp_path / "badges-v2.md").write_text("---\nupdated: 2026-05-01\n---\nBadges last a week.")
    candor("ingest", str(tmp_path), "--category", "rules")
    result = candor("search", "badges", "last", "a", "month")
    assert "1. Badges v2\n   badges-v2.md · rules · 2026-05-01\n" in result.stdout
    assert "badges-v1.md · rules · 2022-05-01 · superseded by badges-v2.md\n" in result.stdout
    found = read_json(candor("search", "badges", "last", "a", "month", "--json"))["results"]
    assert [one["superseded"] for one in found] == [False, True]
    assert found[1]["superseded_by"] == "badges-v2.md"


def test_search_explains_itself(filled: Candor) -> None:
    result = filled("search", "passwords", "--explain", "-n", "1")
    assert "score 0.0" in result.stdout
    assert "bm25 #1" in result.stdout


def test_search_for_a_program_is_the_json_of_http(filled: Candor) -> None:
    found = read_json(filled("search", "passwords", "--json"))
    assert found["query"] == "passwords"
    assert found["results"][0]["document"] == "policies/passwords.md"
    assert "lanes" not in found["results"][0]


NO_SUCH_CATEGORY = "error[category_unknown]: There is no category 'recipes'. There are: general, policies, runbooks.\n"


@pytest.mark.parametrize(
    "command",
    [
        ("documents",),
        ("search", "passwords"),
        ("chat",),
    ],
    ids=" ".join,
)
def test_a_category_that_is_not_there_is_refused_and_nothing_is_recorded(
    filled: Candor, command: tuple[str, ...]
) -> None:
    result = filled(*command, "--category", "recipes", stdin="How often are passwords rotated?\n")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(NO_SUCH_CATEGORY)
    assert filled("conversations").stderr.startswith("No conversations in var/candor.sqlite.")
    assert len(read_json(filled("documents", "--json"))["documents"]) == 4


def test_documents_are_listed(filled: Candor) -> None:
    lines = filled("documents").stdout.splitlines()
    assert lines[0].split() == ["ID", "UPDATED", "CATEGORY", "PASSAGES", "NAME"]
    assert [line.split()[-1] for line in lines[1:]] == [
        "policies/leave.md",
        "policies/passwords.md",
        "runbooks/restart.md",
        "tables/directory.csv",
    ]
    assert filled("documents", "list").stdout == filled("documents").stdout


def test_a_document_is_shown_by_name_or_id(filled: Candor) -> None:
    by_name = filled("documents", "show", "policies/leave.md")
    assert "title:       Leave policy" in by_name.stdout
    own = read_json(filled("documents", "show", "policies/leave.md", "--json"))["id"]
    assert filled("documents", "show", own).stdout == by_name.stdout


def test_a_documents_text_is_written_alone(filled: Candor) -> None:
    result = filled("documents", "show", "policies/leave.md", "--text")
    assert "until the end of March." in result.stdout
    assert "title:         " not in result.stdout


def test_tables_are_listed_with_columns(filled: Candor) -> None:
    result = filled("tables")
    assert "directory — " in result.stdout
    assert "3 rows" in result.stdout
    assert "role text" in result.stdout
    assert read_json(filled("tables", "--json"))["tables"][0]["rows"] == 3


def test_sql_shows_rows(filled: Candor) -> None:
    result = filled("sql", "SELECT name, office FROM directory ORDER BY name LIMIT 2")
    assert result.stdout.splitlines() == [
        "name         office",
        "Ada Byron    London",
        "Alan Turing  Manchester",
    ]


@pytest.mark.parametrize("comment", ["-- how many\n", "--how many\n"])
def test_sql_may_begin_with_a_comment(filled: Candor, comment: str) -> None:
    rows = read_json(filled("sql", f"{comment}SELECT count(*) FROM directory", "--json"))
    assert rows["rows"] == [[3]]
    assert rows["sql"].startswith("--")


def test_an_option_that_sql_does_not_have_is_no_comment(filled: Candor) -> None:
    result = filled("sql", "--count", "SELECT 1")
    assert result.exit_code == 2
    assert "No such option: --count" in result.stderr


@pytest.mark.parametrize(
    ("query", "exit_code", "code"),
    [
        ("DROP TABLE directory", 4, "query_refused"),
        ("SELECT nothing FROM directory", 2, "query_failed"),
    ],
)
def test_sql_that_may_not_run(filled: Candor, query: str, exit_code: int, code: str) -> None:
    result = filled("sql", query)
    assert result.exit_code == exit_code
    assert result.stderr.startswith(f"error[{code}]: ")


def test_an_error_for_a_program_is_a_problem(filled: Candor) -> None:
    result = filled("sql", "DROP TABLE directory", "--json")
    assert result.stdout == ""
    assert '"code": "query_refused"' in result.stderr
    assert '"status": 403' in result.stderr


def test_a_documents_text_in_a_pipe_is_exactly_what_is_stored(
    candor: Candor, tmp_path: Path
) -> None:
    (tmp_path / "odd.md").write_text("# Bell\n\nThe red bell \u202e rings.\n")
    candor("ingest", str(tmp_path / "odd.md"))
    stored = read_json(candor("documents", "show", "odd.md", "--text", "--json"))["text"]
    assert candor("documents", "show", "odd.md", "--text").stdout == stored
