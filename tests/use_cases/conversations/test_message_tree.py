"""Trees that are out of order: nothing is lost, and everything odd is counted."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from use_cases.conversations.message_tree import (
    ImportFindings,
    Node,
    SourceTree,
    imported,
    linked_by_time,
)
from use_cases.conversations.model import (
    Imported,
    ImportedConversation,
    ImportedMessage,
    MessageRole,
    TextPart,
)

DAY = datetime(2026, 1, 1, tzinfo=UTC)


def node(key: str, parent: str | None = None, *, at: int | None = None) -> Node:
    said = ImportedMessage(
        message_id=key,
        parent_id=None,
        role=MessageRole.USER,
        parts=(TextPart(text=key),),
        created_at=None if at is None else DAY.replace(hour=at),
    )
    return Node(key, parent, said)


def tree(*nodes: Node, current: str | None = None) -> Imported:
    conversation = ImportedConversation(source="s", source_id="c", title="")
    return imported(
        SourceTree(conversation=conversation, nodes=list(nodes), current=current),
        ImportFindings(),
        "here",
    )


def edges(found: Imported) -> list[tuple[str, str | None]]:
    return [(one.message_id, one.parent_id) for one in found.conversation.messages]


def joint(key: str, parent: str | None = None) -> Node:
    return Node(key, parent, None)


@pytest.mark.parametrize(
    ("nodes", "expected", "irregular"),
    [
        # Parents stand before their children.
        (
            [node("c", "b"), node("b", "a"), node("a")],
            [("a", None), ("b", "a"), ("c", "b")],
            {},
        ),
        # A node without a message is passed over.
        ([node("a"), joint("j", "a"), node("b", "j")], [("a", None), ("b", "a")], {}),
        (
            [node("a"), node("b", "gone")],
            [("a", None), ("b", None)],
            {"parent missing: made a first message": 1},
        ),
        (
            [node("c", "b"), node("b", "a"), node("a", "c"), node("self", "self")],
            [("c", None), ("self", None), ("a", "c"), ("b", "a")],
            {"parents in a circle: cut": 2},
        ),
        (
            [node("a"), node("a"), node("a"), node("b", "a")],
            [("a", None), ("b", "a"), ("a#2", None), ("a#3", None)],
            {"id occurs twice: given a number": 2},
        ),
        (
            [node("a", at=3), node("b", "a", at=2)],
            [("a", None), ("b", "a")],
            {"dated before its parent": 1},
        ),
    ],
)
def test_every_message_is_in_the_tree_once_and_what_is_odd_is_counted(
    nodes: list[Node], expected: list[tuple[str, str | None]], irregular: dict[str, int]
) -> None:
    found = tree(*nodes)
    assert sorted(edges(found)) == sorted(expected)
    named = [one.message_id for one in found.conversation.messages]
    assert all(parent is None or parent in named[:n] for n, (_, parent) in enumerate(edges(found)))
    assert found.report.irregular == irregular


@pytest.mark.parametrize(
    ("nodes", "current", "shown", "irregular"),
    [
        ([node("a"), joint("j", "a"), node("b", "j")], "j", "a", {}),
        (
            [node("a", at=1), node("b", "a", at=3), node("c", "a", at=2)],
            "gone",
            "b",
            {"current message missing: the latest one taken": 1},
        ),
        # Without dates the last leaf of the file is the latest.
        ([node("a"), node("b", "a"), node("c", "a")], None, "c", {}),
    ],
)
def test_the_current_message_is_the_stated_or_the_latest_one(
    nodes: list[Node], current: str | None, shown: str, irregular: dict[str, int]
) -> None:
    found = tree(*nodes, current=current)
    assert (found.conversation.current_id, found.report.irregular) == (shown, irregular)


def test_a_conversation_without_messages_is_kept() -> None:
    found = tree(current="gone")
    assert found.conversation.current_id is None
    assert found.report.messages == 0


def test_a_long_chain_needs_no_recursion() -> None:
    chain = [node(str(n), str(n - 1) if n else None) for n in range(3_000)]
    found = tree(*reversed(chain), current="2999")
    assert len(found.conversation.messages) == 3_000
    assert found.conversation.messages[-1].message_id == "2999"


def linked(*nodes: Node) -> tuple[list[tuple[str, str | None]], dict[str, int]]:
    findings = ImportFindings()
    linked_by_time(nodes, findings)
    return [(one.node_id, one.parent_id) for one in nodes], dict(findings.irregular)


def test_messages_without_parents_are_linked_by_time() -> None:
    found, irregular = linked(node("c", at=3), node("a", at=1), node("undated"), node("b", at=2))
    assert found == [("c", "b"), ("a", None), ("undated", "a"), ("b", "undated")]
    assert irregular == {"parent missing: linked by time": 3}


def test_a_branch_without_its_parent_is_linked_and_stays_a_branch() -> None:
    found, irregular = linked(
        joint("root"),
        node("a", "root", at=1),
        node("b1", "gone", at=2),
        node("c", "b1", at=3),
        node("d", "b1", at=4),
    )
    assert found[1:] == [("a", "root"), ("b1", "a"), ("c", "b1"), ("d", "b1")]
    assert irregular == {"parent missing: linked by time": 1}


def test_a_sound_tree_stays_as_it_is() -> None:
    found, irregular = linked(node("a", at=5), node("b", "a", at=1), node("c", "a"))
    assert (found, irregular) == ([("a", None), ("b", "a"), ("c", "a")], {})


@given(
    st.lists(
        st.tuples(st.none() | st.integers(0, 12), st.none() | st.integers(0, 23), st.booleans()),
        max_size=12,
    )
)
def test_linking_makes_one_tree_and_no_circle(
    given: list[tuple[int | None, int | None, bool]],
) -> None:
    nodes = [
        node(str(key), None if parent is None else str(parent), at=at)
        if said
        else Node(str(key), None, None)
        for key, (parent, at, said) in enumerate(given)
    ]
    circles = tree(*[Node(one.node_id, one.parent_id, one.message) for one in nodes])
    before = circles.report.irregular.get("parents in a circle: cut", 0)
    linked_by_time(nodes, ImportFindings())
    found = tree(*nodes)
    assert found.report.irregular.get("parents in a circle: cut", 0) == before
    assert len(found.conversation.messages) == sum(said for *_, said in given)
    below_joints = sum(
        said and parent is not None and parent < len(given) and not given[parent][2]
        for parent, _, said in given
    )
    roots = sum(parent is None for _, parent in edges(found))
    assert roots <= 1 + below_joints + before
