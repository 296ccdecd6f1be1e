"""The tables of the small league, for each test anew."""

from collections.abc import AsyncIterator

import pytest

from tests.fakes.league import league_tables
from tests.fakes.structured_data import MemoryTables


@pytest.fixture
async def tables() -> AsyncIterator[MemoryTables]:
    tables = league_tables()
    yield tables
    tables.close()
