"""Citation markers in a stream: what passes, what is dropped, and that cutting does not matter."""

import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.thoroughness import examples
from use_cases.kernel.citations.sources import Outcome
from use_cases.kernel.citations.text_filter import MarkerFilter


def filtered(*pieces: str, known: frozenset[int] = frozenset({1, 2, 3})) -> str:
    marks = MarkerFilter(known.__contains__)
    return "".join([*(marks.push(piece) for piece in pieces), marks.finish()])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Every 90 days [1].", "Every 90 days [1]."),
        ("Every 90 days [7].", "Every 90 days."),
        ("Both [1, 2].", "Both [1][2]."),
        ("Both [1,9; 3].", "Both [1][3]."),
        ("All [1-3].", "All [1][2][3]."),
        ("Odd 【2†source】.", "Odd [2]."),
        ("Twice [1][1] and [ 2 ].", "Twice [1][1] and [2]."),
        ("Nested [[1]] and [[9]].", "Nested [[1]] and [?]."),
        ("Hidden [[9]9] and [1[9]2].", "Hidden [?9] and [1?2]."),
        ("A [link](https://example.com) stays.", "A [link](https://example.com) stays."),
        ("An [x] box and [ ] box.", "An [x] box and [ ] box."),
        ("Open [ bracket", "Open [ bracket"),
        ("Open [1", "Open [1"),
        ("Line [1\n] break [9]", "Line [1\n] break"),
        ("Inline `a[9]` stays [9].", "Inline `a[9]` stays."),
        ("Unclosed ` tick [9] here", "Unclosed ` tick here"),
        ("```sh\necho ${a[9]}\n```\nDone [9].", "```sh\necho ${a[9]}\n```\nDone."),
        ("```sh``` is inline [9].", "```sh``` is inline."),
        ("~~~\na[9]\n~~~\nDone [9].", "~~~\na[9]\n~~~\nDone."),
        ("~ about ~~ [9]", "~ about ~~"),
        ("- ```sh\n  a[9]\n  ```\nDone [9].", "- ```sh\n  a[9]\n  ```\nDone."),
        ("````\n```\na[9]\n```\n````\nDone [9].", "````\n```\na[9]\n```\n````\nDone."),
        ("```\r\na[9]\r\n```\r\nDone [9].\r\n", "```\r\na[9]\r\n```\r\nDone.\r\n"),
        ("A ` and `` here [9]", "A ` and `` here"),
        ("Zero [0] and huge [99999].", "Zero and huge [99999]."),
        ("", ""),
    ],
)
def test_only_retrieved_numbers_pass(text: str, shown: str) -> None:
    assert filtered(text) == shown


def test_doubt_is_declared_at_the_very_start_only() -> None:
    marks = MarkerFilter({1}.__contains__)
    assert marks.push(" [tentative] So it is [1].") + marks.finish() == " So it is [1]."
    assert marks.outcome is Outcome.TENTATIVE
    later = MarkerFilter({1}.__contains__)
    text = "The date is 3 May [tentative] [1]."
    assert later.push(text) + later.finish() == text
    assert later.outcome is None


def test_an_ordinary_word_is_not_held_back() -> None:
    marks = MarkerFilter({1}.__contains__)
    assert [marks.push(p) for p in ("Every ", "90 days", " [", "1", "]", " or so")] == [
        "Every",
        " 90 days",
        "",
        "",
        " [1]",
        " or so",
    ]


def test_a_declared_outcome_is_taken_out_of_the_text() -> None:
    marks = MarkerFilter({1}.__contains__)
    shown = marks.push("[not_found] Which site do you mean? [1]") + marks.finish()
    assert (shown.strip(), marks.outcome) == ("Which site do you mean?", Outcome.NOT_FOUND)


def test_not_found_in_the_middle_does_not_void_what_was_answered() -> None:
    marks = MarkerFilter({1}.__contains__)
    shown = marks.push("90 days [1]. [not_found] For badges nothing.") + marks.finish()
    assert (shown, marks.outcome) == ("90 days [1]. For badges nothing.", None)


def test_a_conflict_may_be_declared_anywhere() -> None:
    marks = MarkerFilter({1, 2}.__contains__)
    shown = marks.push("Ten days [1]. [conflict] Twelve days [2].") + marks.finish()
    assert (shown, marks.outcome) == ("Ten days [1]. Twelve days [2].", Outcome.CONFLICT)


@pytest.mark.parametrize("filler", [" ", "`", "~", "x", "[", "\t"])
@pytest.mark.parametrize("start", ["", "`", "```\n", "x "])
@pytest.mark.parametrize("end", ["[9] [1]", "` [9]", "\n```\n[9]"])
def test_endless_runs_are_let_through_alike_however_they_are_cut(
    filler: str, start: str, end: str
) -> None:
    text = f"{start}{filler * 3000}{end}"
    assert filtered(*text) == filtered(text) == filtered(text[:1500], text[1500:])


def test_never_more_is_held_back_than_a_line_of_code() -> None:
    for filler in (" ", "`", "~", "[", "``` "):
        marks = MarkerFilter({1}.__contains__)
        shown = "".join(marks.push(filler) for _ in range(1000))
        assert len(filler) * 1000 - len(shown) <= 400, filler


ODD = st.text(alphabet=st.sampled_from(list("[]【】`~>\r0123 9,-\n†abnot_foudrefsc.")), max_size=80)


@given(ODD, st.lists(st.integers(0, 80), max_size=8))
def test_cutting_the_text_differently_shows_the_same(text: str, cuts: list[int]) -> None:
    marks = sorted({0, len(text), *(c for c in cuts if c < len(text))})
    pieces = [text[a:b] for a, b in itertools.pairwise(marks)]
    assert filtered(*pieces) == filtered(text)


@settings(max_examples=examples(1000))
@given(st.text(alphabet=st.sampled_from(list("[]【】19 ,-\n†a")), max_size=24))
def test_no_unknown_number_is_ever_shown_in_prose(text: str) -> None:
    shown = {int(n) for n in re.findall(r"\[(\d{1,4})\]", filtered(text))}
    assert shown <= {1, 2, 3}
