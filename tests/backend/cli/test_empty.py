"""Commands that read, before anything is stored: they create nothing and name where they looked."""

from pathlib import Path

import pytest

from backend.settings.settings import load_settings
from tests.backend.cli.conftest import Candor
from tests.backend.cli.test_program import candor as run_program

READING = [
    ("documents",),
    ("tables",),
    ("search", "x"),
    ("answers",),
    ("conversations",),
    ("keys",),
    ("confidence", "report"),
    ("confidence", "recent"),
    ("confidence", "status"),
    ("profiles",),
]


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_reading_creates_nothing(candor: Candor, tmp_path: Path, words: tuple[str, ...]) -> None:
    result = candor(*words)
    assert result.exit_code in (0, 3), result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "file"),
    [
        (("documents",), "knowledge.sqlite"),
        (("tables",), "knowledge.sqlite"),
        (("search", "x"), "knowledge.sqlite"),
        (("ask", "Who approves travel?"), "knowledge.sqlite"),
        (("answers",), "candor.sqlite"),
        (("conversations",), "candor.sqlite"),
        (("keys",), "candor.sqlite"),
    ],
    ids=str,
)
def test_an_empty_result_names_the_file_that_was_read(
    candor: Candor, words: tuple[str, ...], file: str
) -> None:
    assert f" in var/{file}. Start" in " ".join(candor(*words).stderr.split())


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
