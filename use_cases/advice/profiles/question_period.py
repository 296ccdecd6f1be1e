"""The period of a question: the one it names, else the one that advice of today is for.

Promises: never an error: an unknown period is None, and a broken query a notice. Only figures count
("week 10", not "week ten"), and "next" beside the word. Among several ("weeks 3 and 4", "week 3-4")
the latest counts, because decisions lie ahead.
"""

import re
from dataclasses import dataclass
from datetime import date

from use_cases.advice.profile import PeriodRule, Profile
from use_cases.advice.profiles.queries import QueryTrouble, first
from use_cases.kernel.model import Scalar
from use_cases.kernel.ports import StructuredData

# The first number after the word; the group is closed by what may follow it.
_NUMBER = r"\.?\s*(?:no\.?\s*|#\s*)?(\d{1,4}"
# The separators between the numbers of several, such as "weeks 3, 4 and 5" or "weeks 3-5".
_AND = r"\s*(?:,\s*(?:and|or)\b|,|[-–—/&+]|(?:and|or|to|until|through)\b)\s*"


@dataclass(frozen=True, slots=True)
class Period:
    """A period of the domain, such as a week, and its last day; None where unknown."""

    number: int | None = None
    ends: date | None = None
    notices: tuple[str, ...] = ()


async def period_of(profile: Profile, question: str, today: date, data: StructuredData) -> Period:
    """Return the period of the question, or the one that advice of today is for."""
    rule = profile.period
    if rule is None:
        return Period()
    number = parse_period(rule, question)
    try:
        if number is None:
            number = await _current(rule, question, today, data)
        ends = None if number is None else await period_end(rule, number, data)
    except QueryTrouble as trouble:
        return Period(number, notices=(str(trouble),))
    return Period(number, ends)


def parse_period(rule: PeriodRule, question: str) -> int | None:
    """Return the number after the domain's word in a question; None without one."""
    word = rf"\b(?:{period_words(rule)})"
    single = rf"{word}s?{_NUMBER}(?:[-–—/]\d{{1,2}}\b)?)\b"
    several = rf"{word}s{_NUMBER}(?:{_AND}\d{{1,4}}\b)*)\b"
    said = re.findall(single, question, re.I) + re.findall(several, question, re.I)
    return max((int(number) for each in said for number in re.findall(r"\d+", each)), default=None)


async def period_end(rule: PeriodRule, number: int, data: StructuredData) -> date | None:
    """Return the last day of a period; None where the profile does not give it. Raises
    `QueryTrouble`.
    """
    if rule.ends_sql is None:
        return None
    found = await first(data, "period.ends_sql", rule.ends_sql, {"period": number})
    return None if found is None else _day(found)


async def current_period(rule: PeriodRule, today: date, data: StructuredData) -> int | None:
    """Return the period that advice of today is for; None where there is none. Raises
    `QueryTrouble`.
    """
    if rule.current_sql is None:
        return None
    values = {"today": today.isoformat()}
    found = await first(data, "period.current_sql", rule.current_sql, values)
    if found is None:
        return None
    if isinstance(found, str) or int(found) != found:
        raise QueryTrouble(f"The profile's period.current_sql gives {found!r}, which is no number.")
    return int(found)


async def _current(
    rule: PeriodRule, question: str, today: date, data: StructuredData
) -> int | None:
    """Return the current period, or the one after it where the question says "next week"."""
    number = await current_period(rule, today, data)
    following = re.search(rf"\bnext\s+(?:{period_words(rule)})\b", question, re.I)
    return number + 1 if number is not None and following else number


def period_words(rule: PeriodRule) -> str:
    """Return the words for a period as a pattern of alternatives."""
    return "|".join(re.escape(word) for word in (rule.word, *rule.also))


def _day(found: Scalar) -> date:
    try:
        return date.fromisoformat(str(found)[:10])
    except ValueError as error:
        raise QueryTrouble(
            f"The profile's period.ends_sql gives {found!r}, which is no date (YYYY-MM-DD)."
        ) from error
