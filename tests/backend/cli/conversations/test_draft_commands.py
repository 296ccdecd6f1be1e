"""`candor conversations draft` and `project`: a draft on a terminal, and its project."""

import json
from pathlib import Path

import pytest

from backend.settings.settings import Settings
from tests.backend.cli.conftest import Candor, read_json
from tests.services.conversation_apis.stub_linear import KEY, Fault, failure, stub_linear

QUESTION = "How often must passwords be rotated?"


def begun(candor: Candor) -> str:
    """The id of a new conversation."""
    return str(read_json(candor("ask", QUESTION, "--json"))["chat_id"])


def test_a_draft_is_written_changed_and_made_a_project(candor: Candor) -> None:
    chat = begun(candor)
    first = candor("conversations", "draft", chat)
    assert first.exit_code == 0, first.output
    assert first.stdout.startswith(f"# {QUESTION}\n\n*Extracted from the conversation")
    assert "Version 1, by the agent." in first.stderr
    assert candor("conversations", "draft", chat).stdout == first.stdout
    named = candor("conversations", "draft", chat, "--message", "Title: Rotation of passwords")
    assert named.stdout.startswith("# Rotation of passwords\n")
    noted = candor("conversations", "draft", chat, "-m", "Only for staff.", "--json")
    version = read_json(noted)["new_project_draft"]["active_version"]
    assert version["description"].endswith("## Notes\n\n- Only for staff.")
    assert version["version_number"] == 3
    proposed = candor("conversations", "draft", chat, "-m", "Create the project, please.")
    assert f"Or: candor conversations project {chat} --create" in proposed.stderr
    assert candor("conversations", "project", chat).exit_code == 3
    made = candor("conversations", "project", chat, "--create")
    assert made.exit_code == 0, made.output
    assert made.stdout.startswith("Rotation of passwords\n")
    assert "local, created" in made.stderr
    again = candor("conversations", "project", chat, "--create", "--json")
    assert again.exit_code == 5
    assert json.loads(again.stderr or again.stdout)["code"] == "conversation_locked"
    assert read_json(candor("conversations", "project", chat, "--json"))["state"] == "created"


def test_a_project_that_is_not_there_yet_names_what_creates_it(
    candor: Candor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stub_linear() as linear:
        monkeypatch.setattr(Settings, "linear_api_url", linear.address)
        (tmp_path / ".env").write_text(f"LINEAR_ACCESS_KEY={KEY}\n")
        chat = begun(candor)
        candor("conversations", "draft", chat)
        create = ("conversations", "project", chat, "--create")
        for status, reason in ((200, "Linear failed: it gave no reason"), (500, "HTTP 500")):
            linear.fail(Fault(lambda status=status: failure(status, "")))
            failed = candor(*create)
            assert (failed.exit_code, reason in failed.stderr) == (6, True)
            assert "hint: Try again: a project has its id beforehand" in failed.stderr
        begun_there = candor("conversations", "project", chat).stderr
        assert f"linear, creating\nGo on with: candor {' '.join(create)}" in begun_there
        made = candor(*create)
        assert (made.exit_code, "Go on with" in made.stderr) == (0, False)
