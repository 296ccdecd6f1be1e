"""Tests: backend.cli.backtest."""
