"""The benchmark: a group of settings."""

from typing import ClassVar

from backend.settings.group import SettingGroup


class BenchmarkSettings(SettingGroup):
    """The benchmark of cleaning tables."""

    heading: ClassVar[str] = "Benchmark of cleaning"

    benchmark_concurrency: ClassVar[int] = 4
    """Tables of a benchmark that are cleaned at once. Each has EVAL_CONCURRENCY calls of a model in flight. No setting: four tables keep a provider busy without meeting its rate limit."""
    benchmark_timeout: ClassVar[float] = 120.0
    """Time limit for one call of a model that cleans, in seconds. No setting: a model that cleans writes longer answers than one that chats."""
    rate_limit_benchmarks_per_minute: ClassVar[int] = 2
    """Runs of the benchmark that one caller (an API key) may begin in a minute. In local mode there is no limit. No setting: each is hundreds of calls."""
