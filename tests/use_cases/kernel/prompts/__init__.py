"""Tests of the registry of prompts and of default models."""
