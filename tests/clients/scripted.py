"""A model that does what the question says: the first word of it names a script.

Every script searches first, so that the real tools, the real library and the real citation check
are in the way of the answer. A script that holds waits at a gate until the client opens it, and what
happened to it is noted, so that nobody has to wait for a time.
"""

import asyncio
import json
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

from pydantic_ai.exceptions import ModelHTTPError
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models.function import (
    AgentInfo,
    DeltaThinkingCalls,
    DeltaThinkingPart,
    DeltaToolCall,
    DeltaToolCalls,
    FunctionModel,
)

from tests.clients import advising

Piece: TypeAlias = str | DeltaToolCalls | DeltaThinkingCalls
Script: TypeAlias = Callable[["Gates", Sequence[ModelMessage]], AsyncIterator[Piece]]

SECRET = "sk-planted-91c2"
"""Stands in what the provider says when it fails; no client may see it."""

_PASSAGE = re.compile(r'<source n="(\d+)" document="policies/passwords.md"')


class Gates:
    """Named events of the server's loop: what happened, and the gates at which scripts wait."""

    def __init__(self) -> None:
        self._events: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)

    def note(self, what: str) -> None:
        """It happened."""
        self._events[what].set()

    def has(self, what: str) -> bool:
        """Whether it has happened."""
        return self._events[what].is_set()

    async def noted(self, what: str) -> None:
        """Wait until it has happened."""
        await self._events[what].wait()

    async def hold(self, gate: str) -> None:
        """Wait until `open <gate>` is noted. Notes `holding <gate>`, and `stopped <gate>` if cancelled."""
        self.note(f"holding {gate}")
        try:
            await self.noted(f"open {gate}")
        except (asyncio.CancelledError, GeneratorExit):
            self.note(f"stopped {gate}")
            raise


def scripted(gates: Gates) -> FunctionModel:
    """The model; the question's first word chooses the script, `text` when it names none."""

    async def stream(messages: list[ModelMessage], _info: AgentInfo) -> AsyncIterator[Piece]:
        script = _SCRIPTS.get(_question(messages).split(maxsplit=1)[0].rstrip(":"), _text)
        async for piece in script(gates, messages):
            yield piece

    return FunctionModel(stream_function=stream, model_name="scripted")


def _question(messages: Sequence[ModelMessage]) -> str:
    return _questions(messages)[-1]


def _questions(messages: Sequence[ModelMessage]) -> list[str]:
    return [
        advising.asked(part.content)
        for message in messages
        if isinstance(message, ModelRequest)
        for part in message.parts
        if isinstance(part, UserPromptPart) and isinstance(part.content, str)
    ]


def _returned(messages: Sequence[ModelMessage]) -> int:
    """How many tool results came since the newest question."""
    count = 0
    for message in messages:
        for part in message.parts:
            if isinstance(part, UserPromptPart):
                count = 0
            elif isinstance(part, ToolReturnPart):
                count += 1
    return count


def _fact(messages: Sequence[ModelMessage]) -> Sequence[str]:
    """What most scripts answer, in the pieces in which it comes, with the number the search gave."""
    last = messages[-1]
    texts = [part.model_response_str() for part in last.parts if isinstance(part, ToolReturnPart)]
    numbers = [found[1] for text in texts for found in _PASSAGE.finditer(text)]
    return "Passwords must be ", "rotated every ", f"90 days [{numbers[0]}]."


def _call(index: int, name: str, **arguments: str) -> Iterator[DeltaToolCalls]:
    """A tool call in two pieces, as a provider streams it."""
    text = json.dumps(arguments)
    half = len(text) // 2
    yield {index: DeltaToolCall(name=name, json_args=text[:half], tool_call_id=f"call_{name}")}
    yield {index: DeltaToolCall(json_args=text[half:])}


def _search(index: int = 0) -> Iterator[DeltaToolCalls]:
    return _call(index, "search_knowledge_base", query="password rotation")


async def _text(_gates: Gates, messages: Sequence[ModelMessage]) -> AsyncIterator[Piece]:
    for piece in _fact(messages) if _returned(messages) else _search():
        yield piece


