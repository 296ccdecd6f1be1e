"""What a reading process does with its requests, run here; and how it ends, run as it is."""

import pickle
import signal
import subprocess
import sys
from collections.abc import Sequence
from io import BytesIO

import pytest

from benchmarks.hostile_files import endless_page, spanning_cell
from services.documents import reading_worker
from services.documents.reading_worker import (
    OUT_OF_MEMORY,
    READY,
    ReadingAnswer,
    Request,
    answer,
    serve,
)
from use_cases.knowledge.errors import SourceBroken
from use_cases.knowledge.model import ParsedDocument


def request(name: str, content: bytes, seconds: float = 600) -> Request:
    return Request(name, content, None, seconds)


def sent(*requests: Request) -> bytes:
    return b"".join(pickle.dumps(tuple(one)) for one in requests)


def served(*requests: Request) -> Sequence[ReadingAnswer]:
    answers = BytesIO()
    serve(BytesIO(sent(*requests)), answers)
    end = answers.tell()
    answers.seek(0)
    found: list[ReadingAnswer] = []
    while answers.tell() < end:
        found.append(ReadingAnswer(*pickle.load(answers)))
    return found


def run(*requests: Request) -> "subprocess.CompletedProcess[bytes]":
    """The process itself, until it ends."""
    return subprocess.run(
        [sys.executable, "-m", "services.documents.reading_worker", str(512 * 2**20)],
        input=sent(*requests),
        capture_output=True,
        check=False,
    )


def test_each_request_has_its_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_worker, "_LARGE_BYTES", 2**50)  # the tests themselves are large
    first, second = served(request("a.md", b"one"), request("b.pdf", b"no PDF"))
    assert isinstance(first.outcome, ParsedDocument)
    assert isinstance(second.outcome, SourceBroken)
    assert not first.is_last


def test_what_a_library_said_is_told_for_the_log() -> None:
    outcome, cause = answer(request("a.docx", spanning_cell()[:-400]))
    assert isinstance(outcome, SourceBroken)
    assert "BadZipFile" in cause


def test_a_process_that_has_grown_takes_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_worker, "_LARGE_BYTES", 0)
    (only,) = served(request("a.md", b"one"), request("b.md", b"two"))
    assert only.is_last


def test_it_ends_with_its_input() -> None:
    ended = run()
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, READY, b"")


@pytest.mark.exhaustive
def test_it_says_that_memory_was_short() -> None:
    ended = run(request("a.docx", spanning_cell()))
    assert (ended.returncode, ended.stderr) == (OUT_OF_MEMORY, b"")


def test_the_system_ends_it_where_its_parent_does_not() -> None:
    ended = run(request("a.html", endless_page(), seconds=0.1 - 5.0))
    assert ended.returncode == -signal.SIGALRM
