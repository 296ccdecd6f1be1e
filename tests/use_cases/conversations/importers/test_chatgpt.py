"""ChatGPT's tree: what is shown, what is hidden, and what nobody has seen before."""

from typing import Any

import pytest

from tests.use_cases.conversations.reading import imported_from, message
from use_cases.conversations.model import (
    CitationPart,
    CodePart,
    FilePart,
    HiddenBecause,
    MessageRole,
    Part,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    UnknownPart,
)


def node(key: str, parent: str | None = None, **said: Any) -> dict[str, Any]:
    said = {"author": {"role": "user"}, "create_time": 1700000000.5, **said}
    return {key: {"id": key, "parent": parent, "children": [], "message": said}}


def says(*parts: object, kind: str = "text") -> dict[str, Any]:
    return {"content_type": kind, "parts": list(parts)}


def chat(*nodes: dict[str, Any], current: str | None = None, **more: Any) -> dict[str, Any]:
    mapping = {key: one for each in nodes for key, one in each.items()}
    head = {"id": "c1", "title": "Tea", "create_time": 1700000000, "current_node": current}
    return {**head, "mapping": mapping, **more}


def test_a_branch_and_the_branch_that_was_shown() -> None:
    found = imported_from(
        chat(
            {"root": {"id": "root", "message": None, "parent": None, "children": ["q"]}},
            node("q", "root", content=says("Which tea?")),
            node("a1", "q", author={"role": "assistant"}, content=says("Green.")),
            node(
                "a2",
                "q",
                author={"role": "assistant"},
                content=says("Black."),
                metadata={"model_slug": "gpt-4o"},
            ),
            current="a1",
        )
    )
    conversation = found.conversation
    assert [(one.message_id, one.parent_id) for one in conversation.messages] == [
        ("q", None),
        ("a1", "q"),
        ("a2", "q"),
    ]
    assert conversation.current_id == "a1"
    assert (conversation.source, conversation.source_id) == ("chatgpt", "c1")
    assert message(found, "a2").model == "gpt-4o"
    assert str(message(found, "q").created_at) == "2023-11-14 22:13:20.500000+00:00"
    assert found.report.branches == 2
    assert found.report.kept == {"text": 3}
    assert found.report.irregular == {}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (says("Hi", "", "there"), [TextPart(text="Hi"), TextPart(text="there")]),
        ({"parts": ["Hi"]}, [TextPart(text="Hi")]),
        ({"content_type": "text", "parts": None}, []),
        ("no object", [TextPart(text="no object")]),
        (["listed", [1]], [TextPart(text="listed"), UnknownPart(type="block of list", json="[1]")]),
        (
            {"content_type": "code", "language": "python", "text": "1+1"},
            [CodePart(text="1+1", language="python")],
        ),
        (
            {
                "content_type": "thoughts",
                "thoughts": [{"summary": "Plan", "content": "First tea."}],
            },
            [ReasoningPart(text="Plan\nFirst tea.")],
        ),
        (
            {"content_type": "tether_quote", "title": "T", "url": "https://t.example", "text": "q"},
            [CitationPart(title="T", url="https://t.example", text="q")],
        ),
        (
            {"content_type": "system_error", "name": "web", "text": "failed"},
            [ToolResultPart(name="web", text="failed", is_error=True)],
        ),
        (
            says(
                {"content_type": "image_asset_pointer", "asset_pointer": "sediment://f"},
                {"content_type": "audio_transcription", "text": "spoken"},
                {"content_type": "hologram", "x": 1},
                kind="multimodal_text",
            ),
            [
                FilePart(kind="image", reference="sediment://f"),
                TextPart(text="spoken"),
                UnknownPart(type="hologram", json='{"content_type": "hologram", "x": 1}'),
            ],
        ),
        (
            {"content_type": "from_the_future", "x": "é"},
            [
                UnknownPart(
                    type="from_the_future", json='{"content_type": "from_the_future", "x": "é"}'
                )
            ],
        ),
    ],
)
def test_content_types(content: object, expected: list[Part]) -> None:
    found = imported_from(chat(node("m", content=content), current="m"))
    assert list(message(found, "m").parts) == expected


