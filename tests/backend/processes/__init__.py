"""Tests of the processes of one server."""
