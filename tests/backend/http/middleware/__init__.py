"""Tests: backend.http.middleware."""
