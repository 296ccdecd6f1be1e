"""Tests: use_cases.conversations.drafts."""
