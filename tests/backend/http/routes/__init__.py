"""Tests: backend.http.routes."""
