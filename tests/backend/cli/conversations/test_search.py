"""`candor search` in conversations: beside documents, alone, filtered, and what is not there."""

import re
from pathlib import Path

import pytest

from tests.backend.cli.conftest import Candor, read_json

QUESTION = "How often must passwords be rotated?"


@pytest.fixture
def asked(filled: Candor) -> Candor:
    """Documents, and a chat about passwords."""
    assert filled("ask", QUESTION).exit_code == 0
    return filled


def test_documents_come_first_then_conversations(asked: Candor) -> None:
    result = asked("search", "passwords", "-n", "1")
    assert result.exit_code == 0, result.output
    document, conversation = result.stdout.strip().split("\n\n")
    assert document.startswith("1. ")
    assert conversation.startswith(f"2. {QUESTION}\n   conversation chat_")
    assert "more in conversations; --limit shows more." in result.stderr


def test_the_json_of_documents_stays_and_conversations_stand_beside_it(asked: Candor) -> None:
    both = read_json(asked("search", "passwords", "--json"))
    alone = read_json(asked("search", "passwords", "--json", "--in", "documents"))
    assert set(alone) == {"query", "results", "notices"}
    assert both["results"] == alone["results"]
    assert set(both["conversations"]) == {
        "results",
        "stats",
        "total_count",
        "has_more",
        "notices",
    }
    said = read_json(asked("search", "passwords", "--json", "--in", "conversations"))
    assert set(said) == {"conversations"}
    assert said["conversations"]["results"] == both["conversations"]["results"]


def test_an_option_about_one_place_leaves_the_other_out(asked: Candor) -> None:
    answers = asked("search", "passwords", "--role", "assistant")
    assert answers.exit_code == 0
    lines = re.findall(r"^   conversation .*", answers.stdout, re.MULTILINE)
    assert lines
    assert all(" · assistant · " in line for line in lines)
    assert "conversation " not in asked("search", "passwords", "--explain").stdout
    assert asked("search", "passwords", "--source", "grok").exit_code == 3
    assert asked("search", "passwords", "--until", "2000-01-01").exit_code == 3
    assert asked("search", "passwords", "--since", "2000-01-01").exit_code == 0
    both = asked("search", "x", "--category", "policies", "--role", "user")
    assert both.exit_code == 2
    assert "exclude each other" in both.stderr


def test_nothing_found_in_conversations_says_so(asked: Candor) -> None:
    result = asked("search", "xylophone", "--in", "conversations")
    assert (result.exit_code, result.stdout) == (3, "")
    assert "Nothing was found in conversations." in result.stderr


def test_nothing_found_anywhere_names_both_also_without_documents(candor: Candor) -> None:
    assert "candor ingest FOLDER" in candor("search", "xylophone").stderr
    assert candor("ask", QUESTION).exit_code == 3
    result = candor("search", "xylophone")
    assert (result.exit_code, result.stdout) == (3, "")
    assert "Nothing was found in documents or conversations." in result.stderr
    assert "candor ingest" not in result.stderr


def test_the_index_can_be_completed_and_made_anew(asked: Candor) -> None:
    first = asked("search", "--index")
    assert (first.exit_code, first.stdout) == (0, "")
    assert "The index of conversations is up to date." in first.stderr
    (file,) = Path().rglob("conversations-index.sqlite")
    for one in file.parent.glob("conversations-index.sqlite*"):
        one.unlink()
    assert asked("search", "passwords", "--in", "conversations").exit_code == 0


def test_a_damaged_index_costs_the_conversations_alone_and_says_what_to_do(asked: Candor) -> None:
    asked("search", "--index")
    (file,) = Path().rglob("conversations-index.sqlite")
    for one in file.parent.glob("conversations-index.sqlite-*"):
        one.unlink()
    file.write_bytes(b"no database" * 1_000)
    both = asked("search", "passwords")
    assert both.exit_code == 0
    assert "note: conversations were not searched: " in both.stderr
    alone = asked("search", "passwords", "--in", "conversations")
    assert alone.exit_code != 0
    assert "candor search --index" in alone.stderr
