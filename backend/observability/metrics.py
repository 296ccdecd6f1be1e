"""The figures of the server, for Prometheus, and how they are counted from streams.

With several processes (`backend/processes/workers.py`) each counts in files, and the process that
is scraped sums them up.

Promises: a registry of its own, so that two servers in one process do not mix; labels are few and
bounded (route templates, statuses, codes, tools, models), never an id, a path or a text; unknown
figures (tokens of an unmetered model, the price of an unknown one) are left out, not counted as 0.
Answers and advice are counted where they are recorded (`AnswerFigures.record`), because a client that
leaves does not receive them. Leaves to others: the events (`backend/http/routes/server_health.py`).
"""

import time
from collections.abc import AsyncGenerator
from http import HTTPMethod, HTTPStatus
from typing import TypeVar

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    values,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_1_0_0, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from pydantic_ai import PartDeltaEvent, PartStartEvent, TextPart, TextPartDelta

from backend.errors import InternalError
from use_cases.advice.giving.events import AdviceReplaced, TextGiven
from use_cases.advice.model import COMPARE_TOOL, Response
from use_cases.chat.chat_turn import AnswerReplaced
from use_cases.chat.model import Answer
from use_cases.kernel.citations.sources import QUERY_TOOL, SEARCH_TOOL
from use_cases.kernel.errors import CandorError
from use_cases.kernel.runs.record import RunRecord
from use_cases.kernel.runs.surroundings import closing, label
from use_cases.kernel.runs.turn import RunBegun

CONTENT_TYPE = CONTENT_TYPE_PLAIN_1_0_0
OTHER = "other"
NO_ROUTE = "none"

_TOOLS = frozenset({SEARCH_TOOL, QUERY_TOOL, COMPARE_TOOL})
_METHODS = frozenset(HTTPMethod)
_MOST_MODELS = 50
"""The most distinct models; a request may name any, so further ones share the label `other`."""

_REQUEST_SECONDS = (0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
_TURN_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120)


class Metrics:
    """All metrics. Every method is cheap and thread-safe."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry(auto_describe=True)
        ProcessCollector(registry=self._registry)
        self.http = HttpFigures(self._registry)
        self.turns = TurnFigures(self._registry)
        self.answers = AnswerFigures(self._registry)

    def text(self) -> bytes:
        """Returns everything in Prometheus' text format; for several processes of one server, their
        sums.
        """
        if not _shared():
            return generate_latest(self._registry)
        together = CollectorRegistry()
        MultiProcessCollector(together)
        return generate_latest(together)


def _shared() -> bool:
    """Returns whether metrics are in files of several processes (see `backend/processes/workers.py`)."""
    return bool(getattr(values.ValueClass, "_multiprocess", False))


class HttpFigures:
    """Requests and problems."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._requests = Counter(
            "candor_http_requests",
            "Requests that were answered, by route template.",
            ("route", "method", "status"),
            registry=registry,
        )
        self._seconds = Histogram(
            "candor_http_request_seconds",
            "Time from a request to the end of its response; for a stream, to the stream's end.",
            ("route", "method"),
            buckets=_REQUEST_SECONDS,
            registry=registry,
        )
        self._problems = Counter(
            "candor_http_problems",
            "Requests that were answered with a problem, by its code.",
            ("code",),
            registry=registry,
        )
        self._limited = Counter(
            "candor_http_rate_limited", "Requests that were answered with 429.", registry=registry
        )

    def record_request(self, route: str | None, method: str, status: int, seconds: float) -> None:
        """Counts a response. `route` is the template, None where none matched."""
        template = route or NO_ROUTE
        verb = method if method in _METHODS else OTHER
        self._requests.labels(template, verb, str(status)).inc()
        self._seconds.labels(template, verb).observe(seconds)
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            self._limited.inc()

    def record_problem(self, code: str) -> None:
        """Counts a problem response."""
        self._problems.labels(code).inc()


