"""Tests of what doors show."""
