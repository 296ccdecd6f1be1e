"""Since when a profile's tables know nothing new.

Promises never to fail: tables that cannot be read are not called stale. What had ended when the
tables were last changed does not go stale. Leaves to others: what follows from it (`discipline`).
"""

from datetime import date, timedelta

from use_cases.advice.profile import Profile
from use_cases.advice.profiles.question_period import period_of
from use_cases.kernel.errors import CandorError
from use_cases.kernel.ports import StructuredData

STALE_AFTER = timedelta(days=30)


async def stale_since(
    profile: Profile, question: str, today: date, data: StructuredData
) -> date | None:
    """The day of the newest of the profile's tables, where it is more than `STALE_AFTER` ago and the
    period that the question is about had not ended by then; else None.
    """
    try:
        tables = await data.tables()
    except CandorError:  # the entities' notice says so
        return None
    days = [table.document.updated for table in tables if table.name in profile.tables]
    if not days or today - max(days) <= STALE_AFTER:
        return None
    period = await period_of(profile, question, today, data)
    return None if period.ends is not None and period.ends <= max(days) else max(days)
