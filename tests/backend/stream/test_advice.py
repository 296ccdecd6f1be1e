"""The four wires of advice: one object, however it was cut, and never a wrong one."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_ai import FunctionToolCallEvent
from pydantic_ai.messages import ToolCallPart

from backend.schemas.advice_schemas import StructuredAdvice
from backend.stream.advice import AdviceEventStream, AdviceLines, AdviceText, sse
from backend.stream.advice_json import AdviceWriter
from backend.stream.advice_ui import AdviceUIMessages
from backend.stream.wire import Wire
from tests.backend.stream.advising import (
    ADVICE,
    BEGUN,
    MAIN,
    SURE,
    Told,
    read,
    recorded,
    sent,
    sse_events,
    sureness,
    texts,
    unsure,
    whole,
    wires,
)
from use_cases.advice.giving.events import (
    AdviceEvent,
    AdviceRecorded,
    AdviceReplaced,
    TextGiven,
)
from use_cases.advice.model import Advice, Alternative, Freshness
from use_cases.kernel.citations.sources import Outcome
from use_cases.kernel.errors import UpstreamFailed

pytestmark = pytest.mark.anyio

OBJECT = StructuredAdvice.of_response(recorded(), option_label="player").model_dump(mode="json")
OTHER = replace(ADVICE, main_advice="Start Mahomes.", choice="P. Mahomes")
WIRES = ["sse", "text", "lines", "ui"]
REPLACED = [
    BEGUN,
    *texts(),
    *sureness(),
    AdviceReplaced(advice=OTHER, reason="invalid_first_attempt"),
    AdviceRecorded(response=recorded(OTHER)),
]


async def test_the_object_has_its_fields_in_the_order_that_is_promised() -> None:
    frames = await sent(AdviceText(), whole())
    assert list(json.loads("".join(frames))) == [
        "main_advice",
        "reasoning",
        "confidence_score",
        "alternatives",
        "choice",
        "raw_confidence",
        "confidence_phrase",
        "phrase_key",
        "phrase_capped",
        "base_rate",
        "outcome",
        "freshness",
        "sources",
        "notices",
        "model_identifier",
        "response_id",
    ]


async def test_an_option_is_also_called_what_the_profile_calls_it() -> None:
    frames = await sent(AdviceText(), whole())
    client_error = json.loads("".join(frames))
    assert client_error["alternatives"] == [
        {"player": "P. Mahomes", "option": "P. Mahomes", "reason": "A hard 🧱 defence."},
        {"player": "D. Jones", "option": "D. Jones", "reason": ""},
    ]
    assert client_error["confidence_score"] == 0.58
    assert client_error["raw_confidence"] == 0.62
    assert client_error["confidence_phrase"] == "Likely (about 6 in 10)"


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50, 10_000])
@pytest.mark.parametrize("name", WIRES)
async def test_all_wires_give_the_same_object_however_the_text_was_cut(
    name: str, size: int
) -> None:
    assert read(name, await sent(wires()[name], whole(size=size))) == OBJECT


@pytest.mark.parametrize("name", WIRES)
async def test_all_wires_give_the_same_object_for_each_place_of_one_cut(name: str) -> None:
    for cut in range(1, len(MAIN)):
        first = TextGiven(field="main_advice", text=MAIN[:cut])
        second = TextGiven(field="main_advice", text=MAIN[cut:])
        rest = [event for event in texts() if getattr(event, "field", "") == "reasoning"]
        ending = AdviceRecorded(response=recorded())
        events = [BEGUN, first, second, *rest, *sureness(), ending]
        assert read(name, await sent(wires()[name], Told(events))) == OBJECT


@pytest.mark.parametrize("name", WIRES)
async def test_advice_that_chose_nothing_states_no_number(name: str) -> None:
    client_error = read(name, await sent(wires()[name], whole(unsure())))
    assert client_error["confidence_score"] is None
    assert client_error["confidence_phrase"] is None
    assert client_error["alternatives"] == []


@pytest.mark.parametrize("name", WIRES)
async def test_a_replaced_attempt_ends_in_the_valid_object_or_in_none(name: str) -> None:
    frames = await sent(wires()[name], Told(REPLACED))
    if name == "text":
        with pytest.raises(json.JSONDecodeError):
            json.loads("".join(frames))
        return
    client_error = read(name, frames)
    assert client_error["main_advice"] == "Start Mahomes."
    assert client_error["response_id"] == "resp_1"


async def test_what_replaces_what_was_not_shown_yet_replaces_nothing() -> None:
    events = [BEGUN, *REPLACED[-2:]]
    for name, wire in wires().items():
        frames = await sent(wire, Told(events))
        assert read(name, frames)["main_advice"] == "Start Mahomes."
        assert "event: replace" not in "".join(frames)


async def test_a_record_that_says_otherwise_is_told_although_no_event_said_so() -> None:
    events = [BEGUN, *texts(), *sureness(), AdviceRecorded(response=recorded(OTHER))]
    found = sse_events("".join(await sent(AdviceEventStream(), Told(events))))
    assert [kind for kind, _ in found if kind] == ["replace", "done"]
    assert json.loads(found[-2][1])["reason"] == "changed"


async def test_the_default_stream_ends_in_one_named_event_that_sums_up() -> None:
    found = sse_events("".join(await sent(AdviceEventStream(), whole())))
    assert [kind for kind, _ in found if kind] == ["done"]
    assert json.loads(found[-1][1]) == {
        "response_id": "resp_1",
        "confidence": 0.58,
        "raw_confidence": 0.62,
        "phrase": "Likely (about 6 in 10)",
        "base_rate": None,
        "usage": {"input_tokens": 812, "output_tokens": 96},
        "freshness": "not_needed",
        "outcome": "answered",
        "interrupted": False,
        "valid": True,
    }


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
@pytest.mark.parametrize("name", WIRES)
async def test_arguments_with_a_number_that_json_lacks_leave_valid_json(
    name: str, number: str
) -> None:
    call = ToolCallPart("search_knowledge_base", f'{{"query": {number}}}', "t1")
    client_error = whole()
    frames = await sent(
        wires()[name], Told([BEGUN, FunctionToolCallEvent(call), *client_error.events[1:]])
    )
    assert read(name, frames)["main_advice"] == MAIN


async def test_a_replacement_says_why_and_is_followed_by_the_end() -> None:
    found = sse_events("".join(await sent(AdviceEventStream(), Told(REPLACED))))
    (replacement,) = (json.loads(data) for kind, data in found if kind == "replace")
    assert replacement["reason"] == "invalid_first_attempt"
    assert found[-1][0] == "done"
    with pytest.raises(json.JSONDecodeError):  # what only reads unnamed events gets no object
        json.loads("".join(data for kind, data in found if not kind))


async def test_a_frame_holds_the_number_with_what_follows_it() -> None:
    frames = await sent(AdviceText(), whole(size=3))
    (frame,) = [frame for frame in frames if "0.58" in frame]
    assert frame == '","confidence_score":0.58,"alternatives":['


@pytest.mark.parametrize("score", [0, 1, 10_000, 9_999, 3_000, 5_800])
async def test_a_number_is_written_as_the_whole_object_writes_it(score: int) -> None:
    advice = replace(ADVICE, confidence=replace(SURE, calibrated=score))
    client_error = read("sse", await sent(AdviceEventStream(), whole(advice)))
    assert client_error["confidence_score"] == score / 10_000


@pytest.mark.parametrize("name", WIRES)
async def test_what_is_shown_of_a_text_only_grows_and_a_number_never_changes(name: str) -> None:
    if name not in ("lines", "ui"):
        return
    seen: dict[str, Any] = {}
    for snapshot in snapshots(name, await sent(wires()[name], whole(size=2))):
        for key, value in seen.items():
            if key in ("main_advice", "reasoning", "alternatives"):
                assert snapshot[key][: len(value)] == value
            else:
                assert snapshot[key] == value
        seen = snapshot
    assert seen == OBJECT


def snapshots(name: str, frames: list[str]) -> list[dict[str, Any]]:
    """What a reader of whole objects saw, one after the other."""
    if name == "lines":
        found = [json.loads(frame) for frame in frames]
        return [{key: one[key] for key in one if key != "final"} for one in found]
    parts = [json.loads(data) for _, data in sse_events("".join(frames))[:-1]]
    return [part["data"] for part in parts if part["type"] == "data-advice"]


async def test_lines_do_not_grow_with_the_square_of_the_text() -> None:
    advice = replace(ADVICE, reasoning="word " * 4_000)
    frames = await sent(AdviceLines(), whole(advice, size=5))
    assert sum(map(len, frames)) < 50 * len(advice.reasoning)


@pytest.mark.parametrize("wire", [AdviceLines, AdviceUIMessages])
async def test_nor_with_the_square_of_the_number_of_alternatives(
    wire: Callable[[], Wire[AdviceEvent]],
) -> None:
    many = tuple(Alternative(f"Option {number}", "It is another.") for number in range(1000))
    frames = await sent(wire(), whole(replace(ADVICE, alternatives=many)))
    assert sum(map(len, frames)) < 20 * max(map(len, frames))


@pytest.mark.parametrize("name", WIRES)
async def test_no_frame_is_cut_where_a_reader_of_lines_or_of_bytes_would_break(name: str) -> None:
    for frame in await sent(wires()[name], whole(size=1)):
        assert frame.encode().decode() == frame
        content = frame.removesuffix("\n\n").removesuffix("\n")
        assert len(content.splitlines()) == (2 if content.startswith("event:") else 1)


async def test_halves_of_a_character_are_put_together() -> None:
    writer = AdviceWriter()
    halves = ["a\ud83c", "\udfc8b", "\ud83c"]
    pieces = [writer.piece(TextGiven(field="main_advice", text=half)) for half in halves]
    assert pieces == ['{"main_advice":"a', "🏈b", ""]
    assert writer.piece(TextGiven(field="reasoning", text="c")) == '�","reasoning":"c'


async def test_an_empty_text_is_there_all_the_same() -> None:
    empty = replace(ADVICE, main_advice="", reasoning="")
    client_error = read("text", await sent(AdviceText(), whole(empty)))
    assert client_error["main_advice"] == client_error["reasoning"] == ""


@pytest.mark.parametrize("name", WIRES)
async def test_an_error_in_the_middle_is_told_and_leaks_nothing(
    name: str, logged: list[str]
) -> None:
    client_error = Told([BEGUN, *texts()], RuntimeError("sk-planted-91c2"))
    text = "".join(await sent(wires()[name], client_error))
    assert "sk-planted" not in text
    assert "sk-planted" in "".join(logged)
    assert client_error.closed == [True]
    if name == "sse":
        (kind, data) = sse_events(text)[-1]
        assert (kind, json.loads(data)["code"]) == ("error", "internal_error")
        assert "event: done" not in text
    elif name == "lines":
        last = json.loads(text.splitlines()[-1])
        assert last["final"] is True
        assert last["error"]["code"] == "internal_error"
    elif name == "ui":
        assert '"type":"error"' in text
        assert '"finishReason":"error"' in text
    else:
        with pytest.raises(json.JSONDecodeError):
            json.loads(text)


async def test_our_own_error_says_its_sentence_and_its_hint() -> None:
    client_error = Told([BEGUN], UpstreamFailed("The provider failed.", retry_after=7))
    (kind, data) = sse_events("".join(await sent(AdviceEventStream(), client_error)))[-1]
    assert kind == "error"
    assert json.loads(data)["detail"] == "The provider failed."
    assert json.loads(data)["retry_after"] == 7


async def test_a_stream_without_a_record_ends_in_an_error() -> None:
    text = "".join(await sent(AdviceEventStream(), Told([BEGUN, *texts()])))
    assert sse_events(text)[-1][0] == "error"


async def test_an_error_after_the_end_is_logged_and_not_told(logged: list[str]) -> None:
    client_error = Told(whole().events, RuntimeError("late"))
    frames = await sent(AdviceEventStream(), client_error)
    assert sse_events("".join(frames))[-1][0] == "done"
    assert "late" in "".join(logged)


async def test_advice_that_was_stopped_says_so() -> None:
    stopped = replace(
        ADVICE, reasoning=ADVICE.reasoning[:14], confidence=None, alternatives=(), choice=None
    )
    stopped = replace(stopped, outcome=Outcome.INTERRUPTED)
    response = recorded(stopped, interrupted=True, freshness=Freshness.UNVERIFIED)
    for name, wire in wires().items():
        client_error = Told([BEGUN, *texts(stopped), AdviceRecorded(response=response)])
        frames = await sent(wire, client_error)
        assert read(name, frames)["outcome"] == "interrupted"
        assert ('"type":"abort"' in "".join(frames)) is (name == "ui")


def heartbeats(
    make: Callable[[], Wire[AdviceEvent]],
) -> tuple[Wire[AdviceEvent], Callable[[Told], Any]]:
    wire = make()

    async def beating(client_error: Told) -> str:
        text = wire.heartbeat
        async for frame in wire.encode(client_error.stream()):
            text += frame + wire.heartbeat
        return text

    return wire, beating


async def test_a_heartbeat_between_any_two_frames_changes_nothing() -> None:
    _, beating = heartbeats(AdviceEventStream)
    assert read("sse", [await beating(whole(size=3))]) == OBJECT
    _, beating = heartbeats(AdviceUIMessages)
    assert read("ui", [await beating(whole(size=3))]) == OBJECT
    _, beating = heartbeats(AdviceText)
    assert json.loads(await beating(whole(size=3))) == OBJECT
    _, beating = heartbeats(AdviceLines)
    last = json.loads((await beating(whole(size=3))).splitlines()[-1])
    assert last == OBJECT | {"final": True}


def test_data_with_ends_of_lines_has_one_data_line_for_each() -> None:
    assert sse("a\nb\r\nc\rd", "e") == "event: e\ndata: a\ndata: b\ndata: c\ndata: d\n\n"


@given(
    st.lists(st.text(min_size=1), min_size=1, max_size=6),
    st.lists(st.text(min_size=1), max_size=6),
)
async def test_any_text_in_any_pieces_gives_the_same_object_on_each_wire(
    main: list[str], reasoning: list[str]
) -> None:
    advice = Advice(main_advice="".join(main), reasoning="".join(reasoning), confidence=SURE)
    pieces: list[AdviceEvent] = [TextGiven(field="main_advice", text=text) for text in main]
    pieces += [TextGiven(field="reasoning", text=text) for text in reasoning]
    events = [BEGUN, *pieces, *sureness(advice), AdviceRecorded(response=recorded(advice))]
    expected = StructuredAdvice.of_response(recorded(advice), option_label="player").model_dump(
        mode="json"
    )
    for name, wire in wires().items():
        assert read(name, await sent(wire, Told(events))) == expected
