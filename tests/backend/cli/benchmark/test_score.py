"""`candor benchmark score` over real files."""

import json
from pathlib import Path

import pytest
from typer.testing import Result

from backend.installation import samples
from tests.backend.cli.conftest import Candor, read_json

DIRTY = "id,name,size\n7,ann,5\n8,bxb,6\n9,cat,7 kg\n"
CLEAN = "id,name,size\n7,ann,5\n8,bob,6\n9,cat,7\n"
SCHEMA = "id: id\nkey: [name]\nkinds: {name: text, size: number}\n"
FILES = {"dirty.csv": DIRTY, "clean.csv": CLEAN, "schema.yaml": SCHEMA}


@pytest.fixture
def score(candor: Candor) -> Candor:
    for name, text in FILES.items():
        Path(name).write_text(text)

    def run(output: str, *words: str, stdin: str | None = None) -> Result:
        Path("output.csv").write_text(output)
        files = ("--dirty", "dirty.csv", "--clean", "clean.csv", "--output", "output.csv")
        return candor("benchmark", "score", *files, *words, stdin=stdin)

    return run


def test_both_rules_stand_side_by_side(score: Candor) -> None:
    found = score(CLEAN, "--id", "id")
    assert found.exit_code == 0
    lines = {" ".join(line.split()) for line in found.stdout.splitlines()}
    assert {"STRICT CANONICAL", "errors 2 2", "f1 1.000 1.000"} <= lines
    assert "corruption rate 0.00% (0.00% to 48.99%) 0.00% (0.00% to 48.99%)" in lines
    assert "headline is strict" in found.stderr


def test_a_schema_names_ids_and_kinds(score: Candor) -> None:
    found = read_json(score(CLEAN, "--schema", "schema.yaml", "--json"))
    assert (found["status"], found["headline"]) == ("scored", "canonical")
    assert found["strict"]["repair"]["counts"]["errors"] == 2
    assert found["canonical"]["repair"]["counts"]["errors"] == 1
    assert found["changes"]["rows_matched_by"] == "id"


def test_repeated_and_dropped_rows_are_counted(score: Candor) -> None:
    found = score("id,name,extra\n7,ann,x\n7,ann,x\n8,bob,x\n", "--id", "id")
    for note in ("1 row dropped", "1 row repeated by id", "missing: size", "added, and not scored"):
        assert note in found.stderr


def test_claims_are_audited(score: Candor) -> None:
    claim = {"kind": "cell", "rows": ["8"], "column": "name", "old": "bxb", "new": "bob"}
    Path("claims.jsonl").write_text(json.dumps(claim) + "\n\n")
    found = read_json(score(CLEAN, "--id", "id", "--claims", "claims.jsonl", "--json"))
    assert found["strict"]["audit"]["claims_and_changes"] == {
        "precision": 1.0,
        "recall": 0.5,
        "f1": 2 / 3,
    }
    Path("claims.csv").write_text("row,column,kind,old,new\n8,name,cell,bxb,bob\n")
    again = read_json(score(CLEAN, "--id", "id", "--claims", "claims.csv", "--json"))
    assert again == found


@pytest.mark.parametrize("line", ["{", '{"kind": "guess"}'])
def test_a_line_that_is_no_claim_is_named(score: Candor, line: str) -> None:
    Path("claims.jsonl").write_text(f"\n{line}\n")
    found = score(CLEAN, "--id", "id", "--claims", "claims.jsonl")
    assert found.exit_code == 2
    assert "error[edits_invalid]: claims.jsonl, line 2" in found.stderr


def test_an_output_that_is_no_table_is_scored_as_doing_nothing(score: Candor) -> None:
    found = score("", "--id", "id")
    assert found.exit_code == 1
    assert "scored as doing nothing: table_empty" in found.stderr


@pytest.mark.parametrize(
    ("words", "code", "exit_code"),
    [
        (("--id", "none"), "table_header_invalid", 2),
        (("--claims", "none.jsonl"), "table_not_found", 3),
        (("--clean", "other.csv", "--id", "id"), "truth_mismatch", 2),
    ],
)
def test_wrong_input_has_its_error(
    score: Candor, words: tuple[str, ...], code: str, exit_code: int
) -> None:
    Path("other.csv").write_text("id,colour\n7,red\n")
    found = score(CLEAN, *words)
    assert f"error[{code}]" in found.stderr
    assert found.exit_code == exit_code


def test_the_labels_of_injected_errors_are_a_truth(candor: Candor) -> None:
    customers = str(samples() / "clean-tables" / "customers.csv")
    for dimension, ids in (("accuracy", ()), ("uniqueness", ("--id", "row_id"))):
        candor(
            *("benchmark", "inject", customers, "--dimension", dimension, "--level", "hard"),
            *("--out", "dirty.csv", "--truth", "truth.jsonl"),
        )
        words = ("--dirty", "dirty.csv", "--clean", "truth.jsonl", "--output", "dirty.csv")
        found = read_json(candor("benchmark", "score", *words, *ids, "--json"))["strict"]
        errors = {"accuracy": 630, "uniqueness": 45 * 14}[dimension]
        assert found["repair"]["counts"]["errors"] == errors
    assert found["duplicates"]["true_pairs"] == 45
    unnamed = candor("benchmark", "score", *words)
    assert unnamed.exit_code == 2
    assert "--id row_id" in unnamed.stderr
