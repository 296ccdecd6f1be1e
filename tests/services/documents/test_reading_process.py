"""A process shares nothing with its parent, and does not outlive it."""

import os
import pickle
import select
import signal
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest

from services.documents.reader import (
    ReadingProcess,
    _AnswerUnpickler,  # pyright: ignore[reportPrivateUsage]
)
from tests.patience import PATIENCE
from use_cases.knowledge.errors import SourceBroken

MEMORY = 512 * 2**20
PARENT = """
import sys
from services.documents.reader import ReadingProcess
process = ReadingProcess(512 * 2**20)
process.wait_until_ready()
print(process._process.pid, flush=True)
sys.stdin.read()
"""


def test_no_key_and_no_terminal_reach_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    process = ReadingProcess(MEMORY)
    pid = process._process.pid  # pyright: ignore[reportPrivateUsage]
    process.wait_until_ready()
    try:
        assert b"sk-secret" not in Path(f"/proc/{pid}/environ").read_bytes()
        assert os.getsid(pid) == pid
    finally:
        process.end()


def test_it_ends_with_a_parent_that_was_killed() -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with parent:
        assert parent.stdout is not None
        child = os.pidfd_open(int(parent.stdout.readline()))
        parent.kill()
    ended, _, _ = select.select([child], [], [], PATIENCE)
    os.close(child)
    assert ended


def test_the_services_sigterm_is_left_to_its_parent() -> None:
    process = ReadingProcess(MEMORY)
    process.wait_until_ready()
    os.kill(process._process.pid, signal.SIGTERM)  # pyright: ignore[reportPrivateUsage]
    assert process.is_alive
    process.end()
    assert not process.is_alive


@pytest.mark.parametrize("sent", [os.kill, subprocess.Popen, Path("x")])
def test_an_answer_holds_no_code(sent: object) -> None:
    with pytest.raises(pickle.UnpicklingError, match="no part of an answer"):
        _AnswerUnpickler(BytesIO(pickle.dumps(sent))).load()


def test_an_error_arrives_as_it_was_raised() -> None:
    error = SourceBroken("It is torn.", hint="Mend it.")
    found = _AnswerUnpickler(BytesIO(pickle.dumps(error))).load()
    assert (type(found), found.detail, found.hint) == (SourceBroken, "It is torn.", "Mend it.")
