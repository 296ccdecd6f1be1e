"""Tests: connections, files and errors of the relational store."""