class TurnFigures:
    """Metrics of answers in progress."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._active = Gauge(
            "candor_turns_active",
            "Answers that are being written.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._first_text = Histogram(
            "candor_turn_first_text_seconds",
            "Time from a question to the first text of its answer.",
            buckets=_TURN_SECONDS,
            registry=registry,
        )
        self._failed = Counter(
            "candor_turns_failed",
            "Turns that failed after their question was kept, by the error's code.",
            ("code",),
            registry=registry,
        )

    def begin(self) -> None:
        """Counts an answer that begins."""
        self._active.inc()

    def end(self) -> None:
        """Counts its end."""
        self._active.dec()

    def record_first_text(self, seconds: float) -> None:
        """Records the time from the question to the first text."""
        self._first_text.observe(seconds)

    def record_failure(self, code: str) -> None:
        """Counts a turn that ended in an error."""
        self._failed.labels(code).inc()


class AnswerFigures:
    """Metrics of recorded answers and advice, also of those whose clients left."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._models: set[str] = set()
        self._answers = Counter(
            "candor_answers", "Recorded answers, by outcome.", ("outcome",), registry=registry
        )
        self._advice = Counter(
            "candor_advice", "Recorded advice, by outcome.", ("outcome",), registry=registry
        )
        self._interrupted = Counter(
            "candor_answers_interrupted",
            "Recorded answers and advice that were stopped before they were complete.",
            registry=registry,
        )
        self._seconds = Histogram(
            "candor_answer_seconds",
            "Time from a question to the record of its answer or advice.",
            buckets=_TURN_SECONDS,
            registry=registry,
        )
        self._tokens = Counter(
            "candor_tokens",
            "Tokens of recorded answers and advice, where the provider reports them.",
            ("model", "direction"),
            registry=registry,
        )
        self._cost = Counter(
            "candor_cost_dollars",
            "Cost of recorded answers and advice in US dollars, where the price is known.",
            ("model",),
            registry=registry,
        )
        self._tool_calls = Counter(
            "candor_tool_calls",
            "Tool calls of recorded answers and advice.",
            ("tool", "outcome"),
            registry=registry,
        )

    def record(self, record: RunRecord) -> None:
        """Counts a recorded answer, or recorded advice."""
        match record:
            case Answer(outcome=outcome):
                self._answers.labels(outcome.value).inc()
            case Response(advice=advice):
                self._advice.labels(advice.outcome.value).inc()
            case _:
                pass
        self._seconds.observe(record.latency_ms / 1000)
        if record.interrupted:
            self._interrupted.inc()
        model = self._bound_model(record.model)
        for direction, tokens in (("input", record.input_tokens), ("output", record.output_tokens)):
            if tokens is not None:
                self._tokens.labels(model, direction).inc(tokens)
        if record.cost is not None:
            self._cost.labels(model).inc(float(record.cost))
        for call in record.tool_calls:
            tool = call.name if call.name in _TOOLS else OTHER
            self._tool_calls.labels(tool, "failed" if call.failed else "done").inc()

    def _bound_model(self, model: str) -> str:
        if model not in self._models and len(self._models) >= _MOST_MODELS:
            return OTHER
        self._models.add(model)
        return model


Event = TypeVar("Event")


async def watched(events: AsyncGenerator[Event], figures: TurnFigures) -> AsyncGenerator[Event]:
    """Yields the same events with metrics; once the turn has begun, the reader's log lines carry its
    ids.
    """
    asked = time.monotonic()
    begun = heard = False
    try:
        async with closing(events):
            async for event in events:
                if not heard and _is_text(event):
                    heard = True
                    figures.record_first_text(time.monotonic() - asked)
                elif not begun and isinstance(event, RunBegun):
                    begun = True
                    figures.begin()
                    label(**event.labels)
                yield event
    except Exception as error:
        if begun:
            figures.record_failure(
                error.code if isinstance(error, CandorError) else InternalError.code
            )
        raise
    finally:
        if begun:
            figures.end()


def _is_text(event: object) -> bool:
    match event:
        case PartDeltaEvent(delta=TextPartDelta(content_delta=text)):
            return bool(text)
        case PartStartEvent(part=TextPart(content=text)):
            return bool(text)
        case _:
            return isinstance(event, AnswerReplaced | TextGiven | AdviceReplaced)
