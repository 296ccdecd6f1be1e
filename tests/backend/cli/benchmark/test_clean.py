"""`candor clean`: a dry run first, files only where they are named, and a model that can be stopped."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import anyio
import pydantic_ai.models
import pytest

from tests.backend.cli.conftest import Candor, read_json
from tests.patience import PATIENCE
from tests.wire.script import HOLD, Reply, Use, fails, says
from tests.wire.stub_provider import StubProvider

HEADER = "name,city,zip\n"
ROWS = [
    f"p{n},{'Boston' if n % 2 else 'Denver'},{'02134' if n % 2 else '80014'}\n" for n in range(40)
]
MODEL = ("--model", "openai:gpt-4o-mini")
PAID = (*MODEL, "--yes")


def form(*rules: object) -> Reply:
    return says(Use("final_result", json.dumps({"rules": rules})))


METRES = {"form": "numbers", "factor": 0.3048, "reason": "feet among metres"}
FIVE = {"form": "values", "texts": [{"old": "five", "new": "5"}], "reason": "a word"}


@pytest.fixture
def stub() -> Iterator[StubProvider]:
    """A provider that does what a test says."""
    with StubProvider() as running, pydantic_ai.models.override_allow_model_requests(True):
        yield running


@pytest.fixture
def people(candor: Candor) -> Candor:
    """The command, in a folder with a table that has one wrong city."""
    Path("people.csv").write_text(HEADER + "p90,Bostxn,02134\n" + "".join(ROWS))
    return candor


@pytest.fixture
def asking(people: Candor, stub: StubProvider, monkeypatch: pytest.MonkeyPatch) -> Candor:
    """The same, with a key for the stub."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    monkeypatch.setenv("OPENAI_BASE_URL", stub.url)
    return people


@pytest.fixture
def boats(asking: Candor, monkeypatch: pytest.MonkeyPatch) -> Candor:
    """The same, with a table that has two kinds of findings without a repair, asked about one by one."""
    monkeypatch.setenv("EVAL_CONCURRENCY", "1")
    lines = [f"b{at},{at % 4 + 3},{at * 7 % 30 + 10}.5\n" for at in range(30)]
    Path("boats.csv").write_text("boat,crew,length\n" + "".join(lines) + "b30,five,40 ft\n")
    return asking


def cleaned() -> str:
    return HEADER + "p90,Boston,02134\n" + "".join(ROWS)


def test_a_dry_run_shows_the_changes_and_writes_nothing(people: Candor) -> None:
    before = sorted(Path().iterdir())
    result = people("clean", "people.csv")
    assert result.exit_code == 0, result.output
    assert re.search(r"city +1 +1 +2\.4% +typo 1", result.stdout)
    assert re.search(r"1 +city +Bostxn +Boston +20 of 21 rows", result.stdout)
    assert "1 cell changed, by the rules “combined”." in result.stderr
    assert "Nothing was written" in result.stderr
    assert {path.name for path in sorted(Path().iterdir())} - {path.name for path in before} <= {
        "var"
    }


def test_edits_are_written_reviewed_and_applied_again(people: Candor) -> None:
    assert people("clean", "people.csv", "--edits", "edits.csv").exit_code == 0
    result = people("clean", "people.csv", "--apply", "edits.csv", "--out", "cleaned.csv")
    assert result.exit_code == 0, result.output
    assert Path("cleaned.csv").read_text() == cleaned()
    assert "1 cell changed, by edits.csv." in result.stderr
    again = people("clean", "cleaned.csv", "--apply", "edits.csv")
    assert again.exit_code == 1
    assert "1 edit rejected: the old text is not there (1)." in again.stderr


def test_what_is_only_found_is_shown_and_written_beside_what_is_repaired(people: Candor) -> None:
    Path("people.csv").write_text(HEADER + "p90,Bostxn,02134\np91,Denver,8001\n" + "".join(ROWS))
    result = people("clean", "people.csv", "--findings", "found.csv")
    assert result.exit_code == 0, result.output
    assert re.search(r"zip +1 +0 +0\.0% +format_variant 1", result.stdout)
    assert re.search(r"2 +zip +8001 +\? +97\.6% of zip have a form", result.stdout)
    assert "1 cell changed, by the rules “combined”; 1 more found" in result.stderr
    assert Path("found.csv").read_text().splitlines() == [
        "row,column,value,error,evidence,repair",
        "1,city,Bostxn,typo,20 of 21 rows with the same zip have 'Boston'.,Boston",
        "2,zip,8001,format_variant,97.6% of zip have a form such as '02134'.,",
    ]
    found = read_json(people("clean", "people.csv", "--json"))["findings"]
    assert [(each["row"], each["column"], each["repair"]) for each in found] == [
        ("1", "city", "Boston"),
        ("2", "zip", None),
    ]


