"""Every other format, from a small file of its kind."""

from typing import Any

import pytest

from tests.use_cases.conversations.reading import fault_in, imported_from, message, steps_of
from use_cases.conversations.message_tree import shown_text
from use_cases.conversations.model import (
    CitationPart,
    Fault,
    FilePart,
    HiddenBecause,
    Imported,
    ImportedMessage,
    MessageRole,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)

NO_PARENT = "00000000-0000-4000-8000-000000000000"


def edges(messages: tuple[ImportedMessage, ...]) -> list[tuple[str, str | None]]:
    return [(one.message_id, one.parent_id) for one in messages]


def claude(*messages: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"uuid": "c", "name": "", "chat_messages": list(messages), **more}


def test_claude_keeps_blocks_files_and_branches() -> None:
    content = [
        {"type": "thinking", "thinking": "hm"},
        {"type": "tool_use", "id": "t", "name": "fetch", "input": {"url": "https://x.example"}},
        {
            "type": "tool_result",
            "tool_use_id": "t",
            "content": [{"type": "text", "text": "404"}],
            "is_error": True,
        },
        {"type": "text", "text": "No.", "citations": [{"url": "https://x.example", "title": "X"}]},
        {"type": "dance", "steps": 3},
    ]
    found = imported_from(
        claude(
            {"uuid": "q", "sender": "human", "text": "Fetch", "parent_message_uuid": NO_PARENT},
            {
                "uuid": "a",
                "sender": "assistant",
                "parent_message_uuid": "q",
                "text": "hm No.",
                "content": content,
                "attachments": [
                    {"file_name": "n.txt", "file_size": 5, "extracted_content": "notes"}
                ],
            },
            {"uuid": "b", "sender": "assistant", "parent_message_uuid": "q", "text": "Other"},
            current_leaf_message_uuid="a",
        )
    )
    assert edges(found.conversation.messages) == [("q", None), ("a", "q"), ("b", "q")]
    assert found.conversation.current_id == "a"
    parts = message(found, "a").parts
    assert parts[:5] == (
        ReasoningPart(text="hm"),
        ToolCallPart(name="fetch", input='{"url": "https://x.example"}', call_id="t"),
        ToolResultPart(name="", text="404", call_id="t", is_error=True),
        TextPart(text="No."),
        CitationPart(title="X", url="https://x.example"),
    )
    assert parts[-1] == FilePart(name="n.txt", size=5, text="notes")
    assert found.report.not_understood == {"type dance": 1}


def test_a_first_question_that_was_edited_stays_a_branch_of_its_own() -> None:
    answer = {"uuid": "a", "sender": "assistant", "parent_message_uuid": "q", "text": "Green."}
    found = imported_from(
        claude({"uuid": "q", "sender": "human"}, answer, {"uuid": "q2", "sender": "human"})
    )
    assert edges(found.conversation.messages) == [("q", None), ("a", "q"), ("q2", None)]


def test_a_claude_snapshot_is_put_in_order() -> None:
    found = imported_from(
        {
            "uuid": "snapshot",
            "conversation_uuid": "c",
            "snapshot_name": "Fib",
            "chat_messages": [
                {"uuid": "2", "index": 1, "sender": "assistant", "text": "b"},
                {"uuid": "1", "index": 0, "sender": "human", "text": "a", "content": None},
            ],
        }
    )
    assert edges(found.conversation.messages) == [("1", None), ("2", "1")]
    assert (found.conversation.source_id, found.conversation.title) == ("c", "Fib")


def test_claude_with_wrong_types_keeps_the_text() -> None:
    found = imported_from(
        claude(
            {"uuid": "1", "sender": "human", "content": "not a list", "text": "other"},
            {
                "uuid": "2",
                "sender": "human",
                "content": [{"type": "text", "text": None}],
                "text": "t",
            },
            {"uuid": "3", "sender": "human", "content": [{"type": "text", "text": 12345}]},
            created_at="yesterday",
        )
    )
    assert [one.parts for one in found.conversation.messages] == [
        (TextPart(text="not a list"),),
        (TextPart(text="t"),),
        (TextPart(text="12345"),),
    ]
    assert found.report.irregular == {
        "content is not a list: read as it is": 1,
        "date unreadable: left out": 1,
    }


