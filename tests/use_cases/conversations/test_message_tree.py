"""Trees that are out of order: nothing is lost, and everything odd is counted."""

from datetime import UTC, datetime

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


def test_parents_stand_before_their_children_in_any_file() -> None:
    assert edges(tree(node("c", "b"), node("b", "a"), node("a"))) == [
        ("a", None),
        ("b", "a"),
        ("c", "b"),
    ]


def test_a_node_without_a_message_is_passed_over() -> None:
    found = tree(node("a"), Node("joint", "a", None), node("b", "joint"), current="joint")
    assert edges(found) == [("a", None), ("b", "a")]
    assert found.conversation.current_id == "a"


def test_a_missing_parent_makes_a_first_message() -> None:
    found = tree(node("a"), node("b", "gone"))
    assert edges(found) == [("a", None), ("b", None)]
    assert found.report.irregular == {"parent missing: made a first message": 1}


def test_a_circle_is_cut_once() -> None:
    found = tree(node("a", "c"), node("b", "a"), node("c", "b"), node("self", "self"))
    assert sorted(edges(found)) == [("a", None), ("b", "a"), ("c", "b"), ("self", None)]
    assert found.report.irregular == {"parents in a circle: cut": 2}


def test_an_id_that_occurs_twice_keeps_both_messages() -> None:
    found = tree(node("a"), node("a"), node("a"), node("b", "a"))
    assert edges(found) == [("a", None), ("b", "a"), ("a#2", None), ("a#3", None)]
    assert found.report.irregular == {"id occurs twice: given a number": 2}


def test_a_missing_current_message_is_the_latest_leaf() -> None:
    found = tree(node("a", at=1), node("b", "a", at=3), node("c", "a", at=2), current="gone")
    assert found.conversation.current_id == "b"
    assert found.report.irregular == {"current message missing: the latest one taken": 1}


def test_without_dates_the_last_leaf_of_the_file_is_current() -> None:
    assert tree(node("a"), node("b", "a"), node("c", "a")).conversation.current_id == "c"


def test_a_child_that_is_older_than_its_parent_is_counted() -> None:
    assert tree(node("a", at=3), node("b", "a", at=2)).report.irregular == {
        "dated before its parent": 1
    }


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
        Node("root", None, None),
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
