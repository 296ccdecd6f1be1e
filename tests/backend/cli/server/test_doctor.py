"""The doctor tells ok from warn from fail, and what to do."""

import os
import shutil
import stat
from pathlib import Path

import pytest

from backend.composition.container import Container
from tests.backend.cli.conftest import Candor, read_json


def findings(candor: Candor) -> dict[str, tuple[str, str]]:
    checks = read_json(candor("doctor", "--json"))["checks"]
    return {check["name"]: (check["level"], check["detail"]) for check in checks}


def test_a_sound_installation_is_ok(ingested: Candor) -> None:
    result = ingested("doctor")
    assert "ok    python" in result.stdout
    assert "ok    sqlite-vec" in result.stdout
    found = findings(ingested)
    assert found["knowledge database"][0] == "ok"
    assert "4 documents" in found["knowledge database"][1]
    assert found["index"][0] == "ok"
    assert found["answers database"] == (
        "ok",
        "var/candor.sqlite: does not exist yet; the first answer creates it",
    )


def test_a_misspelled_setting_is_a_warning(candor: Candor, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("CHATMODEL=gpt-4.1\nPORT=8001\n")
    assert findings(candor)["settings"] == (
        "warn",
        "unknown settings in .env: CHATMODEL",
    )


def test_an_index_of_another_embedder_is_a_failure(
    filled: Candor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.cli.command_run.Container", Container)
    assert findings(filled)["index"][0] == "fail"


@pytest.mark.skipif(os.name != "posix", reason="file modes are those of POSIX")
def test_only_the_owner_can_open_what_is_stored(ingested: Candor) -> None:
    before = os.umask(0o022)
    try:
        shutil.rmtree("var")
        ingested("ingest", "corpus")
        ingested("ask", "How often must passwords be rotated?")
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in Path("var").iterdir()}
    assert {"knowledge.sqlite": 0o600, "candor.sqlite": 0o600}.items() <= modes.items()
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(Path("var").stat().st_mode) == 0o700
    Path("var/candor.sqlite").chmod(0o644)
    level, detail = findings(ingested)["answers database"]
    assert (level, detail) == (
        "warn",
        "var/candor.sqlite: other users of this machine can open it",
    )
