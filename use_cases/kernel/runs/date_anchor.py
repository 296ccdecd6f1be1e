"""Date anchoring: today's date stands in front of the newest message to the model.

Promises: anchored twice is anchored once, with the later date, so that a repeated request does not
pile up dates; what is stored, searched and compared is the text without it.
"""

import re
from datetime import date, datetime, tzinfo

_ANCHOR = re.compile(r"\A(?:\s*Current Date: \d{4}-\d{2}-\d{2}(?:[ \t]*\r?\n|\Z)(?:[ \t]*\r?\n)*)+")


def anchored(text: str, today: date) -> str:
    """The message as the model is given it."""
    return f"Current Date: {today.isoformat()}\n\n{unanchored(text)}"


def unanchored(text: str) -> str:
    """The message as a person wrote it."""
    return _ANCHOR.sub("", text, count=1)


def today_in(zone: tzinfo, now: datetime) -> date:
    """The date in a time zone at a moment."""
    return now.astimezone(zone).date()
