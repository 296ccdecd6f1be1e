"""Tests of the files of conversations: their kinds, and where they are kept."""
