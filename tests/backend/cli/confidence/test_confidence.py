"""`candor confidence`: the report on a file and on the record, tuning, and what cannot be reported."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from backend.cli.confidence.confidence import read_forecasts
from backend.cli.confidence.report_view import band_table
from backend.settings.settings import load_settings
from tests.backend.cli.conftest import Candor, read_json
from tests.backend.http.advised import keep, overconfident, response
from use_cases.advice.errors import CasesInvalid
from use_cases.advice.model import OutcomeState
from use_cases.kernel.statistics.figures import Forecast
from use_cases.kernel.statistics.report import calibration_report

BANDS = {0.15: (40, 6), 0.55: (200, 110), 0.85: (400, 240), 0.95: (4, 4)}
"""Of each stated confidence: how many, and how many of them were right."""

TABLE = """\
CONFIDENCE    N   MEAN   RIGHT  95% INTERVAL  VERDICT
[0.0, 0.1)    0
[0.1, 0.2)   40  15.0%   15.0%     7% to 29%  ○ no verdict: too few
[0.2, 0.3)    0
[0.3, 0.4)    0
[0.4, 0.5)    0
[0.5, 0.6)  200  55.0%   55.0%    48% to 62%  ● within chance
[0.6, 0.7)    0
[0.7, 0.8)    0
[0.8, 0.9)  400  85.0%   60.0%    55% to 65%  ◆ beyond chance: overconfident
[0.9, 1.0]    4  95.0%  100.0%   51% to 100%  ○ no verdict: under 20 outcomes
"""


def forecasts() -> list[Forecast]:
    return [
        Forecast(probability, place < right)
        for probability, (count, right) in BANDS.items()
        for place in range(count)
    ]


def text(lines: list[list[tuple[str, str]]]) -> str:
    return "\n".join("".join(part for part, _ in line).rstrip() for line in lines) + "\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The same as a file, with two that have no outcome yet and one that does not count."""
    rows = [f"{row.probability},{int(row.right)}" for row in forecasts()]
    path = tmp_path / "forecasts.csv"
    path.write_text("\n".join(["probability,outcome", *rows, "0.5,", "0.5,pending", "0.5,void"]))
    return path


def test_the_table_as_a_terminal_shows_it() -> None:
    assert text(band_table(calibration_report(forecasts()).bands)) == TABLE


def test_every_verdict_has_a_mark_of_its_own_beside_its_colour() -> None:
    lines = band_table(calibration_report(forecasts()).bands)
    marked = {
        part[0]: style for line in lines for part, style in line if part[:1] in ("●", "◆", "○")
    }
    assert marked == {"●": "cyan", "◆": "red", "○": "bright_black"}


def test_a_file_is_reported_in_figures_and_words(candor: Candor, file: Path) -> None:
    result = candor("confidence", "report", "--csv", str(file))
    assert result.exit_code == 0, result.stderr
    said = result.stdout
    assert said.startswith(
        "forecasts.csv: 644 outcomes (>99% of the advice that can be scored), 55.9% right\n"
        "Left out: 1 void\n\n"
    )
    assert "◆ beyond chance: overconfident" in said
    assert "Brier score        0.2727 [" in said
    assert "always saying 55.9% would score 0.2465; the advice is 10.6% worse" in said
    assert "a calibrated adviser would have" in said
    assert "On average         overconfident by 15.5 points" in said
    assert "\x1b[" not in said


def test_a_file_is_reported_for_a_program(candor: Candor, file: Path) -> None:
    found = read_json(candor("confidence", "report", "--csv", str(file), "--json"))
    assert (found["n"], found["coverage"]) == (644, 644 / 646)
    assert len(found["calibration"]["bands"]) == 10
    assert found["calibration"]["bands"][8]["state"] == "miscalibrated"
    assert found["scores"]["brier"]["interval"][0] < found["scores"]["brier"]["value"]


