"""What is written to a terminal cannot steer it, and JSON stays the JSON it was."""

import json
from collections.abc import Callable

import pytest

from backend.cli.terminal import terminal
from use_cases.kernel.errors import InvalidInput

STEERING = "\x1b[2J \x9b31m \x07 \u202e \u061c \x7f"
SPELLED = r"\u001b[2J \u009b31m \u0007 \u202e \u061c \u007f"


@pytest.mark.parametrize("write", [terminal.json_line, terminal.data_json])
def test_json_means_the_same_and_steers_nothing(
    write: Callable[[object], None], capsys: pytest.CaptureFixture[str]
) -> None:
    write({"text": f"Zwölf\n{STEERING}"})
    written = capsys.readouterr().out
    assert f"Zwölf\\n{SPELLED}" in written
    assert json.loads(written) == {"text": f"Zwölf\n{STEERING}"}


def test_so_does_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.report(InvalidInput(STEERING), as_json=True)
    written = capsys.readouterr().err
    assert SPELLED in written
    assert json.loads(written)["detail"] == STEERING


def test_text_is_spelled_out_but_for_its_lines_and_tabs(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.data(f"one\ttwo\n{STEERING}")
    assert capsys.readouterr().out == (
        "one\ttwo\n" + r"\x1b[2J \x9b31m \x07 \u202e \u061c \x7f" + "\n"
    )


def test_a_name_stays_on_its_line() -> None:
    assert terminal.line("a\n8/10 added b.md\x1b[0m") == "a\\n8/10 added b.md\\x1b[0m"


@pytest.mark.parametrize(
    ("columns", "shown"),
    [("30", "one two three four five six\nseven\n"), ("0", None), ("wide", None), ("", None)],
)
def test_a_pipe_is_as_wide_as_columns_says(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    columns: str,
    shown: str | None,
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setattr("sys.__stdout__", None)
    line = "one two three four five six seven"
    terminal.data(line)
    assert capsys.readouterr().out == (shown or f"{line}\n")
    terminal.exact(line)
    assert capsys.readouterr().out == line
