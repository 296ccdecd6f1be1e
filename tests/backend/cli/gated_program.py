"""`candor` with a scripted model, as a program of its own: what the pseudo-terminal's tests run.

Asked for advice, the model writes the pick and half of the reasoning before it waits for the gate.

The model searches once and then says a sentence with its source. It waits for a byte on the
descriptor GATE before it goes on to a second sentence, and writes what becomes of it to TOLD.
"""

import asyncio
import fcntl
import os
import sys
import termios
from collections.abc import AsyncIterator
from functools import partial

import anyio
from pydantic_ai.messages import ModelMessage, ModelRequest, ToolReturnPart
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls, FunctionModel

from backend.cli import command_run
from backend.cli.program import main
from tests.fakes.candor import quick_candor
from use_cases.kernel.errors import ModelNotConfigured, RateLimited
from use_cases.kernel.ports import ResolvedModel

GATE, TOLD = int(os.environ.get("GATE", "-1")), int(os.environ.get("TOLD", "-1"))
FIRST = "Passwords must be rotated every 90 days. [1] "
SECOND = "A password has at least 14 characters. \x1b]0;owned\x07"

ADVICE = (
    '{"choice": "Allen", "main_advice": "Start Allen.", "reasoning": "He threw four touchdowns. ',
    'Mahomes was sacked.", "confidence_score": 0.62, "alternatives": [{"option": "Mahomes", '
    '"reason": "Sacked twice \\u001b]0;owned\\u0007."}]}',
)


class Gated:
    """The port `Models`."""

    def resolve(self, name: str | None = None, *, trusted: bool = False) -> ResolvedModel:
        if name == "keyless":
            raise ModelNotConfigured("keyless needs a key.")
        return ResolvedModel(name or "gated", FunctionModel(stream_function=self._stream))

    async def _stream(
        self, messages: list[ModelMessage], info: AgentInfo
    ) -> AsyncIterator[str | DeltaToolCalls]:
        if info.output_tools:
            async for piece in self._advice():
                yield piece
            return
        last = messages[-1]
        assert isinstance(last, ModelRequest)
        if not any(isinstance(part, ToolReturnPart) for part in last.parts):
            yield {
                0: DeltaToolCall(
                    "search_knowledge_base", '{"query": "passwords"}', tool_call_id="one"
                )
            }
            return
        if "limited" in str(messages):
            raise RateLimited("The provider is asked too often.")
        try:
            yield FIRST
            await self._gate()
        except (asyncio.CancelledError, GeneratorExit):
            os.write(TOLD, b"cancelled\n")
            raise
        yield SECOND

    async def _advice(self) -> AsyncIterator[DeltaToolCalls]:
        try:
            yield {0: DeltaToolCall("give_advice", ADVICE[0], tool_call_id="out")}
            await self._gate()
        except (asyncio.CancelledError, GeneratorExit):
            os.write(TOLD, b"cancelled\n")
            raise
        yield {0: DeltaToolCall(None, ADVICE[1], tool_call_id="out")}

    async def _gate(self) -> None:
        if GATE >= 0:
            await anyio.wait_readable(GATE)
            os.read(GATE, 1)


if __name__ == "__main__":
    if sys.stdin.isatty():
        # Without a terminal of its own no Ctrl-C would reach it.
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    command_run.Container = partial(quick_candor, models=Gated())
    main()
