"""Values as text, and their parts by a path."""

import pytest
from pydantic import JsonValue

from use_cases.kernel.text.plain_text import part_of, value_text

VALUES: dict[str, JsonValue] = {"a": {"b": ["x", {"c": None}]}}


@pytest.mark.parametrize(
    ("value", "text"),
    [("é", "é"), (None, ""), (True, "true"), (1.0, "1.0"), ({"ü": ["a"]}, '{"ü": ["a"]}')],
)
def test_a_text_is_itself_nothing_is_empty_and_others_are_json(value: JsonValue, text: str) -> None:
    assert value_text(value) == text


def test_a_path_leads_through_objects_and_lists() -> None:
    assert part_of(VALUES, "a.b.0") == "x"
    assert part_of(VALUES, "a.b.1.c") is None


@pytest.mark.parametrize(
    "path", ["b", "a.c", "a.b.2", "a.b.x", "a.b.-1", "a.b.0.x", "a.b.9999999999"]
)
def test_a_path_that_leads_nowhere_is_an_error(path: str) -> None:
    with pytest.raises(LookupError):
        part_of(VALUES, path)
