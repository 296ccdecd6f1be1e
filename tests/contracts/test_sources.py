"""What every implementation of the port `Sources` does."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

import pytest

from services.documents.folder_sources import FolderSources
from tests.fakes.sources import MemorySources
from use_cases.knowledge.errors import SourceEmpty, SourceNotFound, SourceUnreadable
from use_cases.knowledge.model import SourceFile
from use_cases.knowledge.ports import Sources

pytestmark = pytest.mark.anyio

Made: TypeAlias = tuple[Sources, str]
Make: TypeAlias = Callable[[Mapping[str, bytes]], Made]


@pytest.fixture(params=["memory", "folder"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    """Sources and a root with these files."""

    def in_memory(files: Mapping[str, bytes]) -> Made:
        placed = {f"/data/docs/{name}": content for name, content in files.items()}
        return MemorySources(placed, folders=("/data/docs",)), "/data/docs"

    def on_disk(files: Mapping[str, bytes]) -> Made:
        root = tmp_path / "docs"
        root.mkdir()
        for name, content in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return FolderSources(1_000_000), str(root)

    return in_memory if request.param == "memory" else on_disk


async def listed(made: Made, below: str = "") -> list[SourceFile]:
    sources, root = made
    return [file async for file in sources.files(root + below)]


def _delete(made: Made, name: str) -> None:
    sources, root = made
    if isinstance(sources, MemorySources):
        del sources.content[f"{root}/{name}"]
    else:
        Path(root, name).unlink()


FILES = {"b.md": b"Two.", "a.md": b"One.", "deep/er/c d.md": b"Three."}


async def test_files_come_once_each_in_a_stable_order(make: Make) -> None:
    made = make(FILES)
    assert [file.name for file in await listed(made)] == ["a.md", "b.md", "deep/er/c d.md"]
    assert [file.size for file in await listed(made)] == [4, 4, 6]


async def test_every_uri_begins_with_the_roots_and_is_escaped(make: Make) -> None:
    made = make(FILES)
    below = made[0].root_uri(made[1])
    assert below.startswith("file:///")
    assert below.endswith("/")
    uris = [file.uri for file in await listed(made)]
    assert uris == [f"{below}a.md", f"{below}b.md", f"{below}deep/er/c%20d.md"]


async def test_a_file_is_a_root_too_and_has_the_same_uri(make: Make) -> None:
    made = make(FILES)
    (file,) = await listed(made, "/deep/er/c d.md")
    assert file.name == "c d.md"
    assert file.uri in {one.uri for one in await listed(made)}
    assert made[0].root_uri(f"{made[1]}/deep/er/c d.md") == file.uri


async def test_a_file_is_read_whole(make: Make) -> None:
    made = make(FILES)
    assert [await made[0].read(file) for file in await listed(made)] == [
        b"One.",
        b"Two.",
        b"Three.",
    ]


async def test_an_empty_file_is_an_error(make: Make) -> None:
    made = make({"a.md": b""})
    (file,) = await listed(made)
    with pytest.raises(SourceEmpty):
        await made[0].read(file)


async def test_a_file_that_has_gone_is_an_error(make: Make) -> None:
    made = make({"a.md": b"One."})
    (file,) = await listed(made)
    _delete(made, "a.md")
    with pytest.raises(SourceUnreadable):
        await made[0].read(file)


async def test_a_missing_root_is_an_error(make: Make) -> None:
    made = make(FILES)
    with pytest.raises(SourceNotFound):
        await listed(made, "/nowhere")


async def test_an_empty_root_has_no_files(make: Make) -> None:
    assert await listed(make({})) == []


async def test_only_a_table_has_a_description_beside_it(make: Make) -> None:
    made = make({"t/stock.csv": b"part,stock", "t/a.md": b"One.", "t/tables.yaml": b"stock: x"})
    beside = {file.name: await made[0].sidecar(file) for file in await listed(made)}
    assert beside == {"t/stock.csv": b"stock: x", "t/a.md": None}


async def test_a_table_without_a_description_has_none(make: Make) -> None:
    made = make({"stock.csv": b"part,stock"})
    (file,) = await listed(made)
    assert await made[0].sidecar(file) is None
