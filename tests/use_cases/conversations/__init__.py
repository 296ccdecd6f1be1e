"""Tests of the use cases of conversations."""
