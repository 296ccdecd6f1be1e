"""Tests: the relational store."""
