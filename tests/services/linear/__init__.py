"""Tests: services.linear."""
