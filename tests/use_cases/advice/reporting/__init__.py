"""Tests of the reports on confidence."""
