"""`candor conversations draft` and `project`: a draft on a terminal, and its project."""

import json

from tests.backend.cli.conftest import Candor, read_json

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
    assert candor("conversations", "project", chat).exit_code == 3
    made = candor("conversations", "project", chat, "--create")
    assert made.exit_code == 0, made.output
    assert made.stdout.startswith("Rotation of passwords\n")
    assert "local, created" in made.stderr
    again = candor("conversations", "project", chat, "--create", "--json")
    assert again.exit_code == 5
    assert json.loads(again.stderr or again.stdout)["code"] == "conversation_locked"
    assert read_json(candor("conversations", "project", chat, "--json"))["state"] == "created"


def test_the_agent_proposes_the_project_and_creates_it_when_that_is_confirmed(
    candor: Candor,
) -> None:
    chat = begun(candor)
    talk = ("conversations", "draft", chat, "--message")
    asked = candor(*talk, "Create the project, please.")
    assert asked.exit_code == 0, asked.output
    assert (
        "Proposed, not created: the project “How often must passwords be rotated?”" in asked.stderr
    )
    assert f"Or: candor conversations project {chat} --create" in asked.stderr
    assert candor("conversations", "project", chat).exit_code == 3
    proposed = read_json(candor(*talk, "Create the project of it all.", "--json"))["proposal"]
    assert proposed["title"] == QUESTION
    made = candor(*talk, "Yes, please create it.")
    assert made.exit_code == 0, made.output
    assert "The project: recorded here" in made.stderr
    assert candor("conversations", "draft", chat, "--new").exit_code == 5


def test_a_conversation_that_is_not_there(candor: Candor) -> None:
    assert candor("conversations", "draft", "chat_9").exit_code == 3
