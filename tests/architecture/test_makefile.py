"""What `make`, a release and the workflow do: stages are named, a release is whole or is not made."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

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


def test_the_workflow_runs_what_a_developer_runs_on_every_python_that_is_promised() -> None:
    (job,) = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())["jobs"].values()
    assert job["steps"][-1] == {"run": ".ci/run"}
    promised = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["classifiers"]
    assert job["strategy"]["matrix"]["python"] == [
        kind.rpartition(" ")[2] for kind in promised if re.search(r"Python :: 3\.\d+$", kind)
    ]


def git(*words: str, folder: Path) -> str:
    run = subprocess.run(
        ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with all that a release reads, and a Docker that says what it is asked for."""
    folder = tmp_path / "checkout"
    for file in ("pyproject.toml", "README.md", "LICENSE", "backend/version.py", ".ci/release"):
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, folder / file)
    for package in ("services", "use_cases", *map(str, samples())):
        (folder / package).mkdir(parents=True, exist_ok=True)
        (folder / package / "__init__.py").touch()
    (folder / "samples" / "README.md").touch()
    (folder / "samples" / "questions.jsonl").touch()
    (folder / ".gitignore").write_text("dist/\n")
    (folder / "CHANGELOG.md").write_text("# Changelog\n\n## Unreleased\n\n- chat: it answers.\n")
    docker = tmp_path / "bin" / "docker"
    docker.parent.mkdir()
    docker.write_text('#!/bin/sh\necho "docker $*"\n')
    docker.chmod(0o755)
    git("init", "--quiet", folder=folder)
    git("add", ".", folder=folder)
    git("commit", "--quiet", "-m", "before", folder=folder)
    return folder


def samples() -> list[Path]:
    return [path.relative_to(ROOT) for path in (ROOT / "samples").iterdir() if path.is_dir()]


def release(checkout: Path, version: str) -> subprocess.CompletedProcess[str]:
    own = {
        "PYTHON": sys.executable,
        "PATH": f"{checkout.parent / 'bin'}:{os.environ['PATH']}",
        **{f"GIT_{who}_NAME": "A" for who in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{who}_EMAIL": "a@example.org" for who in ("AUTHOR", "COMMITTER")},
    }
    return subprocess.run(
        [checkout / ".ci" / "release", version],
        cwd=checkout,
        env={**OWN_MAKE, **own},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_release_is_dated_built_committed_and_tagged(checkout: Path) -> None:
    done = release(checkout, "9.8.7")
    assert done.returncode == 0, done.stderr
    assert "docker build --quiet --tag candor:9.8.7 ." in done.stdout
    assert [file.name for file in (checkout / "dist").iterdir()] == [
        "candor-9.8.7-py3-none-any.whl"
    ]
    assert git("status", "--porcelain", folder=checkout) == ""
    assert git("tag", "--points-at", "HEAD", folder=checkout) == "v9.8.7\n"
    assert git("log", "-1", "--format=%s", folder=checkout) == "release: 9.8.7\n"
    assert re.fullmatch(
        r"# Changelog\n\n## Unreleased\n\n## 9\.8\.7 \(\d{4}-\d\d-\d\d\)\n\n- chat: it answers\.\n",
        (checkout / "CHANGELOG.md").read_text(),
    )
    # What was released cannot be released again, nor can nothing.
    assert "v9.8.7 is there already" in release(checkout, "9.8.7").stderr
    assert 'nothing under "## Unreleased"' in release(checkout, "9.8.8").stderr
    assert git("status", "--porcelain", folder=checkout) == ""


@pytest.mark.parametrize(("version", "said"), [("", "which version"), ("9.8.7", "changed.txt")])
def test_no_release_is_made_without_a_version_or_of_a_dirty_tree(
    checkout: Path, version: str, said: str
) -> None:
    (checkout / "changed.txt").touch()
    refused = release(checkout, version)
    assert (refused.returncode, said in refused.stderr) == (1, True), refused.stderr
    assert git("tag", folder=checkout) == ""
