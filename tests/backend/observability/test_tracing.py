"""Traces: the spans of a request with its ids, and nothing of what was asked, found or answered."""

import asyncio
import builtins
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import anyio
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic_ai.exceptions import ModelHTTPError
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models.function import AgentInfo, DeltaToolCalls

from backend.composition.container import Container
from backend.errors import TracingNotInstalled
from backend.observability.tracing import Tracing, check_installed, tracing
from backend.settings.settings import Settings
from tests.backend.http.scripted import Script, scripted, scripted_candor, searching
from tests.patience import PATIENCE
from use_cases.chat.chat_turn import ChatEvent
from use_cases.chat.model import Question
from use_cases.kernel.model import Caller

KEY = "planted-secret-value"
QUESTION = "A promptword?"
ASKED = {"user_id": "local", "message": QUESTION}
UI_ASKED = {
    "id": "c1",
    "messages": [{"id": "m1", "role": "user", "parts": [{"type": "text", "text": QUESTION}]}],
}


def settings(tmp_path: object, **more: object) -> Settings:
    told = {"data_dir": f"{tmp_path}/var", "openai_api_key": KEY, "otel_enabled": True, **more}
    return Settings.model_validate(told)


async def refusing(
    _messages: list[ModelMessage], _info: AgentInfo
) -> AsyncIterator[str | DeltaToolCalls]:
    yield "Well, "
    raise ModelHTTPError(400, "scripted", {"error": f"promptword {KEY}"})


def spans_of(told: Settings, script: Script = searching, path: str = "/chat") -> list[ReadableSpan]:
    exporter = InMemorySpanExporter()

    def prepare(candor: Container) -> None:
        candor.tracing = Tracing(
            SimpleSpanProcessor(exporter), service="candor", content=told.otel_include_content
        )

    with scripted(told, script, prepare) as client:
        body = UI_ASKED if path == "/api/chat" else ASKED
        client.post(path, json=body, headers={"X-Request-ID": "req-1"})
    return list(exporter.get_finished_spans())


def trace_id(span: ReadableSpan) -> str:
    assert span.context is not None
    return f"{span.context.trace_id:032x}"


def told_by(spans: Sequence[ReadableSpan]) -> str:
    return "\n".join(span.to_json() for span in spans)


@pytest.mark.parametrize("path", ["/chat", "/chat/stream", "/api/chat"])
def test_a_request_is_one_trace_with_its_run_its_models_and_its_tools(
    tmp_path: object, path: str
) -> None:
    spans = spans_of(settings(tmp_path), path=path)
    names = [span.name for span in spans]
    assert names == [
        "chat scripted",
        "execute_tool search_knowledge_base",
        "chat scripted",
        "invoke_agent chat",
        f"POST {path}",
    ]
    request = spans[-1]
    assert len({trace_id(span) for span in spans}) == 1
    assert spans[-2].parent is not None
    assert request.context is not None
    assert spans[-2].parent.span_id == request.context.span_id
    attributes = dict(request.attributes or {})
    assert attributes["candor.request_id"] == "req-1"
    assert str(attributes["candor.chat_id"]).startswith("chat")
    assert str(attributes["candor.run_id"]).startswith("ans")
    assert attributes["http.route"] == path
    assert attributes["http.response.status_code"] == 200


@pytest.mark.parametrize("script", [searching, refusing])
@pytest.mark.parametrize("path", ["/chat", "/chat/stream"])
def test_no_span_has_a_word_of_what_was_said_or_a_key(
    tmp_path: object, script: Script, path: str
) -> None:
    text = told_by(spans_of(settings(tmp_path), script, path))
    assert "invoke_agent chat" in text
    for private in ("promptword", "answerword", "searchword", KEY, "knowledge base, and"):
        assert private not in text


def test_content_is_there_where_it_is_asked_for(tmp_path: object) -> None:
    text = told_by(spans_of(settings(tmp_path, otel_include_content=True)))
    for word in ("promptword", "answerword", "searchword"):
        assert word in text
    assert KEY not in text


def test_a_failed_request_is_marked_without_the_text_of_its_error(tmp_path: object) -> None:
    *_, request = spans_of(settings(tmp_path), refusing)
    assert dict(request.attributes or {})["http.response.status_code"] == 502
    assert request.status.status_code.name == "ERROR"
    assert not request.events


def test_a_trace_that_the_caller_began_goes_on(tmp_path: object) -> None:
    exporter = InMemorySpanExporter()

    def prepare(candor: Container) -> None:
        candor.tracing = Tracing(SimpleSpanProcessor(exporter), service="candor", content=False)

    begun = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    with scripted(settings(tmp_path), prepare=prepare) as client:
        client.get("/health", headers={"traceparent": begun})
    (span,) = exporter.get_finished_spans()
    assert trace_id(span) == "0af7651916cd43dd8448eb211c80319c"