def test_a_good_table_teaches_what_another_one_is_checked_for(people: Candor) -> None:
    Path("good.csv").write_text(HEADER + "".join(ROWS))
    assert people("clean", "good.csv", "--learn", "expect.json").exit_code == 0
    learnt = json.loads(Path("expect.json").read_text())["columns"]
    assert learnt["city"] == {"required": True, "values": ["Boston", "Denver"]}
    assert learnt["zip"] == {"required": True, "pattern": r"\d" * 5}
    assert people("clean", "good.csv", "--expect", "expect.json").exit_code == 0
    wrong = people("clean", "people.csv", "--expect", "expect.json", "--json")
    assert wrong.exit_code == 1
    [found] = json.loads(wrong.stdout)["findings"]
    assert (found["row"], found["column"], found["value"]) == ("1", "city", "Bostxn")
    Path("expect.json").write_text('{"columns": {"city": {"pattern": "("}}}')
    assert (
        "error[table_schema_invalid]"
        in people("clean", "good.csv", "--expect", "expect.json").stderr
    )


def test_odd_rows_of_a_good_table_are_expected(people: Candor) -> None:
    rows = "".join(f"{n},{n}0\n" for n in range(1, 9))
    Path("may.csv").write_text(f"id,spent\n{rows}Total,360\n")
    Path("june.csv").write_text(f"id,spent\n{rows}9\nTotal,360\n")
    assert people("clean", "may.csv", "--learn", "expect.json").exit_code == 0
    assert people("clean", "may.csv", "--expect", "expect.json").exit_code == 0
    short = people("clean", "june.csv", "--expect", "expect.json", "--json")
    assert short.exit_code == 1
    found = read_json(short)["findings"]
    assert {each["row"] for each in found} == {"9"}


def test_labels_and_accepted_formats_teach(people: Candor) -> None:
    lines = [f"{at},{at}.0 kg,{at if at % 3 == 0 else 'N/A'}\n" for at in range(1, 31)]
    Path("parcels.csv").write_text("parcel,weight,dog\n" + "".join(lines))
    offered = people("clean", "parcels.csv")
    assert "offer: 30 cells of weight are numbers such as '1.0 kg'" in offered.stderr
    Path("labels.csv").write_text("row,column,label,new\n1,weight,corrected,1\n5,dog,right,\n")
    words = ("--label", "labels.csv", "--accept", "dog", "--out", "-")
    lines = people("clean", "parcels.csv", *words).stdout.splitlines()
    assert lines[1:6] == ["1,1,", "2,2,", "3,3,3", "4,4,", "5,5,N/A"]
    Path("labels.csv").write_text("row,column,label\n1,weight,perhaps\n")
    refused = people("clean", "parcels.csv", "--label", "labels.csv")
    assert "Line 1 has the label 'perhaps'." in refused.stderr
    assert people("clean", "parcels.csv", "--accept", "parcel").exit_code == 2


@pytest.mark.parametrize(("said", "code", "written"), [("y\nn\n", 0, True), ("y\n", 130, False)])
def test_at_a_terminal_the_end_of_the_answers_ends_the_command_and_is_no_no(
    people: Candor, monkeypatch: pytest.MonkeyPatch, said: str, code: int, written: bool
) -> None:
    monkeypatch.setattr("backend.cli.terminal.terminal.is_interactive", lambda: True)
    lines = [f"{at}.0 kg,{at if at % 3 == 0 else 'N/A'}\n" for at in range(1, 31)]
    Path("parcels.csv").write_text("weight,dog\n" + "".join(lines))
    done = people("clean", "parcels.csv", "--out", "out.csv", stdin=said)
    assert (done.exit_code, Path("out.csv").exists()) == (code, written)
    assert ("Stopped. Nothing was written." in done.stderr) is not written


