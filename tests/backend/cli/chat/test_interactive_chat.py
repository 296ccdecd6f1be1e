"""The typed line without a terminal: what Enter means, and where the history is kept."""

import signal
import stat
from pathlib import Path

import pytest
from prompt_toolkit.history import FileHistory, InMemoryHistory

from backend.cli.chat.interactive_chat import continues, open_history, unquote
from backend.cli.terminal.terminal import Interrupts, interrupts


@pytest.mark.parametrize(
    ("typed", "more"),
    [
        ("How often?", False),
        ("a line\\", True),
        ('"""', True),
        ('"""quoted', True),
        ('"""quoted\nto here"""', False),
        ('""""""', False),
        ('not """at the beginning', False),
    ],
)
def test_enter_sends_or_begins_another_line(typed: str, more: bool) -> None:
    assert continues(typed) is more


def test_three_quotes_are_not_part_of_the_question() -> None:
    assert unquote('  """one\ntwo"""\n') == "one\ntwo"
    assert unquote('""""""') == ""
    assert unquote(' say """this""" ') == 'say """this"""'


def test_what_was_typed_is_private_even_in_a_file_that_was_not(tmp_path: Path) -> None:
    file = tmp_path / "new" / "history"
    history = open_history(file)
    assert isinstance(history, FileHistory)
    history.append_string("bytes that are no text: \udcff")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.chmod(0o644)
    assert list(open_history(file).load_history_strings()) == ["bytes that are no text: ?"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_without_a_place_the_history_lasts_as_long_as_the_program(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert isinstance(open_history(tmp_path / "file" / "history"), InMemoryHistory)
    assert "note: Your input history cannot be saved: " in capsys.readouterr().err


def test_a_file_that_cannot_grow_does_not_end_the_conversation(tmp_path: Path) -> None:
    history = open_history(tmp_path / "history")
    (tmp_path / "history").unlink()
    (tmp_path / "history").mkdir()
    history.append_string("still here")
    assert history.get_strings() == ["still here"]


@pytest.mark.anyio
async def test_only_the_innermost_listener_hears_of_an_interrupt() -> None:
    heard: list[str] = []
    taken = Interrupts()
    taken.press()
    with taken.calling(lambda: heard.append("outer")):
        with taken.calling(lambda: heard.append("inner")):
            taken.press()
        taken.press()
    assert heard == ["inner", "outer"]


@pytest.mark.anyio
async def test_signals_are_as_they_were_afterwards_and_ignored_ones_stay_ignored() -> None:
    before = signal.getsignal(signal.SIGINT)
    hang_up = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interrupts(lambda: None):
            assert signal.getsignal(signal.SIGINT) is not before
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        assert signal.getsignal(signal.SIGINT) is before
    finally:
        signal.signal(signal.SIGHUP, hang_up)
