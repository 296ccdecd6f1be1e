"""Tests of the contestants that need no model."""
