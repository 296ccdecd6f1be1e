"""Uploads and sweeps whose process is killed: bytes and row are both there, or neither."""

from pathlib import Path

import pytest

from tests.contracts.keeping import ANNA
from tests.faults.parts import run_program
from tests.use_cases.conversations.attaching import (
    attaching,
    make_conversations,
    remove_conversation,
)
from use_cases.conversations.manage_attachments import UPLOAD_TIME

pytestmark = pytest.mark.anyio


@pytest.mark.exhaustive
@pytest.mark.parametrize(("moment", "left"), [("before", 0), ("after", 1)])
async def test_a_killed_upload_leaves_nothing_and_can_be_repeated(
    tmp_path: Path, moment: str, left: int
) -> None:
    async with attaching(tmp_path) as files:
        await make_conversations(files.store)
        run_program("killed_upload", tmp_path, moment)
        assert len(files.objects()) == left
        assert await files.manage.list(ANNA, "chat_anna") == []
        made = (await files.add(ANNA, "chat_anna", "a.txt", b"one")).attachment
        files.clock.move(UPLOAD_TIME.total_seconds())
        assert await files.sweep.run() == 1
        assert files.objects() == [made.key]


@pytest.mark.exhaustive
async def test_a_killed_sweep_is_done_by_the_next_one(tmp_path: Path) -> None:
    async with attaching(tmp_path) as files:
        await make_conversations(files.store)
        await files.add(ANNA, "chat_anna", "a.txt", b"one")
        await remove_conversation(files.store, "chat_anna")
        run_program("killed_upload", tmp_path, "removed")
        assert files.objects() == []
        assert await files.sweep.run() == 1
        assert await files.sweep.run() == 0
