"""The wheel, installed by pip and by uv as a stranger would: small, whole, and of use at once.

Both resolve the dependencies anew from the package index, because a lock hides what the wheel's
own metadata would bring.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from backend.settings.settings import Settings
from tests.patience import PATIENCE
from tests.services.embeddings.reference import installed

ROOT = Path(__file__).parents[2]
MEGABYTE = 1024 * 1024
LARGEST = 600  # MB on disk, as `du` counts them
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


def install_with_pip(wheel: Path, environment: Path) -> None:
    succeed(sys.executable, "-m", "venv", environment, folder=wheel.parent)
    pip = (environment / "bin" / "python", "-m", "pip", "--disable-pip-version-check")
    succeed(*pip, "install", "--quiet", wheel, folder=wheel.parent)


def install_with_uv(wheel: Path, environment: Path) -> None:
    uv = shutil.which("uv", path=str(Path(sys.executable).parent))
    assert uv, "make setup installs uv"
    succeed(uv, "venv", "--quiet", "--python", sys.executable, environment, folder=wheel.parent)
    python = environment / "bin" / "python"
    succeed(uv, "pip", "install", "--quiet", "--python", python, wheel, folder=wheel.parent)


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("install", "said"),
    [
        (install_with_pip, r"With pip this takes (\d+) MB"),
        (install_with_uv, r"with uv, which compiles a module when it\s+is first used, (\d+) MB"),
    ],
)
def test_an_installed_wheel_is_as_small_as_the_guide_says_and_answers(
    install: Callable[[Path, Path], None], said: str, wheel: Path, tmp_path: Path
) -> None:
    environment = tmp_path / "environment"
    install(wheel, environment)
    files = (file.lstat() for file in environment.rglob("*"))
    size = sum(file.st_blocks for file in files) * 512 / MEGABYTE
    stated = re.search(said, GUIDE.read_text())
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

    def ask(question: str) -> dict[str, object]:
        return json.loads(succeed(candor, "ask", question, "--json", folder=place, **settings))

    # Without the model: full text, and it is said.
    succeed(candor, "samples", folder=place, **settings)
    first = run(candor, "ingest", "samples/documents", folder=place, **settings)
    assert (first.returncode, "35 added" in first.stdout) == (0, True), first.stderr
    assert "the embedding model is not installed" in first.stderr
    assert "90 days" in str(ask("How often must passwords be rotated?")["answer"])

    # With it, here from the folder of this machine, so that the test fetches nothing of 90 MB.
    source = installed().folder
    succeed(candor, "models", "install", "--from", source, folder=place, **settings)
    succeed(candor, "reindex", folder=place, **settings)
    found = json.loads(
        succeed(candor, "search", "secret words", "--json", folder=place, **settings)
    )
    assert found["notices"] == []
    assert "90 days" in str(ask("How often must passwords be rotated?")["answer"])
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
