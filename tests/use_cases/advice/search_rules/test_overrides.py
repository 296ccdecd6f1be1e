"""What a person says about searching, and where it counts."""

import pytest

from use_cases.advice.errors import SearchOverrideAlone, SearchOverrideConflict
from use_cases.advice.search_rules.overrides import read_override
from use_cases.advice.search_rules.verdict import SearchOverride
from use_cases.kernel.errors import InvalidInput


@pytest.mark.parametrize(
    ("message", "question", "wish"),
    [
        ("/search who won?", "who won?", SearchOverride.YES),
        ("who won? /search", "who won?", SearchOverride.YES),
        ("/nosrch\nwho won?", "who won?", SearchOverride.NO),
        ("who won? /NoSrch  \n", "who won?", SearchOverride.NO),
        ("/SEARCH who won?", "who won?", SearchOverride.YES),
        ("/search /search who won? /search", "who won?", SearchOverride.YES),
        ("what does /search do?", "what does /search do?", None),
        ('"/search" is a word', '"/search" is a word', None),
        ('what is "/nosrch"', 'what is "/nosrch"', None),
        ("`/search`", "`/search`", None),
        ("> you wrote /search", "> you wrote /search", None),
        ("/searching for gold", "/searching for gold", None),
        ("see /nosrch.", "see /nosrch.", None),
        ("path/search", "path/search", None),
        ("  no override ", "  no override ", None),
        ("", "", None),
    ],
)
def test_only_a_bare_first_or_last_word_counts(
    message: str, question: str, wish: SearchOverride | None
) -> None:
    assert read_override(message) == (question, wish)


@pytest.mark.parametrize(
    ("field", "wish"),
    [
        ("/search", SearchOverride.YES),
        (" /NOSRCH ", SearchOverride.NO),
        (None, None),
        ("", None),
        ("  ", None),
    ],
)
def test_the_field_says_it_too(field: str | None, wish: SearchOverride | None) -> None:
    assert read_override("who won?", field) == ("who won?", wish)


def test_field_and_message_may_agree() -> None:
    assert read_override("/search who won?", "/search") == ("who won?", SearchOverride.YES)


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ("/search who won?", "/nosrch"),
        ("/search who won? /nosrch", None),
        ("/search /nosrch who won?", None),
        ("who won? /search /nosrch", None),
        ("/search /nosrch", None),
    ],
)
def test_both_at_once_is_an_error(message: str, field: str | None) -> None:
    with pytest.raises(SearchOverrideConflict):
        read_override(message, field)


@pytest.mark.parametrize("message", ["/search", " /nosrch ", "/search /search"])
def test_an_override_needs_a_question(message: str) -> None:
    with pytest.raises(SearchOverrideAlone):
        read_override(message)


@pytest.mark.parametrize("field", ["search", "/no", "yes", "/search now"])
def test_an_unknown_field_is_refused_with_a_hint(field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_override("who won?", field)
    assert "/nosrch" in caught.value.hint
