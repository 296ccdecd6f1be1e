"""`candor import`, `candor export` and the commands for conversations that are here."""

import json
from pathlib import Path
from typing import Any

import pytest

from services.store.imports import imports
from services.store.store import Store
from tests.backend.cli.conftest import Candor, read_json
from tests.backend.cli.conversations.test_conversations import CHAT
from tests.templates import run_apart

MORE = {"uuid": "3", "sender": "human", "text": "Black?"}
LONGER: dict[str, Any] = {**CHAT, "chat_messages": [*CHAT["chat_messages"], MORE]}


def write(*chats: object, name: str = "c.json") -> str:
    Path(name).write_text(json.dumps(chats))
    return name


def only_id(candor: Candor) -> str:
    (one,) = read_json(candor("conversations", "list", "--json"))["conversations"]
    return str(one["id"])


def test_a_first_import_the_same_again_and_a_longer_one(candor: Candor) -> None:
    first = candor("import", write(CHAT))
    assert first.exit_code == 0, first.output
    assert "created  2    0        claude  Tea" in first.stdout
    assert "not understood  type dance  1" in first.stdout
    assert "c.json: 1 created; 2 new messages, 0 changed." in first.stderr
    again = candor("import", "c.json")
    assert (again.exit_code, again.stdout) == (0, "")
    assert "c.json: 1 unchanged; 0 new messages, 0 changed." in again.stderr
    longer = read_json(candor("import", write(LONGER), "--json"))
    assert (longer["outcomes"], longer["added"]) == ({"updated": 1}, 1)
    assert longer["conversations"][0]["id"] == only_id(candor)
    assert longer["report"]["kept"] == {"text": 2, "unknown": 1}


def test_several_files_of_which_one_is_not_there(candor: Candor) -> None:
    result = candor("import", write(CHAT), "gone.json")
    assert result.exit_code == 3
    assert "c.json: 1 created" in result.stderr
    assert "error[conversation_file_not_found]" in result.stderr
    shown = read_json(candor("import", "c.json", "gone.json", "--json"))
    assert [one.get("error") for one in shown] == [None, "conversation_file_not_found"]


def test_conversations_are_listed_shown_and_removed(candor: Candor) -> None:
    empty = candor("conversations", "list")
    assert "candor import FILE" in empty.stderr
    candor("import", write(CHAT, {**CHAT, "uuid": "c2", "name": ""}))
    page = read_json(candor("conversations", "list", "--limit", "1", "--json"))
    rest = candor("conversations", "list", "--before", page["next_before"])
    assert rest.stdout.count("chat_") == 1
    chat_id = page["conversations"][0]["id"]
    shown = candor("conversations", "show", chat_id)
    assert "Which tea?" in shown.stdout
    tree = read_json(candor("conversations", "show", chat_id, "--json"))
    assert [(one["source_id"], one["is_shown"]) for one in tree["messages"]] == [
        ("1", True),
        ("2", True),
    ]
    refused = candor("conversations", "remove", chat_id)
    assert "no terminal to ask at" in refused.stderr
    assert candor("conversations", "remove", chat_id, "--yes").exit_code == 0
    assert candor("conversations", "show", chat_id).exit_code == 3


def test_hidden_messages_and_other_branches_are_shown_on_demand(candor: Candor) -> None:
    said = [
        {"id": "0", "parent_id": None, "role": "system", "content": "Be kind."},
        {"id": "1", "parent_id": "0", "role": "user", "content": "Which tea?"},
        {"id": "2", "parent_id": "1", "role": "assistant", "content": "Green.", "model": "m-1"},
        {"id": "3", "parent_id": "1", "role": "assistant", "content": "Black."},
    ]
    plain = {"format": "candor.conversation/1", "id": "t", "messages": said, "current_id": "2"}
    candor("import", write(plain))
    shown = candor("conversations", "show", only_id(candor))
    assert "Green." in shown.stdout
    assert "Black." not in shown.stdout
    assert "one of 2 branches" in shown.stdout
    assert "2 messages of other branches or hidden; --all shows all." in shown.stderr
    everything = candor("conversations", "show", only_id(candor), "--all")
    assert "Black." in everything.stdout
    assert "Be kind." in everything.stdout


SAID = [
    {"id": "1", "parent_id": None, "role": "user", "content": "Which tea?"},
    {"id": "2", "parent_id": "1", "role": "assistant", "content": "Green."},
    {"id": "3", "parent_id": "1", "role": "assistant", "content": "Black."},
    {"id": "4", "parent_id": "3", "role": "user", "content": "Why?"},
]
BRANCHES = {
    "format": "candor.conversation/1",
    "id": "t",
    "title": "Tea",
    "messages": SAID,
    "current_id": "2",
}


