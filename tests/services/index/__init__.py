"""Tests of services/index."""
