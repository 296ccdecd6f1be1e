"""On a fresh clone `make` names each stage before it takes its time."""

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


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_every_stage_of_a_fresh_clone_is_named_in_order(tmp_path: Path) -> None:
    for file in ("Makefile", "pyproject.toml", *ROOT.glob("requirements*.lock")):
        shutil.copy(ROOT / file, tmp_path)
    run = subprocess.run(
        ["make", "--dry-run", "ask"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    places = [run.stdout.find(stage) for stage in STAGES]
    assert min(places) >= 0, run.stdout
    assert places == sorted(places)
