"""How a conversation is cut, and which branch each message is on."""

from tests.use_cases.conversations.search.conversations_made_up import head_of, said
from use_cases.conversations.search.index_conversations import (
    PASSAGE_CHARACTERS,
    branches_of,
    prepare_conversation,
    stamp_of,
)


def test_a_passage_belongs_to_one_message_and_knows_its_place() -> None:
    texts = [said("m1", "How?"), said("m2", "So.\n", "m1", role="assistant", model="gpt-4o")]
    made = prepare_conversation(head_of("c", leaf_id="m2"), texts)
    assert [one.span.cut(made.text) for one in made.passages] == ["About c", "How?", "So."]
    title, question, answer = (one.place for one in made.passages)
    assert (title.text_id, title.role, title.branch) == ("", "", "shown")
    assert (question.chat_id, question.text_id, question.role) == ("c", "m1", "user")
    assert (answer.text_id, answer.model, answer.offset) == ("m2", "gpt-4o", 0)
    assert made.stamp == stamp_of(head_of("c")) == "messages-2:1000 c 1"


def test_a_long_message_is_cut_at_lines_and_nothing_of_it_is_lost() -> None:
    lines = [f"line {number} of a long message" for number in range(200)]
    made = prepare_conversation(head_of("c"), [said("m1", "\n".join(lines)), said("m2", "end")])
    cut = [one.span.cut(made.text) for one in made.passages[1:]]
    assert all(len(one) <= PASSAGE_CHARACTERS for one in cut)
    assert "\n".join(cut).splitlines() == [*lines, "end"]
    assert [one.place.text_id for one in made.passages][-2:] == ["m1", "m2"]
    offsets = [one.place.offset for one in made.passages[1:]]
    assert offsets[:2] == [0, len(cut[0]) + 1]
    assert offsets[-1] == 0


def test_a_message_without_text_has_no_passage() -> None:
    made = prepare_conversation(head_of("c"), [said("m1", ""), said("m2", " \n"), said("m3", "x")])
    assert [one.place.text_id for one in made.passages] == ["", "m3"]


def test_a_branch_is_the_shown_one_or_the_last_message_of_the_latest_below() -> None:
    texts = [
        said("q", "?"),
        said("a1", "first answer", "q"),
        said("a2", "second answer", "q"),
        said("more1", "?", "a2"),
        said("more2", "?", "a2"),
        said("f", "a file", role=""),
    ]
    assert branches_of(texts, ["a1"]) == {
        "q": "shown",
        "a1": "shown",
        "a2": "more2",
        "more2": "more2",
        "more1": "more1",
        "f": "shown",
    }


def test_damaged_parents_end_a_walk() -> None:
    circle = [said("a", "?", "b"), said("b", "!", "a"), said("c", "?", "gone")]
    assert branches_of(circle, ["unknown"]) == {"a": "shown", "b": "shown", "c": "c"}
    assert branches_of(circle, [])["c"] == "c"