def test_the_picture_is_written_whole(candor: Candor, file: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.SVG"
    assert candor("confidence", "report", "--csv", str(file), "--out", str(out)).exit_code == 0
    assert ElementTree.parse(out).getroot().get("role") == "img"
    assert sorted(path.name for path in tmp_path.glob("*a*")) == ["a.SVG", "forecasts.csv"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "has no column probability and no column outcome."),
        ("probability,outcome\n1.2,1\n", "Line 2: probability '1.2' is not from 0 to 1."),
        ("probability,outcome\nmany,1\n", "Line 2: probability 'many' is no number."),
        ("probability,outcome\n0.5,0.5\n", "Line 2: outcome '0.5' is none of"),
        ("probability,outcome\n\n0.5\n", "Row 3: 1 cells under 2 columns."),
        ("probability,outcome,date\n0.5,1,soon\n", "Line 2: date 'soon' is not written as"),
        ("probability,probability,outcome\n", "has the column probability twice."),
        ("probability,outcome\n0.5,\xff\n", "is not in UTF-8."),
    ],
)
def test_a_file_that_cannot_be_used_is_said(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "wrong.csv"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(CasesInvalid, match=re.escape(said)):
        read_forecasts(path)


def test_what_else_cannot_be_reported_is_said(candor: Candor, file: Path, tmp_path: Path) -> None:
    missing = candor("confidence", "report", "--csv", str(tmp_path / "none.csv"))
    assert (missing.exit_code, "No such file" in missing.stderr) == (2, True)
    kind = candor("confidence", "report", "--csv", str(file), "--out", "a.png")
    assert (kind.exit_code, "End the name in .svg." in kind.stderr) == (2, True)
    nowhere = candor("confidence", "report", "--csv", str(file), "--out", "/nowhere/a.svg")
    assert (nowhere.exit_code, "cannot be written" in nowhere.stderr) == (7, True)
    both = candor("confidence", "report", "--csv", str(file), "--days", "7")
    assert both.exit_code == 2
    assert candor("confidence", "report", "--days", "0").exit_code == 2


def test_no_rows_are_no_error(candor: Candor, tmp_path: Path) -> None:
    path = tmp_path / "empty.csv"
    path.write_text("probability,outcome\n")
    result = candor("confidence", "report", "--csv", str(path))
    assert result.exit_code == 3
    assert result.stdout.startswith("empty.csv: 0 outcomes; a report needs 30.")


def test_an_empty_record_says_how_to_begin(candor: Candor) -> None:
    result = candor("confidence")
    assert result.exit_code == 0
    assert result.stdout == (
        "Confidence as shown, last 365 days: 0 outcomes; a report needs 30. Ask for advice: "
        'candor advise "…"\n'
    )
    assert candor("confidence", "recent").exit_code == 0
    assert read_json(candor("confidence", "report", "--json"))["window"]["days_back"] == 365
    assert candor("confidence", "resolve").stdout == "0 right, 0 wrong, 0 void; 0 not over yet\n"


def test_few_outcomes_are_one_line_that_says_what_to_do(candor: Candor) -> None:
    advice = [(response(0, 8000), OutcomeState.RIGHT), (response(1, 7000), None)]
    keep(load_settings(), advice)
    result = candor("confidence", "report")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        "Confidence as shown, last 365 days: 1 outcome; a report needs 30. Record the outcome "
        "of the 1 pending: candor feedback last right, or candor confidence resolve\n"
    )
    assert read_json(candor("confidence", "report", "--json"))["window"]["counts"]["resolved"] == 1


def test_few_outcomes_withhold_no_rejection(candor: Candor, tmp_path: Path) -> None:
    path = tmp_path / "few.csv"
    rows = [f"0.9,{int(n < 9)}" for n in range(29)]
    path.write_text("\n".join(["probability,outcome", *rows]))
    (line,) = candor("confidence", "report", "--csv", str(path)).stdout.splitlines()
    assert line == (
        "few.csv: 29 outcomes; a report needs 30. Already overconfident beyond chance where 90% was "
        "claimed: 9 of 29 right. Add rows with an outcome; --json has the figures of few."
    )


def test_without_outcomes_nothing_is_tuned_and_nothing_rolled_back(candor: Candor) -> None:
    tried = candor("confidence", "tune", "--apply", "--profile", "fantasy-nfl")
    assert tried.exit_code == 0
    assert "Nothing was changed." in tried.stdout
    assert "--profile" not in tried.stderr
    unnamed = candor("confidence", "tune", "--json")
    assert read_json(unnamed)["n"] == 0
    assert "Only outcomes of general count here: --profile" in unnamed.stderr
    assert candor("confidence", "rollback").exit_code == 5
    status = candor("confidence", "status", "--profile", "fantasy-nfl")
    assert "Nothing was tuned" in status.stdout
    assert "\nEvery response\n" in status.stdout
    assert "not_applied" in status.stdout
    assert candor("confidence", "tune", "--profile", "none").exit_code == 2