async def _two_tools(_gates: Gates, messages: Sequence[ModelMessage]) -> AsyncIterator[Piece]:
    if not _returned(messages):
        yield "Let me look it up."
        for piece in _search(1):
            yield piece
        sql = "SELECT name, office FROM directory WHERE role = 'engineer' ORDER BY name"
        for piece in _call(2, "lookup_structured_data", sql_query=sql):
            yield piece
        return
    for piece in _fact(messages):
        yield piece


async def _failing_tool(_gates: Gates, messages: Sequence[ModelMessage]) -> AsyncIterator[Piece]:
    """A query that is refused, then a search."""
    match _returned(messages):
        case 0:
            for piece in _call(0, "lookup_structured_data", sql_query="DELETE FROM directory"):
                yield piece
        case 1:
            for piece in _search():
                yield piece
        case _:
            for piece in _fact(messages):
                yield piece


async def _reasoning(_gates: Gates, messages: Sequence[ModelMessage]) -> AsyncIterator[Piece]:
    if not _returned(messages):
        yield {0: DeltaThinkingPart(content="The policy ")}
        yield {0: DeltaThinkingPart(content="will say.")}
        for piece in _search(1):
            yield piece
        return
    for piece in _fact(messages):
        yield piece


async def _hold(gates: Gates, messages: Sequence[ModelMessage]) -> AsyncIterator[Piece]:
    """`hold NAME`: says the fact, waits at the gate NAME, and adds a word."""
    if not _returned(messages):
        for piece in _search():
            yield piece
        return
    for piece in _fact(messages):
        yield piece
    yield " "
    await gates.hold(_question(messages).split()[1].rstrip("?"))
    yield "Really."


async def _early_hold(gates: Gates, messages: Sequence[ModelMessage]) -> AsyncIterator[Piece]:
    """`early-hold NAME`: thinks, and waits before the first word."""
    yield {0: DeltaThinkingPart(content="Let me see.")}
    await gates.hold(_question(messages).split()[1])


async def _tool_hold(gates: Gates, messages: Sequence[ModelMessage]) -> AsyncIterator[Piece]:
    """`tool-hold NAME`: waits in the middle of a tool call's arguments."""
    yield "Let me look it up."
    yield next(_search(1))
    await gates.hold(_question(messages).split()[1])


async def _flaky(gates: Gates, messages: Sequence[ModelMessage]) -> AsyncIterator[Piece]:
    """`flaky NAME`: fails the first time."""
    happened = f"failed {_question(messages).split()[1]}"
    if not gates.has(happened):
        gates.note(happened)
        yield "Let me "
        raise _failure()
    for piece in _fact(messages) if _returned(messages) else _search():
        yield piece


async def _bad_calls(_gates: Gates, messages: Sequence[ModelMessage]) -> AsyncIterator[Piece]:
    """Arguments that are no JSON, and a tool that does not exist; then it does it right."""
    match _returned(messages):
        case 0:
            name = "search_knowledge_base"
            yield {0: DeltaToolCall(name=name, json_args='{"query": ', tool_call_id="call_broken")}
        case 1:
            for piece in _call(0, "launch_rocket", to="Moon"):
                yield piece
        case 2:
            for piece in _search():
                yield piece
        case _:
            for piece in _fact(messages):
                yield piece


async def _error(_gates: Gates, messages: Sequence[ModelMessage]) -> AsyncIterator[Piece]:
    """Fails in the middle of a sentence."""
    if not _returned(messages):
        for piece in _search():
            yield piece
        return
    for piece in _fact(messages):
        yield piece
    yield " More will "
    raise _failure()


async def _early_error(_gates: Gates, messages: Sequence[ModelMessage]) -> AsyncIterator[Piece]:
    """Fails before a word was said."""
    if messages:
        raise _failure()
    yield ""


def _failure() -> ModelHTTPError:
    body = {"error": {"message": f"Incorrect key {SECRET}", "code": "server_error"}}
    return ModelHTTPError(status_code=500, model_name="scripted", body=body)


async def _filtered(_gates: Gates, messages: Sequence[ModelMessage]) -> AsyncIterator[Piece]:
    """The provider's content filter sees a jailbreak."""
    if messages:
        raise ModelHTTPError(
            status_code=400,
            model_name="scripted",
            body=_JAILBREAK,
            provider_error_code="content_filter",
        )
    yield ""


