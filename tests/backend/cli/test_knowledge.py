"""Ingest, search, documents, tables and sql, as a person and a program use them."""

from pathlib import Path

import pytest

from benchmarks.hostile_files import hidden_elements
from tests.backend.cli.conftest import Candor, read_json


def test_ingest_tells_what_it_did(candor: Candor, corpus: Path) -> None:
    result = candor("ingest", str(corpus))
    assert result.exit_code == 0
    assert result.stdout.startswith("4 added, ")
    assert "1/4 added policies/leave.md" in result.stderr


def test_ingest_again_changes_nothing(ingested: Candor, corpus: Path) -> None:
    result = ingested("ingest", str(corpus))
    assert result.stdout.startswith("4 unchanged in ")
    assert "unchanged" not in result.stderr


def test_a_broken_file_is_named_and_the_rest_goes_on(candor: Candor, corpus: Path) -> None:
    (corpus / "broken.pdf").write_bytes(b"%PDF-1.7 and then nothing")
    result = candor("ingest", str(corpus))
    assert result.exit_code == 1
    assert result.stdout.startswith("4 added, 1 failed")
    assert "failed: broken.pdf" in result.stderr
    assert "error[source_broken]: " in result.stderr
    assert "hint: " in result.stderr


def test_a_file_that_costs_too_much_is_named_and_the_rest_goes_on(
    candor: Candor, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("READ_TIMEOUT_SECONDS", "3")
    (corpus / "a.html").write_bytes(hidden_elements())
    result = candor("ingest", str(corpus))
    assert result.exit_code == 1
    assert result.stdout.startswith("4 added, 1 failed")
    assert "failed: a.html" in result.stderr
    assert "error[source_too_costly]: Reading it takes longer than 3 seconds." in result.stderr
    assert "hint: Split or simplify the file, or raise READ_TIMEOUT_SECONDS." in result.stderr


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
    assert result.stderr == ""


def test_a_table_that_is_not_called_as_its_file_is_told(candor: Candor, tmp_path: Path) -> None:
    for folder in ("nfl", "fpl"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "players.csv").write_text(f"id,name\n1,{folder}\n")
    assert "note: " not in candor("ingest", str(tmp_path / "nfl")).stderr

    told = candor("ingest", str(tmp_path / "fpl")).stderr
    again = read_json(candor("ingest", str(tmp_path / "fpl"), "--json"))
    name = told.partition("as the table `")[2].partition("`")[0]

    assert f"note: players.csv is loaded as the table `{name}`, because `players` is taken." in told
    assert "fpl" in candor("sql", f"SELECT name FROM {name}").stdout
    assert again["notices"] == []  # nothing was stored


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


def test_one_file_that_is_no_document_is_a_failure(candor: Candor, corpus: Path) -> None:
    (corpus / "data.json").write_text("{}")
    result = candor("ingest", str(corpus / "data.json"))
    assert result.exit_code == 1
    assert "error[source_binary]: It is data, not a document" in result.stderr
    assert "hint: If it is prose, give it the ending .txt or .md." in result.stderr


def test_ingest_of_a_path_that_is_not_there(candor: Candor) -> None:
    result = candor("ingest", "no/such/folder")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("error[source_not_found]: ")


def test_several_paths_are_ingested_with_one_summary(candor: Candor, corpus: Path) -> None:
    files = sorted(str(path) for path in (corpus / "policies").glob("*.md"))
    result = candor("ingest", *files, str(corpus / "runbooks"), str(corpus / "nowhere"))
    assert result.exit_code == 1
    assert result.stdout.startswith("3 added, 1 failed, ")
    assert f"failed: {corpus / 'nowhere'}\n  error[source_not_found]: " in result.stderr
    again = candor("ingest", *files, str(corpus / "runbooks"))
    assert (again.exit_code, again.stdout[:12]) == (0, "3 unchanged ")


def test_an_empty_path_is_not_the_current_folder(candor: Candor) -> None:
    result = candor("ingest", "")
    assert result.exit_code == 2
    assert "error[source_not_found]: The path is empty." in result.stderr


def test_a_vanished_file_goes_with_prune(ingested: Candor, corpus: Path) -> None:
    (corpus / "policies" / "leave.md").unlink()
    assert "removed" not in ingested("ingest", str(corpus)).stdout
    assert "1 removed" in ingested("ingest", str(corpus), "--prune").stdout
    assert "leave.md" not in ingested("documents").stdout


def test_a_category_can_be_given(candor: Candor, corpus: Path) -> None:
    candor("ingest", str(corpus / "runbooks"), "--category", "manuals")
    assert read_json(candor("documents", "--json"))["documents"][0]["category"] == "manuals"


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


def test_search_in_an_empty_library_says_how_to_begin(candor: Candor) -> None:
    result = candor("search", "anything")
    assert result.exit_code == 3
    assert result.stdout == ""
    assert "candor ingest" in result.stderr


NO_SUCH_CATEGORY = "error[category_unknown]: There is no category 'recipes'. There are: general, policies, runbooks.\n"


@pytest.mark.parametrize(
    "command",
    [
        ("documents",),
        ("documents", "remove", "--yes"),
        ("search", "passwords"),
        ("ask", "How often are passwords rotated?"),
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


@pytest.mark.parametrize("category", ["POLICIES", " policies "])
def test_a_category_is_known_whatever_its_case(filled: Candor, category: str) -> None:
    assert filled("search", "passwords", "--category", category).exit_code == 0


def test_while_nothing_is_stored_there_is_no_category(candor: Candor) -> None:
    result = candor("search", "anything", "--category", "policies")
    assert result.exit_code == 2
    assert "nothing has been ingested yet" in result.stderr
    assert "hint: Begin with: candor ingest" in result.stderr


def test_an_empty_query_is_wrong_input(filled: Candor) -> None:
    result = filled("search", "  ")
    assert result.exit_code == 2
    assert "the query is empty." in result.stderr


def test_a_dash_after_two_dashes_is_text(filled: Candor) -> None:
    assert filled("search", "--", "--passwords").exit_code == 0


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


def test_a_list_of_documents_has_pages(filled: Candor) -> None:
    result = filled("documents", "--limit", "2")
    assert len(result.stdout.splitlines()) == 3
    assert "--offset 2" in result.stderr


def test_no_documents_say_how_to_begin(candor: Candor) -> None:
    result = candor("documents")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "candor ingest" in result.stderr
    assert read_json(candor("documents", "--json"))["documents"] == []


def test_a_document_is_shown_by_name_or_id(filled: Candor) -> None:
    by_name = filled("documents", "show", "policies/leave.md")
    assert "title:       Leave policy" in by_name.stdout
    own = read_json(filled("documents", "show", "policies/leave.md", "--json"))["id"]
    assert filled("documents", "show", own).stdout == by_name.stdout


def test_a_documents_text_is_written_alone(filled: Candor) -> None:
    result = filled("documents", "show", "policies/leave.md", "--text")
    assert "until the end of March." in result.stdout
    assert "title:         " not in result.stdout


def test_a_version_that_an_answer_cites_is_shown_as_it_was(candor: Candor, tmp_path: Path) -> None:
    file = tmp_path / "oven.md"
    texts = ("Descale the oven every 45 days.\n", "Descale the oven every 60 days.\n")
    versions: list[int] = []
    for text in texts:
        file.write_text(text)
        assert candor("ingest", str(file)).exit_code == 0
        versions.append(read_json(candor("documents", "show", "oven.md", "--json"))["version_id"])
    assert candor("documents", "show", "oven.md", "--text").stdout == texts[1]
    cited = ("documents", "show", "oven.md", "--version", str(versions[0]))
    assert candor(*cited).stdout == texts[0]
    shown = read_json(candor(*cited, "--json"))
    assert (shown["version_id"], shown["text"]) == (versions[0], texts[0])
    assert candor(*cited[:-1], "1").exit_code == 3


def test_a_document_that_is_not_there(candor: Candor) -> None:
    result = candor("documents", "show", "nothing.md")
    assert result.exit_code == 3
    assert result.stderr.startswith("error[document_not_found]: ")


def test_tables_are_listed_with_columns(filled: Candor) -> None:
    result = filled("tables")
    assert "directory — " in result.stdout
    assert "3 rows" in result.stdout
    assert "role text" in result.stdout
    assert read_json(filled("tables", "--json"))["tables"][0]["rows"] == 3


def test_no_tables_say_how_to_begin(candor: Candor) -> None:
    result = candor("tables")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "candor ingest" in result.stderr


def test_sql_shows_rows(filled: Candor) -> None:
    result = filled("sql", "SELECT name, office FROM directory ORDER BY name LIMIT 2")
    assert result.stdout.splitlines() == [
        "name         office",
        "Ada Byron    London",
        "Alan Turing  Manchester",
    ]


@pytest.mark.parametrize("comment", ["-- how many\n", "--how many\n", "-- a=b\n", "\n--all\n"])
def test_sql_may_begin_with_a_comment(filled: Candor, comment: str) -> None:
    rows = read_json(filled("sql", f"{comment}SELECT count(*) FROM directory", "--json"))
    assert rows["rows"] == [[3]]
    assert rows["sql"].startswith("--")


def test_an_option_that_sql_does_not_have_is_no_comment(filled: Candor) -> None:
    result = filled("sql", "--count", "SELECT 1")
    assert result.exit_code == 2
    assert "No such option: --count" in result.stderr


def test_sql_for_a_program(filled: Candor) -> None:
    rows = read_json(filled("sql", "SELECT count(*) AS people FROM directory", "--json"))
    assert rows["columns"] == ["people"]
    assert rows["rows"] == [[3]]


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


def test_reindex_rebuilds(filled: Candor) -> None:
    result = filled("reindex")
    assert result.exit_code == 0
    assert "4 changed" in result.stdout


def test_text_from_documents_cannot_steer_the_terminal(candor: Candor, tmp_path: Path) -> None:
    (tmp_path / "evil.md").write_text("# Bell\n\nThe red bell \u202e rings \u009b31m twice.\n")
    assert candor("ingest", str(tmp_path / "evil.md")).exit_code == 0
    result = candor("search", "bell")
    assert "The red bell \\u202e rings" in result.stdout
    assert "\u202e" not in result.stdout
    assert "\u009b" not in result.stdout


def test_a_documents_text_in_a_pipe_is_exactly_what_is_stored(
    candor: Candor, tmp_path: Path
) -> None:
    (tmp_path / "odd.md").write_text("# Bell\n\nThe red bell \u202e rings.\n")
    candor("ingest", str(tmp_path / "odd.md"))
    stored = read_json(candor("documents", "show", "odd.md", "--text", "--json"))["text"]
    assert candor("documents", "show", "odd.md", "--text").stdout == stored


def test_no_answers_say_how_to_begin(candor: Candor) -> None:
    result = candor("answers")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "candor ask" in result.stderr


def test_an_answer_that_is_not_there(candor: Candor) -> None:
    result = candor("answers", "show", "ans_none")
    assert result.exit_code == 3
    assert result.stderr.startswith("error[answer_not_found]: ")
