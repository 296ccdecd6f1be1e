"""Where the store is, read from one setting."""

import sys
from pathlib import Path

import pytest

from services.store.engine.address import StoreFile, StoreServer, parse_address
from services.store.store import Store
from use_cases.kernel.errors import InvalidInput, Unavailable


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
