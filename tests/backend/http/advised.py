"""Advice for tests of its routes: what a model writes, and a record of decided advice."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import anyio
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls

from backend.settings.settings import Settings
from tests.backend.http.conftest import candor
from use_cases.advice.model import (
    Advice,
    Confidence,
    Feedback,
    Freshness,
    OutcomeState,
    Response,
)
from use_cases.kernel.model import LOCAL

Json: TypeAlias = dict[str, Any]
Script: TypeAlias = Callable[[list[ModelMessage], AgentInfo], AsyncIterator[str | DeltaToolCalls]]

QUESTION = "Start Allen or Mahomes?"
WRITTEN: Json = {
    "choice": "Allen",
    "main_advice": 'Start "Allen" 🏈.',
    "reasoning": "He threw four touchdowns.\nMahomes was sacked.",
    "confidence_score": 0.62,
    "alternatives": [{"option": "Mahomes", "reason": "He was sacked twice."}],
}


def asking(content: str = QUESTION, **more: Any) -> Json:
    """A request body."""
    return {"conversation": [{"role": "user", "content": content}], **more}


def writing(*attempts: object, size: int = 9, error: Exception | None = None) -> Script:
    """A model that writes these attempts, one at each request, the last one again and again.

    An attempt may be text; `error` ends the last one in its middle.
    """
    requests = iter(range(100))

    async def script(
        _messages: list[ModelMessage], _info: AgentInfo
    ) -> AsyncIterator[str | DeltaToolCalls]:
        number = next(requests)
        attempt = attempts[min(number, len(attempts) - 1)]
        text = attempt if isinstance(attempt, str) else json.dumps(attempt)
        end = len(text) // 2 if error else len(text)
        for start in range(0, end, size):
            name = "give_advice" if not start else None
            piece = text[start : min(start + size, end)]
            yield {0: DeltaToolCall(name, piece, tool_call_id=f"out_{number}")}
        if error:
            raise error

    return script


async def holding(
    _messages: list[ModelMessage], _info: AgentInfo
) -> AsyncIterator[str | DeltaToolCalls]:
    """A model that writes its beginning, and then nothing more."""
    yield {0: DeltaToolCall("give_advice", json.dumps(WRITTEN)[:60], tool_call_id="out")}
    await asyncio.Event().wait()


def response(number: int, stated: int, *, now: datetime | None = None, **more: Any) -> Response:
    """Recorded advice of some days ago."""
    asked = (now or datetime.now(UTC)) - timedelta(days=5, minutes=number)
    sure = Confidence(stated, stated, "likely", "Likely (about 7 in 10)")
    about: Json = {
        "response_id": f"resp_{number}",
        "user_id": "local",
        "profile": "general",
        "profile_version": "1",
        "prompt_type": "default",
        "prompt_version": "p1",
        "model": "offline:adviser",
        "question": f"Question {number}?",
        "search_decision": "DEFAULT_NO",
        "web_search_used": False,
        "freshness": Freshness.NOT_NEEDED,
        "latency_ms": 10,
        "created_at": asked,
        "event_key": f"event-{number}",
    }
    advice = Advice(main_advice=f"Do {number}.", reasoning="So.", confidence=sure, choice="A")
    return Response(advice=advice, **(about | more))


def keep(settings: Settings, responses: Sequence[tuple[Response, OutcomeState | None]]) -> None:
    """Store them, as another process would; outcomes were told three days ago."""

    async def storing() -> None:
        async with candor(settings) as storing:
            for found, outcome in responses:
                await storing.advice.responses.keep(found)
                if outcome is None:
                    continue
                told = Feedback(
                    feedback_id=f"fb_{found.response_id}",
                    response_id=found.response_id,
                    outcome=outcome,
                    created_at=found.created_at + timedelta(days=2),
                )
                await storing.advice.responses.judge(LOCAL, told)

    anyio.run(storing)


def overconfident(n: int = 240) -> list[tuple[Response, OutcomeState | None]]:
    """Advice that says .9 and .7 and is right in .72 and .5 of the cases."""
    found: list[tuple[Response, OutcomeState | None]] = []
    for number in range(n):
        sure = number % 2 == 0
        right = (number // 2) % 100 < (72 if sure else 50)
        state = OutcomeState.RIGHT if right else OutcomeState.WRONG
        found.append((response(number, 9000 if sure else 7000), state))
    return found
