"""A move to a bucket whose process is killed: it goes on, and every attached file is there once, and whole."""

from pathlib import Path

import httpx2
import pytest

from tests.buckets import bucket
from tests.contracts.keeping import ANNA
from tests.fakes.candor import quick_candor
from tests.faults.killed_move import move, settings_of
from tests.faults.parts import run_program
from tests.use_cases.conversations.attaching import attaching, make_conversations
from use_cases.kernel.errors import InvalidInput

pytestmark = pytest.mark.anyio

FILES = {f"Rätsel {place}.txt": bytes([65 + place]) * (200_000 * place + 1) for place in range(5)}


@pytest.mark.exhaustive
async def test_attached_files_reach_a_bucket_though_the_move_was_killed(
    tmp_path: Path,
) -> None:
    with bucket() as place:
        await is_moved_though_killed(tmp_path, place)


async def is_moved_though_killed(tmp_path: Path, place: str) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    async with attaching(source) as files:
        await make_conversations(files.store)
        attached = {
            name: (await files.add(ANNA, "chat_anna", name, content)).attachment
            for name, content in FILES.items()
        }
        before = files.objects()
    run_program("killed_move", source, target, place)
    async with quick_candor(settings_of(target, place)) as there:
        assert len(await there.kept_files().inventory()) == 2

    *_, found = await move(source, target, place)
    assert (found.name, found.pieces, found.carried) == ("files", 5, 3)
    async with quick_candor(settings_of(target, place)) as there:
        kept = there.conversations
        for name, content in FILES.items():
            key = attached[name].key
            assert b"".join([each async for each in await kept.file_store.read(key)]) == content
        listed = await kept.manage_attachments.list(ANNA, "chat_anna")
        assert {one.name for one in listed} == set(FILES)
        link = await kept.file_store.link(attached["Rätsel 3.txt"].key, 60)
        assert link
        answer = httpx2.get(link)
        assert answer.content == FILES["Rätsel 3.txt"]
        assert "filename*=UTF-8''R%C3%A4tsel%203.txt" in answer.headers["content-disposition"]
    assert sorted(str(one.relative_to(source / "files")) for one in _objects(source)) == before

    _objects(source)[0].write_bytes(b"another")
    with pytest.raises(InvalidInput, match="holds files"):
        await move(source, target, place)


def _objects(folder: Path) -> list[Path]:
    return sorted(one for one in (folder / "files").rglob("*") if one.is_file())
