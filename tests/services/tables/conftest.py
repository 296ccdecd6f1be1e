"""One knowledge database for all tests that only read it."""

from pathlib import Path

import anyio
import pytest

from tests.services.tables.databases import DIRECTORY, KPIS, NUMBERS, load, plant_secret


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With the tables kpi_catalog, directory and numbers (3,000 rows), and a secret table."""
    path = tmp_path_factory.mktemp("knowledge") / "knowledge.sqlite"

    async def fill() -> None:
        await load(path, kpi_catalog=KPIS, directory=DIRECTORY, numbers=NUMBERS)

    anyio.run(fill)
    plant_secret(path)
    return path
