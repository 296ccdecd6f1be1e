"""Durations as a person writes them: a number and a unit."""

import re
from datetime import timedelta

from use_cases.kernel.errors import InvalidInput

_FORM = re.compile(r"([1-9][0-9]{0,5})([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def read_duration(option: str, given: str, *, hint: str | None = None) -> timedelta:
    """Return the duration that an option names. Raises `InvalidInput`."""
    match = _FORM.fullmatch(given.strip().lower())
    if match is None:
        raise InvalidInput(f"{option} takes a number and a unit: 30m, 12h, 90d or 52w.", hint=hint)
    return timedelta(**{_UNITS[match[2]]: int(match[1])})
