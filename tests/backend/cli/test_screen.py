"""Every view on terminals of several widths: no word, number, marker or id is cut at a line's end."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from backend.cli.program import COMMANDS, load
from backend.settings.settings import load_settings
from tests.backend.cli.advice.test_advise import WRITTEN
from tests.backend.cli.advice.test_advise import Scripted as ScriptedAdvice
from tests.backend.cli.chat.test_ask import Scripted as ScriptedAnswer
from tests.backend.cli.conftest import Candor, read_json
from tests.backend.cli.screen import see, too_wide, words
from tests.backend.http.advised import keep, overconfident
from tests.fakes.candor import quick_candor
from tests.thoroughness import sample
from use_cases.kernel.ports import Models

WIDTHS = sample((40, 80, 140), 2)
NARROW = 40

ANSWER = (
    "Passwords must be rotated every 90 days. [1] The cost of 1,234,567.89 euros was approved on "
    "2026-02-02, and 17.16 of it were spent; see doc_dafbb0862eea0cf8bcd5.\n\n"
    "- A password has at least 14 characters, which the gateway checks whenever one is set. [1]\n"
    "- 日本語の文章では単語の間に空白がありません。バージョン17.16を使用してください。\n"
)

VIEWS = (
    ("search", "password", "rotation", "--explain"),
    ("search", "password", "--category", "nowhere"),
    ("documents", "--limit", "2"),
    ("documents", "show", "policies/passwords.md"),
    ("documents", "show", "policies/passwords.md", "--text"),
    ("tables",),
    ("sql", "SELECT name, role, office, name || ' of ' || office || ' is ' || role AS told, 17.16 FROM directory"),
    ("answers",),
    ("answers", "show", "ANSWER"),
    ("profiles", "fantasy-nfl"),
    ("keys",),
    ("confidence", "status"),
    ("confidence", "tune"),
    ("confidence", "report", "--csv", "forecasts.csv"),
    ("ingest", "nowhere"),
    ("nonsense",),
)  # fmt: skip
"""One of each kind of layout: lists, records, texts, tables of figures, errors."""


def helps() -> Iterator[tuple[str, ...]]:
    yield ()
    for name in COMMANDS:
        yield (name,)
        for child in getattr(load(name), "commands", {}):
            yield (name, str(child))


@pytest.fixture
def used(filled: Candor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Candor:
    """A library with answers, chats, keys and tuned advice."""
    scripted(monkeypatch, ScriptedAnswer(ANSWER))
    assert filled("ask", "How often must the passwords of all gateways be rotated?").exit_code == 0
    assert filled("ask", "How often?").exit_code == 0
    for label in ("web", "a label of several words for the nightly loader"):
        assert filled("keys", "create", "--user", "anna", "--label", label).exit_code == 0
    keep(load_settings(), overconfident())
    assert filled("confidence", "tune", "--apply").exit_code == 0
    rows = [f"0.{place % 10}5,{place % 3 % 2}" for place in range(300)]
    (tmp_path / "forecasts.csv").write_text("probability,outcome\n" + "\n".join(rows))
    return filled


def scripted(monkeypatch: pytest.MonkeyPatch, models: Models) -> None:
    candor = partial(quick_candor, models=models)
    monkeypatch.setattr("backend.cli.command_run.Container", candor)


@pytest.mark.exhaustive
def test_no_help_cuts_a_word(candor: Candor) -> None:
    for command in helps():
        whole = words(candor(*command, "--help").stdout)
        seen = see(NARROW, *command, "--help")
        assert seen.exit_code == 0
        assert too_wide(seen, NARROW) == [], command
        assert seen.words() == whole, command


def test_no_view_cuts_a_word(used: Candor) -> None:
    answer = read_json(used("answers", "--json"))["answers"][0]["id"]
    for view in sample(VIEWS, 9):
        command = [answer if word == "ANSWER" else word for word in view]
        used(*command)  # what a command changes, it changes now
        piped = used(*command)
        whole = words(f"{piped.stdout} {piped.stderr}")
        for columns in WIDTHS:
            seen = see(columns, *command)
            assert seen.exit_code == piped.exit_code, command
            assert too_wide(seen, columns) == [], command
            assert seen.words() == whole, (command, columns)


def test_no_answer_cuts_a_word_while_it_comes(used: Candor) -> None:
    for columns in WIDTHS:
        seen = see(columns, "ask", "How often must passwords be rotated?")
        assert seen.exit_code == 0
        assert too_wide(seen, columns) == []
        newest = read_json(used("answers", "--limit", "1", "--json"))["answers"][0]["id"]
        shown = read_json(used("answers", "show", newest, "--json"))
        expected = words(shown["answer"]) | {newest, shown["chat_id"], "[1]", "1,234,567.89"}
        assert expected <= seen.words()


def test_no_advice_cuts_a_word_while_it_comes(
    used: Candor, monkeypatch: pytest.MonkeyPatch
) -> None:
    reasoning = "Over the last 17.16 games he threw four touchdowns more often than the others did."
    scripted(monkeypatch, ScriptedAdvice({**WRITTEN, "reasoning": reasoning}))
    for columns in WIDTHS:
        seen = see(columns, "advise", "Start Allen or Mahomes?")
        assert seen.exit_code == 0
        assert too_wide(seen, columns) == []
        [advice] = read_json(used("confidence", "recent", "-n", "1", "--json"))["logs"]
        assert words(reasoning) | {advice["response_id"]} <= seen.words()


def test_doctor_cuts_no_word(used: Candor) -> None:
    seen = see(NARROW, "doctor")
    assert too_wide(seen, NARROW) == []
    assert {"sqlite-vec", "knowledge", "database", "fake:words,"} <= seen.words(), seen.text
