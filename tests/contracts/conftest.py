"""The store of every suite: a fresh SQLite file, unless a module has another `store`.

`tests/services/store/test_postgres.py` runs the same suites on a PostgreSQL server.
"""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from services.store.store import Store
from tests.templates import migrated_store


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[Store]:
    store = Store(migrated_store(tmp_path / "candor.sqlite"))
    yield store
    await store.close()
