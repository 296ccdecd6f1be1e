"""The doctor tells ok from warn from fail, and what to do."""

from pathlib import Path

import pytest

from backend.bootstrap import build
from backend.settings import load_settings
from tests.backend.cli.conftest import Candor, read_json
from tests.backend.http.advised import keep, response


def findings(candor: Candor) -> dict[str, tuple[str, str]]:
    checks = read_json(candor("doctor", "--json"))["checks"]
    return {check["name"]: (check["level"], check["detail"]) for check in checks}


def test_a_sound_installation_is_ok(filled: Candor) -> None:
    result = filled("doctor")
    assert "ok    python" in result.stdout
    assert "ok    sqlite-vec" in result.stdout
    found = findings(filled)
    assert found["knowledge database"][0] == "ok"
    assert "4 documents" in found["knowledge database"][1]
    assert found["index"][0] == "ok"
    assert found["answers database"] == (
        "ok",
        "var/candor.sqlite: does not exist yet; the first answer creates it",
    )


def test_recorded_advice_is_counted_beside_the_answers(candor: Candor) -> None:
    keep(load_settings(), [(response(n, 7000), None) for n in range(3)])
    level, detail = findings(candor)["answers database"]
    assert level == "ok"
    assert detail.endswith("sound, no answers, 3 pieces of advice")


def test_an_empty_library_is_a_warning(candor: Candor) -> None:
    assert findings(candor)["knowledge database"] == (
        "warn",
        "var/knowledge.sqlite: does not exist yet",
    )
    assert not Path("var/knowledge.sqlite").exists()


def test_a_damaged_database_is_a_failure(candor: Candor) -> None:
    Path("var").mkdir()
    Path("var/knowledge.sqlite").write_bytes(b"this is no database, " * 100)
    result = candor("doctor")
    assert result.exit_code == 1
    assert "fail  knowledge database  storage_damaged: " in result.stdout


def test_a_damaged_page_is_found(filled: Candor) -> None:
    file = Path("var/knowledge.sqlite")
    content = bytearray(file.read_bytes())
    content[8192:12288] = b"\xa5" * 4096
    file.write_bytes(content)
    assert findings(filled)["knowledge database"][0] == "fail"


def test_a_misspelled_setting_is_a_warning(candor: Candor, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("CHATMODEL=gpt-4.1\nPORT=8001\n")
    assert findings(candor)["settings"] == (
        "warn",
        "unknown settings in .env: CHATMODEL",
    )


def test_an_index_of_another_embedder_is_a_failure(
    filled: Candor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.cli.running.build", build)
    assert findings(filled)["index"][0] == "fail"
