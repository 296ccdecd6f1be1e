"""The processes that read files: whatever a file costs, it ends within its bounds and harms no other."""

import os
from collections.abc import AsyncIterator

import anyio
import pytest

from benchmarks.hostile_files import (
    endless_page,
    hidden_elements,
    many_attributes,
    spanning_cell,
)
from services.documents.reader import Bounds, DocumentReader, ReadingProcess
from use_cases.knowledge.errors import SourceBroken, SourceTooCostly, SourceUnreadable

pytestmark = pytest.mark.anyio

ENDLESS = endless_page()  # nothing in between can be interrupted
MEGABYTE = 2**20


def processes(reader: DocumentReader) -> set[ReadingProcess]:
    return set(reader._processes)  # pyright: ignore[reportPrivateUsage]


def pids(reader: DocumentReader) -> set[int]:
    return {one._process.pid for one in processes(reader)}  # pyright: ignore[reportPrivateUsage]


def exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
async def reader() -> AsyncIterator[DocumentReader]:
    reader = DocumentReader(Bounds(processes=1, seconds=0.5, memory_bytes=256 * MEGABYTE))
    yield reader
    await reader.close()
    assert not processes(reader)


@pytest.fixture
async def patient() -> AsyncIterator[DocumentReader]:
    """Without a deadline that a test would reach."""
    reader = DocumentReader(Bounds(processes=1, seconds=600))
    yield reader
    await reader.close()
    assert not processes(reader)


async def reading(reader: DocumentReader) -> None:
    """Wait until a process has taken a request: it is ready, and not idle."""
    while not any(process.is_ready for process in processes(reader)):
        await anyio.lowlevel.checkpoint()


async def test_a_file_that_takes_too_long_is_stopped(reader: DocumentReader) -> None:
    with pytest.raises(SourceTooCostly, match=r"longer than 0\.5 seconds") as raised:
        await reader.parse("a.html", ENDLESS)
    assert "READ_TIMEOUT_SECONDS" in raised.value.hint
    assert not processes(reader)


@pytest.mark.parametrize("page", [hidden_elements(), many_attributes(40_000)])
async def test_a_page_of_one_thing_only_is_stopped_by_what_it_costs_its_parser(
    patient: DocumentReader, page: bytes
) -> None:
    with pytest.raises(SourceTooCostly, match="nested too deeply") as raised:
        await patient.parse("a.html", page)
    assert "plain text" in raised.value.hint
    assert (await patient.parse("a.html", b"<p>next")).text == "next"


@pytest.mark.exhaustive
async def test_a_file_that_takes_too_much_memory_is_stopped(patient: DocumentReader) -> None:
    small = DocumentReader(Bounds(memory_bytes=256 * MEGABYTE, seconds=600))
    with pytest.raises(SourceTooCostly, match="more than 256 MiB") as raised:
        await small.parse("a.docx", spanning_cell())
    assert raised.value.hint == "Split the file."
    await small.close()


async def test_a_process_is_kept_for_the_next_file(patient: DocumentReader) -> None:
    await patient.parse("a.md", b"one")
    first = pids(patient)
    await patient.parse("b.md", b"two")
    assert pids(patient) == first


async def test_a_process_that_was_killed_while_idle_is_replaced(patient: DocumentReader) -> None:
    await patient.parse("a.md", b"one")
    (pid,) = pids(patient)
    os.kill(pid, 9)
    await anyio.to_thread.run_sync(os.waitid, os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert (await patient.parse("a.md", b"two")).text == "two"


async def test_a_file_that_makes_its_process_crash_is_broken(patient: DocumentReader) -> None:
    async with anyio.create_task_group() as tasks:

        async def crash() -> None:
            await reading(patient)
            (pid,) = pids(patient)
            os.kill(pid, 11)

        tasks.start_soon(crash)
        with pytest.raises(SourceBroken, match="crash"):
            await patient.parse("a.html", ENDLESS)
    assert (await patient.parse("a.md", b"next")).text == "next"


async def test_a_cancelled_call_ends_its_process(patient: DocumentReader) -> None:
    await patient.parse("a.md", b"text")
    (pid,) = pids(patient)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(patient.parse, "a.html", ENDLESS)
        await anyio.wait_all_tasks_blocked()
        tasks.cancel_scope.cancel()
    assert not exists(pid)
    assert (await patient.parse("a.md", b"next")).text == "next"


async def test_a_call_that_waits_for_its_turn_can_be_cancelled(patient: DocumentReader) -> None:
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(patient.parse, "a.html", ENDLESS)
        await reading(patient)
        with anyio.move_on_after(0):
            await patient.parse("b.md", b"waiting")
        assert len(pids(patient)) == 1
        tasks.cancel_scope.cancel()


async def test_closing_ends_what_is_being_read(patient: DocumentReader) -> None:
    async with anyio.create_task_group() as tasks:

        async def close() -> None:
            await reading(patient)
            await patient.close()

        tasks.start_soon(close)
        with pytest.raises(SourceUnreadable, match="stopped"):
            await patient.parse("a.html", ENDLESS)


async def test_no_more_processes_than_wanted(patient: DocumentReader) -> None:
    async with anyio.create_task_group() as tasks:
        for number in range(5):
            tasks.start_soon(patient.parse, f"{number}.md", b"text")
    assert len(pids(patient)) == 1


@pytest.mark.parametrize("program", ["/bin/false", "/nowhere"])
async def test_without_a_process_the_file_is_unreadable(
    reader: DocumentReader, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    monkeypatch.setattr("sys.executable", program)
    with pytest.raises(SourceUnreadable, match="process that reads files"):
        await reader.parse("a.md", b"text")


async def test_a_process_that_never_starts_is_given_up(
    reader: DocumentReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", "/usr/bin/yes")  # fills the pipe, and reads nothing
    with pytest.raises(SourceUnreadable):
        await reader.parse("a.md", b"text")