def test_the_shown_branch_is_switched_and_an_import_keeps_it(candor: Candor) -> None:
    candor("import", write(BRANCHES))
    chat_id = only_id(candor)
    switched = candor("conversations", "edit", chat_id, "--branch", "3")
    assert switched.exit_code == 0, switched.output
    shown = candor("conversations", "show", chat_id).stdout
    assert [word in shown for word in ("Green.", "Black.", "Why?")] == [False, True, True]
    changed = [
        *BRANCHES["messages"],
        {"id": "5", "parent_id": "2", "role": "user", "content": "Ah"},
    ]
    candor("import", write({**BRANCHES, "messages": changed}))
    assert "Why?" in candor("conversations", "show", chat_id).stdout
    wrong = candor("conversations", "edit", chat_id, "--branch", "msg_none")
    assert (wrong.exit_code, "conversation_message_not_found" in wrong.stderr) == (3, True)


def test_a_question_goes_on_from_a_message_of_another_branch(filled: Candor) -> None:
    filled("import", write(BRANCHES))
    chat = only_id(filled)
    tree = read_json(filled("conversations", "show", chat, "--json"))
    black = next(one["id"] for one in tree["messages"] if one["source_id"] == "3")
    assert filled("ask", "Hello!", "--chat", chat, "--after", black).exit_code == 0
    shown = filled("conversations", "show", chat).stdout
    assert [word in shown for word in ("Hello!", "Green.", "Black.")] == [True, False, True]
    assert "--after names a message of a chat." in filled("ask", "Hello!", "--after", black).stderr


def test_a_conversation_is_renamed(candor: Candor) -> None:
    candor("import", write(BRANCHES))
    rename = ("conversations", "edit", only_id(candor), "--title")
    assert candor(*rename, " My  tea ").stdout == "My tea\n"
    assert "My tea" in candor("conversations", "list").stdout
    assert candor(*rename, " ").exit_code == 2
    assert candor("conversations", "edit", only_id(candor)).exit_code == 2


def test_conversations_are_written_for_a_reader(candor: Candor) -> None:
    candor("import", write(BRANCHES))
    chat_id = only_id(candor)
    text = candor("export", "--conversation", chat_id, "--format", "markdown").stdout
    assert text.startswith("# Tea\n\nplain · ")
    assert text.endswith("## User\n\nWhich tea?\n\n## Assistant\n\nGreen.\n\n")
    assert candor("export", "--format", "markdown").stdout == text
    written = candor("export", "--format", "html", "--out", "tea.html")
    assert (written.exit_code, written.stderr) == (0, "Written to tea.html.\n")
    page = Path("tea.html").read_text()
    assert "<h1>Tea</h1>" in page
    for out, form, start in (("tea.HTML", "html", "<!doctype"), ("tea.md", "markdown", "# Tea")):
        assert candor("export", "--out", out).exit_code == 0
        assert Path(out).read_text().startswith(start)
        assert Path(out).read_text() == candor("export", "--format", form).stdout
    candor("export", "--out", "tea.md", "--format", "json")
    assert Path("tea.md").read_text() == candor("export").stdout
    assert '<h2>Assistant</h2><div class="prose"><p>Green.</p>\n</div></section>' in page


@pytest.mark.exhaustive
@pytest.mark.parametrize("one", [False, True])
def test_an_export_is_imported_without_a_change(candor: Candor, *, one: bool) -> None:
    candor("import", write(CHAT))
    chosen = ["--conversation", only_id(candor)] if one else []
    written = candor("export", *chosen, "--out", "out.json")
    assert (written.exit_code, written.stderr) == (0, "Written to out.json.\n")
    assert candor("export", *chosen).stdout == Path("out.json").read_text()
    assert read_json(candor("import", "out.json", "--json"))["outcomes"] == {"unchanged": 1}
    candor("conversations", "remove", only_id(candor), "--yes")
    assert read_json(candor("import", "out.json", "--json"))["outcomes"] == {"created": 1}


def test_nothing_is_exported_as_an_empty_list(candor: Candor) -> None:
    assert read_json(candor("export")) == []
    assert candor("export", "--conversation", "chat_none").exit_code == 3
    assert candor("export", "--out", "no/folder.json").exit_code == 2


def test_conversations_of_an_older_parser_are_read_anew(candor: Candor) -> None:
    candor("import", write(CHAT))

    async def age() -> None:
        store = Store(Path("var/candor.sqlite"))
        older = imports.update().values(parser_version=0)
        await store.write(lambda connection: connection.execute(older))
        await store.close()

    run_apart(age)
    chat_id = only_id(candor)
    assert (
        "1 conversation of an older version: read anew."
        in candor("conversations", "show", chat_id).stderr
    )
    assert "read anew" not in candor("conversations", "show", chat_id).stderr
