"""Tests of use_cases/conversations/summaries."""
