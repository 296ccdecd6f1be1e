"""`POST /mcp`: the tools over HTTP (streamable HTTP of the Model Context Protocol).

Each request is complete in itself, so any process may answer it, and a client that hangs up stops what
it asked for. The route is JSON-RPC and describes itself (`tools/list`), so it is not in the OpenAPI document.
"""

from contextlib import AbstractAsyncContextManager, nullcontext
from importlib import import_module
from typing import cast

import anyio
from anyio import to_thread
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from backend.composition.container import Container
from backend.http.dependencies import Router
from backend.http.middleware.request_caller import caller_of
from backend.http.runs import on_departure
from use_cases.kernel.errors import Unauthenticated
from use_cases.kernel.request_limits import Credential


class McpEndpoint:
    """ASGI application of the route. A model's work is counted as a question, whatever the request is."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        caller = caller_of(scope)
        if caller is None:
            raise Unauthenticated("This address answers only requests that carry an API key.")
        scope["route"] = router.routes[0]  # by which the request is counted
        candor = cast("Container", scope["app"].state.candor)
        credential = cast("Credential", scope["state"]["credential"])
        body = await Request(scope, receive).body()
        # It takes half a second to import, which most servers never need.
        await to_thread.run_sync(import_module, "backend.mcp.mcp_server")
        from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

        from backend.mcp.mcp_server import build_server

        def admitted(asks: bool) -> AbstractAsyncContextManager[object]:
            return candor.identity.limits.question(credential) if asks else nullcontext()

        unread = [body]

        async def replayed() -> Message:
            if not unread:  # `on_departure` listens for the end of the connection
                await anyio.sleep_forever()
            return {"type": "http.request", "body": unread.pop()}

        server = build_server(candor, caller, admitted)
        requests = StreamableHTTPSessionManager(server, json_response=True, stateless=True)
        with anyio.CancelScope() as serving, on_departure(receive, serving.cancel):
            async with requests.run():
                await requests.handle_request(scope, replayed, send)


router = Router(tags=["mcp"])
router.routes.append(Route("/mcp", McpEndpoint(), methods=["POST"], include_in_schema=False))
