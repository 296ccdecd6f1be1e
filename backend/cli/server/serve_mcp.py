"""`candor mcp`: the tools for an assistant on this machine, over the program's input and output."""

import anyio

from backend.cli.command_run import CommandApp
from backend.composition.container import Container
from backend.errors import ExitCode
from use_cases.kernel.model import LOCAL

app = CommandApp()

_AT_ONCE = 8


@app.add(None, "candor mcp", "candor mcp --offline", json=False, offline=True)
async def serve_tools(candor: Container) -> ExitCode:
    """Offer the tools to an assistant that starts this program.

    It speaks the Model Context Protocol on its input and output, and ends when its input does; a question
    that is being answered is then stopped, and recorded as interrupted. Logs go to stderr. It needs no
    server and no key. Assistants on other machines reach the same tools at /mcp of `candor serve`.
    """
    from mcp.server.stdio import stdio_server  # takes half a second: not for --help

    from backend.mcp.mcp_server import build_server

    turns = anyio.CapacityLimiter(_AT_ONCE)
    server = build_server(candor, LOCAL, lambda _: turns)
    async with stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())
    return ExitCode.DONE
