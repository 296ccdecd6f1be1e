"""What recorded advice costs to keep, to judge and to read for statistics.

    python -m benchmarks.responses [--responses N] [--times N]

N responses (20,000) of two people, each with sources and 9 KB of tool calls, in a fresh SQLite
file. Then, each `--times` times (9) with the median: all that state a confidence, as statistics
read them; a page of 20 with its total; a new response; a judgement.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

from sqlalchemy import Connection, insert

from benchmarks.machine import machine
from services.store.people import provide_user
from services.store.responses import RESPONSES, SqlResponses, responses
from services.store.store import Store
from use_cases.advice.model import (
    Advice,
    Alternative,
    Confidence,
    Feedback,
    Freshness,
    OutcomeState,
    Response,
    ResponseFilter,
)
from use_cases.kernel.citations.sources import ToolCall
from use_cases.kernel.model import LOCAL, Caller

NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
PEOPLE = ("anna", "boris")
ALL = ResponseFilter()
_BATCH = 1_000


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--responses", type=int, default=20_000)
    parser.add_argument("--times", type=int, default=9)
    given = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "candor.sqlite"
        asyncio.run(measure(file, cast("int", given.responses), cast("int", given.times)))


async def measure(file: Path, count: int, times: int) -> None:
    """The table."""
    store = Store(file)
    await store.write(lambda connection: _fill(connection, count))
    port, page = SqlResponses(store), response(count // 2).response_id
    print(f"| {count:,} responses | median | worst |")
    print("| --- | --- | --- |")
    await _row("scored, of all", times, lambda _: port.scored(LOCAL, ALL))
    await _row("scored, of one person", times, lambda _: port.scored(Caller("anna"), ALL))
    await _row(
        "a page of 20 and the total", times, lambda _: port.responses(LOCAL, ALL, before=page)
    )
    await _row("keep one", times, lambda n: port.keep(response(count + n)))
    await _row("judge one", times, lambda n: port.judge(LOCAL, judgement(n)))
    await store.close()


def response(number: int) -> Response:
    """The response of this number."""
    return Response(
        response_id=f"resp_{number:08}",
        user_id=PEOPLE[number % 2],
        profile="fantasy-nfl",
        profile_version="1",
        prompt_type="default",
        prompt_version="advice-1",
        model="openai:gpt-4.1-mini",
        question="Start Player A or Player B in week 10?",
        advice=Advice(
            main_advice="Start Player A.",
            reasoning="The projection is higher. " * 20,
            confidence=Confidence(7_000, 6_400, "likely", "Likely"),
            alternatives=(Alternative("Player B", "A lower projection."),),
        ),
        search_decision="default_no",
        web_search_used=False,
        freshness=Freshness.NOT_NEEDED,
        latency_ms=2_150,
        created_at=NOON + timedelta(seconds=number),
        event_key=f"fantasy-nfl:10:{number}",
        period=10,
        tool_calls=tuple(ToolCall("search_knowledge_base", "{}", "x" * 3_000) for _ in range(3)),
    )


def judgement(number: int) -> Feedback:
    """A judgement on the response of this number."""
    return Feedback(
        feedback_id=f"fb_{number}",
        response_id=response(number).response_id,
        outcome=OutcomeState.RIGHT,
        created_at=NOON,
        key="k",
    )


def _fill(connection: Connection, count: int) -> None:
    for name in PEOPLE:
        provide_user(connection, name, NOON)
    for first in range(0, count, _BATCH):
        batch = range(first, min(first + _BATCH, count))
        connection.execute(insert(responses), [RESPONSES.values(response(n)) for n in batch])


async def _row(name: str, times: int, call: Callable[[int], Awaitable[object]]) -> None:
    took: list[float] = []
    for number in range(times):
        begun = time.perf_counter()
        await call(number)
        took.append(1_000 * (time.perf_counter() - begun))
    print(f"| {name} | {statistics.median(took):.1f} ms | {max(took):.1f} ms |")


if __name__ == "__main__":
    main()
