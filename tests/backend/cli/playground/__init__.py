"""Tests of the playground's commands."""
