"""The servers that `benchmarks.streams` measures, one way of streaming in each process.

    python -m benchmarks.stream_server WAY [--pieces N]

Every way streams the answer of one scripted model: a search, then N pieces that cite it.
`candor-ui` and `candor-data` are the real application: its routes, guards, logs and figures, and the
whole turn (chat, history, search in memory, checked citations, the record in SQLite); `peer` is pydantic-ai's own `VercelAIEventStream` over a bare
agent with the same tool; `raw-ui` and `raw-data` send the bytes of our own wires, made beforehand,
in as many frames as they were made in.
Asked to wait for ever, the model falls silent after its search. Prints its port, then serves.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from pathlib import Path

import pydantic_ai
import uvicorn
from fastapi import FastAPI
from loguru import logger
from pydantic_ai import Agent
from pydantic_ai.messages import ModelMessage, ToolReturnPart
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls, FunctionModel
from pydantic_ai.ui.vercel_ai import VercelAIEventStream
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from backend.composition.container import Container
from backend.http.app import create_app
from backend.processes.scheduling import prepare_server
from backend.settings.settings import Settings
from backend.stream.data_stream import DataStream
from backend.stream.response import StreamedResponse
from backend.stream.ui_messages import UIMessageStream
from backend.stream.wire import Wire
from services.rules.rule_files import read_rules
from services.store.chats import SqlChats
from services.store.leases import SqlLeases
from services.store.store import Store
from services.store.stored_prompts import SqlPromptRegistry
from services.store.transcript import SqlTranscript
from services.system.clock_and_ids import SystemClock, TimeSortedIds
from tests.fakes.search import FixedSearch, FixedTables, OneModel, passage
from use_cases.advice.giving.model_output import OUTPUT_TOOL
from use_cases.chat.agent import build_agent
from use_cases.chat.chat_turn import AskQuestion, ChatEvent, TurnPolicy
from use_cases.chat.model import Question
from use_cases.kernel.citations.sources import SEARCH_TOOL, CitationPolicy
from use_cases.kernel.model import LOCAL
from use_cases.kernel.runs.inflight import InFlight, LeaseKeeper
from use_cases.kernel.runs.surroundings import closing
from use_cases.kernel.text.rules import read_rules_with
from use_cases.kernel.text.secrets import SecretFilter

SENTENCE = ("Pass", "words", " must", " be", " rotated", " every", " 90", " days", " [1]", ". ")
PASSAGE = passage("Passwords must be rotated every 90 days. Service accounts are exempt.")
WIRES: dict[str, Wire[ChatEvent]] = {"ui": UIMessageStream(), "data": DataStream()}
WAITING = "wait for ever"
ADVICE_BEGINS = '{"choice":"rotate","main_advice":"Rotate them now [1].","reasoning":"'
ADVICE_ENDS = '","confidence_score":0.8,"alternatives":[{"option":"wait","reason":"Day 80."}]}'

Handler = Callable[[Request], Awaitable[Response]]


def scripted(pieces: int) -> FunctionModel:
    """Searches, then answers in so many pieces; asked to wait, it never does."""

    async def stream(
        messages: list[ModelMessage], _info: AgentInfo
    ) -> AsyncIterator[str | DeltaToolCalls]:
        if not any(isinstance(part, ToolReturnPart) for part in messages[-1].parts):
            yield {0: DeltaToolCall(SEARCH_TOOL, '{"query": "rotation"}', tool_call_id="t1")}
            return
        if WAITING in str(messages):
            await asyncio.Event().wait()
        for place in range(pieces):
            yield SENTENCE[place % len(SENTENCE)]

    return FunctionModel(stream_function=stream, model_name="scripted")


def asking(model: FunctionModel, store: Store) -> AskQuestion:
    """Our whole turn, with a search that costs nothing."""
    clock = SystemClock()
    return AskQuestion(
        agent=build_agent(),
        search=FixedSearch([PASSAGE]),
        data=FixedTables(),
        models=OneModel(model),
        chats=SqlChats(store),
        transcript=SqlTranscript(store),
        clock=clock,
        ids=TimeSortedIds(clock=clock),
        inflight=InFlight(LeaseKeeper(leases=SqlLeases(store), clock=clock)),
        prompt_registry=SqlPromptRegistry(store),
        citations=CitationPolicy(),
        bounds=TurnPolicy(turn_timeout_seconds=600.0),
        secrets=SecretFilter(("a-secret-that-is-not-said",)),
    )


def candor(model: FunctionModel, store: Store, folder: Path) -> FastAPI:
    """The real application, but for where the answers come from."""
    settings = Settings.model_validate({"data_dir": folder / "var"})

    def made() -> Container:
        container = Container(settings, serving=True)
        # In the place of the use case that the container would make.
        container.chat.ask = asking(model, store)
        return container

    return create_app(settings, made)


def adviser(pieces: int) -> FunctionModel:
    """Searches, then advises in so many pieces, nearly all of them of the reasoning."""

    async def stream(
        messages: list[ModelMessage], _info: AgentInfo
    ) -> AsyncIterator[str | DeltaToolCalls]:
        if not any(isinstance(part, ToolReturnPart) for part in messages[-1].parts):
            yield {0: DeltaToolCall(SEARCH_TOOL, '{"query": "rotation"}', tool_call_id="t1")}
            return
        yield {0: DeltaToolCall(OUTPUT_TOOL, ADVICE_BEGINS, tool_call_id="t2")}
        for place in range(pieces):
            yield {0: DeltaToolCall(None, SENTENCE[place % len(SENTENCE)], tool_call_id="t2")}
        yield {0: DeltaToolCall(None, ADVICE_ENDS, tool_call_id="t2")}

    return FunctionModel(stream_function=stream, model_name="scripted")


def advising(model: FunctionModel, folder: Path) -> FastAPI:
    """The real application, but for its model, and for its search, which costs nothing."""
    settings = Settings.model_validate({"data_dir": folder / "var"})

    def made() -> Container:
        container = Container(settings, serving=True)
        container.models = OneModel(model)
        container.search = FixedSearch([PASSAGE])
        return container

    return create_app(settings, made)


def peer(model: FunctionModel) -> Handler:
    """pydantic-ai's own encoder over an agent with one tool; nothing is checked or kept."""
    agent = Agent(model)

    @agent.tool_plain
    def search_knowledge_base(query: str) -> str:
        """Search the documents."""
        return f'<source n="1">{PASSAGE.text}</source>'

    async def frames(question: str) -> AsyncGenerator[str]:
        async with agent.run_stream_events(question) as events:
            stream = VercelAIEventStream[object, str](sdk_version=6)
            async for frame in stream.encode_stream(stream.transform_stream(events)):
                yield frame

    async def handle(request: Request) -> Response:
        question = (await request.body()).decode()
        return StreamingResponse(frames(question), media_type="text/event-stream")

    return handle


