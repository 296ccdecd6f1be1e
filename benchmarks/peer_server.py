"""The peer that `benchmarks.streams` measures beside Candor: pydantic-ai's own way to serve an agent.

    python -m benchmarks.peer_server ADDRESS

`VercelAIAdapter.dispatch_request` behind uvicorn, as its documentation shows it, with uvicorn's own
settings and no log. The agent has pydantic-ai's own connection to the provider at ADDRESS, the model
class, the instructions and the search tool of Candor's chat, and searches the same knowledge (DATA_DIR) with the
same code, in this process. Nothing is checked, guarded, counted or kept. `POST /search` runs the search
alone and says what it cost. Prints its port, then serves until this process is ended.
"""

import argparse
import asyncio
import time

import pydantic_ai
import uvicorn
from pydantic import BaseModel
from pydantic_ai import Agent
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.ui.vercel_ai import VercelAIAdapter
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from backend.composition.container import Container
from backend.settings.settings import Settings
from benchmarks.scripted_provider import MODEL
from use_cases.chat.agent import INSTRUCTIONS
from use_cases.kernel.citations import source_text
from use_cases.kernel.citations.sources import SourceLedger
from use_cases.kernel.ports import Search

_SDK = 6


class Searches(BaseModel):
    """So many searches, so many of them at once."""

    questions: list[str]
    at_once: int


def agent(search: Search, address: str) -> Agent[None, str]:
    """The agent with its one tool."""
    provider = OpenAIProvider(base_url=address, api_key="none")
    made = Agent(OpenAIChatModel(MODEL, provider=provider), instructions=INSTRUCTIONS)

    @made.tool_plain
    async def search_knowledge_base(query: str) -> str:
        """Search the organisation's documents (and table rows) by meaning and by words.

        Args:
            query: A standalone question or a few key words.
        """
        return await found(search, query)

    return made


async def found(search: Search, query: str) -> str:
    """The text of the passages, with their numbers."""
    result, ledger = await search.search(query), SourceLedger()
    return source_text.passages([ledger.add_hit(hit) for hit in result.hits], result.notices)


def application(search: Search, address: str) -> Starlette:
    """The two routes."""
    answering = agent(search, address)

    async def answer(request: Request) -> Response:
        return await VercelAIAdapter[None, str].dispatch_request(
            request, agent=answering, sdk_version=_SDK
        )

    async def search_alone(request: Request) -> Response:
        wanted = Searches.model_validate_json(await request.body())
        waiting, cpu = iter(wanted.questions), time.process_time()

        async def work() -> None:
            for question in waiting:
                await found(search, question)

        await asyncio.gather(*(work() for _ in range(wanted.at_once)))
        spent = (time.process_time() - cpu) / len(wanted.questions)
        return JSONResponse({"cpu_ms": spent * 1000})

    routes = [("/api/chat", answer), ("/search", search_alone)]
    return Starlette(routes=[Route(path, handler, methods=["POST"]) for path, handler in routes])


async def serve(address: str) -> None:
    """Serve until this process is ended."""
    pydantic_ai.BANNER_ENABLED = False
    async with Container(Settings(), serving=True) as candor:
        app = application(candor.search, address)
        config = uvicorn.Config(app, port=0, log_config=None, access_log=False, backlog=1024)
        listening = config.bind_socket()
        listening.listen(config.backlog)
        print(listening.getsockname()[1], flush=True)
        await uvicorn.Server(config).serve([listening])


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("address", help="of the provider, as `http://127.0.0.1:8000/v1`")
    asyncio.run(serve(str(parser.parse_args().address)))


if __name__ == "__main__":
    main()
