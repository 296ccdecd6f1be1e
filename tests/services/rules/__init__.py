"""Tests of the searches of the web."""
