"""Tests of the search discipline."""