_JAILBREAK = {
    "code": "content_filter",
    "message": f"The prompt was filtered {SECRET}",
    "innererror": {
        "code": "ResponsibleAIPolicyViolation",
        "content_filter_result": {"jailbreak": {"filtered": True, "detected": True}},
    },
}


async def _wrong(_gates: Gates, messages: Sequence[ModelMessage]) -> AsyncIterator[Piece]:
    """A right marker and a wrong one."""
    pieces = ("Passwords must be rotated every 90 days [1", "][9].")
    for piece in pieces if _returned(messages) else _search():
        yield piece


async def _uncited(_gates: Gates, messages: Sequence[ModelMessage]) -> AsyncIterator[Piece]:
    """An answer from nowhere."""
    for piece in ("It is ", "common knowledge [7].") if _returned(messages) else _search():
        yield piece


async def _history(_gates: Gates, messages: Sequence[ModelMessage]) -> AsyncIterator[Piece]:
    """Repeats what it was given: all questions, and how many answers."""
    if not _returned(messages):
        for piece in _search():
            yield piece
        return
    answers = [
        part
        for message in messages
        if isinstance(message, ModelResponse)
        for part in message.parts
        if isinstance(part, TextPart) and part.content
    ]
    yield f"{' | '.join(_questions(messages))} ({len(answers)} answers on passwords) [1]"


async def _advise(_gates: Gates, messages: Sequence[ModelMessage]) -> AsyncIterator[Piece]:
    if not advising.searched(messages):
        async for piece in advising.looking_up():
            yield piece
        return
    for piece in advising.written(advising.advice(messages)):
        yield piece


async def _advise_again(_gates: Gates, messages: Sequence[ModelMessage]) -> AsyncIterator[Piece]:
    """The first attempt says something else, and states what is no probability."""
    if not advising.searched(messages):
        async for piece in advising.looking_up():
            yield piece
        return
    attempt = advising.attempts(messages)
    wrong: Mapping[str, object] = {"main_advice": "Wait a little.", "confidence_score": 85}
    advice = advising.advice(messages, **({} if attempt else wrong))
    for piece in advising.written(advice, attempt):
        yield piece


async def _advise_error(_gates: Gates, messages: Sequence[ModelMessage]) -> AsyncIterator[Piece]:
    """Fails when its confidence is told."""
    if not advising.searched(messages):
        async for piece in advising.looking_up():
            yield piece
        return
    for piece in list(advising.written(advising.advice(messages)))[:-6]:
        yield piece
    raise _failure()


async def _advise_hold(gates: Gates, messages: Sequence[ModelMessage]) -> AsyncIterator[Piece]:
    """`advise-hold NAME`: waits in the middle of its reasoning."""
    if not advising.searched(messages):
        async for piece in advising.looking_up():
            yield piece
        return
    pieces = list(advising.written(advising.advice(messages)))
    for piece in pieces[:30]:
        yield piece
    await gates.hold(_question(messages).split()[1])
    for piece in pieces[30:]:
        yield piece


async def _advise_after(_gates: Gates, messages: Sequence[ModelMessage]) -> AsyncIterator[Piece]:
    """Repeats what was said before."""
    if not advising.searched(messages):
        async for piece in advising.looking_up():
            yield piece
        return
    said = advising.earlier(messages)
    for piece in advising.written(advising.advice(messages, reasoning=f"{said} [1]")):
        yield piece


_SCRIPTS: Mapping[str, Script] = {
    "advise": _advise,
    "advise-again": _advise_again,
    "advise-error": _advise_error,
    "advise-hold": _advise_hold,
    "advise-after": _advise_after,
    "text": _text,
    "two-tools": _two_tools,
    "failing-tool": _failing_tool,
    "reasoning": _reasoning,
    "hold": _hold,
    "early-hold": _early_hold,
    "tool-hold": _tool_hold,
    "flaky": _flaky,
    "bad-calls": _bad_calls,
    "error": _error,
    "early-error": _early_error,
    "filtered": _filtered,
    "wrong": _wrong,
    "uncited": _uncited,
    "history": _history,
}
