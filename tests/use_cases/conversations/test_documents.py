"""What tools wrote: documents with all their versions, code, pages, and what stands beside the messages."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.use_cases.conversations.importers.test_chatgpt import chat, node, says
from tests.use_cases.conversations.importers.test_formats import claude
from tests.use_cases.conversations.reading import imported_from, message
from use_cases.conversations.message_tree import shown_text
from use_cases.conversations.model import (
    CitationPart,
    DocumentPart,
    Imported,
    ImportedMessage,
    MessageRole,
    NotePart,
    Replaced,
    ToolCallPart,
    ToolResultPart,
)
from use_cases.conversations.written_documents import document_call, with_versions


def artifact(command: str, **values: str) -> dict[str, Any]:
    given = {"command": command, "id": "fib", **values}
    return {"type": "tool_use", "name": "artifacts", "input": given}


def answer(key: str, parent: str, *blocks: dict[str, Any]) -> dict[str, Any]:
    return {
        "uuid": key,
        "sender": "assistant",
        "parent_message_uuid": parent,
        "content": list(blocks),
    }


def documents(found: Imported, key: str) -> list[DocumentPart]:
    return [one for one in message(found, key).parts if isinstance(one, DocumentPart)]


def texts(found: Imported) -> list[str]:
    return [shown_text(one.parts) for one in found.conversation.messages if one.is_said]


def test_every_version_of_an_artifact_is_kept_along_its_branch() -> None:
    created = artifact(
        "create", title="Fibonacci", language="python", content="def fib(n):\n    return 1"
    )
    found = imported_from(
        claude(
            {"uuid": "q", "sender": "human", "text": "Write it"},
            answer("a", "q", {"type": "text", "text": "Here:"}, created),
            answer("b", "a", artifact("update", old_str="return 1", new_str="return n")),
            answer("b2", "a", artifact("update", old_str="return 1", new_str="return 0")),
            answer("c", "b", artifact("rewrite", title="Fib", content="fib = lambda n: n")),
            answer("d", "c", artifact("update", old_str="not there", new_str="x")),
        )
    )
    assert documents(found, "a") == [
        DocumentPart(
            name="Fibonacci",
            document_id="fib",
            version=1,
            language="python",
            text="def fib(n):\n    return 1",
        )
    ]
    (second,), (other,) = documents(found, "b"), documents(found, "b2")
    assert (second.version, second.text) == (2, "def fib(n):\n    return n")
    assert (other.version, other.text) == (2, "def fib(n):\n    return 0")
    (third,), (fourth,) = documents(found, "c"), documents(found, "d")
    assert (third.name, third.version, third.text) == ("Fib", 3, "fib = lambda n: n")
    assert (fourth.name, fourth.version, fourth.text) == ("Fib", 4, "")
    assert fourth.changes == (Replaced(old="not there", new="x"),)
    shown = texts(found)
    assert shown[1] == (
        "Here:\n\n[Document: Fibonacci, version 1]\n\n```python\ndef fib(n):\n    return 1\n```"
    )
    whole = "```python\ndef fib(n):\n    return n\n```"
    assert f"[Document: Fibonacci, version 2]\n\n{whole}" in shown
    assert "[Document: Fib, version 4]\n\n```diff\n-not there\n+x\n```" in shown
    assert found.report.kept["document"] == 5


def test_files_that_claude_wrote_and_code_that_it_ran_are_shown() -> None:
    written = {"path": "/out/a.py", "file_text": "x = 1\n", "description": "A file"}
    changed = {"path": "/out/a.py", "old_str": "1", "new_str": "2"}
    found = imported_from(
        claude(
            answer(
                "a",
                "",
                {"type": "tool_use", "name": "create_file", "input": written},
                {"type": "tool_use", "name": "str_replace", "input": changed},
                {"type": "tool_use", "id": "t", "name": "repl", "input": {"code": "1+1"}},
                {"type": "tool_result", "tool_use_id": "t", "content": "2"},
                {"type": "tool_use", "name": "bash_tool", "input": {"command": "ls"}},
                {"type": "tool_use", "name": "web_fetch", "input": {"url": "https://x.example"}},
            )
        )
    )
    first, second = documents(found, "a")
    assert (first.name, first.language, second.text) == ("a.py", "py", "x = 2\n")
    parts = message(found, "a").parts
    assert ToolCallPart(name="repl", input="1+1", call_id="t", language="javascript") in parts
    assert ToolResultPart(name="repl", text="2", call_id="t") in parts
    (shown,) = texts(found)
    assert "[Code that repl ran]\n```javascript\n1+1\n```" in shown
    assert "[What repl printed]\n```\n2\n```" in shown
    assert "[Code that bash_tool ran]\n```bash\nls\n```" in shown
    assert "x.example" not in shown


def canvas(key: str, parent: str | None, tool: str, **given: object) -> dict[str, Any]:
    content = {"content_type": "code", "language": "json", "text": json.dumps(given)}
    return node(key, parent, author={"role": "assistant"}, recipient=tool, content=content)


def test_the_canvas_is_shown_with_its_versions() -> None:
    found = imported_from(
        chat(
            node("q", content=says("A poem")),
            canvas(
                "c1",
                "q",
                "canmore.create_textdoc",
                name="poem",
                type="document",
                content="Roses (red)",
            ),
            canvas(
                "c2",
                "c1",
                "canmore.update_textdoc",
                updates=[
                    {"pattern": r"Roses \(red\)", "replacement": "Violets", "multiple": False}
                ],
            ),
            canvas(
                "c3",
                "c2",
                "canmore.update_textdoc",
                updates=[{"pattern": "(V|v)+iolets", "replacement": "x"}],
            ),
            canvas(
                "c4",
                "c3",
                "canmore.update_textdoc",
                updates=[{"pattern": ".*", "replacement": "All new"}],
            ),
            canvas(
                "c5",
                "c4",
                "canmore.comment_textdoc",
                comments=[{"pattern": "All", "comment": "Be brief"}],
            ),
            current="c5",
        )
    )
    kept = [documents(found, key)[0] for key in ("c1", "c2", "c3", "c4", "c5")]
    assert [(one.name, one.version, one.text) for one in kept] == [
        ("poem", 1, "Roses (red)"),
        ("poem", 2, "Violets"),
        ("poem", 3, ""),
        ("poem", 4, "All new"),
        ("poem", 4, ""),
    ]
    shown = texts(found)
    assert shown[1] == "[Document: poem, version 1]\n\n```markdown\nRoses (red)\n```"
    assert shown[5] == "[Document: poem, version 4]\n\nComment: Be brief"
    assert found.report.hidden == {"to_a_tool": 5}


def test_code_of_chatgpt_its_output_and_pages_that_it_read_are_shown() -> None:
    ran = {"content_type": "code", "language": "unknown", "text": "print(6*7)"}
    pages = [{"title": "Tea", "url": "https://tea.example/", "text": "long"}]
    found = imported_from(
        chat(
            node("q", content=says("Compute")),
            node("c", "q", author={"role": "assistant"}, recipient="python", content=ran),
            node(
                "o",
                "c",
                author={"role": "tool", "name": "python"},
                content={"content_type": "execution_output", "text": "42"},
            ),
            node(
                "b",
                "o",
                author={"role": "tool", "name": "browser"},
                content={"content_type": "tether_browsing_display", "result": "a page of text"},
                metadata={"_cite_metadata": {"metadata_list": pages}},
            ),
            node(
                "s", "b", author={"role": "assistant"}, recipient="browser", content=says("search")
            ),
            current="s",
        )
    )
    assert texts(found) == [
        "Compute",
        "[Code that python ran]\n```python\nprint(6*7)\n```",
        "[What python printed]\n```\n42\n```",
        "- Tea: https://tea.example/",
    ]
    assert (
        CitationPart(title="Tea", url="https://tea.example/", text="long")
        in message(found, "b").parts
    )


@pytest.mark.parametrize(
    ("value", "note"),
    [
        (
            claude({"uuid": "1", "sender": "human", "text": "Hi"}, summary="They met."),
            NotePart(name="summary by Claude", text="They met."),
        ),
        (
            {
                "conversationId": "l",
                "options": {"promptPrefix": "Be a pirate."},
                "messages": [{"messageId": "1", "text": "Hi", "isCreatedByUser": True}],
            },
            NotePart(name="instructions", text="Be a pirate."),
        ),
        (
            {
                "id": "u",
                "name": "Tea",
                "folderId": None,
                "model": {"id": "gpt-4", "name": "GPT-4"},
                "prompt": "Be a pirate.",
                "messages": [{"role": "user", "content": "Hi"}],
            },
            NotePart(name="instructions", text="Be a pirate."),
        ),
    ],
)
def test_what_stands_beside_the_messages_is_the_first_of_them(
    value: dict[str, Any], note: NotePart
) -> None:
    first, second = imported_from(value).conversation.messages
    assert (first.role, first.parts, first.parent_id) == (MessageRole.SYSTEM, (note,), None)
    assert second.parent_id == first.message_id
    assert first.is_said
    assert note.text in shown_text(first.parts)


def test_a_file_of_google_drive_is_shown_by_its_name_or_id() -> None:
    chunk = {
        "role": "user",
        "text": "Read both",
        "driveDocument": {"id": "1hufO", "name": "Offer.pdf", "mimeType": "application/pdf"},
    }
    other = {"role": "user", "text": "And this", "driveDocument": {"id": "2abcD"}}
    found = imported_from({"id": "g", "chunkedPrompt": {"chunks": [chunk, other]}})
    assert texts(found) == ["Read both\n\n[Offer.pdf]", "And this\n\n[2abcD]"]


def said(key: str, parent: str | None, *parts: DocumentPart) -> ImportedMessage:
    return ImportedMessage(
        message_id=key, parent_id=parent, role=MessageRole.ASSISTANT, parts=parts
    )


def test_versions_that_would_explode_are_kept_as_their_changes() -> None:
    doubled = DocumentPart(
        name="", document_id="d", changes=(Replaced(old="a", new="aa", every=True),)
    )
    growing = [said("0", None, DocumentPart(name="", document_id="d", text="a" * 1000))]
    growing += [said(str(n), str(n - 1), doubled) for n in range(1, 200)]
    found = with_versions(growing)
    whole = [part.text for one in found for part in one.parts if isinstance(part, DocumentPart)]
    assert len(whole) == 200
    assert sum(map(len, whole)) < 2_100_000
    assert whole[1] == "a" * 2000
    assert with_versions(found) == found


def test_a_changed_document_that_is_long_is_shown_by_its_changes() -> None:
    changed = DocumentPart(
        name="log", version=2, text="x" * 4001, changes=(Replaced(old="y", new="x"),)
    )
    assert shown_text([changed]) == "[Document: log, version 2]\n\n```diff\n-y\n+x\n```"


def test_no_pattern_of_a_file_is_run() -> None:
    given = {"updates": [{"pattern": "(a+)+$", "replacement": "x"}]}
    written = DocumentPart(name="n", text="a" * 5000 + "b")
    update = document_call("canmore.update_textdoc", json.dumps(given))
    assert update is not None
    _, second = with_versions([said("1", None, written), said("2", "1", update)])
    assert [one.text for one in second.parts if isinstance(one, DocumentPart)] == [""]


@given(
    st.text(st.characters(codec="utf-8"), max_size=40),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(
                    ["command", "id", "content", "updates", "old_str", "new_str", "pattern"]
                ),
                inner,
            )
        ),
        max_leaves=8,
    ),
    st.sampled_from(["artifacts", "create_file", "str_replace", "canmore.update_textdoc"]),
)
def test_a_call_of_any_form_is_read_without_an_error(text: str, given: object, name: str) -> None:
    for values in (given, text, json.dumps(given)):
        part = document_call(name, values)
        if part is not None:
            (found,) = with_versions([said("1", None, part)])
            assert shown_text(found.parts).startswith("[Document: ")
            assert with_versions([found]) == [found]


@given(st.text(st.sampled_from("`~a\n"), max_size=30))
def test_no_text_closes_its_own_fence(text: str) -> None:
    shown = shown_text([ToolResultPart(name="python", text=text)])
    if text:
        lines = shown.split("\n")
        assert lines[1] == lines[-1]
        assert lines[1] not in text
