"""Files that a command writes: refused before the work, whole or not there after it."""

from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest

from backend.cli.runs.output_files import require_writable, write_file
from use_cases.kernel.errors import InvalidInput, StorageReadOnly


def test_places_are_checked_without_leaving_anything(tmp_path: Path) -> None:
    (tmp_path / "here.csv").write_text("old")
    require_writable([str(tmp_path / "new.csv"), str(tmp_path / "here.csv"), "-"])
    assert [path.name for path in tmp_path.iterdir()] == ["here.csv"]
    assert (tmp_path / "here.csv").read_text() == "old"


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["a.csv", "a.csv"], "to one place"),
        (["nowhere/a.csv"], "There is no folder nowhere."),
        (["."], "is a folder."),
    ],
)
def test_a_wrong_name_is_refused(names: list[str], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        require_writable(names)


def test_a_text_that_breaks_off_leaves_the_old_file(tmp_path: Path) -> None:
    async def pieces() -> AsyncIterator[str]:
        yield "new"
        raise OSError(28, "No space left on device")

    (tmp_path / "here.csv").write_text("old")
    with pytest.raises(StorageReadOnly, match="No space left on device"):
        anyio.run(write_file, str(tmp_path / "here.csv"), pieces())
    assert [path.name for path in tmp_path.iterdir()] == ["here.csv"]
    assert (tmp_path / "here.csv").read_text() == "old"


def test_two_commands_write_to_one_place_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = str(tmp_path / "here.csv")

    async def other() -> AsyncIterator[str]:
        yield "other"

    async def pieces() -> AsyncIterator[str]:
        yield "ne"
        with monkeypatch.context() as patched:
            patched.setattr("os.getpid", lambda: 1)  # as in another process
            await write_file(place, other())
        assert await anyio.Path(place).read_text() == "other"
        yield "w"

    anyio.run(write_file, place, pieces())
    assert [path.read_text() for path in tmp_path.iterdir()] == ["new"]
