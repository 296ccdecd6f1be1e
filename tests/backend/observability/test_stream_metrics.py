"""What the figures hear of a turn: its beginning and end, its first text, its errors."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import UTC, datetime

import pytest
from pydantic_ai import PartDeltaEvent, PartStartEvent, TextPart, TextPartDelta

from backend.observability.metrics import Metrics, watched
from tests.backend.observability.test_metrics import figures
from use_cases.chat.chat_turn import AnswerReplaced, ChatEvent, TurnBegun
from use_cases.chat.errors import ChatBusy
from use_cases.chat.model import Chat, Message, Role
from use_cases.kernel.errors import UpstreamTimeout
from use_cases.kernel.runs.surroundings import labelled, labels

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 14, tzinfo=UTC)
BEGUN = TurnBegun(
    chat=Chat(chat_id="chat_1", user_id="anna", title="", created_at=NOW, updated_at=NOW),
    question=Message(
        message_id="msg_1",
        chat_id="chat_1",
        parent_id=None,
        role=Role.USER,
        text="?",
        created_at=NOW,
    ),
    answer_id="ans_1",
)
EMPTY = PartStartEvent(index=0, part=TextPart(""))
TEXT = PartDeltaEvent(index=0, delta=TextPartDelta("Every"))
REPLACED = AnswerReplaced(text="No.", reason="uncited")


async def stream(*events: ChatEvent | Exception) -> AsyncGenerator[ChatEvent]:
    for event in events:
        if isinstance(event, Exception):
            raise event
        yield event


async def test_an_answer_is_active_from_its_first_event_to_its_last() -> None:
    metrics = Metrics()
    active = [
        figures(metrics)["candor_turns_active",]
        async for _ in watched(stream(BEGUN, EMPTY, TEXT), metrics.turns)
    ]
    assert active == [1, 1, 1]
    assert figures(metrics)["candor_turns_active",] == 0


async def test_a_reader_who_leaves_ends_it_and_closes_the_stream() -> None:
    metrics = Metrics()
    closed: list[str] = []

    async def open_ended() -> AsyncGenerator[ChatEvent]:
        try:
            yield BEGUN
            yield TEXT
        finally:
            closed.append("closed")

    async with aclosing(watched(open_ended(), metrics.turns)) as events:
        await anext(events)
    assert closed == ["closed"]
    assert figures(metrics)["candor_turns_active",] == 0
    assert "candor_turns_failed_total" not in {name[0] for name in figures(metrics)}


@pytest.mark.parametrize("first", [TEXT, PartStartEvent(index=0, part=TextPart("E")), REPLACED])
async def test_the_first_text_is_timed_once(first: ChatEvent) -> None:
    metrics = Metrics()
    _ = [event async for event in watched(stream(BEGUN, EMPTY, first, TEXT), metrics.turns)]
    assert figures(metrics)["candor_turn_first_text_seconds_count",] == 1


async def test_a_turn_that_fails_is_counted_by_its_code() -> None:
    metrics = Metrics()
    for error in (UpstreamTimeout("Too slow."), LookupError("a bug")):
        with pytest.raises(type(error)):
            _ = [event async for event in watched(stream(BEGUN, error), metrics.turns)]
    found = figures(metrics)
    assert found["candor_turns_failed_total", "upstream_timeout"] == 1
    assert found["candor_turns_failed_total", "internal_error"] == 1
    assert found["candor_turns_active",] == 0


async def test_a_turn_that_never_began_is_no_failed_turn() -> None:
    metrics = Metrics()
    with pytest.raises(ChatBusy):
        await anext(watched(stream(ChatBusy("Wait.")), metrics.turns))
    found = figures(metrics)
    assert found["candor_turns_active",] == 0
    assert "candor_turns_failed_total" not in {name[0] for name in found}


async def test_the_lines_of_the_reader_have_the_ids_too_once_they_are_known() -> None:
    with labelled():
        async for _ in watched(stream(BEGUN), Metrics().turns):
            assert dict(labels()) == {"chat_id": "chat_1", "run_id": "ans_1"}
