"""An open store on a file of its own."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from services.store.store import Store
from tests.templates import migrated_store


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "candor.sqlite"


@pytest.fixture
def diary(file: Path) -> Path:
    """No database at all."""
    file.write_text("Dear diary, today I was taken for a database. " * 100)
    return file


@pytest.fixture
async def store(file: Path) -> AsyncGenerator[Store]:
    """Open."""
    store = Store(migrated_store(file))
    await store.open()
    yield store
    await store.close()
