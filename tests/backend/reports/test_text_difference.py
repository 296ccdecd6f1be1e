"""The difference of two texts: both can be read back from it, and it is a shortest one."""

from hypothesis import given, settings
from hypothesis import strategies as st

from backend.reports.text_difference import Edit, difference
from tests.thoroughness import examples

words = st.lists(st.sampled_from(["a", "b", "c,", "\n", "über", "\ud800"]), max_size=12).map(
    " ".join
)


@settings(max_examples=examples(500))
@given(words, words)
def test_both_texts_can_be_read_back(before: str, after: str) -> None:
    pieces = difference(before, after)
    assert pieces is not None
    assert "".join(piece for edit, piece in pieces if edit is not Edit.ADDED) == before
    assert "".join(piece for edit, piece in pieces if edit is not Edit.REMOVED) == after


@settings(max_examples=examples(300))
@given(st.text("abc", max_size=9), st.text("abc", max_size=9))
def test_as_much_as_possible_stays_the_same(before: str, after: str) -> None:
    pieces = difference("\n".join(before), "\n".join(after))
    assert pieces is not None
    same = sum(piece.count(char) for edit, piece in pieces if edit is Edit.SAME for char in "abc")
    # A token is a letter with the blank before it: the first letter of a text is one without.
    assert same == longest(
        ["\n" * (place > 0) + char for place, char in enumerate(before)],
        ["\n" * (place > 0) + char for place, char in enumerate(after)],
    )


def longest(before: list[str], after: list[str]) -> int:
    """The length of a longest common subsequence, by the textbook's table."""
    row = [0] * (len(after) + 1)
    for token in before:
        last = row
        row = [0]
        for place, other in enumerate(after):
            row.append(last[place] + 1 if token == other else max(row[place], last[place + 1]))
    return row[-1]


def test_words_are_compared_with_their_blanks() -> None:
    assert difference("rotate every 90 days.", "rotate every 30 days, always.") == [
        (Edit.SAME, "rotate every"),
        (Edit.REMOVED, " 90"),
        (Edit.ADDED, " 30"),
        (Edit.SAME, " days"),
        (Edit.ADDED, ", always"),
        (Edit.SAME, "."),
    ]


def test_long_texts_are_compared_by_lines_and_huge_ones_not_at_all() -> None:
    lines = [f"line {number} " + "word " * 10 + "\n" for number in range(1_000)]
    pieces = difference("".join(lines), "".join([*lines[:500], "new\n", *lines[500:]]))
    assert pieces == [
        (Edit.SAME, "".join(lines[:500])),
        (Edit.ADDED, "new\n"),
        (Edit.SAME, "".join(lines[500:])),
    ]
    assert difference("a\n" * 4_000, "b") is None