def test_grok_export_share_and_x() -> None:
    export = {
        "conversation": {"id": "g", "title": "Herbs", "create_time": "2025-05-01T10:00:00Z"},
        "responses": [
            {
                "response": {
                    "_id": "1",
                    "sender": "human",
                    "message": "Hi",
                    "create_time": {"$date": {"$numberLong": "1746093600000"}},
                }
            },
            {
                "response": {
                    "_id": "2",
                    "parent_response_id": "1",
                    "sender": "ASSISTANT",
                    "model": "grok-3",
                    "message": 'Hello<grok:render type="card"><argument/></grok:render>',
                    "web_search_results": [
                        {"title": "T", "url": "https://t.example", "preview": "p"}
                    ],
                    "isControl": True,
                }
            },
        ],
    }
    found = imported_from(export)
    assert str(message(found, "1").created_at) == "2025-05-01 10:00:00+00:00"
    assert message(found, "2").parts == (
        TextPart(text="Hello"),
        CitationPart(title="T", url="https://t.example", text="p"),
    )
    assert message(found, "2").hidden is HiddenBecause.CONTROL
    assert found.report.irregular == {"grok:render tag removed from a text": 1}

    older = {"responses": [{"responseId": "1", "sender": "grok", "query": "Untitled question"}]}
    assert imported_from(older).conversation.title == "Untitled question"

    items = [
        {
            "chat_item_id": "1",
            "sender_type": "User",
            "message": "a",
            "created_at_ms": 1768841980715,
        },
        {"chat_item_id": "2", "sender_type": "Agent", "message": "b", "thinking_trace": "hm"},
    ]
    on_x = imported_from({"data": {"grok_conversation_items_by_rest_id": {"items": items}}})
    assert edges(on_x.conversation.messages) == [("1", None), ("2", "1")]
    assert message(on_x, "2").parts == (ReasoningPart(text="hm"), TextPart(text="b"))


def test_a_grok_export_names_the_shown_branch_and_a_model_as_sender() -> None:
    def answer(key: str, sender: str, second: int) -> dict[str, object]:
        date = {"$date": {"$numberLong": f"{1746093600 + second}000"}}
        cited = [{"title": key, "url": "https://t.example"}]
        return {
            "_id": key,
            "parent_response_id": "1",
            "sender": sender,
            "message": key,
            "create_time": date,
            "cited_web_search_results": cited,
        }

    asked = {"_id": "1", "sender": "human", "message": "Hi"}
    answers = [answer("2", "grok-3", 1), answer("3", "ASSISTANT", 2)]
    responses = [{"response": one} for one in (asked, *answers)]
    about = {"id": "g", "leaf_response_id": "2"}
    found = imported_from({"conversation": about, "responses": responses})
    assert (found.conversation.current_id, found.report.branches) == ("2", 2)
    assert message(found, "2").role is MessageRole.ASSISTANT
    cited = CitationPart(title="2", url="https://t.example")
    assert message(found, "2").parts == (TextPart(text="2"), cited)
    assert found.report.not_understood == {}
    latest = imported_from({"conversation": {"id": "g"}, "responses": responses})
    assert latest.conversation.current_id == "3"


def test_ai_studio_keeps_branches_thoughts_and_files() -> None:
    chunks = [
        {"id": "u", "role": "user", "text": "Draw", "driveImage": {"id": "drive-1"}},
        {
            "id": "m1",
            "role": "model",
            "parts": [{"text": "hm", "thought": True}, {"text": "Done"}],
            "text": "Done",
        },
        {
            "id": "m2",
            "role": "model",
            "branchParent": {"id": "u"},
            "executableCode": {"language": "PYTHON", "code": "1"},
            "errorMessage": "Stream interrupted",
        },
    ]
    found = imported_from(
        {
            "id": "s",
            "title": "T",
            "chunkedPrompt": {"chunks": chunks},
            "systemInstruction": {"parts": [{"text": "Be brief"}]},
            "runSettings": {"model": "models/gemini-2.5-pro"},
        }
    )
    assert edges(found.conversation.messages) == [
        ("system", None),
        ("u", "system"),
        ("m1", "u"),
        ("m2", "u"),
    ]
    assert found.conversation.model == "gemini-2.5-pro"
    assert message(found, "u").parts[1] == FilePart(kind="image", reference="drive-1")
    assert message(found, "m1").parts == (ReasoningPart(text="hm"), TextPart(text="Done"))
    assert not message(found, "m2").is_complete


