"""The command line over a real library in a temporary folder; only the embedder is a quick one."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from typer.testing import CliRunner, Result

from backend.cli.main import app
from backend.composition.adapters import build
from backend.composition.ports import Ports
from tests.fakes.embedder import WordEmbedder

Candor: TypeAlias = Callable[..., Result]


def quick(ports: Ports) -> Ports:
    """The real parts, with an embedder that needs no model."""
    return replace(ports, embedder=WordEmbedder)


@pytest.fixture
def candor(monkeypatch: pytest.MonkeyPatch, restored_logs: None) -> Candor:
    """Runs `candor` with these words, in the test's own folder."""
    monkeypatch.setattr("backend.cli.command_run.build", partial(build, override=quick))

    def run(*words: str, stdin: str | None = None) -> Result:
        return CliRunner().invoke(app, list(words), input=stdin, prog_name="candor")

    return run


@pytest.fixture
def filled(candor: Candor, corpus: Path) -> Candor:
    """The same, with the corpus ingested."""
    assert candor("ingest", str(corpus)).exit_code == 0
    return candor


def read_json(result: Result) -> Any:
    """What was written to stdout, which must be one JSON value."""
    return json.loads(result.stdout)