def test_a_table_that_is_replaced_can_be_brought_back(people: Candor) -> None:
    before = Path("people.csv").read_text()
    assert people("clean", "people.csv", "--undo").exit_code == 3
    done = people("clean", "people.csv", "--out", "people.csv", "--force")
    assert "people.csv~ is the table as it was: candor clean people.csv --undo" in done.stderr
    assert Path("people.csv").read_text() == cleaned()
    again = people("clean", "people.csv", "--out", "people.csv", "--force")
    assert (again.exit_code, "as it was" in again.stderr) == (0, False)
    assert Path("people.csv~").read_text() == before
    assert people("clean", "people.csv", "--undo").exit_code == 0
    assert Path("people.csv").read_text() == before
    assert not list(Path().glob("people.csv~*"))


def test_a_table_is_kept_however_its_name_is_written_and_the_way_back_can_be_copied(
    people: Candor,
) -> None:
    before = Path("people.csv").read_text()
    Path("our people.csv").write_text(before)
    done = people(
        "clean", "our people.csv", "--out", str(Path("our people.csv").resolve()), "--force"
    )
    assert Path("our people.csv").read_text() == cleaned()
    back = done.stderr.split("is the table as it was: candor ")[1].splitlines()[0]
    assert people(*shlex.split(back)).exit_code == 0
    assert Path("our people.csv").read_text() == before


def test_a_table_that_is_replaced_keeps_its_permissions_and_its_link(people: Candor) -> None:
    table, kept = Path("people.csv"), Path("people.csv~")
    before = table.read_text()
    table.chmod(0o600)
    Path("link.csv").symlink_to(table)
    assert people("clean", "link.csv", "--out", "link.csv", "--force").exit_code == 0
    assert Path("link.csv").is_symlink()
    assert (table.read_text(), kept.read_text()) == (cleaned(), before)
    assert {each.stat().st_mode & 0o777 for each in (table, kept)} == {0o600}
    assert people("clean", "link.csv", "--undo").exit_code == 0
    assert Path("link.csv").is_symlink()
    assert table.read_text() == before


def test_a_table_with_tabs_is_written_in_its_place(people: Candor) -> None:
    Path("people.tsv").write_text(Path("people.csv").read_text().replace(",", "\t"))
    assert people("clean", "people.tsv", "--out", "people.tsv", "--force").exit_code == 0
    assert Path("people.tsv").read_text() == cleaned().replace(",", "\t")
    for words in (("people.tsv", "--edits", "edits.tsv"), ("people.csv", "--out", "new.tsv")):
        assert "is written as CSV" in people("clean", *words).stderr


def test_a_schema_fits_in_any_case_and_what_it_states_of_no_column_is_named(people: Candor) -> None:
    Path("rules.yaml").write_text('key: [nobody]\ndependencies: ["ZIP -> City"]\n')
    found = people("clean", "people.csv", "--schema", "rules.yaml")
    assert "no column 'nobody', so what is stated of it is left out" in found.stderr
    assert "rows with the same zip have 'Boston'" in found.stdout


