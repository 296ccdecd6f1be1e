"""Tests of the services that others run for conversations, at the wire."""
