"""`candor chat` on a real pseudo-terminal, with a model that waits where the test wants it."""

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.backend.cli.conftest import Candor, read_json
from tests.backend.cli.pseudo_terminal import CTRL_C, CTRL_D, PROMPT, UP, Terminal
from tests.backend.cli.test_program import environment
from tests.patience import PATIENCE

Start: TypeAlias = Callable[..., Terminal]

FIRST = "Passwords must be rotated every 90 days. [1]"
SECOND = "A password has at least 14 characters."


@pytest.fixture
def start(filled: Candor, tmp_path: Path) -> Start:
    """Starts `candor` on a terminal, in a folder where the corpus is ingested."""

    def begin(*words: str, **options: object) -> Terminal:
        return Terminal(tmp_path, *words, **options)  # pyright: ignore[reportArgumentType]

    return begin


def test_an_answer_is_seen_before_it_ends_and_the_next_question_continues_the_chat(
    start: Start, filled: Candor, tmp_path: Path
) -> None:
    with start("chat") as terminal:
        assert "No documents are stored" not in terminal.until(PROMPT)
        terminal.type("How often?\r")
        terminal.until(FIRST)
        assert terminal.process.poll() is None
        terminal.open_gate()
        below = terminal.until("ans_")
        assert SECOND in below
        assert r"\x1b]0;owned\x07" in below  # a title that the model tried to set
        assert "Sources\n[1] Password policy — " in below
        assert "“Passwords must be rotated every 90 days.”" in below
        terminal.ask("And how long?")
        terminal.open_gate()
        terminal.until("ans_")
        terminal.until(PROMPT)
        terminal.type(CTRL_D)
        code, rest = terminal.ended()
    assert code == 0
    [chat] = read_json(filled("conversations", "--json"))["conversations"]
    assert chat["title"] == "How often?"
    assert f"Continue with: candor chat --resume {chat['id']}" in rest
    typed = tmp_path / "var" / "chat_history"
    assert "+And how long?" in typed.read_text()
    assert stat.S_IMODE(typed.stat().st_mode) == 0o600


@pytest.mark.exhaustive
def test_ctrl_c_stops_the_answer_and_not_the_program(start: Start, filled: Candor) -> None:
    with start("chat") as terminal:
        terminal.ask("How often?")
        terminal.until(FIRST)
        terminal.type(CTRL_C)
        assert terminal.told() == "cancelled\n"
        assert "The answer was stopped before it was complete." in terminal.until("ans_")
        terminal.ask("/retry")
        terminal.open_gate()
        assert SECOND in terminal.until("ans_")
        terminal.ask("/quit")
        assert terminal.ended()[0] == 0
    again, stopped = read_json(filled("answers", "--json"))["answers"]
    assert again["chat_id"] == stopped["chat_id"]
    assert (again["interrupted"], stopped["interrupted"]) == (False, True)
    assert filled("answers").stdout.count("answered, interrupted") == 1
    recorded = read_json(filled("answers", "show", stopped["id"], "--json"))
    assert recorded["door"] == "cli"
    assert recorded["interrupted"] is True
    assert recorded["answer"] == FIRST
    assert recorded["sources"][0]["document"] == "policies/passwords.md"


@pytest.mark.exhaustive
def test_ctrl_c_at_the_prompt_clears_the_line_and_twice_leaves(
    start: Start, filled: Candor
) -> None:
    with start("chat") as terminal:
        terminal.until(PROMPT)
        terminal.type(f"never sent{CTRL_C}")
        terminal.until("Press Ctrl-C again or Ctrl-D to leave.")
        terminal.until(PROMPT)
        terminal.type("nor this")
        terminal.until("nor this")
        terminal.process.send_signal(signal.SIGINT)
        terminal.until("Press Ctrl-C again or Ctrl-D to leave.")
        terminal.until(PROMPT)
        terminal.type(CTRL_C)
        assert terminal.ended()[0] == 0
    assert read_json(filled("answers", "--json"))["answers"] == []


