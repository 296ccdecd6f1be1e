"""Commands that read, before anything is stored: they create nothing and name where they looked."""

from pathlib import Path

import pytest

from backend.settings.settings import load_settings
from tests.backend.cli.conftest import Candor
from tests.backend.cli.test_program import run_program


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("documents",), "in var/knowledge.sqlite. Start"),
        (("tables",), "in var/knowledge.sqlite. Start"),
        (("search", "x"), "in var/knowledge.sqlite. Start"),
        (("answers",), "in var/candor.sqlite. Start"),
        (("conversations",), "in var/candor.sqlite. Start"),
        (("keys",), "in var/candor.sqlite. Start"),
        (("confidence", "recent"), "No such advice is recorded."),
        (("confidence", "status"), ""),
    ],
    ids=str,
)
def test_reading_creates_nothing_and_names_the_file_that_was_read(
    candor: Candor, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    result = candor(*words)
    assert result.exit_code in (0, 3), result.stderr
    assert said in " ".join(result.stderr.split())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.exhaustive
def test_the_doctor_finds_no_fault_in_what_was_not_begun(tmp_path: Path) -> None:
    examined = run_program(tmp_path, "doctor", MODELS_DIR="models")
    assert examined.returncode == 0
    assert (
        "warn  embedder            local:all-MiniLM-L6-v2 is not installed yet" in examined.stdout
    )
    assert "Run: candor models install" in examined.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_password_of_a_server_is_not_named(
    candor: Candor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://anna:planted@db.example/candor")
    assert load_settings().store_place == "db.example"


def test_the_store_of_an_earlier_version_is_named(tmp_path: Path) -> None:
    share = {"XDG_DATA_HOME": str(tmp_path / "share")}
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "knowledge.sqlite").write_bytes(b"")
    installed = tmp_path / "site"
    installed.mkdir()
    root = Path(__file__).parents[3]
    for package in ("backend", "services", "use_cases"):
        (installed / package).symlink_to(root / package)
    # Python follows no link in a module's path, so this runs as an installed wheel does.
    run = run_program(tmp_path, "documents", PYTHONPATH=str(installed), DATA_DIR="", **share)
    assert f"No documents in {tmp_path / 'share' / 'candor' / 'knowledge.sqlite'}." in run.stderr
    assert "There is one in var/knowledge.sqlite; DATA_DIR=var uses it." in run.stderr
    assert not (tmp_path / "share").exists()
