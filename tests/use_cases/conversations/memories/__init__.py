"""Tests of use_cases/conversations/memories."""