def test_a_base_rate_in_force_is_no_untuned_confidence(candor: Candor) -> None:
    outcomes = [OutcomeState.RIGHT if n % 20 < 11 else OutcomeState.WRONG for n in range(199)]
    keep(load_settings(), [(response(n, 8000), each) for n, each in enumerate(outcomes)])
    status = candor("confidence", "status", "--profile", "general")
    assert status.stdout.startswith("general: untuned, a base rate is in force\n")
    assert "Nothing was tuned" not in status.stdout
    assert "In place of stated confidence that does not separate right from wrong:\n" in (
        status.stdout
    )
    assert "The base rate is 55% (110 of 199 right, 95% interval 48% to 62%)" in status.stdout
    assert "base rate" not in status.stderr


def test_profiles_are_listed_shown_and_checked(candor: Candor) -> None:
    listed = read_json(candor("profiles", "--json"))["profiles"]
    assert [each["profile"] for each in listed] == ["fantasy-fpl", "fantasy-nfl", "general"]
    assert "weekly_projections" in candor("profiles", "fantasy-nfl").stdout
    assert read_json(candor("profiles", "general", "--json"))["profile_id"] == "general"
    checked = candor("profiles", "fantasy-nfl", "--check")
    assert checked.exit_code == 1
    assert "FAILED" in checked.stdout
    assert read_json(candor("profiles", "general", "--check", "--json"))["ok"] is True
    assert candor("profiles", "none").exit_code == 2


def test_colours_come_on_a_terminal_alone_and_never_with_no_color(
    candor: Candor, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("confidence", "report", "--csv", str(file))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    plain = candor(*words).stdout
    monkeypatch.setattr("backend.cli.terminal.terminal.on_terminal", lambda: True)
    assert "\x1b[31m◆" in candor(*words).stdout
    monkeypatch.setenv("NO_COLOR", "1")
    assert candor(*words).stdout == plain


def test_a_correction_is_tried_applied_shown_and_taken_back(candor: Candor) -> None:
    keep(load_settings(), overconfident())
    tried = candor("confidence", "tune")
    assert "This was a dry run: nothing was changed." in tried.stdout
    assert "Brier score on outcomes not seen: -0." in tried.stdout
    assert candor("confidence", "rollback").exit_code == 5
    applied = read_json(candor("confidence", "tune", "--apply", "--json"))
    assert applied["status"] == "tuning_applied"
    version = applied["version"]
    status = candor("confidence", "status").stdout
    assert status.startswith("general: tuned\n")
    assert version in status
    assert "applied" in status
    back = candor("confidence", "rollback")
    assert back.stdout == "No correction is in force for general.\n"
    assert back.stderr == f"No calibration again, instead of {version}.\n"
    status = candor("confidence", "status").stdout
    assert status.startswith("general: rolled back\n")
    assert "No correction is in force: confidence is shown as the model states it." in status
    assert "It is in force" not in status
    again = candor("confidence", "rollback")
    assert "is in force for general." in again.stdout
    assert f"{version} again, instead of cal_" in again.stderr
    nothing = read_json(candor("confidence", "rollback", "--to", "nothing", "--json"))
    assert nothing["kind"] == "rolled_back"
    refused = candor("confidence", "rollback", "--to", "nothing")
    assert (refused.exit_code, "Nothing is in force for general." in refused.stderr) == (5, True)
    assert candor("confidence", "rollback", "--to", "cal_none").exit_code == 3


def test_what_the_tables_cannot_decide_is_said_with_the_way_out(candor: Candor) -> None:
    keep(load_settings(), [(response(1, 7000, profile="fantasy-nfl"), None)])
    said = candor("confidence", "resolve")
    assert said.exit_code == 1
    assert "note: fantasy-nfl, 1 undecided: " in said.stderr
    assert said.stderr.endswith("\nSay what came of it: candor feedback resp_1 right\n")
    assert candor("feedback", "resp_1", "right").exit_code == 0
    assert candor("confidence", "resolve").exit_code == 0


def test_the_record_is_reported_with_its_coverage(candor: Candor) -> None:
    decided = overconfident()
    keep(load_settings(), [*decided, *((response(900 + n, 6000), None) for n in range(60))])
    said = candor("confidence", "report").stdout
    assert (
        "Confidence as shown, last 365 days: 240 outcomes (80% of the advice that can be scored), 6"
        in said
    )
    assert "◆ beyond chance: overconfident" in said
    listed = candor("confidence", "recent", "--limit", "2", "--outcome", "pending")
    assert "There are more; add --before resp_" in listed.stderr
    assert (
        read_json(candor("confidence", "report", "--which", "stated", "--json"))["window"][
            "confidence"
        ]
        == "stated"
    )
