"""The day since which a profile's tables have had no news.

Promises: never an error: tables that cannot be read do not count as stale. A period that had ended
at the tables' last change does not go stale. Leaves the consequences to `web/search_decision.py`.
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
    """Return the day of the newest of the profile's tables, where it is more than `STALE_AFTER` ago
    and the question's period had not ended by then; else None.
    """
    try:
        tables = await data.tables()
    except CandorError:  # the entities' notice reports it
        return None
    days = [table.document.updated for table in tables if table.name in profile.tables]
    if not days or today - max(days) <= STALE_AFTER:
        return None
    period = await period_of(profile, question, today, data)
    return None if period.ends is not None and period.ends <= max(days) else max(days)
