"""Tests: the machine's clock and ids."""
