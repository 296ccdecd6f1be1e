"""JSON as browsers read it: NaN and infinite numbers are errors, which Python would accept."""

import json
from typing import Any


def parsed(text: str) -> Any:
    """The value. Raises `ValueError` for what is no JSON."""
    return json.loads(text, parse_constant=_refuse)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON.")
