"""A new capability: the files and lines of `docs/how-to/add-a-capability.md`, and nothing else.

They are put into a copy of the code, and a process of its own runs what they make.
"""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from services.store.store import REVISIONS

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "how-to" / "add-a-capability.md"
BLOCK = re.compile(r"^```(python|diff)\n# (\S+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
ASKS = """
import json, os, sys
import anyio
from starlette.testclient import TestClient
from backend.composition.container import Container
from backend.http.app import create_app
from backend.settings.settings import load_settings
from use_cases.kernel.model import Scope

settings = load_settings()

async def make(scope):
    async with Container(settings) as candor:
        made = await candor.identity.manage_keys.create("anna", label="test", scopes=[scope])
        return {"X-API-Key": made.secret}

guest, other = anyio.run(make, Scope.GUESTBOOK), anyio.run(make, Scope.CHAT)
app = create_app(settings, lambda: Container(settings, serving=True))
with TestClient(app, base_url="http://localhost") as client:
    refused = client.get("/guestbook", headers=other)
    made = client.post("/guestbook", json={"text": "Ada"}, headers=guest)
    long = client.post("/guestbook", json={"text": "Ada Lovelace"}, headers=guest)
    read = client.get("/guestbook", headers=guest)
    print(json.dumps({
        "refused": [refused.status_code, refused.json()["code"]],
        "made": made.json()["text"],
        "long": [long.status_code, long.json()["detail"]],
        "read": [one["text"] for one in read.json()],
        "described": "/guestbook" in client.get("/openapi.json").json()["paths"],
        "stranger": client.get("/guestbook").status_code,
    }))
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the code with the capability of the page."""
    folder = tmp_path_factory.mktemp("house")
    for layer in ("backend", "services", "use_cases"):
        shutil.copytree(ROOT / layer, folder / layer, ignore=shutil.ignore_patterns("__pycache__"))
    page = PAGE.read_text().replace("0201", "9999").replace('"0200"', f'"{REVISIONS[-1]}"')
    found = BLOCK.findall(page)
    for kind, path, text in found:
        if kind == "python":
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_text(text)
        else:
            insert(folder / path, text.splitlines(keepends=True))
    return folder


def insert(file: Path, lines: list[str]) -> None:
    """The lines with a plus, behind those without one."""
    before = "".join(line[1:] for line in lines if not line.startswith("+"))
    text = file.read_text()
    assert text.count(before) == 1, f"{file.name}: {before}"
    file.write_text(text.replace(before, before + "".join(x[1:] for x in lines if x[0] == "+")))


def run(house: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words],
        cwd=house,
        env={
            **os.environ,
            "PYTHONPATH": str(house),
            "DATA_DIR": str(house / "var"),
            "PYTHONDONTWRITEBYTECODE": "1",
            **variables,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def candor(house: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return run(house, "-m", "backend.cli.program", *words, **variables)


@pytest.mark.exhaustive
def test_its_command_is_listed_and_runs_and_its_table_keeps(house: Path) -> None:
    listed = candor(house, "--help").stdout
    assert re.search(
        r"  models .*\n  guestbook +Sign the guest book, and read it\.\n  serve ", listed
    )
    signed = candor(house, "guestbook", "Ada was here")
    assert (signed.returncode, signed.stdout) == (0, "local: Ada was here\n"), signed.stderr
    with closing(sqlite3.connect(house / "var" / "candor.sqlite")) as database:
        rows = database.execute("SELECT user_id, text FROM guestbook_entries").fetchall()
    assert rows == [("local", "Ada was here")]
    assert candor(house, "guestbook").stdout == "local: Ada was here\n"


@pytest.mark.exhaustive
def test_its_setting_is_read_and_described(house: Path) -> None:
    refused = candor(house, "guestbook", "Ada was here", LONGEST_ENTRY="5")
    assert refused.returncode == 2
    assert "An entry needs 1 to 5 characters." in refused.stderr
    wrong = candor(house, "guestbook", LONGEST_ENTRY="0")
    assert "LONGEST_ENTRY" in wrong.stderr
    heading = "from backend.settings.settings import GROUPS; print([g.heading for g in GROUPS])"
    assert "'Advice', 'Guest book', 'Prompts and evaluations'" in run(house, "-c", heading).stdout


@pytest.mark.exhaustive
def test_its_route_answers_those_who_have_its_scope(house: Path) -> None:
    limits = {"AUTH_MODE": "required", "LONGEST_ENTRY": "5", "DATA_DIR": str(house / "served")}
    asked = run(house, "-W", "ignore", "-c", ASKS, **limits)
    assert asked.returncode == 0, asked.stderr
    assert json.loads(asked.stdout) == {
        "refused": [403, "scope_missing"],
        "made": "Ada",
        "long": [422, "An entry needs 1 to 5 characters."],
        "read": ["Ada"],
        "described": True,
        "stranger": 401,
    }
