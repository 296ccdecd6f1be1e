"""The model's text cut at each of its places: from the model to all four wires, the object is one."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from backend.schemas.advice_schemas import StructuredAdvice
from tests.backend.stream.advising import BEGUN, SURE, Told, read, recorded, sent, wires
from tests.thoroughness import by_hand, sample
from tests.use_cases.advice.advising import Ground, Script, written
from use_cases.advice.giving.events import (
    AdviceEvent,
    AdviceRecorded,
    AlternativeGiven,
    ConfidenceGiven,
)
from use_cases.advice.giving.model_output import AdviceReader, ScorePiece
from use_cases.advice.model import Advice, Alternative, Freshness
from use_cases.kernel.citations.links import LinkFilter
from use_cases.kernel.citations.sources import LinkPolicy
from use_cases.kernel.citations.text_filter import TextFilter
from use_cases.kernel.text.secrets import SecretFilter

pytestmark = pytest.mark.anyio

MAIN = 'Start "Josh Allen" 🏈 \\ not\nMahomes\u2028 — née 👩\u200d🚀.'
REASONING = 'He leads\tby "12–7"; ünïcödé 𝔸𝔹ℂ, 5 < 7 & 8 > 6.\r\n' * 20
OUTPUT: dict[str, Any] = {
    "choice": "Allen",
    "main_advice": MAIN,
    "reasoning": REASONING,
    "confidence_score": 0.62,
    "alternatives": [
        {"option": "Mahomes 🧱", "reason": 'Sacked "twice"\n[sic].'},
        {"option": "Jones", "reason": ""},
    ],
}
# Half of it as escapes, half as it is: models write both.
ESCAPED = json.dumps(OUTPUT)
PLAIN = json.dumps(OUTPUT, ensure_ascii=False)
ADVICE = Advice(
    main_advice=MAIN,
    reasoning=REASONING,
    confidence=SURE,
    alternatives=[Alternative(a["option"], a["reason"]) for a in OUTPUT["alternatives"]],
)
RESPONSE = recorded(ADVICE)
OBJECT = StructuredAdvice.of_response(RESPONSE, option_label="player").model_dump(mode="json")


def through_the_reader(pieces: Sequence[str]) -> list[AdviceEvent]:
    """The events that these pieces of the model's text bring about."""
    reader = AdviceReader(
        lambda declared: TextFilter(
            SecretFilter(), lambda _: True, LinkFilter(LinkPolicy(), lambda _: False), declared
        )
    )
    released = [piece for text in pieces for piece in reader.feed(text)]
    released += reader.finish("".join(pieces))
    events: list[AdviceEvent] = [BEGUN]
    for piece in released:
        if isinstance(piece, ScorePiece):
            assert piece.score == 0.62
            events.append(ConfidenceGiven(confidence=SURE, freshness=Freshness.NOT_NEEDED))
        elif isinstance(piece, Alternative):
            events.append(AlternativeGiven(alternative=piece))
        else:
            events.append(piece)
    return [*events, AdviceRecorded(response=RESPONSE)]


def test_the_text_is_as_long_as_it_is_said_to_be() -> None:
    assert len(ESCAPED) > 2_000
    assert "\\ud83c" in ESCAPED
    assert "🏈" in PLAIN


@pytest.mark.exhaustive
@pytest.mark.parametrize("text", [ESCAPED, PLAIN], ids=["escaped", "plain"])
async def test_every_cut_gives_the_same_object_on_every_wire(text: str) -> None:
    cuts = range(1, len(text))
    for cut in by_hand(cuts, 0) or sample(cuts[::5], 300):
        client_error = Told(through_the_reader([text[:cut], text[cut:]]))
        for name, wire in wires().items():
            frames = await sent(wire, client_error)
            assert read(name, frames) == OBJECT, (name, cut)
            assert "event: replace" not in "".join(frames), (name, cut)


@pytest.mark.parametrize("name", ["sse", "text", "lines", "ui"])
@pytest.mark.parametrize("pieces", [1, 2, 53, 700])
async def test_the_agent_itself_gives_the_same_object_in_any_pieces(name: str, pieces: int) -> None:
    events = await Ground(Script([written(ESCAPED, pieces=pieces)])).advise()
    frames = await sent(wires()[name], Told(events))
    client_error = read(name, frames)
    assert client_error["main_advice"] == MAIN
    assert client_error["reasoning"] == REASONING
    assert client_error["confidence_score"] == 0.62
    assert [one["option"] for one in client_error["alternatives"]] == ["Mahomes 🧱", "Jones"]
    assert "event: replace" not in "".join(frames)