async def raw(model: FunctionModel, store: Store, wire: Wire[ChatEvent]) -> Handler:
    """The bytes of our wire, made beforehand."""
    events = asking(model, store).stream(Question(text="How often?"), caller=LOCAL)
    bodies = await _bodies(
        StreamedResponse(await anext(events), events, wire, heartbeat_seconds=15.0)
    )

    async def frames(*, waiting: bool) -> AsyncGenerator[bytes]:
        for body in bodies:
            await asyncio.sleep(0)  # so that streams take turns, as they do elsewhere
            yield body
            if waiting:
                await asyncio.Event().wait()

    async def handle(request: Request) -> Response:
        waiting = WAITING.encode() in await request.body()
        return StreamingResponse(frames(waiting=waiting), media_type="text/event-stream")

    return handle


async def _bodies(response: StreamedResponse[ChatEvent]) -> list[bytes]:
    async with closing(response.frames()) as frames:
        return [frame.encode() async for frame in frames]


async def application(way: str, pieces: int, store: Store, folder: Path) -> ASGIApp:
    """What serves this way."""
    model = scripted(pieces)
    family, _, wire = way.partition("-")
    if family == "candor":
        return candor(model, store, folder)
    if family == "advice":
        return advising(adviser(pieces), folder)
    handler = peer(model) if family == "peer" else await raw(model, store, WIRES[wire])
    return Starlette(routes=[Route("/", handler, methods=["POST"])])


async def serve(way: str, pieces: int, folder: Path) -> None:
    """Serve one way until this process is ended."""
    read_rules_with(read_rules)
    pydantic_ai.BANNER_ENABLED = False
    store = Store(f"sqlite:///{folder / 'candor.sqlite'}")
    app = await application(way, pieces, store, folder)
    if isinstance(app, FastAPI):
        prepare_server()
    config = uvicorn.Config(app, port=0, log_config=None, access_log=False, backlog=1024)
    server = uvicorn.Server(config)
    listening = config.bind_socket()
    listening.listen(config.backlog)
    print(listening.getsockname()[1], flush=True)
    await server.serve([listening])
    await store.close()


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("way")
    parser.add_argument("--pieces", type=int, default=500)
    given = parser.parse_args()
    logger.remove()
    logger.add(sys.stderr, level="INFO")  # as a server does
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(serve(str(given.way), int(given.pieces), Path(folder)))


if __name__ == "__main__":
    main()
