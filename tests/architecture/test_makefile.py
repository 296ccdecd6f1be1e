"""On a fresh clone `make` names each stage before it takes its time."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

STAGES = (
    "Creating .venv",
    "Installing uv",
    "Installing the locked packages",
    "Compiling them",
    "Candor is installed",
    "Ingesting the samples",
)

# These tests may run under `make`, which hands its own variables on: `make test VENV=.venv-newest`.
OWN_MAKE = {name: value for name, value in os.environ.items() if name != "MAKEFLAGS"}


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_every_stage_of_a_fresh_clone_is_named_in_order(tmp_path: Path) -> None:
    for file in ("Makefile", "pyproject.toml", *ROOT.glob("requirements*.lock")):
        shutil.copy(ROOT / file, tmp_path)
    run = subprocess.run(
        ["make", "--dry-run", "ask"],
        cwd=tmp_path,
        env=OWN_MAKE,
        capture_output=True,
        text=True,
        check=True,
    )
    places = [run.stdout.find(stage) for stage in STAGES]
    assert min(places) >= 0, run.stdout
    assert places == sorted(places)


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
@pytest.mark.parametrize(
    ("exit_code", "passes"),
    [(0, True), (1, False), (2, False), (3, True), (4, True), (6, False), (8, True)],
)
def test_make_ask_fails_where_nothing_was_replied_and_only_there(
    tmp_path: Path, exit_code: int, passes: bool
) -> None:
    for file in ("Makefile", "pyproject.toml", *ROOT.glob("requirements*.lock")):
        shutil.copy(ROOT / file, tmp_path)
    candor = tmp_path / ".venv" / "bin" / "candor"
    candor.parent.mkdir(parents=True)
    candor.write_text(f"#!/bin/sh\nexit {exit_code}\n")
    candor.chmod(0o755)
    (tmp_path / ".venv" / ".installed").touch()
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / ".samples").touch()
    run = subprocess.run(
        ["make", "ask"], cwd=tmp_path, env=OWN_MAKE, capture_output=True, check=False
    )
    assert (run.returncode == 0) is passes
