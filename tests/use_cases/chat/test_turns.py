"""Turns of a chat: what is kept of them, what the next one is given, and how one is stopped."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace

import anyio
import pytest
from pydantic_ai import FunctionToolResultEvent, PartStartEvent
from pydantic_ai.exceptions import ContentFilterError
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls, FunctionModel

from tests.backend.stream.turns import SEARCH, Piece, model_of, saying
from tests.fakes.asking import asking_with
from tests.fakes.chats import InMemoryChats
from tests.fakes.ids import CountedIds
from tests.fakes.leases import keeper
from tests.fakes.search import FixedSearch, FixedTables, passage
from tests.fakes.traces import Traces
from use_cases.chat.chat_turn import AnswerRecorded, AskQuestion, ChatEvent, TurnBegun, TurnPolicy
from use_cases.chat.errors import ChatBusy, ChatIdInvalid, ChatNotFound
from use_cases.chat.manage_chats import ManageChats
from use_cases.chat.model import Answer, Question, Role, ShownText, ShownTool, StepBegun
from use_cases.kernel.citations.sources import Outcome
from use_cases.kernel.errors import (
    ContentFiltered,
)
from use_cases.kernel.model import (
    LOCAL,
    Caller,
    Column,
    ColumnType,
    Hit,
    SearchResult,
    Table,
)
from use_cases.kernel.runs.inflight import InFlight

pytestmark = pytest.mark.anyio

ANNA = Caller("anna")
BORIS = Caller("boris")
SECRET = "planted-secret-value"


@dataclass
class Scripted:
    """Searches, then says the next line; keeps what it was given. A line may wait for an event."""

    lines: Sequence[str] = ("Every 90 days [1].",)
    given: list[list[ModelMessage]] = field(default_factory=list[list[ModelMessage]])
    hold: anyio.Event | None = None

    @property
    def model(self) -> FunctionModel:
        return FunctionModel(stream_function=self.stream, model_name="scripted")

    async def stream(
        self, messages: list[ModelMessage], _info: AgentInfo
    ) -> AsyncIterator[str | DeltaToolCalls]:
        self.given.append(list(messages))
        turns = sum(isinstance(p, UserPromptPart) for m in messages for p in m.parts)
        if not any(isinstance(part, ToolReturnPart) for part in messages[-1].parts):
            yield {0: DeltaToolCall("search_knowledge_base", '{"query": "x"}', tool_call_id="t")}
            return
        line = self.lines[min(turns, len(self.lines)) - 1]
        for word in line.split(" "):
            yield f"{word} "
            if self.hold is not None:
                await self.hold.wait()


@dataclass
class Ground:
    script: Scripted = field(default_factory=Scripted)
    model: FunctionModel | None = None
    chats: InMemoryChats = field(default_factory=InMemoryChats)
    inflight: InFlight = field(init=False)
    text: str = "Passwords must be rotated every 90 days."
    bounds: TurnPolicy = field(default_factory=TurnPolicy)
    ids: CountedIds = field(default_factory=CountedIds)

    def __post_init__(self) -> None:
        self.inflight = InFlight(keeper(self.chats.leases))

    def asking(
        self,
        search: FixedSearch | None = None,
        data: FixedTables | None = None,
    ) -> AskQuestion:
        return asking_with(
            self.model or self.script.model,
            search=search or FixedSearch([passage(self.text)]),
            data=data,
            chats=self.chats,
            ids=self.ids,
            inflight=self.inflight,
            bounds=self.bounds,
            secrets=[SECRET],
        )

    async def ask(
        self, question: Question | str, caller: Caller = ANNA
    ) -> tuple[TurnBegun, Answer]:
        asked = Question(text=question) if isinstance(question, str) else question
        events: list[ChatEvent] = [
            event async for event in self.asking().stream(asked, caller=caller)
        ]
        begun, recorded = events[0], events[-1]
        assert isinstance(begun, TurnBegun)
        assert isinstance(recorded, AnswerRecorded)
        return begun, recorded.answer


async def test_a_turn_is_a_question_and_its_answer_in_a_chat_named_after_it() -> None:
    ground = Ground()
    begun, answer = await ground.ask("  How often must\npasswords be rotated?  ")
    assert begun.chat.title == "How often must passwords be rotated?"
    asked, given = await ground.chats.messages(ANNA, begun.chat.chat_id)
    assert (asked.role, asked.text) == (Role.USER, "How often must\npasswords be rotated?")
    assert (given.role, given.parent_id) == (Role.ASSISTANT, asked.message_id)
    assert given.message_id == answer.answer_id == begun.answer_id
    assert given.answer == answer


async def test_the_parts_of_an_answer_are_kept_as_they_were_shown() -> None:
    ground = Ground()
    begun, answer = await ground.ask("How often?")
    (_, given) = await ground.chats.messages(ANNA, begun.chat.chat_id)
    one, tool, two, text = given.parts
    assert (one, two) == (StepBegun(), StepBegun())
    assert isinstance(tool, ShownTool)
    assert (tool.call_id, tool.arguments, tool.failed) == ("t", '{"query":"x"}', False)
    assert tool.result == answer.tool_calls[0].result
    assert isinstance(text, ShownText)
    assert text.text.strip() == answer.text


async def test_the_next_turn_continues_with_what_the_model_saw() -> None:
    ground = Ground(Scripted(["Every 90 days [1].", "Yes, every 90 days [1]."]))
    begun, _ = await ground.ask("How often?")
    await ground.ask(Question(text="Really?", chat_id=begun.chat.chat_id))
    prompts = [
        part.content
        for message in ground.script.given[-1]
        for part in message.parts
        if isinstance(part, UserPromptPart)
    ]
    assert prompts == ["How often?", "Really?"]
    first = ground.script.given[-1]
    assert [type(message) for message in first[:4]] == [
        ModelRequest,
        ModelResponse,
        ModelRequest,
        ModelResponse,
    ]
    assert len(await ground.chats.messages(ANNA, begun.chat.chat_id)) == 4


async def test_asking_again_begins_a_branch_beside_the_first_answer() -> None:
    ground = Ground(Scripted(["Every 90 days [1]."]))
    begun, first = await ground.ask("How often?")
    again, second = await ground.ask(Question(text=None, chat_id=begun.chat.chat_id))
    assert again.question.message_id == begun.question.message_id
    assert second.answer_id != first.answer_id
    shown = await ground.chats.messages(ANNA, begun.chat.chat_id)
    assert [message.message_id for message in shown] == [
        begun.question.message_id,
        second.answer_id,
    ]
    prompts = [p for m in ground.script.given[-1] for p in m.parts if isinstance(p, UserPromptPart)]
    assert len(prompts) == 1


async def test_another_persons_chat_is_as_absent_as_none() -> None:
    ground = Ground()
    begun, _ = await ground.ask("How often?")
    for chat_id in (begun.chat.chat_id, "nobodys"):
        with pytest.raises(ChatNotFound):
            await ground.ask(Question(text="Hm?", chat_id=chat_id), BORIS)
    with pytest.raises(ChatIdInvalid):
        await ground.ask(Question(text="Hm?", chat_id="x" * 4096))


async def test_so_it_does_for_each_user_of_a_frontend_that_acts_for_all() -> None:
    ground = Ground()
    own = Question(text="How often?", chat_id="main", own_chat_id=True)
    anna, boris = replace(LOCAL, user_id="anna"), replace(LOCAL, user_id="boris")
    one, _ = await ground.ask(own, anna)
    other, _ = await ground.ask(own, boris)
    assert one.chat.chat_id != other.chat.chat_id
    assert (one.chat.user_id, other.chat.user_id) == ("anna", "boris")
    named, _ = await ground.ask(replace(own, chat_id=one.chat.chat_id), boris)
    assert named.chat.chat_id == one.chat.chat_id
    with pytest.raises(ChatNotFound):
        await ground.ask(replace(own, text=None), replace(LOCAL, user_id="carla"))


async def test_a_character_that_comes_in_two_halves_is_one() -> None:
    halves = saying((SEARCH,), ("Every 90 days \ud83d", "\ude00 [1].\ud83d"))
    ground = Ground(model=model_of(halves))
    _, answer = await ground.ask("How often?")
    assert answer.text == "Every 90 days \U0001f600 [1].\ufffd"


async def test_a_question_that_a_filter_stopped_does_not_stop_the_next_one() -> None:
    script = Scripted()

    async def filtering(
        messages: list[ModelMessage], info: AgentInfo
    ) -> AsyncIterator[str | DeltaToolCalls]:
        if "hateful" in str(messages):
            raise ContentFilterError("filtered", body="{}")
        async for piece in script.stream(messages, info):
            yield piece

    ground = Ground(model=FunctionModel(stream_function=filtering))
    begun, _ = await ground.ask("How often?")
    with pytest.raises(ContentFiltered):
        await ground.ask(Question(text="hateful?", chat_id=begun.chat.chat_id))
    _, answer = await ground.ask(Question(text="How?", chat_id=begun.chat.chat_id))
    assert answer.outcome is Outcome.ANSWERED


async def test_a_chat_that_is_being_answered_is_busy_and_nothing_is_kept_of_the_second() -> None:
    ground = Ground(Scripted(hold=anyio.Event()), bounds=TurnPolicy(patience=0))
    begun, _ = await Ground(chats=ground.chats, ids=ground.ids).ask("How often?")
    question = Question(text="First?", chat_id=begun.chat.chat_id)
    stream = ground.asking().stream(question, caller=ANNA)
    await anext(stream)
    with pytest.raises(ChatBusy):
        await ground.ask(Question(text="Second?", chat_id=begun.chat.chat_id))
    await stream.aclose()
    texts = [m.text for m in await ground.chats.messages(ANNA, begun.chat.chat_id)]
    assert texts[2:] == ["First?", ""]
    assert len(ground.inflight) == 0


async def test_a_question_right_after_a_stopped_answer_waits_until_that_is_kept() -> None:
    ground = Ground(Scripted(["Every 90 days [1].", "Yes [1]."], hold=anyio.Event()))
    own = Question(text="First?", chat_id="main", own_chat_id=True)
    stream = ground.asking().stream(own, caller=ANNA)
    begun = await anext(stream)
    assert isinstance(begun, TurnBegun)
    second = Question(text="Second?", chat_id="main", own_chat_id=True)
    next_one = Ground(chats=ground.chats, ids=ground.ids)
    next_one.inflight = ground.inflight
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(next_one.ask, second)
        await anyio.wait_all_tasks_blocked()
        await stream.aclose()
    messages = await ground.chats.messages(ANNA, begun.chat.chat_id)
    assert [m.text for m in messages][::2] == ["First?", "Second?"]


async def test_a_cancelled_turn_keeps_what_was_said_and_the_chat_goes_on() -> None:
    script = Scripted(["Every 90 days [1]. More of it.", "Yes [1]."], hold=anyio.Event())
    ground = Ground(script)
    recorded: list[Answer] = []
    chat_id = ""
    chats = ManageChats(chats=ground.chats, inflight=ground.inflight, conversation_traces=Traces())
    async for event in ground.asking().stream(Question(text="How often?"), caller=ANNA):
        if isinstance(event, TurnBegun):
            chat_id = event.chat.chat_id
        elif isinstance(event, PartStartEvent) and isinstance(event.part, TextPart):
            assert await chats.stop(ANNA, chat_id)
        if isinstance(event, AnswerRecorded):
            recorded.append(event.answer)
    (answer,) = recorded
    assert (answer.text, answer.interrupted) == ("Every", True)
    assert answer.outcome is Outcome.INTERRUPTED
    assert not await chats.stop(ANNA, chat_id)
    script.hold = None
    await ground.ask(Question(text="Go on?", chat_id=chat_id))
    responses = [m for m in script.given[-1] if isinstance(m, ModelResponse)]
    assert responses[1].parts == [TextPart("Every ")]


async def test_a_deleted_chat_stops_its_turn_and_is_gone() -> None:
    ground = Ground(Scripted(hold=anyio.Event()))
    stream = ground.asking().stream(Question(text="How often?"), caller=ANNA)
    begun = await anext(stream)
    assert isinstance(begun, TurnBegun)
    traces = Traces()
    manage = ManageChats(chats=ground.chats, inflight=ground.inflight, conversation_traces=traces)
    await manage.delete(ANNA, begun.chat.chat_id)
    assert traces.forgotten == [begun.chat.chat_id]
    with pytest.raises(ChatNotFound):
        async for _ in stream:
            pass
    assert ground.chats.recorded == {}


async def test_a_known_secret_in_a_document_reaches_neither_the_model_nor_the_reader() -> None:
    ground = Ground(Scripted([f"The key is {SECRET[:9]} and {SECRET} [1]."]))
    ground.text = f"The key is {SECRET}. Passwords must be rotated."
    _, answer = await ground.ask("What is the key?")
    results = [
        part.model_response_str()
        for message in ground.script.given[-1]
        for part in message.parts
        if isinstance(part, ToolReturnPart)
    ]
    assert "[hidden]" in results[0]
    assert SECRET not in str(results)
    assert SECRET not in str(answer.text) + str(answer.tool_calls)
    assert "[hidden]" in answer.text


async def test_nor_does_one_in_a_title() -> None:
    ground = Ground()
    found = passage(ground.text)
    document = replace(found.document, title=f"Key {SECRET}")
    asking = ground.asking(search=FixedSearch([replace(found, document=document, section=SECRET)]))
    last = [e async for e in asking.stream(Question(text="How?"), caller=ANNA)][-1]
    assert isinstance(last, AnswerRecorded)
    (source,) = last.answer.sources
    assert (source.document.title, source.section) == ("Key [hidden]", "[hidden]")


async def test_nor_does_one_in_the_description_of_a_table() -> None:
    ground = Ground()
    column = Column("a", "A", ColumnType.TEXT, f"Log in with {SECRET}.")
    table = Table("t", "T", "", (column,), 1, passage("x").document)
    asking = ground.asking(data=FixedTables((table,)))
    async for _ in asking.stream(Question(text="How?"), caller=ANNA):
        pass
    (request, *_) = ground.script.given[0]
    assert isinstance(request, ModelRequest)
    assert "Log in with [hidden]." in str(request.instructions)


async def test_turns_that_do_not_fit_are_left_out_and_that_is_said() -> None:
    ground = Ground(bounds=TurnPolicy(history_tokens=15))
    begun, answer = await ground.ask("How often?")
    for _ in range(3):
        _, answer = await ground.ask(Question(text="And now?", chat_id=begun.chat.chat_id))
    assert any("HISTORY_TOKENS" in notice for notice in answer.notices)
    prompts = [p for m in ground.script.given[-1] for p in m.parts if isinstance(p, UserPromptPart)]
    assert [p.content for p in prompts] == ["And now?", "And now?", "And now?"]


async def test_half_a_character_in_a_call_costs_that_character_alone() -> None:
    query = '{"query": "x \ud83d \ud83d\ude00"}'
    call = DeltaToolCall("search_knowledge_base", query, tool_call_id="t")
    ground = Ground(model=model_of(saying(({0: call},), ("Every 90 days [1].",))))
    _, answer = await ground.ask("How often?")
    assert answer.tool_calls[0].arguments == '{"query":"x \ufffd \U0001f600"}'
    assert answer.text == "Every 90 days [1]."


@dataclass
class SlowestFirst(FixedSearch):
    """Finds a passage of its own for each question, and for the question `0` after all the others."""

    left: int = 3
    others: anyio.Event = field(default_factory=anyio.Event)

    async def search(
        self,
        query: str,
        *,
        category: str | None = None,
        limit: int | None = None,
        document: str | None = None,
    ) -> SearchResult:
        """The passage whose text is the question."""
        if query == "0":
            await self.others.wait()
        self.left -= 1
        if self.left == 1:
            self.others.set()
        found = passage(f"Rule {query} is number {query}.", number=int(query) + 1, name=query)
        return SearchResult(query, [Hit(found, 1.0)])


async def test_sources_of_calls_at_once_have_the_numbers_of_the_calls_also_in_the_stream() -> None:
    calls = tuple[Piece, ...](
        {n: DeltaToolCall("search_knowledge_base", f'{{"query": "{n}"}}', tool_call_id=f"call {n}")}
        for n in range(3)
    )
    said = "Rule 0 is number 0 [1]. Rule 1 is number 1 [2]. Rule 2 is number 2 [3]."
    for _ in range(3):
        ground = Ground(model=model_of(saying(calls, (said,))))
        stream = ground.asking(SlowestFirst()).stream(Question(text="Which?"), caller=ANNA)
        events = [event async for event in stream]
        shown = [e.part.tool_call_id for e in events if isinstance(e, FunctionToolResultEvent)]
        assert shown == ["call 0", "call 1", "call 2"]
        recorded = events[-1]
        assert isinstance(recorded, AnswerRecorded)
        cited = [(s.number, s.document.name) for s in recorded.answer.sources]
        assert cited == [(1, "0"), (2, "1"), (3, "2")]
