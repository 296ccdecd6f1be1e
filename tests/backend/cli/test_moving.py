"""`candor move` carries everything that was recorded to another database, and back."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from backend.settings.settings import load_settings
from tests.backend.cli.conftest import Candor, read_json
from tests.backend.http.advised import keep, overconfident
from tests.postgres import database_address, needs_any_server

VIEWS = (
    ("answers",),
    ("conversations",),
    ("documents",),
    ("keys",),
    ("confidence", "recent", "--limit", "50"),
    ("confidence", "status"),
)


def shown(candor: Candor) -> list[dict[str, object]]:
    """All views, without the window of a report, which ends now."""
    found = [read_json(candor(*view, "--json")) for view in VIEWS]
    return [{name: value for name, value in one.items() if name != "window"} for one in found]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=needs_any_server)])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "postgresql":
        with database_address() as address:
            yield address
        return
    yield f"sqlite:///{tmp_path / 'new' / 'candor.sqlite'}"


@pytest.mark.exhaustive
def test_everything_is_found_in_the_new_database_and_back_in_files(
    filled: Candor, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for question in ("How often must passwords be rotated?", "How many days of leave?"):
        filled("ask", question, "--offline")
    filled("keys", "create", "--user", "anna", "--label", "web")
    keep(load_settings(), overconfident(30))
    filled("confidence", "tune", "--apply")
    files = load_settings().files_path / "conversations"
    files.mkdir(parents=True)
    (files / "0-note.txt").write_text("kept")
    recorded = shown(filled)
    moved = filled("move", "--to", address)
    assert moved.exit_code == 0, moved.stderr
    assert "answers: 2, " in moved.stdout
    assert "Both sides agree." in moved.stdout
    assert shown(filled) == recorded

    use(monkeypatch, address)
    assert shown(filled) == recorded
    home = f"sqlite:///{tmp_path / 'back' / 'candor.sqlite'}"
    back = filled("move", "--to", home)
    assert back.exit_code == 0, back.stderr
    monkeypatch.delenv("DATABASE_URL", raising=False)
    use(monkeypatch, home)
    assert shown(filled) == recorded
    assert (load_settings().files_path / "conversations/0-note.txt").read_text() == "kept"

    filled("ask", "How long may I work from abroad?", "--offline")
    again = filled("move", "--to", address)
    assert again.exit_code == 0, again.stderr
    assert "answers: 3 (2 were there)" in again.stdout
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "other"))
    filled("ask", "What is new?", "--offline")
    refused = filled("move", "--to", address)
    assert refused.exit_code != 0
    assert "holds" in refused.stderr


def test_while_another_process_has_the_database_open_nothing_is_copied(
    filled: Candor, tmp_path: Path
) -> None:
    file = load_settings().data_path.resolve() / "candor.sqlite"
    with closing(sqlite3.connect(file)) as other:
        other.execute("SELECT 1 FROM answers").fetchall()
        refused = filled("move", "--to", f"sqlite:///{tmp_path}/new/candor.sqlite")
    assert refused.exit_code != 0
    assert "Stop every server and worker" in refused.stderr
    assert not (tmp_path / "new").exists()


def test_what_is_in_use_is_no_other_place(filled: Candor) -> None:
    file = load_settings().data_path.resolve() / "candor.sqlite"
    refused = filled("move", "--to", f"sqlite:///{file}")
    assert (refused.exit_code, "in use" in refused.stderr) == (2, True)


def use(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """Set what the command said."""
    if address.startswith("sqlite"):
        folder = Path(address.removeprefix("sqlite:///")).parent
        monkeypatch.setenv("DATA_DIR", str(folder))
    else:
        monkeypatch.setenv("DATABASE_URL", address)
