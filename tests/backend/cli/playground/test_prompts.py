"""`candor prompts`: from the built-in text to a promoted version and back."""

import json
from pathlib import Path

import pytest

from tests.backend.cli.conftest import Candor, read_json
from tests.templates import migrated_store

CHAT = "chat.answer"


@pytest.fixture
def stored(candor: Candor) -> Candor:
    """The program with an empty store."""
    migrated_store(Path("var/candor.sqlite"))
    return candor


def write(text: str, name: str = "answer.txt") -> str:
    Path(name).write_text(text)
    return name


def in_use(candor: Candor) -> int:
    types = read_json(candor("prompts", "--json"))["types"]
    return next(each["in_use"] for each in types if each["purpose"] == CHAT)


@pytest.mark.exhaustive
def test_a_text_is_shown_edited_promoted_and_taken_back(stored: Candor) -> None:
    shown = stored("prompts", "show", CHAT)
    assert (shown.exit_code, "built in" in shown.stderr) == (0, True)
    same = stored("prompts", "save", CHAT, write(shown.stdout))
    assert same.stdout == "chat.answer@0\n"
    assert "Nothing changed" in same.stderr
    saved = stored("prompts", "save", CHAT, write(f"{shown.stdout}\nBe kind.\n"), "-m", "kinder")
    assert (saved.exit_code, saved.stdout) == (0, "chat.answer@1\n")
    assert "candor prompts promote chat.answer@1" in saved.stderr
    twice = stored("prompts", "save", CHAT, write(f"{shown.stdout}\nBe kind.\n"))
    assert "Nothing changed" in twice.stderr
    assert "It is not used yet: candor prompts promote chat.answer@1" in twice.stderr
    assert in_use(stored) == 0
    difference = stored("prompts", "show", "chat.answer@0", "chat.answer@1").stdout
    assert difference.splitlines()[:2] == ["--- chat.answer@0", "+++ chat.answer@1"]
    assert difference.splitlines()[-2:] == ["+", "+Be kind."]
    same = stored("prompts", "show", "chat.answer@1", "chat.answer@latest")
    assert (same.stdout, same.stderr) == ("", "The versions have the same content.\n")
    moved = stored("prompts", "promote", "chat.answer@1", "--reason", "better")
    assert moved.stdout == "production: from the built-in text to version 1\n"
    again = stored("prompts", "promote", "chat.answer@1")
    assert again.stdout == "production: version 1 has it already\n"
    used = stored("prompts", "save", CHAT, write(f"{shown.stdout}\nBe kind.\n"))
    assert (used.stdout, "It is not used" in used.stderr) == ("chat.answer@1\n", False)
    assert in_use(stored) == 1
    assert stored("prompts", "show", CHAT).stdout.endswith("Be kind.\n")
    assert read_json(stored("prompts", "history", CHAT, "--json"))["labels"] == {"production": 1}
    back = stored("prompts", "rollback", CHAT, "--json")
    assert read_json(back)["to_version"] is None
    assert in_use(stored) == 0
    moves = read_json(stored("prompts", "history", CHAT, "--json"))["moves"]
    assert [(each["evidence"], each["reason"]) for each in moves] == [
        (None, "back from version 1"),
        (None, ""),
        (None, "better"),
    ]
    history = stored("prompts", "history", CHAT).stdout
    assert ("better" in history, "kinder" in history) == (True, True)
    assert stored("prompts", "promote", "chat.answer@1", "--if", "job_1").exit_code == 3
    alone = stored("prompts", "promote", "chat.answer@1", "--margin", "0.1")
    assert (alone.exit_code, "belongs to an evaluation" in alone.stderr) == (2, True)


