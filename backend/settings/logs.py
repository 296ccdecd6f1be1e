"""Logs and traces: a group of settings."""

from enum import StrEnum
from typing import ClassVar, Literal

from pydantic import Field, SecretStr, field_validator

from backend.settings.group import SettingGroup, web_address


class LogFormat(StrEnum):
    """The format of a log line."""

    TEXT = "text"
    JSON = "json"


class LogSettings(SettingGroup):
    """Logs and traces."""

    heading: ClassVar[str] = "Logs and traces"

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """Least severe level that is logged. Unset, the command line logs from WARNING."""
    log_format: LogFormat = LogFormat.TEXT
    """`text` for people, `json` for one JSON object a line."""
    otel_enabled: bool | None = None
    """Send traces with OpenTelemetry (`make setup` installs the packages; elsewhere `pip install opentelemetry-sdk opentelemetry-exporter-otlp-proto-http`). Unset: only where OTEL_EXPORTER_OTLP_ENDPOINT is set."""
    otel_exporter_otlp_endpoint: str | None = None
    """Base URL of a collector that takes OTLP over HTTP, such as `http://localhost:4318`. Unset: that one."""
    otel_exporter_otlp_headers: SecretStr | None = None
    """Headers for the collector, such as `authorization=Bearer%20…`, separated by commas."""
    otel_service_name: str = Field(default="candor", min_length=1, max_length=100)
    """Name of this service in traces."""
    otel_include_content: bool = False
    """Put questions, answers, tool results and error messages into traces, too. By default they hold none."""

    @field_validator("otel_exporter_otlp_endpoint")
    @classmethod
    def _collector_address(cls, value: str | None) -> str | None:
        return web_address(value)

    @property
    def traced(self) -> bool:
        """True if traces are enabled."""
        if self.otel_enabled is None:
            return self.otel_exporter_otlp_endpoint is not None
        return self.otel_enabled

    @field_validator("log_level", mode="before")
    @classmethod
    def _uppercase_level(cls, value: object) -> object:
        """`info` is as good as `INFO`."""
        return value.upper() if isinstance(value, str) else value
