"""`candor conversations`, `--resume`, and asking in a chat that is there."""

import pytest

from tests.backend.cli.chat.test_ask import Scripted, answer_with
from tests.backend.cli.conftest import Candor, read_json


@pytest.fixture
def scripted(filled: Candor, monkeypatch: pytest.MonkeyPatch) -> Candor:
    answer_with(monkeypatch, Scripted("Passwords must be rotated every 90 days. [1]"))
    return filled


def test_chats_are_listed_page_by_page_the_last_used_first(scripted: Candor) -> None:
    for title in ("One?", "Two?", "Three?"):
        assert scripted("ask", title).exit_code == 0
    first = scripted("conversations", "--limit", "2")
    lines = first.stdout.splitlines()
    assert [line.split()[-1] for line in lines] == ["TITLE", "Three?", "Two?"]
    seen = lines[-1].split()[0]
    assert f"There are more; add --before {seen}" in first.stderr
    rest = scripted("conversations", "--before", seen)
    assert [line.split()[-1] for line in rest.stdout.splitlines()] == ["TITLE", "One?"]


def test_a_question_continues_a_chat_by_its_id_or_the_last_one(scripted: Candor) -> None:
    asked = read_json(scripted("ask", "One?", "--json"))
    by_id = read_json(scripted("ask", "Two?", "--chat", asked["chat_id"], "--json"))
    by_name = scripted("ask", "Three?", "--chat", "last")
    assert by_id["chat_id"] == asked["chat_id"]
    assert f"Continue with: candor chat --resume {asked['chat_id']}" in by_name.stderr
    assert len(read_json(scripted("conversations", "--json"))["conversations"]) == 1


@pytest.mark.parametrize(
    "words",
    [
        ("ask", "One?", "--chat", "last"),
        ("chat", "-r", "--offline"),
        ("chat", "--resume", "chat_nothing", "--json"),
    ],
)
def test_a_chat_that_is_not_there_ends_with_3(scripted: Candor, words: tuple[str, ...]) -> None:
    result = scripted(*words)
    assert result.exit_code == 3
    assert "chat_not_found" in result.stderr