def test_json_has_every_edit_and_what_it_took(people: Candor) -> None:
    found = read_json(people("clean", "people.csv", "--json"))
    assert (found["rows"], found["cells"], found["removed"], found["rejected"]) == (41, 1, 0, {})
    assert found["columns"][0]["errors"] == {"typo": 1}
    [edit] = found["edits"]
    assert (edit["rows"], edit["old"], edit["new"]) == (["1"], "Bostxn", "Boston")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--out", "people.csv"), "people.csv is read, and would be replaced."),
        (("--out", "x.csv", "--edits", "x.csv"), "Two files are to be written to one place."),
        (("--out", "x.xlsx"), "x.xlsx is written as CSV."),
        (("--edits", "-"), "--edits and --findings take the name of a file."),
        (
            ("--apply", "people.csv", *MODEL),
            "--apply, --model, --learn and --expect exclude each other.",
        ),
        (("--json", "--out", "-"), "both write to stdout"),
        (("--budget", "much"), "--budget takes US dollars"),
    ],
)
def test_a_wrong_place_is_an_error_before_anything_is_done(
    people: Candor, words: tuple[str, ...], said: str
) -> None:
    result = people("clean", "people.csv", *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
    assert Path("people.csv").read_text().startswith(HEADER + "p90,Bostxn")


def test_a_missing_table_and_a_model_without_a_key_are_errors(people: Candor) -> None:
    assert people("clean", "nobody.csv").exit_code == 3
    result = people("clean", "people.csv", "--model", "offline:extractive")
    assert result.exit_code == 2
    assert "error[model_cannot_clean]" in result.stderr
    result = people("clean", "people.csv", *MODEL)
    assert "OPENAI_API_KEY is not set" in result.stderr
    assert "let the rules clean" in result.stderr
    assert "offline:" not in result.stderr


def test_the_cost_is_shown_before_a_model_is_asked(boats: Candor, stub: StubProvider) -> None:
    result = boats("clean", "boats.csv", *MODEL)
    assert result.exit_code == 4, result.output
    assert re.search(
        r"2 calls; about [\d,]+ tokens to openai:gpt-4o-mini, .*; a cost of about \$0\.00",
        result.stderr,
    )
    assert stub.requests == []


def test_a_model_answers_by_rules_and_a_second_run_pays_nothing(
    boats: Candor, stub: StubProvider
) -> None:
    stub.answers(form(FIVE), form(METRES))
    result = boats("clean", "boats.csv", *PAID, "--out", "cleaned.csv")
    assert result.exit_code == 0, result.output
    assert Path("cleaned.csv").read_text().splitlines()[-1] == "b30,5,12.192"
    assert re.search(r"length +format_variant +1 +numbers with a decimal point", result.stdout)
    assert "by the rules “combined” and openai:gpt-4o-mini" in result.stderr
    asked = len(stub.requests)
    again = boats("clean", "boats.csv", *PAID, "--json")
    assert len(stub.requests) == asked == 2
    assert (read_json(again)["cached"], read_json(again)["cells"]) == (2, 2)
    assert {each["column"] for each in read_json(again)["rules"]} == {"length", "crew"}


def test_what_needs_a_yes_is_offered_and_taken(boats: Candor, stub: StubProvider) -> None:
    odd = {"form": "values", "texts": [{"old": "five", "new": "many"}]}
    stub.answers(form(odd), form(METRES))
    result = boats("clean", "boats.csv", *PAID, "--out", "-")
    assert "b30,five,12.192" in result.stdout.splitlines()
    assert "offer: 1 cell of crew: 'five' becomes 'many'. Change it? --accept crew" in result.stderr
    taken = boats("clean", "boats.csv", *PAID, "--out", "-", "--accept", "crew")
    assert "b30,many,12.192" in taken.stdout.splitlines()
    assert boats("clean", "boats.csv", *PAID, "--accept", "boat").exit_code == 2
    assert len(stub.requests) == 2


def test_without_a_terminal_a_cost_is_accepted_or_bounded_before_a_model_is_asked(
    boats: Candor, stub: StubProvider
) -> None:
    result = boats("clean", "boats.csv", *MODEL, "--out", "cleaned.csv")
    assert result.exit_code == 4
    assert "error[confirmation_needed]" in result.stderr
    assert "--yes, or bound it with --budget" in result.stderr
    assert (stub.requests, Path("cleaned.csv").exists()) == ([], False)
    stub.answers(form(FIVE), form())
    assert boats("clean", "boats.csv", *MODEL, "--budget", "1").exit_code == 0
    assert stub.requests


def test_a_question_that_fails_is_said_and_a_provider_that_fails_is_an_error(
    boats: Candor, stub: StubProvider
) -> None:
    stub.answers(form(FIVE), says("I cannot."))
    result = boats("clean", "boats.csv", *PAID)
    assert result.exit_code == 1
    assert "1 of 2 questions failed; the first: model_misbehaved" in result.stderr
    stub.answers(fails(401))
    text = Path("boats.csv").read_text().replace("five", "six").replace("40 ft", "41 ft")
    Path("other.csv").write_text(text)
    result = boats("clean", "other.csv", *PAID)
    assert result.exit_code == 6
    assert "error[cleaning_failed]" in result.stderr


@pytest.mark.exhaustive
def test_after_ctrl_c_the_same_command_asks_only_for_the_rest(
    boats: Candor, stub: StubProvider
) -> None:
    stub.answers(form(FIVE), says(HOLD))
    program = [sys.executable, "-m", "backend.cli.program", "clean", "boats.csv", *PAID]
    # One call at a time: the first answer is kept before the second is waited for.
    environment = {**os.environ, "EVAL_CONCURRENCY": "1"}
    with subprocess.Popen(
        program, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=environment
    ) as started:
        anyio.run(stub.holding)
        started.send_signal(signal.SIGINT)
        _, said = started.communicate(timeout=PATIENCE)
    assert started.returncode == 130
    assert "Stopped. Answers so far are kept: the same command goes on." in said
    stub.answers(form())
    result = boats("clean", "boats.csv", *PAID, "--json")
    assert (read_json(result)["cells"], read_json(result)["cached"]) == (1, 1)
