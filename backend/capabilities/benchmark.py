"""Benchmark: whether models clean dirty tables without breaking them."""

from backend.capabilities.declaration import Capability, Command

BENCHMARK = Capability(
    commands={
        "benchmark": Command(
            147,
            "backend.cli.benchmark.run_benchmark",
            "Measure whether models clean dirty tables without breaking them.",
        ),
        "clean": Command(
            146,
            "backend.cli.benchmark.clean",
            "Clean a table, and show every change before it is made.",
        ),
    },
    routes=("backend.http.routes.benchmark",),
    scopes=("benchmark",),
    settings=("backend.settings.benchmark:BenchmarkSettings",),
    compositions={"benchmark": "backend.composition.benchmark:BenchmarkComposition"},
)
