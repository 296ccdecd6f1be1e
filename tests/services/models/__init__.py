"""Tests: language models by name, and the offline answerer."""
