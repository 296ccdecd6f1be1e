"""Tests of the knowledge capability."""
