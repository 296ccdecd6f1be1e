"""A server over real storage whose model says what a script says."""

from collections.abc import AsyncIterator, Callable, Generator
from contextlib import contextmanager
from typing import TypeAlias

from fastapi import FastAPI
from pydantic_ai.messages import ModelMessage, ToolReturnPart
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls, FunctionModel
from starlette.testclient import TestClient

from backend.composition.container import Container
from backend.http.app import create_app
from backend.settings.settings import Settings
from tests.fakes.candor import quick_candor
from tests.fakes.search import OneModel

Script: TypeAlias = Callable[[list[ModelMessage], AgentInfo], AsyncIterator[str | DeltaToolCalls]]


async def searching(
    messages: list[ModelMessage], _info: AgentInfo
) -> AsyncIterator[str | DeltaToolCalls]:
    """Searches for a private word, then answers with another."""
    if not any(isinstance(part, ToolReturnPart) for part in messages[-1].parts):
        yield {
            0: DeltaToolCall("search_knowledge_base", '{"query": "searchword"}', tool_call_id="t")
        }
        return
    yield "An answerword "
    yield "[1]."


@contextmanager
def scripted(
    settings: Settings,
    script: Script = searching,
    prepare: Callable[[Container], None] = lambda candor: None,
) -> Generator[TestClient]:
    """A client of a running server; `prepare` sees the Candor behind it before it runs."""
    with TestClient(
        application(settings, script, prepare),
        base_url="http://localhost",
        raise_server_exceptions=False,
    ) as client:
        yield client


def application(
    settings: Settings, script: Script, prepare: Callable[[Container], None] = lambda candor: None
) -> FastAPI:
    """The application alone."""

    def made() -> Container:
        candor = scripted_candor(settings, script)
        prepare(candor)
        return candor

    return create_app(settings, made)


def scripted_candor(settings: Settings, script: Script = searching) -> Container:
    """What is behind it."""
    model = FunctionModel(stream_function=script, model_name="scripted")
    return quick_candor(settings, models=OneModel(model), serving=True)
