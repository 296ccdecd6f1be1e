"""Traces with OpenTelemetry: a span for each request, and in it the run with its models and tools.

Promises: nothing is sent unless the settings ask for it; questions, sources, answers and error
texts are in no span unless OTEL_INCLUDE_CONTENT is set; each Candor has a provider of its own,
never the process's; an absent collector costs spans, never an answer. The SDK is an extra of our
package, imported only here.
"""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

import anyio
from anyio import to_thread
from loguru import logger

from backend.errors import TracingNotInstalled
from backend.settings.settings import Settings
from backend.version import VERSION

if TYPE_CHECKING:
    # Only named: the SDK may not be installed.
    from opentelemetry.sdk.trace import SpanProcessor
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Span
    from pydantic_ai.capabilities import Instrumentation

_COLLECTOR = "http://localhost:4318"
_EXPORT_SECONDS = 5.0
_FAREWELL_SECONDS = 5.0


class Tracing:
    """A provider of spans, and its instrumentation."""

    def __init__(self, processor: "SpanProcessor", *, service: str, content: bool) -> None:
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider

        resource = Resource.create({"service.name": service, "service.version": VERSION})
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("candor", VERSION)
        self._content = content

    def instrumentation(self) -> "Instrumentation":
        """Returns the instrumentation of an agent's runs, requests and tools."""
        from pydantic_ai.capabilities import Instrumentation
        from pydantic_ai.models.instrumented import InstrumentationSettings

        return Instrumentation(
            settings=InstrumentationSettings(
                tracer_provider=self._provider,
                include_content=self._content,
                include_binary_content=False,
                include_model_request_parameters=False,
            )
        )

    @contextmanager
    def request(self, method: str, headers: Mapping[str, str]) -> Generator["Span"]:
        """Provides the span of a request; the caller's own trace, if it names one, continues in it."""
        from opentelemetry.trace import SpanKind
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        with self._tracer.start_as_current_span(
            method,
            context=TraceContextTextMapPropagator().extract(headers),
            kind=SpanKind.SERVER,
            # An exception's text may hold anything; the status says that there was one.
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            yield span

    async def close(self) -> None:
        """Sends the remaining spans, for a few seconds at most."""
        with anyio.move_on_after(_FAREWELL_SECONDS, shield=True) as limit:
            await to_thread.run_sync(self._provider.shutdown, abandon_on_cancel=True)
        if limit.cancelled_caught:
            logger.warning("the last traces were not taken by the collector in time")


def check_installed(settings: Settings) -> None:
    """Raises `TracingNotInstalled` when OTEL_ENABLED is set without its packages."""
    if settings.otel_enabled:
        _exporter(settings).shutdown()


def tracing(settings: Settings) -> Tracing | None:
    """Returns the tracing of the settings, None for none.

    Raises `TracingNotInstalled` as `check_installed` does; where only the collector's address is
    set, which often comes with the machine, it is a warning.
    """
    if not settings.traced:
        return None
    try:
        exporter = _exporter(settings)
    except TracingNotInstalled as error:
        if settings.otel_enabled:
            raise
        logger.warning("no traces: {} {}", error.detail, error.hint)
        return None
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    return Tracing(
        BatchSpanProcessor(exporter),
        service=settings.otel_service_name,
        content=settings.otel_include_content,
    )


def _exporter(settings: Settings) -> "SpanExporter":
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.util.re import parse_env_headers
    except ModuleNotFoundError as missing:
        raise TracingNotInstalled(
            f"Traces need {missing.name!r}, which is not installed."
        ) from missing
    base = (settings.otel_exporter_otlp_endpoint or _COLLECTOR).rstrip("/")
    secret = settings.otel_exporter_otlp_headers
    headers = parse_env_headers(secret.get_secret_value(), liberal=True) if secret else None
    return OTLPSpanExporter(f"{base}/v1/traces", headers=headers, timeout=_EXPORT_SECONDS)
