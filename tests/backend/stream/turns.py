"""Scripted turns, asked for real over fakes in memory: their events, and what is stored of them."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import anyio
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models.function import (
    AgentInfo,
    DeltaThinkingCalls,
    DeltaThinkingPart,
    DeltaToolCall,
    DeltaToolCalls,
    FunctionModel,
)

from backend.stream.wire import Wire
from tests.fakes.asking import asking_with
from tests.fakes.chats import InMemoryChats
from tests.fakes.leases import keeper
from tests.fakes.search import FixedSearch, FixedTables, OneModel, passage
from use_cases.chat.chat_turn import AskQuestion, ChatEvent, TurnPolicy
from use_cases.chat.model import Answer, Message, Mode, Question
from use_cases.kernel.identity.admission import Charge
from use_cases.kernel.model import Caller, Column, ColumnType, Table
from use_cases.kernel.runs.inflight import InFlight
from use_cases.kernel.runs.surroundings import closing

ANN = Caller("ann")
TEXT = "Intro.\n\nPasswords must be rotated every 90 days. Service accounts are exempt."
PASSAGE = passage(TEXT, offset=100)
TABLE = Table(
    "kpi_catalog",
    "KPI catalogue",
    "",
    (Column("name", "Name", ColumnType.TEXT), Column("target", "Target (%)", ColumnType.REAL)),
    1,
    PASSAGE.document,
)
SEARCH = {0: DeltaToolCall("search_knowledge_base", '{"query": "rotation"}', tool_call_id="t1")}

Piece = str | DeltaToolCalls | DeltaThinkingCalls
Script = Callable[[int], AsyncIterator[Piece]]
"""What the model streams at its request of this number, from 0."""


def thinking(text: str) -> DeltaThinkingCalls:
    """A piece of reasoning."""
    return {7: DeltaThinkingPart(content=text)}  # an index of its own: tools have the lower ones


def saying(*responses: tuple[Piece, ...]) -> Script:
    """A model that answers its first request with the first pieces, and so on."""

    async def script(request: int) -> AsyncIterator[Piece]:
        for piece in responses[request]:
            yield piece

    return script


CITED = saying((SEARCH,), ("Every ", "90 days", " [", "1]."))
"""A search, and an answer that cites what it found."""


class StoppedClock:
    """Port `Clock`: always the same moment."""

    def now(self) -> datetime:
        """Noon."""
        return datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

    def monotonic(self) -> float:
        """Five seconds."""
        return 5.0


class NoticedChats(InMemoryChats):
    """Tells when an answer has been recorded."""

    def __init__(self) -> None:
        super().__init__()
        self.closed = anyio.Event()

    async def close(
        self,
        caller: Caller,
        answer: Answer,
        message: Message,
        model_messages: Callable[[], str],
        charge: Charge | None = None,
    ) -> None:
        """Keep it, and tell."""
        await super().close(caller, answer, message, model_messages, charge)
        self.closed.set()


@dataclass
class Ground:
    """Everything a turn needs; `asking` reads it."""

    script: Script = CITED
    chats: NoticedChats = field(default_factory=NoticedChats)
    inflight: InFlight = field(init=False)
    search: FixedSearch = field(default_factory=lambda: FixedSearch([PASSAGE]))
    data: FixedTables = field(
        default_factory=lambda: FixedTables([TABLE], [["First fix", 82.0]], ["name", "target"])
    )
    metered: bool = True
    bounds: TurnPolicy = field(default_factory=TurnPolicy)
    silence: anyio.Event = field(default_factory=anyio.Event)

    def __post_init__(self) -> None:
        self.inflight = InFlight(keeper(self.chats.leases))

    def asking(self) -> AskQuestion:
        """The use case with this script for a model."""
        return asking_with(
            OneModel(model_of(self.script), metered=self.metered),
            search=self.search,
            data=self.data,
            chats=self.chats,
            clock=StoppedClock(),
            inflight=self.inflight,
            bounds=self.bounds,
        )

    def events(
        self,
        client_id: str | None = None,
        *,
        text: str = "How often?",
        category: str | None = None,
        mode: Mode | None = None,
    ) -> AsyncGenerator[ChatEvent]:
        """The events of one turn."""
        question = Question(text=text, client_id=client_id, category=category, mode=mode)
        return self.asking().stream(question, caller=ANN)

    async def frames(self, wire: Wire[ChatEvent]) -> list[str]:
        """The same turn on a wire."""
        async with closing(wire.encode(self.events())) as frames:
            return [frame async for frame in frames]

    async def stored(self) -> list[Message]:
        """The messages of the one chat there is."""
        (chat,) = self.chats.kept.values()
        return list(await self.chats.messages(ANN, chat.chat_id))


def model_of(script: Script) -> FunctionModel:
    """The model that streams this."""
    requests = iter(range(100))

    async def stream(_messages: list[ModelMessage], _info: AgentInfo) -> AsyncIterator[Piece]:
        async for piece in script(next(requests)):
            yield piece

    return FunctionModel(stream_function=stream, model_name="scripted")


def raising(error: Exception, *pieces: Piece) -> Script:
    """A model that breaks off after these pieces."""

    async def script(_request: int) -> AsyncIterator[Piece]:
        for piece in pieces:
            yield piece
        raise error

    return script
