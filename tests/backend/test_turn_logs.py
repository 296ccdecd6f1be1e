"""The lines of a turn: what they say, whose they are, and what they keep to themselves."""

import io
import json
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import cast

import pytest
from anyio import to_thread
from loguru import logger
from pydantic_ai.exceptions import ContentFilterError, ModelHTTPError
from pydantic_ai.messages import ModelMessage, ToolReturnPart
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls, FunctionModel

from backend.observability.log_lines import request_id, set_up_logs
from backend.settings.server import LogFormat
from tests.fakes.asking import asking_with
from tests.fakes.chats import InMemoryChats
from tests.fakes.ids import CountedIds
from tests.fakes.leases import keeper
from tests.fakes.search import FixedSearch, passage
from use_cases.chat.chat_turn import AnswerRecorded, ChatEvent, TurnBegun
from use_cases.chat.model import Answer, Message, Question
from use_cases.kernel.errors import CandorError, ContentFiltered, StorageFull, UpstreamFailed
from use_cases.kernel.identity.admission import Charge
from use_cases.kernel.model import Caller
from use_cases.kernel.runs.inflight import InFlight
from use_cases.kernel.runs.surroundings import label, labelled

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("restored_logs")]

ANNA = Caller("anna")
QUESTION = "How often must the salary database's password be rotated?"


class NoRoom(InMemoryChats):
    """A store that is full when an answer is to be kept."""

    async def close(
        self,
        caller: Caller,
        answer: Answer,
        message: Message,
        model_messages: Callable[[], str],
        charge: Charge | None = None,
    ) -> None:
        raise StorageFull("candor.sqlite: the disk is full.")


@dataclass
class Ground:
    fails: Exception | None = None
    chats: InMemoryChats = field(default_factory=InMemoryChats)
    inflight: InFlight = field(init=False)
    ids: CountedIds = field(default_factory=CountedIds)

    def __post_init__(self) -> None:
        self.inflight = InFlight(keeper(self.chats.leases))

    def stream(self) -> AsyncGenerator[ChatEvent]:
        asking = asking_with(
            FunctionModel(stream_function=self._say, model_name="scripted"),
            search=FixedSearch([passage("Passwords must be rotated every 90 days.")]),
            chats=self.chats,
            ids=self.ids,
            inflight=self.inflight,
        )
        return asking.stream(Question(text=QUESTION), caller=ANNA)

    async def _say(
        self, messages: list[ModelMessage], _info: AgentInfo
    ) -> AsyncIterator[str | DeltaToolCalls]:
        logging.getLogger("some.library").warning("asked over the wire")
        await to_thread.run_sync(logger.info, "in a worker thread")
        if self.fails is not None:
            raise self.fails
        if not any(isinstance(part, ToolReturnPart) for part in messages[-1].parts):
            yield {0: DeltaToolCall("search_knowledge_base", '{"query": "x"}', tool_call_id="t")}
            return
        for word in ["Every", "90", "days", "[1]."]:
            yield f"{word} "


def lines(output: io.StringIO) -> list[dict[str, str]]:
    return [cast("dict[str, str]", json.loads(line)) for line in output.getvalue().splitlines()]


@pytest.fixture
def output() -> io.StringIO:
    output = io.StringIO()
    set_up_logs(level="INFO", form=LogFormat.JSON, to=output)
    return output


async def test_a_turn_says_that_it_was_asked_ended_and_recorded(output: io.StringIO) -> None:
    _ = [event async for event in Ground().stream()]
    own = [line for line in lines(output) if line["logger"].startswith("use_cases")]
    assert [line["message"] for line in own] == [
        f"question: user=anna characters={len(QUESTION)}",
        "stream: finished",
        "answer: outcome=answered interrupted=False latency_ms=0 tools=1 sources=1"
        + own[2]["message"].partition("sources=1")[2],
    ]
    assert own[2]["message"].endswith(" model=test:scripted")
    assert "input_tokens=" in own[2]["message"]


async def test_no_line_has_a_word_of_the_question_or_the_answer(output: io.StringIO) -> None:
    _ = [event async for event in Ground().stream()]
    for word in ("salary", "rotated", "90 days"):
        assert word not in output.getvalue()


async def test_each_line_of_two_turns_read_in_turns_has_the_ids_of_its_own(
    output: io.StringIO,
) -> None:
    ground = Ground()
    token = request_id.set("req-1")
    with labelled():
        label(tenant="here")
        one, two = ground.stream(), ground.stream()
        ids: list[tuple[str, str]] = []
        reading = [one, two]
        while reading:
            for stream in list(reading):
                event = await anext(stream, None)
                if event is None:
                    reading.remove(stream)
                elif isinstance(event, TurnBegun):
                    ids.append((event.chat.chat_id, event.answer_id))
    request_id.reset(token)
    found = lines(output)
    assert {line["request_id"] for line in found} == {"req-1"}
    assert {line["tenant"] for line in found} == {"here"}
    for chat_id, run_id in ids:
        own = [line for line in found if line["chat_id"] == chat_id]
        assert {line["run_id"] for line in own} == {run_id}
        assert [line["message"].partition(":")[0] for line in own] == [
            "question",
            *("asked over the wire", "in a worker thread") * 2,
            "stream",
            "answer",
        ]
    assert len(found) == 14


