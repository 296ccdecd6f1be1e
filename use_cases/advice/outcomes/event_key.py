"""The key of the event that decides advice, so that advice on one event counts once.

The request's own key first; else the entities of the question, in its period; else the question
itself, in its period or, where the domain has no periods, on its day.
"""

from collections.abc import Sequence
from datetime import date
from hashlib import sha256

from use_cases.advice.options import NamedEntity
from use_cases.advice.profiles.question_period import Period

LONGEST = 200
"""The length to which a request's own key is cut."""


def event_key(
    question: str,
    named: Sequence[NamedEntity],
    period: Period,
    *,
    profile_id: str,
    today: date,
    own: str | None = None,
) -> str:
    """Returns the key of the event: `fantasy-nfl:10/2021:Name One|Name Two`, or with a hash of the
    question.
    """
    if own is not None and (line := " ".join(own.split())):
        return line[:LONGEST]
    names = sorted({entity.name for entity in named})
    when = today.isoformat() if period.number is None else _period(period)
    if names and period.number is not None:
        return f"{profile_id}:{when}:{'|'.join(names)}"
    words = " ".join(question.casefold().split())
    return f"{profile_id}:{when}:{sha256(words.encode()).hexdigest()[:16]}"


def _period(period: Period) -> str:
    return f"{period.number}/{period.ends.year}" if period.ends else f"{period.number}"
