"""Which texts stand for a missing value."""

from typing import Final

MISSING_MARKERS: Final = frozenset(
    ("", "?", "-", "--", "n/a", "na", "#n/a", "nan", "nil", "none", "null", "missing", "unknown")
)
"""In lower case and stripped. Words that are values in some tables ("empty", "0") are not among them."""


def is_missing(value: str) -> bool:
    """Whether a cell is empty or holds a marker of a missing value."""
    return value.strip().lower() in MISSING_MARKERS
