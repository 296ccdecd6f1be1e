"""Docs that are made from the code are up to date, and nothing is missing from them."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from backend.cli.program import COMMANDS, load
from backend.composition.container import Container
from backend.http.app import create_app
from backend.reference.__main__ import main
from backend.reference.reference_pages import errors
from backend.settings.settings import Settings

ROOT = Path(__file__).parents[2]


def text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def test_generated_files_are_up_to_date() -> None:
    """In a process of its own, so that no other test can have a say in what is compared."""
    run = subprocess.run(
        [sys.executable, "-m", "backend.reference", "--check"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")


def test_a_file_that_is_out_of_date_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stale = {".env.example": "# Another.\n", "docs/reference/cli.md": text("docs/reference/cli.md")}
    monkeypatch.setattr("backend.reference.__main__.pages", lambda: stale)
    assert main(["--check"]) == 1
    assert capsys.readouterr().err == ".env.example is out of date: run `make docs`\n"


def test_every_setting_is_described() -> None:
    page = text("docs/reference/settings.md")
    for name in Settings.model_fields:
        (row,) = [line for line in page.splitlines() if line.startswith(f"| `{name.upper()}` |")]
        assert row.strip("| ").split(" | ")[3:], name


def test_every_route_is_listed_or_is_a_page() -> None:
    settings = Settings.model_construct()
    app = create_app(settings, lambda: Container(settings))
    hidden = {
        route.path
        for route in app.routes
        if isinstance(route, APIRoute) and not route.include_in_schema
    }
    console = {"/console", "/console/{address:path}", "/console/static/{of_version}/{path:path}"}
    assert hidden == {"/", "/docs", "/redoc", "/health"} | console


def test_every_command_has_examples() -> None:
    page = text("docs/reference/cli.md")
    sections = page.split("\n## ")[3:]
    for section in sections:
        if not re.match(r"`candor \w+ list`", section):
            assert "Examples:" in section, section.splitlines()[0]


def test_the_list_of_commands_says_what_their_help_says() -> None:
    for name, command in COMMANDS.items():
        assert load(name).help.strip().splitlines()[0] == command.summary


def test_every_error_code_is_documented_and_one_of_its_kind() -> None:
    page = text("docs/reference/errors.md")
    codes = [error.code for error in errors()]
    assert len(codes) == len(set(codes))
    assert len(codes) > 30
    for error in errors():
        assert f"| `{error.code}` |" in page
        assert re.fullmatch(r"[a-z][a-z0-9_]*", error.code)
        assert error.title
        assert error.default_hint
