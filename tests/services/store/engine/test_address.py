"""Where the store is, read from one setting; and whether the folder of the data can be written."""

import sys
from pathlib import Path

import pytest

from services.store.engine.address import DataFolder, StoreFile, StoreServer, parse_address
from services.store.store import Store
from use_cases.kernel.errors import InvalidInput, StorageReadOnly, Unavailable


@pytest.mark.parametrize(
    ("place", "path"),
    [
        (Path("var/candor.sqlite"), "var/candor.sqlite"),
        ("var/candor.sqlite", "var/candor.sqlite"),
        ("sqlite:///var/candor.sqlite", "var/candor.sqlite"),
        ("sqlite:////srv/candor.sqlite", "/srv/candor.sqlite"),
        ("sqlite+aiosqlite:////srv/candor.sqlite", "/srv/candor.sqlite"),
    ],
)
def test_a_file_is_named_by_path_or_url(place: str | Path, path: str) -> None:
    assert parse_address(place) == StoreFile(Path(path))


def test_a_server_is_named_without_its_password() -> None:
    address = parse_address("postgresql+asyncpg://user:secret@host/candor")
    assert isinstance(address, StoreServer)
    assert address.name == "The database 'candor'"


@pytest.mark.parametrize(
    "place",
    [
        "mysql://user:secret@host/candor",
        "sqlite://",
        "sqlite:///:memory:",
        "://secret",
        "x://:secret:@",
    ],
)
def test_any_other_address_is_refused_without_repeating_it(place: str) -> None:
    with pytest.raises(InvalidInput, match="address") as caught:
        parse_address(place)
    assert "secret" not in str(caught.value)
    assert "postgresql://" in caught.value.hint


@pytest.mark.anyio
async def test_a_missing_driver_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    with pytest.raises(Unavailable, match="'asyncpg' is not installed"):
        await Store("postgresql+asyncpg://host/candor").open()


@pytest.mark.anyio
async def test_a_folder_that_can_be_written_is_made_and_stays_empty(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "var"
    await DataFolder(folder).try_write()
    assert list(folder.iterdir()) == []
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.anyio
async def test_what_is_no_folder_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file")
    with pytest.raises(StorageReadOnly, match=r"var cannot be written: File exists\.$"):
        await DataFolder(tmp_path / "var").try_write()