async def test_a_text_line_shows_the_ids_before_the_message() -> None:
    output = io.StringIO()
    set_up_logs(level="INFO", form=LogFormat.TEXT, to=output)
    token = request_id.set("req-1")
    events = [event async for event in Ground().stream()]
    request_id.reset(token)
    begun = events[0]
    assert isinstance(begun, TurnBegun)
    assert output.getvalue().count(f" req-1 {begun.chat.chat_id} {begun.answer_id}: ") == 7


async def test_a_reader_who_leaves_is_told_from_one_who_stays(output: io.StringIO) -> None:
    async with aclosing(Ground().stream()) as stream:
        async for event in stream:
            if not isinstance(event, TurnBegun):
                break
    said = [line["message"] for line in lines(output) if line["logger"].startswith("use_cases")]
    assert said[1] == "stream: left by its reader"
    assert said[2].startswith("answer: outcome=interrupted interrupted=True ")


async def test_an_answer_that_was_cancelled_is_interrupted(output: io.StringIO) -> None:
    ground = Ground()
    async for event in ground.stream():
        if isinstance(event, TurnBegun):
            ground.inflight.cancel(event.chat.chat_id)
    said = [line["message"] for line in lines(output) if line["logger"].startswith("use_cases")]
    assert said[1] == "stream: interrupted"
    assert said[2].startswith("answer: outcome=interrupted interrupted=True ")


async def test_a_jailbreak_is_told_without_its_words(output: io.StringIO) -> None:
    body = '[{"provider_details": {"content_filter_result": {"jailbreak": {"filtered": true}}}}]'
    events = [e async for e in Ground(fails=ContentFilterError("secret words", body)).stream()]
    assert isinstance(events[-1], AnswerRecorded)
    said = [line["message"] for line in lines(output) if line["logger"].startswith("use_cases")]
    assert "stream: stopped by the provider's content filter (jailbreak)" in said
    assert said[-1].startswith("answer: outcome=refused interrupted=False ")
    assert "secret words" not in output.getvalue()


@pytest.mark.parametrize(
    ("failure", "message"),
    [
        (
            ContentFilterError("secret words", "[]"),
            "stream: stopped by the provider's content filter (another category)",
        ),
        (UpstreamFailed("The provider failed."), "stream: failed with upstream_failed"),
        (LookupError("secret words"), "stream: failed with an unexpected LookupError"),
    ],
)
async def test_a_run_that_fails_is_told_by_its_code(
    output: io.StringIO, failure: Exception, message: str
) -> None:
    expected = CandorError if not isinstance(failure, LookupError) else LookupError
    with pytest.raises(expected) as caught:
        _ = [event async for event in Ground(fails=failure).stream()]
    assert isinstance(failure, ContentFilterError) == isinstance(caught.value, ContentFiltered)
    assert message in [line["message"] for line in lines(output)]
    assert "secret words" not in output.getvalue()


async def test_a_traceback_holds_no_text_of_the_provider_but_its_status_and_code(
    output: io.StringIO,
) -> None:
    failure = ModelHTTPError(
        503, "m", {"error": "secret words"}, provider_error_code="engine_overloaded"
    )
    with pytest.raises(UpstreamFailed) as caught:
        _ = [event async for event in Ground(fails=failure).stream()]
    logger.opt(exception=caught.value).error("as a door logs it")
    said = [line["message"] for line in lines(output)]
    assert (
        "model run failed: upstream_failed (ModelHTTPError, status 503, code engine_overloaded)"
        in said
    )
    assert "Traceback" in output.getvalue()
    assert "secret words" not in output.getvalue()


async def test_an_answer_that_cannot_be_kept_is_an_error_to_its_reader_and_in_the_log(
    output: io.StringIO,
) -> None:
    with pytest.raises(StorageFull):
        _ = [event async for event in Ground(chats=NoRoom()).stream()]
    last = lines(output)[-1]
    assert last["level"] == "ERROR"
    assert last["message"] == "answer: not recorded: storage_full: candor.sqlite: the disk is full."


async def test_a_reader_who_left_does_not_hear_that_it_could_not_be_kept_but_the_log_does(
    output: io.StringIO,
) -> None:
    async with aclosing(Ground(chats=NoRoom()).stream()) as stream:
        await anext(stream)
    assert lines(output)[-1]["message"].startswith("answer: not recorded: storage_full")
