"""Uploads that cost too much, and uploads that nobody waits for any more."""

import http.client
import json
import os
import select
import socket
from collections.abc import Generator, Iterator, Mapping, Set
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from starlette.testclient import TestClient

from backend.settings.settings import Settings
from benchmarks.hostile_files import (
    endless_page,
    hidden_elements,
    long_table,
    many_attributes,
    many_paragraphs,
    nested_elements,
    spanning_cell,
)
from tests.backend.http.conftest import application, served
from tests.backend.http.listening import listening
from tests.patience import PATIENCE

HASTY, PATIENT = 2.0, 600.0


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Generator[Mapping[float, TestClient]]:
    """Servers that give a file so many seconds and 256 MiB."""
    with ExitStack() as servers:
        yield {
            seconds: servers.enter_context(
                served(
                    Settings.model_construct(
                        data_dir=tmp_path_factory.mktemp("reading") / "var",
                        read_timeout_seconds=seconds,
                        read_memory_mb=256,
                    )
                )
            )
            for seconds in (HASTY, PATIENT)
        }


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("seconds", "name", "content", "status", "code"),
    [
        (HASTY, "nested.html", nested_elements(), 422, "source_too_costly"),
        (HASTY, "attributes.html", many_attributes(), 422, "source_too_costly"),
        (HASTY, "hidden.html", hidden_elements(), 422, "source_too_costly"),
        (PATIENT, "long.csv", long_table(300_000), 413, "source_too_large"),
        (PATIENT, "paragraphs.docx", many_paragraphs(), 413, "source_too_large"),
        (PATIENT, "spanning.docx", spanning_cell(), 422, "source_too_costly"),
    ],
)
def test_a_costly_file_is_refused_with_code_and_hint(
    reading: Mapping[float, TestClient],
    seconds: float,
    name: str,
    content: bytes,
    status: int,
    code: str,
) -> None:
    client = reading[seconds]
    response = client.post("/knowledge/documents", files={"file": (name, content)})
    problem = response.json()
    assert (response.status_code, problem["code"]) == (status, code)
    assert problem["hint"]
    good = client.post("/knowledge/documents", files={"file": ("good.md", b"# Good\n\nText.")})
    assert good.status_code in {200, 201}


@pytest.mark.exhaustive
def test_a_closed_connection_ends_the_reading(settings: Settings) -> None:
    settings = settings.model_copy(update={"read_timeout_seconds": 3600.0})
    content = endless_page()
    head = (
        "POST /knowledge/documents HTTP/1.1\r\nHost: localhost\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n"
    )
    part = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.html"\r\n\r\n'
    body = part + content + b"\r\n--b--\r\n"
    others = set(_children())
    with listening(application(settings)) as base:
        address = urlsplit(base)
        with socket.create_connection((address.hostname, address.port)) as connection:
            connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            reader = os.pidfd_open(_busy_reader(others))
        ended, _, _ = select.select([reader], [], [], PATIENCE)
        os.close(reader)
        assert ended
        asked = http.client.HTTPConnection(str(address.hostname), address.port)
        asked.request("GET", "/knowledge/documents", headers={"Host": "localhost"})
        assert json.loads(asked.getresponse().read())["documents"] == []
        asked.close()


def _busy_reader(others: Set[int]) -> int:
    """The process that reads for this one, once it has computed longer than its start takes.

    The `others` have read for the servers of other tests.
    """
    while True:
        for child in set(_children()) - others:
            with suppress(OSError):  # it has ended
                command = Path(f"/proc/{child}/cmdline").read_bytes()
                ticks = int(Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[11])
                if b"reading_worker" in command and ticks > os.sysconf("SC_CLK_TCK"):
                    return child


def _children() -> Iterator[int]:
    for task in Path("/proc/self/task").iterdir():
        with suppress(OSError):  # the thread has ended
            yield from map(int, (task / "children").read_text().split())
