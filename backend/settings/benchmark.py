"""The benchmark: a group of settings."""

from typing import ClassVar

from pydantic import Field

from backend.settings.group import SettingGroup


class BenchmarkSettings(SettingGroup):
    """The benchmark of cleaning tables."""

    heading: ClassVar[str] = "Benchmark of cleaning"

    benchmark_concurrency: int = Field(default=4, ge=1, le=100)
    """Tables of a benchmark that are cleaned at once. Each has EVAL_CONCURRENCY calls of a model in flight."""
    benchmark_timeout: float = Field(default=120.0, gt=0, le=1800)
    """Time limit for one call of a model that cleans, in seconds."""
    rate_limit_benchmarks_per_minute: int | None = Field(default=None, ge=0, le=1_000_000)
    """Runs of the benchmark that one caller (an API key) may begin in a minute; 0 is no limit. Unset: 2 with AUTH_MODE=required, no limit in local mode."""
