"""Benchmark: dirty tables, their truth, and what cleans them."""

from backend.composition.foundation import Composition


class BenchmarkComposition(Composition):
    """Make tasks, run contestants on them, and score what they did."""