def test_without_the_setting_there_are_no_traces(tmp_path: object) -> None:
    assert tracing(settings(tmp_path, otel_enabled=None)) is None
    address = "http://localhost:4318"
    assert (
        tracing(settings(tmp_path, otel_enabled=False, otel_exporter_otlp_endpoint=address)) is None
    )


@pytest.fixture
def not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the extra were not installed."""
    real: Callable[..., Any] = builtins.__import__

    def importing(name: str, *rest: Any) -> Any:
        if name.startswith("opentelemetry.exporter"):
            raise ModuleNotFoundError(f"No module named {name!r}", name="opentelemetry.exporter")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", importing)


@pytest.mark.usefixtures("not_installed")
def test_what_is_missing_is_named_with_what_to_do(tmp_path: object) -> None:
    with pytest.raises(TracingNotInstalled) as caught:
        check_installed(settings(tmp_path))
    with pytest.raises(TracingNotInstalled):
        tracing(settings(tmp_path))
    assert caught.value.detail == "Traces need 'opentelemetry.exporter', which is not installed."
    assert (
        "pip install opentelemetry-sdk opentelemetry-exporter-otlp-proto-http" in caught.value.hint
    )


@pytest.mark.usefixtures("not_installed")
def test_an_address_that_came_with_the_machine_stops_no_server(tmp_path: object) -> None:
    address = "http://localhost:4318"
    told = settings(tmp_path, otel_enabled=None, otel_exporter_otlp_endpoint=address)
    check_installed(told)
    assert told.traced
    assert tracing(told) is None


class Collector(HTTPServer):
    """Keeps what it is sent."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str | None, ExportTraceServiceRequest]] = []
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        collector = self.server
        assert isinstance(collector, Collector)
        sent = ExportTraceServiceRequest.FromString(body)
        collector.taken.append((self.path, self.headers["authorization"], sent))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the library's name)
        return


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_collector_gets_the_spans_before_the_server_has_ended(
    tmp_path: object, collector: Collector
) -> None:
    told = settings(
        tmp_path,
        otel_enabled=None,
        otel_exporter_otlp_endpoint=f"http://127.0.0.1:{collector.server_port}/",
        otel_exporter_otlp_headers="authorization=Bearer%20collector",
        otel_service_name="my-candor",
    )
    with scripted(told) as client:
        client.post("/chat", json=ASKED)
    ((path, authorization, sent),) = collector.taken
    assert (path, authorization) == ("/v1/traces", "Bearer collector")
    (resource,) = sent.resource_spans
    named = {pair.key: pair.value.string_value for pair in resource.resource.attributes}
    assert named["service.name"] == "my-candor"
    assert "POST /chat" in {span.name for scope in resource.scope_spans for span in scope.spans}
    assert b"promptword" not in sent.SerializeToString()


@pytest.mark.exhaustive
@pytest.mark.anyio
async def test_a_collector_that_is_away_does_not_keep_the_server_from_ending(
    tmp_path: object,
) -> None:
    told = settings(tmp_path, otel_exporter_otlp_endpoint="http://127.0.0.1:1")
    traces = tracing(told)
    assert traces is not None
    with traces.request("GET", {}):
        pass
    with anyio.fail_after(PATIENCE):
        await traces.close()


@pytest.mark.anyio
async def test_streams_read_in_turns_and_closed_elsewhere_keep_their_traces_apart(
    tmp_path: object, caplog: pytest.LogCaptureFixture
) -> None:
    exporter = InMemorySpanExporter()
    told = settings(tmp_path)
    async with scripted_candor(told) as candor:
        traces = Tracing(SimpleSpanProcessor(exporter), service="candor", content=False)
        candor.tracing = traces
        streams: list[AsyncGenerator[ChatEvent]] = []
        for name in ("one", "two"):
            with traces.request(name, {}):
                streams.append(candor.chat.ask.stream(Question(text=QUESTION), caller=Caller(name)))
        one, two = streams
        for _ in range(4):
            await anext(one)
            await anext(two)

        async def leave() -> None:
            await one.aclose()

        await asyncio.create_task(leave())
        _ = [event async for event in two]
    spans = {span.name: trace_id(span) for span in exporter.get_finished_spans()}
    runs = [trace_id(span) for span in exporter.get_finished_spans() if "invoke" in span.name]
    assert sorted(runs) == sorted((spans["one"], spans["two"]))
    assert len(set(runs)) == 2
    assert not [record for record in caplog.records if "context" in record.getMessage()]
