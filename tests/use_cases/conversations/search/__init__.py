"""Tests of use_cases/conversations/search."""
