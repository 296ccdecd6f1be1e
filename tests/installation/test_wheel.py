"""The wheel, installed by uv as a stranger would: small, whole, and of use at once; pip takes the same (profile `thorough`).

Both resolve the dependencies anew from the package index, because a lock hides what the wheel's
own metadata would bring. pip says what it would install and installs nothing: that it can unpack and
compile is pip's own promise.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

import pytest

from backend.settings.settings import Settings
from tests.patience import PATIENCE
from tests.services.embeddings.reference import installed

ROOT = Path(__file__).parents[2]
MEGABYTE = 1024 * 1024
LARGEST = 430  # MB on disk, as `du` counts them
GUIDE = ROOT / "docs" / "how-to" / "install.md"
SETTINGS = {"pythonpath", *Settings.model_fields}


def run(*words: str | Path, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    # The machine's own variables, such as the address of an index and certificates, but no setting.
    own = {name: value for name, value in os.environ.items() if name.lower() not in SETTINGS}
    return subprocess.run(
        [str(word) for word in words],
        cwd=folder,
        env={**own, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


def succeed(*words: str | Path, folder: Path, **variables: str) -> str:
    done = run(*words, folder=folder, **variables)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    succeed(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, folder=ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment in which uv has installed the wheel."""
    uv = shutil.which("uv", path=str(Path(sys.executable).parent))
    assert uv, "make setup installs uv"
    made = tmp_path_factory.mktemp("installed") / "environment"
    succeed(uv, "venv", "--quiet", "--python", sys.executable, made, folder=wheel.parent)
    python = made / "bin" / "python"
    succeed(uv, "pip", "install", "--quiet", "--python", python, wheel, folder=wheel.parent)
    return made


def installed_in(environment: Path) -> set[str]:
    return {
        f"{each.metadata['Name']}=={each.version}".lower().replace("_", "-")
        for folder in environment.glob("lib/python*/site-packages")
        for each in distributions(path=[str(folder)])
    }


@pytest.mark.by_hand
def test_pip_would_install_what_uv_has_installed(
    environment: Path, wheel: Path, tmp_path: Path
) -> None:
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet")
    dry = ("--dry-run", "--ignore-installed", "--report", tmp_path / "report.json")
    succeed(*pip, *dry, wheel, folder=tmp_path)
    report = json.loads((tmp_path / "report.json").read_text())
    told = [each["metadata"] for each in report["install"]]
    named = {f"{each['name']}=={each['version']}".lower().replace("_", "-") for each in told}
    assert named == installed_in(environment)


@pytest.mark.exhaustive
def test_an_installed_wheel_is_as_small_as_the_guide_says_and_answers(
    environment: Path, tmp_path: Path
) -> None:
    size = sum(file.lstat().st_blocks for file in environment.rglob("*")) * 512 / MEGABYTE
    stated = re.search(r"This takes (\d+) MB on disk", GUIDE.read_text())
    assert stated
    assert size < LARGEST
    assert size == pytest.approx(int(stated[1]), rel=0.05)
    assert not list(environment.rglob("site-packages/torch"))

    candor = environment / "bin" / "candor"
    place = tmp_path / "elsewhere"
    place.mkdir()
    settings = {
        "XDG_DATA_HOME": str(tmp_path / "share"),
        "PATH": f"{environment / 'bin'}:/usr/bin:/bin",
    }

    # Without the model: full text, and it is said.
    succeed(candor, "samples", folder=place, **settings)
    policies = "samples/documents/policies"
    first = run(candor, "ingest", policies, folder=place, **settings)
    assert (first.returncode, " added, " in first.stdout) == (0, True), first.stderr
    assert "the embedding model is not installed" in first.stderr
    asked = (candor, "ask", "How often must passwords be rotated?", "--json")
    assert "90 days" in json.loads(succeed(*asked, folder=place, **settings))["answer"]

    # With it, here from the folder of this machine, so that the test fetches nothing of 90 MB.
    source = installed().folder
    succeed(candor, "models", "install", "--from", source, folder=place, **settings)
    succeed(candor, "reindex", folder=place, **settings)
    found = json.loads(
        succeed(candor, "search", "secret words", "--json", folder=place, **settings)
    )
    assert found["notices"] == []
    assert (tmp_path / "share" / "candor" / "knowledge.sqlite").is_file()
    assert [file.name for file in place.iterdir()] == ["samples"]


def test_the_wheel_is_typed_and_carries_the_samples_and_the_rules(
    wheel: Path, tmp_path: Path
) -> None:
    shutil.unpack_archive(wheel, tmp_path, "zip")
    for package in ("backend", "services", "use_cases"):
        assert (tmp_path / package / "py.typed").is_file()
    assert (tmp_path / "backend" / "samples" / "documents" / "policies").is_dir()
    assert (tmp_path / "backend" / "samples" / "evals" / "handbook.yaml").is_file()
    for template in (*ROOT.glob("backend/**/*.html"), *ROOT.glob("backend/**/*.svg")):
        assert (tmp_path / template.relative_to(ROOT)).is_file()
    assert (tmp_path / "services" / "rules" / "files" / "small_talk.yaml").is_file()
    assert not list(tmp_path.rglob("node_modules"))
