"""The grammar of all nouns: the noun alone lists, JSON is an object, removed commands say what to type."""

from decimal import Decimal

import pytest

from backend.cli.nouns import cell, dollars
from backend.cli.program import REMOVED, hint_for
from tests.backend.cli.conftest import Candor, read_json


@pytest.mark.parametrize("noun", ["answers", "conversations", "datasets", "keys", "users"])
def test_a_noun_alone_lists_and_its_json_names_it(candor: Candor, noun: str) -> None:
    shown = candor(noun)
    assert (shown.exit_code, shown.stdout) == (0, "")
    assert f"No {noun} in var/candor.sqlite. Start with: candor " in shown.stderr
    listed = read_json(candor(noun, "--json"))
    assert listed.pop(noun) == []
    assert list(listed.values()) == [None]


def test_list_may_be_said(candor: Candor) -> None:
    assert candor("datasets", "list", "--json").stdout == candor("datasets", "--json").stdout
    assert candor("confidence", "report").stdout == candor("confidence").stdout


@pytest.mark.parametrize("words", [["prompts", "labels", "x"], ["chat", "--list"]])
def test_a_removed_command_says_what_to_type_instead(words: list[str]) -> None:
    assert hint_for(words) in REMOVED.values()
    assert hint_for(["prompts", "show", "x"]) == ""


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("0", "$0"),
        ("0.0000312", "$0.000031"),
        ("0.00099", "$0.000990"),
        ("0.00123", "$0.0012"),
        ("12.5", "$12.5000"),
    ],
)
def test_what_cost_something_is_never_shown_as_nothing(amount: str, shown: str) -> None:
    assert dollars(Decimal(amount)) == shown


def test_a_cell_is_written_by_its_kind() -> None:
    assert [cell(value) for value in (None, True, 1_000, ["a", "b"], "a\nb")] == [
        "",
        "yes",
        "1,000",
        "a, b",
        "a\\nb",
    ]
