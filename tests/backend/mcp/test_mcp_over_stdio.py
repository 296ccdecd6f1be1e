"""`candor mcp`, started as an assistant does: nothing but the protocol on its output, and a clean end."""

import json
import subprocess
from pathlib import Path
from typing import cast

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from backend.settings.settings import Settings
from tests.backend.cli.test_program import CANDOR, environment
from tests.backend.http.chatting import ROTATION, Json
from tests.backend.http.conftest import stock
from tests.fakes.candor import quick_candor
from tests.patience import PATIENCE
from tests.strict_json import parsed
from use_cases.kernel.model import LOCAL, Door

pytestmark = pytest.mark.anyio

# Without its key there is no embedder, so words alone find, and nothing has to be loaded.
WORDS_ONLY = {"EMBEDDING_MODEL": "openai:text-embedding-3-small", "LOG_LEVEL": "DEBUG"}
INITIALIZE = {
    "protocolVersion": "2025-06-18",
    "capabilities": {},
    "clientInfo": {"name": "test", "version": "1"},
}


@pytest.fixture
def settings(tmp_path: Path, corpus_index: bytes) -> Settings:
    return stock(tmp_path, corpus_index)


async def test_it_answers_without_a_server_and_a_key(settings: Settings) -> None:
    program = StdioServerParameters(
        command=CANDOR[0],
        args=[*CANDOR[1:], "mcp"],
        env=environment(**WORDS_ONLY),
        cwd=settings.data_path.parent,
    )
    async with Client(stdio_client(program)) as client:
        assert client.server_info is not None
        assert client.server_info.name == "candor"
        assert len((await client.list_tools()).tools) == 6
        asked = await client.call_tool("ask", {"question": ROTATION})
        answer: Json = asked.structured_content or {}
        assert answer["text"] == "Passwords must be rotated every 90 days. [1]"
        assert (await client.list_resources()).resources[0].name == "policies/leave.md"
    async with quick_candor(settings) as candor:
        recorded = await candor.chat.read_answers.show(LOCAL, str(answer["answer_id"]))
    assert recorded.door is Door.MCP


def test_it_ends_when_its_input_does_also_within_a_call(settings: Settings) -> None:
    call = {"name": "ask", "arguments": {"question": ROTATION}}
    sent = [
        {"id": 0, "method": "initialize", "params": INITIALIZE},
        {"method": "notifications/initialized"},
        *({"id": number, "method": "tools/call", "params": call} for number in range(1, 20)),
    ]
    lines = [json.dumps({"jsonrpc": "2.0", **one}) for one in sent]
    ended = subprocess.run(
        [*CANDOR, "mcp"],
        cwd=settings.data_path.parent,
        env=environment(**WORDS_ONLY),
        input="\n".join([*lines, "no JSON", ""]),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert ended.returncode == 0, ended.stderr
    assert "Traceback" not in ended.stderr
    read = [cast("Json", parsed(line)) for line in ended.stdout.splitlines()]
    assert read
    assert {one["jsonrpc"] for one in read} == {"2.0"}