@pytest.mark.exhaustive
def test_several_lines_are_one_question(start: Start, filled: Candor) -> None:
    with start("chat") as terminal:
        for typed in (
            "\x1b[200~pasted\nin two\x1b[201~\r",
            "a line\\\rand another\r",
            '"""quoted\r\rto here"""\r',
            f"{UP}{UP}{UP}\r",  # up within the quoted question, then the one before it
        ):
            terminal.open_gate()
            terminal.until(PROMPT)
            terminal.type(typed)
            terminal.until("ans_")
        terminal.ask("/quit")
        terminal.ended()
    asked = [item["question"] for item in read_json(filled("answers", "--json"))["answers"]]
    assert asked[1:] == ["quoted\n\nto here", "a line\nand another", "pasted\nin two"]


@pytest.mark.exhaustive
def test_an_error_in_a_turn_is_two_lines_and_the_conversation_goes_on(start: Start) -> None:
    with start("chat", "--model", "keyless", gated=False) as terminal:
        terminal.ask("How often?")
        terminal.until("error[model_not_configured]: keyless needs a key.\n".replace("\n", "\r\n"))
        terminal.until("hint: ")
        terminal.ask("/model gated")
        terminal.until("Model: gated")
        terminal.ask("/retry")  # the question was never kept, and is asked all the same
        terminal.until("ans_")
        terminal.ask("limited")
        terminal.until("error[rate_limited]: ")
        terminal.ask("/quit")
        assert terminal.ended()[0] == 0


@pytest.mark.exhaustive
def test_a_closed_window_keeps_what_was_said(start: Start, filled: Candor) -> None:
    with start("chat") as terminal:
        terminal.ask("How often?")
        terminal.until(FIRST)
        terminal.hang_up()
        assert terminal.told() == "cancelled\n"
        terminal.process.wait(PATIENCE)
    [stopped] = read_json(filled("answers", "--json"))["answers"]
    assert read_json(filled("answers", "show", stopped["id"], "--json"))["answer"] == FIRST


@pytest.mark.exhaustive
def test_ctrl_c_ends_ask_with_130_and_keeps_what_was_said(start: Start, filled: Candor) -> None:
    with start("ask", "How often?") as terminal:
        terminal.until(FIRST)
        terminal.type(CTRL_C)
        code, rest = terminal.ended()
    assert code == 130
    assert "note: The answer was stopped before it was complete." in rest
    [stopped] = read_json(filled("answers", "--json"))["answers"]
    assert stopped["chat_id"] in rest


def piped(folder: Path, text: str | bytes, *words: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "tests.backend.cli.gated_program", "chat", *words],
        cwd=folder,
        env=environment(),
        input=text.encode() if isinstance(text, str) else text,
        capture_output=True,
        check=False,
        timeout=PATIENCE,
    )


@pytest.mark.exhaustive
def test_each_line_of_a_pipe_is_a_question_and_a_command_is_refused(
    filled: Candor, tmp_path: Path
) -> None:
    run = piped(
        tmp_path, "\ufeffHow often?\r\n\n/Delete it\n//delete\nlimited\nand the last", "--json"
    )
    lines = [json.loads(line) for line in run.stdout.decode().split("\n") if line]
    assert [line["question"] for line in lines] == [
        "How often?",
        "/Delete it",
        "/delete",
        "limited",
        "and the last",
    ]
    assert run.returncode == 6, run.stderr
    assert lines[1]["error"]["detail"].startswith("/Delete is a command of `candor chat`")
    (chat,) = read_json(filled("conversations", "--json"))["conversations"]
    shown = read_json(filled("conversations", "show", chat["id"], "--json"))["messages"]
    assert [one["content"] for one in shown if one["role"] == "user"][:2] == [
        "How often?",
        "/delete",
    ]


@pytest.mark.exhaustive
def test_ctrl_c_ends_a_program_that_waits_for_its_input(filled: Candor, tmp_path: Path) -> None:
    ours, theirs = os.pipe()
    running = subprocess.Popen(
        [sys.executable, "-m", "tests.backend.cli.gated_program", "chat", "--json"],
        cwd=tmp_path,
        env=environment(),
        stdin=ours,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    os.close(ours)
    os.write(theirs, b"How often?\n")
    assert running.stdout is not None
    assert b"How often?" in running.stdout.readline()
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=PATIENCE)
    os.close(theirs)
    assert running.returncode == 130
    assert b"Traceback" not in said
