"""Tests: code of the operator."""
