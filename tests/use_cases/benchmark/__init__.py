"""Tests of the benchmark's use cases."""
