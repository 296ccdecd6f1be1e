"""`candor import --dry-run`: what a file holds, without storing it."""

import json
from pathlib import Path

from tests.backend.cli.conftest import Candor, read_json

CHAT = {
    "uuid": "c1",
    "name": "Tea",
    "chat_messages": [
        {"uuid": "1", "sender": "human", "text": "Which tea?"},
        {"uuid": "2", "sender": "assistant", "content": [{"type": "dance"}]},
    ],
}


def test_the_report_of_a_file(candor: Candor) -> None:
    Path("c.json").write_text(json.dumps([CHAT]))
    result = candor("import", "--dry-run", "c.json")
    assert result.exit_code == 0, result.output
    assert "Tea    claude  2         1         0       1" in result.stdout
    assert "not understood  type dance  1" in result.stdout
    assert "1 conversation (claude 1), 2 messages.\nNothing was stored." in result.stderr


def test_the_report_as_json(candor: Candor) -> None:
    Path("c.json").write_text(json.dumps({"conversations": [CHAT], "sora": [1]}))
    result = candor("import", "--dry-run", "c.json", "--json")
    assert result.exit_code == 1
    report = read_json(result)
    assert report["conversations"][0]["place"] == "c.json, conversation 1"
    assert report["kept"] == {"text": 1, "unknown": 1}
    assert report["faults"] == [
        {"place": "c.json, sora", "detail": "no known form of a conversation: a list"}
    ]
