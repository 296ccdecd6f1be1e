"""Tests of profiles out of files."""
