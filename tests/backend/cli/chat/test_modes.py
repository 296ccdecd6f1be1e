"""Modes and conversations on the command line, over the offline answerer and a real store."""

from pathlib import Path

from tests.backend.cli.conftest import Candor, read_json
from use_cases.chat.chat_turn import SAID_ELSEWHERE

SAMPLE = str(Path("samples/conversations/harbour-newsletter.json").resolve())
COVER = "How many subscribers do 60 euros cover?"


def test_an_imported_chat_is_listed_as_open_and_quoted(candor: Candor) -> None:
    assert candor("import", SAMPLE).exit_code == 0
    assert " open  A newsletter for the harbour market" in candor("conversations").stdout
    asked = candor("ask", COVER, "--chat", "last")
    assert asked.exit_code == 0, asked.output
    assert "said by assistant-a on 2026-03-02, not verified" in asked.stdout
    assert candor("ask", COVER, "--chat", "last", "--mode", "grounded").exit_code == 3
    assert " grounded  A newsletter" in candor("conversations").stdout


def test_conversations_are_asked_and_hinted_at(candor: Candor) -> None:
    candor("import", SAMPLE)
    asked = candor("ask", COVER, "--in", "conversations", "--json")
    assert asked.exit_code == 0, asked.output
    assert {source["kind"] for source in read_json(asked)["sources"]} == {"message"}
    unasked = candor("ask", COVER)
    assert unasked.exit_code == 3
    assert " ".join(SAID_ELSEWHERE.split()) in " ".join(unasked.stderr.split())


def test_nobody_who_asks_conversations_alone_is_told_to_ingest_documents(candor: Candor) -> None:
    candor("import", SAMPLE)
    result = candor("ask", "What does a zeppelin weigh?", "--in", "conversations")
    assert result.exit_code == 3
    assert "candor ingest" not in result.output
