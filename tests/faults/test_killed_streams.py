"""A server that is killed in the middle of 50 answers: every question is there, and chats go on."""

import signal
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.faults.asking import Reader, reading
from tests.faults.serving import kept, serving
from tests.faults.tuning import integrity
from use_cases.chat.model import Message, Role

pytestmark = pytest.mark.anyio

STREAMS = 50


@pytest.mark.exhaustive
async def test_after_a_kill_every_question_is_there_no_answer_is_half_and_chats_go_on(
    tmp_path: Path,
) -> None:
    whole = [Reader(f"A quick question, {n}?") for n in range(3)]
    halves = [Reader(f"An endless question, {n}?") for n in range(STREAMS)]
    with serving(tmp_path) as server:
        async with reading(server.url, whole):
            pass
        async with reading(server.url, halves):
            server.tell(signal.SIGKILL)
        assert server.wait() == -signal.SIGKILL
    assert all(reader.ended for reader in whole)
    assert not any(reader.ended for reader in halves)
    assert integrity(tmp_path / "var" / "candor.sqlite") == ["ok"]
    before = await kept(tmp_path)
    assert set(before) == {reader.question for reader in (*whole, *halves)}
    for reader in whole:
        asked, answered = before[reader.question]
        assert (asked.role, answered.role) == (Role.USER, Role.ASSISTANT)
        assert answered.answer is not None
    for reader in halves:
        (asked,) = before[reader.question]
        assert (asked.role, asked.parent_id, asked.answer) == (Role.USER, None, None)
    await _goes_on(tmp_path, before, whole[0], halves[:2])
    assert integrity(tmp_path / "var" / "candor.sqlite") == ["ok"]


async def _goes_on(
    folder: Path, before: Mapping[str, list[Message]], whole: Reader, halves: list[Reader]
) -> None:
    """After a new start, chats with and without an answer take a new question."""
    again = [
        Reader("And a quick one more?", before[old.question][0].chat_id) for old in (whole, *halves)
    ]
    with serving(folder) as server:
        async with reading(server.url, again):
            pass
        server.tell(signal.SIGTERM)
        assert server.wait() == 0
    assert all(reader.ended and reader.last.startswith("d:") for reader in again)
    after = await kept(folder)
    assert set(after) == set(before)
    for old, new in zip((whole, *halves), again, strict=True):
        messages = after[old.question]
        assert messages[:-2] == before[old.question]
        assert messages[-2].text == new.question
        assert messages[-2].parent_id == before[old.question][-1].message_id
        assert messages[-1].answer is not None
