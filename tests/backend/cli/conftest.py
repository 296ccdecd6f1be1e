"""The command line over a real library in a temporary folder; only the embedder is a quick one."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from typer.testing import CliRunner, Result

from backend.cli.program import app
from tests.fakes.candor import quick_candor
from tests.templates import migrated_store, write_database

Candor: TypeAlias = Callable[..., Result]


@pytest.fixture
def candor(monkeypatch: pytest.MonkeyPatch, restored_logs: None) -> Candor:
    """Runs `candor` with these words, in the test's own folder."""
    monkeypatch.setattr("backend.cli.command_run.Container", quick_candor)

    def run(*words: str, stdin: str | None = None) -> Result:
        return CliRunner().invoke(app, list(words), input=stdin, prog_name="candor")

    return run


@pytest.fixture
def filled(candor: Candor, corpus_index: bytes) -> Candor:
    """The same, with the corpus in its library."""
    migrated_store(Path("var/candor.sqlite"))
    write_database(Path("var/knowledge.sqlite"), corpus_index)
    return candor


@pytest.fixture
def ingested(candor: Candor, corpus: Path) -> Candor:
    """The same, from the files of the test's own folder."""
    assert candor("ingest", str(corpus)).exit_code == 0
    return candor


def read_json(result: Result) -> Any:
    """What was written to stdout, which must be one JSON value."""
    return json.loads(result.stdout)
