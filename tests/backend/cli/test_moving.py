"""The script of the page on PostgreSQL moves everything that was recorded; here between two files."""

import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import anyio
import pytest

from backend.settings.settings import load_settings
from services.store.store import Store
from tests.backend.cli.conftest import Candor, read_json
from tests.backend.cli.test_program import ROOT, environment
from tests.backend.http.advised import keep, overconfident
from tests.patience import PATIENCE

PAGE = ROOT / "docs/how-to/use-postgresql.md"

VIEWS = (
    ("answers",),
    ("conversations",),
    ("keys",),
    ("confidence", "recent", "--limit", "50"),
    ("confidence", "status"),
)


def shown(candor: Candor) -> list[dict[str, object]]:
    """All views, without the window of a report, which ends now."""
    found = [read_json(candor(*view, "--json")) for view in VIEWS]
    return [{name: value for name, value in one.items() if name != "window"} for one in found]


def move(source: Path, target: Path) -> subprocess.CompletedProcess[str]:
    [script] = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    Path("move.py").write_text(script)
    return subprocess.run(
        [sys.executable, "move.py", f"sqlite:///{source}", f"sqlite:///{target}"],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


async def make_store(file: Path) -> None:
    """As the first writing command would."""
    store = Store(file)
    await store.open()
    await store.close()


def _orphans(database: Path) -> int:
    """Messages that were stored before the one they answer, which a server refuses."""
    query = """SELECT count(*) FROM messages AS child JOIN messages AS parent
        ON child.parent_id = parent.message_id WHERE parent.rowid > child.rowid"""
    with closing(sqlite3.connect(database)) as connection:
        return int(connection.execute(query).fetchone()[0])


@pytest.mark.exhaustive
def test_everything_recorded_is_found_in_the_new_database(
    filled: Candor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for question in ("How often must passwords be rotated?", "How many days of leave?"):
        filled("ask", question, "--offline")
    filled("keys", "create", "--user", "anna", "--label", "web")
    keep(load_settings(), overconfident(30))
    filled("confidence", "tune", "--apply")
    source = load_settings().store_url.removeprefix("sqlite+aiosqlite:///")
    recorded = shown(filled)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "new"))
    assert read_json(filled("answers", "--json"))["answers"] == []
    target = tmp_path / "new" / "candor.sqlite"
    anyio.run(make_store, target)
    moved = move(Path(source), target)
    assert moved.returncode == 0, moved.stderr
    assert "answers: 2" in moved.stdout
    assert shown(filled) == recorded
    assert _orphans(target) == 0
    again = move(Path(source), target)
    assert again.returncode != 0
    assert shown(filled) == recorded
