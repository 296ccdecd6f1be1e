"""Ground of the doors' tests: settings that no environment reaches, and logging put back afterwards."""

import logging
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from loguru import logger

from backend.settings.settings import Settings
from tests.fakes.candor import quick_candor
from tests.templates import run_apart


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable and no `.env` of the machine reaches a test."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.delenv("COLUMNS", raising=False)  # workers of the tests have it
    monkeypatch.setenv("DATA_DIR", "var")  # of the test's own folder, not of this checkout
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def restored_logs() -> Iterator[None]:
    """Begin with loggers of no level of their own, and put the process's logging back as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    show = warnings.showwarning
    _forget_levels()
    yield
    logger.remove()
    logging.captureWarnings(capture=False)
    warnings.showwarning = show
    root.handlers[:] = handlers
    root.setLevel(level)
    _forget_levels()


def _forget_levels() -> None:
    """Undo what an earlier test, or a server in this process, did to the loggers."""
    for name in list(logging.root.manager.loggerDict):
        log = logging.getLogger(name)
        log.disabled = False
        if log.level != logging.NOTSET:  # to set it clears the caches of all loggers
            log.setLevel(logging.NOTSET)


CORPUS = {
    "policies/passwords.md": "---\ntitle: Password policy\nupdated: 2026-02-02\n---\n# Rotation\n\nPasswords must be rotated every 90 days.\n\n# Length\n\nA password has at least 14 characters.\n",
    "policies/leave.md": "---\ntitle: Leave policy\nupdated: 2026-01-19\n---\n# Carry-over\n\nUp to five days of leave can be carried over until the end of March.\n",
    "runbooks/restart.md": "# Gateway restart\n\nUpdated: 2025-11-03\n\nRun the restart script and wait two minutes for the gateway to answer.\n",
    "tables/directory.csv": "name,role,office\nAda Byron,engineer,London\nGrace Hopper,admiral,New York\nAlan Turing,engineer,Manchester\n",
}
"""A small company: three documents in two categories and one table."""


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """The corpus as files."""
    return write_corpus(tmp_path / "corpus")


@pytest.fixture(scope="session")
def corpus_index(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The knowledge database of a Candor that has the corpus, made once and copied by each test.

    Its documents came from a folder that no test knows: a test that ingests the corpus again ingests
    its own files first.
    """
    folder = tmp_path_factory.mktemp("corpus-index")
    settings = Settings.model_construct(data_dir=folder / "var")
    ingest(settings, write_corpus(folder / "corpus"))
    return settings.knowledge_path.read_bytes()


def write_corpus(root: Path) -> Path:
    """Write the corpus below this folder, which is returned."""
    for name, text in CORPUS.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return root


def ingest(settings: Settings, folder: Path, *, wait: bool = True) -> None:
    """Store the documents of a folder."""

    async def storing() -> None:
        async with quick_candor(settings, serving=True) as building:
            async for _ in building.knowledge.ingest.stream(str(folder), wait=wait):
                pass

    run_apart(storing)
