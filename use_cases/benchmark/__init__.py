"""Benchmark: which model or method cleans dirty tables without breaking them?"""