@pytest.mark.parametrize("piece", ["<", "<br ", "<grok:a ", "<grok:a>"])
def test_hostile_markup_is_removed_in_linear_time(piece: str) -> None:
    """A pattern with quadratic time would take an hour here, and stop the whole server meanwhile."""
    text = piece * (1_000_000 // len(piece))
    entry = {"header": "Gemini Apps", "title": "Prompted x", "time": "2025-03-01T08:00:00Z"}
    takeout = imported_from({**entry, "safeHtmlItem": [{"html": f"{text} green"}]})
    assert shown_text(message(takeout, "answer").parts).endswith("green")
    grok = imported_from({"responses": [{"responseId": "1", "sender": "grok", "message": text}]})
    assert message(grok, "1").parts == (TextPart(text=text),)


def test_takeout_entries_are_a_question_with_its_answer() -> None:
    entry = {
        "header": "Gemini Apps",
        "title": "Prompted Why is tea green?",
        "time": "2025-03-01T08:00:00.123Z",
        "safeHtmlItem": [{"html": "<p>It is not <b>oxidised</b> &amp; dried.</p>"}],
        "attachedFiles": ["leaf.png"],
    }
    found = imported_from(entry)
    assert message(found, "question").parts == (
        TextPart(text="Why is tea green?"),
        FilePart(name="leaf.png"),
    )
    assert message(found, "answer").parts == (TextPart(text="It is not oxidised & dried."),)
    assert found.conversation.source_id == imported_from(entry).conversation.source_id


def test_librechat_children_within_their_parents() -> None:
    value = {
        "conversationId": "l",
        "title": "T",
        "options": {"model": "gpt-4-turbo"},
        "messages": [
            {
                "messageId": "1",
                "parentMessageId": "00000000-0000-0000-0000-000000000000",
                "isCreatedByUser": True,
                "text": "a",
                "children": [
                    {"messageId": "2", "parentMessageId": "1", "text": "b", "unfinished": True},
                    {"messageId": "3", "content": [{"type": "think", "think": "hm"}]},
                ],
            }
        ],
    }
    found = imported_from(value)
    assert edges(found.conversation.messages) == [("1", None), ("2", "1"), ("3", "1")]
    assert not message(found, "2").is_complete
    assert message(found, "3").parts == (ReasoningPart(text="hm"),)


def test_librechat_of_any_depth_is_flat_work() -> None:
    value: dict[str, Any] = {"messageId": "0", "text": "x"}
    for n in range(1, 3_000):
        value = {"messageId": str(n), "text": "x", "children": [value]}
    found = imported_from({"conversationId": "l", "messagesTree": [value]})
    assert found.report.messages == 3_000


def test_open_webui_keeps_branches_models_and_dates() -> None:
    messages = {
        "1": {
            "id": "1",
            "parentId": None,
            "childrenIds": ["2", "3"],
            "role": "user",
            "content": "a",
            "timestamp": 1700000000,
        },
        "2": {"id": "2", "parentId": "1", "role": "assistant", "content": "b", "model": "llama3"},
        "3": {
            "id": "3",
            "parentId": "1",
            "role": "assistant",
            "content": "c",
            "model": "qwen",
            "done": False,
        },
    }
    chat = {"models": ["llama3"], "history": {"currentId": "2", "messages": messages}}
    found = imported_from({"id": "o", "title": "T", "chat": chat})
    assert found.conversation.current_id == "2"
    assert message(found, "3").model == "qwen"
    assert not message(found, "3").is_complete


def test_our_own_form_and_branchprompt() -> None:
    own = {
        "format": "candor.conversation/1",
        "source": "notes",
        "title": "T",
        "messages": [
            {
                "id": "1",
                "role": "user",
                "content": "a",
                "files": [{"name": "n", "content": "text"}],
            },
            {"id": "2", "parent_id": "1", "role": "assistant", "content": "b"},
            {"id": "3", "parent_id": "1", "role": "assistant", "content": "c"},
        ],
        "current_id": "2",
    }
    found = imported_from(own)
    assert (found.conversation.source, found.conversation.current_id) == ("notes", "2")
    assert message(found, "1").parts[1] == FilePart(name="n", text="text")
    assert found.report.branches == 2

    url = "https://v2.branchprompt.com/conversation/0123456789abcdef01234567"
    linked = imported_from(
        {"title": "T", "url": url, "messages": [{"role": "user", "content": "a"}]}
    )
    assert linked.conversation.source_id == "0123456789abcdef01234567"
    pair = imported_from({"title": "Pair"}, [{"role": "user", "content": "a"}])
    assert (pair.conversation.source, pair.conversation.title) == ("branchprompt", "Pair")
    bare = imported_from({"role": "user", "content": "a"}, {"role": "assistant", "content": "b"})
    assert edges(bare.conversation.messages) == [("message-1", None), ("message-2", "message-1")]


def test_unknown_forms_are_named_by_what_they_have() -> None:
    assert fault_in({"pizza": 1, "wine": 2}).detail.endswith("an object with pizza, wine")
    assert fault_in(7).detail == "no known form of a conversation: a number"
    assert fault_in({"title": "alone"}).place == "item 1"
    fault, found = steps_of(None, claude())
    assert isinstance(fault, Fault)
    assert isinstance(found, Imported)