@pytest.mark.parametrize(
    ("said", "hidden"),
    [
        ({"weight": 0, "content": says("x")}, HiddenBecause.NOT_SENT),
        (
            {"content": says("x"), "metadata": {"is_visually_hidden_from_conversation": True}},
            HiddenBecause.MARKED,
        ),
        ({"author": {"role": "system"}, "content": says("x")}, HiddenBecause.SYSTEM),
        (
            {"author": {"role": "assistant"}, "recipient": "python", "content": says("x")},
            HiddenBecause.TO_A_TOOL,
        ),
        ({"content": says("x", kind="reasoning_recap")}, HiddenBecause.REASONING),
        ({"content": {"content_type": "user_editable_context"}}, HiddenBecause.CONTEXT),
        (
            {
                "author": {"role": "system"},
                "content": says("x"),
                "metadata": {"is_user_system_message": True},
            },
            None,
        ),
    ],
)
def test_hidden_messages_say_why(said: dict[str, Any], hidden: HiddenBecause | None) -> None:
    assert message(imported_from(chat(node("m", **said), current="m")), "m").hidden is hidden


def test_a_tool_is_called_and_answers() -> None:
    code = {"content_type": "code", "language": "python", "text": "plot()"}
    image = {"aggregate_result": {"messages": [{"image_url": "file-service://plot"}]}}
    found = imported_from(
        chat(
            node("call", author={"role": "assistant"}, recipient="python", content=code),
            node(
                "result",
                "call",
                author={"role": "tool", "name": "python"},
                content={"content_type": "execution_output", "text": "done"},
                metadata=image,
            ),
            current="result",
        )
    )
    assert message(found, "call").parts == (
        ToolCallPart(name="python", input="plot()", language="python"),
    )
    assert message(found, "result").parts == (
        ToolResultPart(name="python", text="done"),
        FilePart(kind="image", reference="file-service://plot"),
    )


def test_attachments_and_citations_stand_beside_the_text() -> None:
    metadata = {
        "attachments": [{"id": "f1", "name": "a.pdf", "mime_type": "application/pdf", "size": 7}],
        "content_references": [{"items": [{"title": "T", "url": "https://t.example"}]}],
        "citations": [{"metadata": {"title": "T", "url": "https://t.example"}}],
    }
    found = imported_from(chat(node("m", content=says("x"), metadata=metadata), current="m"))
    assert message(found, "m").parts[1:] == (
        FilePart(name="a.pdf", reference="f1", media_type="application/pdf", size=7),
        CitationPart(title="T", url="https://t.example"),
    )


def test_what_is_not_known_is_counted_by_name() -> None:
    found = imported_from(
        chat(
            node("m", author={"role": "oracle"}, content=says("x"), aura="blue"),
            current="m",
            hologram=[1],
        )
    )
    assert found.report.not_understood == {
        "field conversation.hologram": 1,
        "field message.aura": 1,
        "role oracle": 1,
    }


def test_an_interrupted_answer_is_kept_as_such() -> None:
    stopped = {"finish_details": {"type": "interrupted"}}
    found = imported_from(chat(node("m", content=says("x"), metadata=stopped), current="m"))
    assert not message(found, "m").is_complete


def test_a_conversation_without_its_tree_is_reported() -> None:
    found = imported_from({"id": "c", "title": None, "create_time": None, "current_node": "x"})
    assert found.conversation.current_id is None
    assert found.report.irregular == {"no messages in the file": 1}


def test_deepseek_has_the_same_tree_with_fragments() -> None:
    said = {
        "fragments": [{"type": "THINK", "content": "hm"}, {"type": "RESPONSE", "content": "Yes"}]
    }
    value: dict[str, Any] = {
        "id": "d",
        "title": "T",
        "inserted_at": "2025-02-01T10:00:00.000000+08:00",
        "mapping": {"1": {"id": "1", "parent": None, "children": [], "message": said}},
    }
    found = imported_from(value)
    assert found.conversation.source == "deepseek"
    assert message(found, "1").role is MessageRole.ASSISTANT
    assert message(found, "1").parts == (ReasoningPart(text="hm"), TextPart(text="Yes"))
    assert str(found.conversation.created_at) == "2025-02-01 02:00:00+00:00"


def test_nodes_without_a_parent_are_one_branch() -> None:
    bare = chat(*(node(f"m{n}", content=says(str(n)), create_time=n) for n in (3, 1, 2)))
    for one in bare["mapping"].values():
        del one["parent"], one["children"]
    found = imported_from(bare)
    assert [one.message_id for one in found.conversation.messages] == ["m1", "m2", "m3"]
    assert found.report.branches == 1
    assert found.report.irregular["parent missing: linked by time"] == 2
