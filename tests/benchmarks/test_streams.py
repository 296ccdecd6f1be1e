"""The benchmark of turns: what its provider says, and that all its answers are whole."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import streams
from benchmarks.scripted_provider import answer_to, text_of
from benchmarks.streams import SAMPLES, Load, require_whole
from use_cases.kernel.citations.sources import SEARCH_TOOL

PASSAGES = (
    '<source n="1">\nLock the screen.\n</source>\n\n'
    '<source n="2">\nPasswords must be rotated every 90 days.\n</source>'
)
LOAD = Load(pieces=20, streams=2)


def said(*messages: tuple[str, str]) -> list[dict[str, Any]]:
    """The events of the provider's answer."""
    told = [{"role": role, "content": text} for role, text in messages]
    answer = answer_to({"messages": told, "tools": []})
    assert answer is not None
    lines = answer.decode().splitlines()
    return [json.loads(line[6:]) for line in lines if line.startswith("data: {")]


def test_the_provider_searches_for_the_question_then_cites_the_source_that_says_it() -> None:
    question = LOAD.question()
    searching = json.dumps(said(("user", question)))
    assert SEARCH_TOOL in searching
    assert question in searching
    events = said(("user", question), ("tool", PASSAGES))
    deltas = [choice["delta"] for event in events for choice in event["choices"]]
    pieces = [delta["content"] for delta in deltas if delta]
    assert len(pieces) == LOAD.pieces
    assert "".join(pieces) == text_of(LOAD.pieces, 2)


@pytest.mark.parametrize(
    "body",
    [
        f"0:{json.dumps(text_of(10))}\n",
        f'0:{json.dumps(text_of(20))}\n2:[{{"outcome":"answered","sources":[{{"quotes":[1]}}]}}]\n',
        f'0:{json.dumps(text_of(20))}\n2:[{{"outcome":"answered","sources":[]}}]\nd:{{"finishReason":"stop"}}\n',
    ],
    ids=["half of the text", "no end", "no source"],
)
def test_an_answer_that_is_not_whole_ends_the_run(body: str) -> None:
    with pytest.raises(SystemExit, match="not whole"):
        require_whole("data", body, LOAD)


@pytest.mark.by_hand
def test_every_answer_of_every_way_is_whole(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    few: list[Path] = [SAMPLES[0] / "policies", SAMPLES[1]]
    numbers = ["--pieces", "20", "--streams", "2", "--rounds", "1", "--documents"]
    monkeypatch.setattr(sys, "argv", ["streams", *numbers, *map(str, few)])
    streams.main()
    table = capsys.readouterr().out
    assert all(f"| {way} | " in table for way in ("candor ui", "candor data", "peer"))