def test_a_prompt_of_ones_own_has_messages_from_a_file(stored: Candor) -> None:
    content = {
        "messages": [{"role": "user", "content": "Sum up {{text}}"}],
        "variables": [{"name": "text", "type": "string"}],
        "settings": {"temperature": 0},
    }
    made = stored("prompts", "save", "Summary", write(json.dumps(content), "a.json"), "--create")
    name, _, number = made.stdout.strip().partition("@")
    assert (made.exit_code, number) == (0, "1")
    written = "messages:\n- role: user\n  content: Shorten {{text}}\n"
    saved = stored("prompts", "save", name, write(written, "a.yaml"), "--json")
    assert read_json(saved)["version_number"] == 2
    stored("prompts", "save", name, "-", stdin="Cut {{text}}\n")
    found = read_json(stored("prompts", "show", name, "--json"))
    assert found["messages"] == [{"role": "user", "content": "Cut {{text}}"}]
    versions = read_json(stored("prompts", "history", name, "--json"))["versions"]
    assert [each["version_number"] for each in versions] == [3, 2, 1]
    assert "settings: {'temperature': 0}" in stored("prompts", "show", f"{name}@1").stdout
    listed = stored("prompts", "list", "--text", "summ")
    assert (name in listed.stdout, "advice" in listed.stdout) == (True, False)
    difference = read_json(stored("prompts", "show", f"{name}@1", f"{name}@2", "--json"))
    assert [each["name"] for each in difference["settings"]] == ["temperature"]


def test_labels_are_moved_and_removed(stored: Candor) -> None:
    stored("prompts", "save", CHAT, write("Answer."))
    given = stored("prompts", "promote", "chat.answer@1", "--label", "staging")
    assert (given.stdout, given.stderr) == ("staging: from no version to version 1\n", "")
    removed = stored("prompts", "rollback", CHAT, "--label", "staging", "--remove")
    assert removed.stdout == "staging: from version 1 to no version\n"


def test_removing_asks_and_reverts(stored: Candor) -> None:
    stored("prompts", "save", CHAT, write("Answer."))
    stored("prompts", "promote", "chat.answer@1")
    assert stored("prompts", "remove", CHAT).exit_code == 4
    assert in_use(stored) == 1
    assert stored("prompts", "remove", CHAT, "--yes").stdout == "Removed chat.answer\n"
    assert in_use(stored) == 0
    assert stored("prompts", "remove", CHAT, "--yes").exit_code == 3


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.txt", "Answer {{question}}.", "no variables"),
        ("a.json", '{"messages": [', "a.json is no YAML"),
        ("a.yaml", "messages: []\nmodel: x", "'model' is not understood"),
        ("a.yaml", "a text", "a.yaml: messages"),
        ("a.yaml", "- role: tool\n  content: x", "messages.0.role"),
        ("a.yaml", "&a [*a]", "a.yaml"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(
    stored: Candor, name: str, text: str, says: str
) -> None:
    refused = stored("prompts", "save", CHAT, write(text, name))
    assert (refused.exit_code, "error[prompt_invalid]" in refused.stderr) == (2, True)
    assert says in refused.stderr
    assert read_json(stored("prompts", "history", CHAT, "--json"))["versions"] == []


def test_what_is_not_there_is_said(stored: Candor) -> None:
    assert "cannot be read" in stored("prompts", "save", CHAT, "nowhere.txt").stderr
    Path("latin.txt").write_bytes(b"\xff\xfe")
    assert "not UTF-8" in stored("prompts", "save", CHAT, "latin.txt").stderr
    for words in (("show", "nothing"), ("promote", "chat.answer@3"), ("rollback", CHAT)):
        assert stored("prompts", *words).exit_code == 3, words


def test_default_models_are_stored_and_removed(stored: Candor) -> None:
    assert stored("prompts", "default-model").stdout.split().count("-") == 7
    put = stored("prompts", "default-model", "advice", "offline:adviser", "--json")
    assert [(each["purpose"], each["model"]) for each in read_json(put)["defaults"]] == [
        ("advice", "offline:adviser")
    ]
    refused = stored("prompts", "default-model", "advice", "nobody:nothing")
    assert (refused.exit_code, "model_unknown" in refused.stderr) == (2, True)
    assert "offline:adviser" in stored("prompts", "default-model", "advice").stdout
    assert stored("prompts", "default-model", "advice", "--remove").exit_code == 0
    assert stored("prompts", "default-model", "nothing").exit_code == 3


def test_chat_answers_by_a_promoted_version(filled: Candor) -> None:
    filled("prompts", "save", CHAT, write("Answer from the sources, and cite them."))
    filled("prompts", "promote", "chat.answer@1")
    asked = filled("ask", "How often must passwords be rotated?", "--json")
    assert read_json(asked)["prompt_version"] == "chat.answer@1"
