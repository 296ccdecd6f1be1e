"""`candor models` and the offer before the first ingestion."""

import os
import pty
import subprocess
from pathlib import Path

import pytest

from tests.backend.cli.conftest import Candor, read_json
from tests.backend.cli.test_program import CANDOR, environment, run_program
from tests.services.embeddings import folders
from tests.services.embeddings.reference import installed


@pytest.fixture
def weights(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """The files of the model, and a folder of models that is empty yet."""
    source = str(installed().folder)
    monkeypatch.setenv("MODELS_DIR", str(tmp_path / "models"))
    return source


def test_a_missing_model_is_said_with_its_size_and_the_command(
    candor: Candor, weights: str
) -> None:
    result = candor("models")
    assert (result.exit_code, result.stdout) == (
        3,
        "all-MiniLM-L6-v2 is not installed (87 MB to fetch)\n",
    )
    assert result.stderr == "Install it: candor models install\n"


def test_a_model_is_installed_from_files_and_then_shown(
    candor: Candor, weights: str, tmp_path: Path
) -> None:
    made = read_json(candor("models", "install", "--from", weights, "--json"))
    place = str(tmp_path / "models" / "all-MiniLM-L6-v2")
    assert made == {
        "name": "all-MiniLM-L6-v2",
        "place": place,
        "size": 91_334_623,
        "installed": True,
    }
    assert candor("models").stdout == f"all-MiniLM-L6-v2 is installed in {place}\n"
    assert candor("models", "install").stdout == f"all-MiniLM-L6-v2 is installed in {place}\n"


def test_a_remote_embedder_needs_no_files(candor: Candor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMBEDDING_MODEL", "openai:text-embedding-3-small")
    monkeypatch.setenv("EMBEDDING_API_KEY", "sk-planted")
    result = candor("models")
    assert result.exit_code == 2
    assert "Set EMBEDDING_MODEL=local" in result.stderr


def test_without_a_terminal_ingest_says_what_is_missing_and_goes_on(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# Rotation\n\nPasswords are rotated every 90 days.\n")
    models = str(tmp_path / "models")
    run = run_program(tmp_path, "ingest", "a.md", MODELS_DIR=models)
    assert run.returncode == 0
    assert "note: the embedding model is not installed, so search uses full text alone." in (
        run.stderr
    )
    found = run_program(tmp_path, "search", "rotated passwords", "--json", MODELS_DIR=models)
    assert "Rotation" in found.stdout
    assert "Search used full text only: the embedding model is not installed." in found.stdout


@pytest.mark.exhaustive
def test_on_a_terminal_ingest_asks_and_a_no_is_respected(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# Rotation\n\nPasswords are rotated every 90 days.\n")
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*CANDOR, "ingest", "a.md"],
        cwd=tmp_path,
        env=environment(MODELS_DIR=str(tmp_path / "models"), TERM="dumb"),
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
    ) as run:
        os.close(theirs)
        shown = b""
        while b"[Y/n]" not in shown:
            shown += os.read(ours, 1000)
        os.write(ours, b"n\n")
        assert run.stdout is not None
        assert b"1 added" in run.stdout.read()
    os.close(ours)
    assert b"Install it now?" in shown
    assert not (tmp_path / "models").exists()


def test_a_model_in_a_folder_is_checked(candor: Candor, tmp_path: Path) -> None:
    folder = folders.embedder(tmp_path / "small-e5")
    shown = candor("models", "check", str(folder))
    assert shown.exit_code == 0
    lines = shown.stdout.splitlines()
    assert lines[:3] == [
        "model: small-e5, embedder, model.onnx",
        "window: 64 tokens",
        "dimensions: 24",
    ]
    assert "passage prefix: 'passage: '" in lines
    assert len([line for line in lines if line.startswith("  ")]) == 3
    assert read_json(candor("models", "check", str(folder), "--json"))["finds_it"] is True


def test_a_folder_without_a_model_is_said(candor: Candor, tmp_path: Path) -> None:
    result = candor("models", "check", str(tmp_path / "nowhere"))
    assert (result.exit_code, "nowhere is no folder" in result.stderr) == (7, True)
