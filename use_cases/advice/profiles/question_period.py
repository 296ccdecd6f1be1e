"""The period of a question: the one it names, else the one that advice of today is for; and whether
the tables hold it: its season, and the period in it.

Promises: never an error: an unknown period is None, and a broken query a notice. Only figures count
("week 10", not "week ten"), and "next" beside the word. Among several ("weeks 3 and 4", "week 3-4")
the latest counts, because decisions lie ahead. A year or season in the question is never taken for
another one in the tables: where they differ, a sentence states it, and nothing is compared. A single
year fits the season that begins in it, and the one whose period ends in it: gameweek 30 "of 2025" is
of the season 2024-25.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from use_cases.advice.profile import PeriodRule, Profile
from use_cases.advice.profiles.queries import QueryTrouble, ask, first
from use_cases.kernel.model import Scalar
from use_cases.kernel.ports import StructuredData

# The first number after the word; the group is closed by what may follow it.
_NUMBER = r"\.?\s*(?:no\.?\s*|#\s*)?(\d{1,4}"
# The separators between the numbers of several, such as "weeks 3, 4 and 5" or "weeks 3-5".
_AND = r"\s*(?:,\s*(?:and|or)\b|,|[-–—/&+]|(?:and|or|to|until|through)\b)\s*"

_YEAR = r"(?:19[89]|20\d)\d(?!\d|[-/](?:0[1-9]|1[0-2])[-/]\d)"
_SEASON = rf"(?<![\d-])({_YEAR}(?:\s?[-–—/]\s?(?:20)?\d\d(?![\d-]))?)"
_SHORT = r"(?<!\d)((?:['’]?[0-4]\d\s?[-–—/]\s?[0-4]\d|['’][0-4]\d)(?!\d))"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_GAP = r"[\s,(]*(?:(?:of|in|from|during)\s+)?(?:the\s+)?(?:season\s+(?:of\s+)?)?"
_NOT_ASKED = r"(?<!drafted )(?<!born )(?<!signed )(?<!joined )(?<!since )"
_RELATIVE = re.compile(r"\b(this|last|next|previous|coming|current)\s+(?:season|year)\b", re.I)
_OFFSET = {"last": -1, "previous": -1, "next": 1, "coming": 1}


@dataclass(frozen=True, slots=True)
class Period:
    """A period of the domain, such as a week, and its last day; None where unknown."""

    number: int | None = None
    ends: date | None = None
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Season:
    """The season of the tables, by its name; empty where that is not known.

    `missing` is a sentence on the reason why the tables lack the question's period; empty when they
    have it. `notices` state what could not be determined.
    """

    name: str = ""
    missing: str = ""
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Years:
    """A year, or the two years of a season, and its wording in the question."""

    first: int
    second: int | None
    said: str


async def period_of(profile: Profile, question: str, today: date, data: StructuredData) -> Period:
    """Returns the period of the question, or the one that advice of today is for."""
    rule = profile.period
    if rule is None:
        return Period()
    number = _parse_period(rule, question)
    try:
        if number is None:
            number = await _current_or_next(rule, question, today, data)
        ends = None if number is None else await period_end(rule, number, data)
    except QueryTrouble as trouble:
        return Period(number, notices=(str(trouble),))
    return Period(number, ends)


async def period_end(rule: PeriodRule, number: int, data: StructuredData) -> date | None:
    """Returns the last day of a period; None where the profile does not give it. Raises `QueryTrouble`."""
    if rule.ends_sql is None:
        return None
    found = await first(data, "period.ends_sql", rule.ends_sql, {"period": number})
    return None if found is None else _day(found)


async def current_period(rule: PeriodRule, today: date, data: StructuredData) -> int | None:
    """Returns the period that advice of today is for; None where there is none. Raises `QueryTrouble`."""
    if rule.current_sql is None:
        return None
    values = {"today": today.isoformat()}
    found = await first(data, "period.current_sql", rule.current_sql, values)
    if found is None:
        return None
    if isinstance(found, str) or int(found) != found:
        raise QueryTrouble(f"The profile's period.current_sql gives {found!r}, which is no number.")
    return int(found)


async def season_of(
    profile: Profile, question: str, period: Period, today: date, data: StructuredData
) -> Season:
    """Returns the season of the tables, and whether it contains the question's period."""
    rule = profile.period
    if rule is None:
        return Season()
    try:
        held, current = await _loaded_seasons(rule, today, data)
    except QueryTrouble as trouble:
        return Season(notices=(str(trouble),))
    if len(held) > 1:
        listed = " and ".join(held)
        return Season(
            missing=f"The tables hold the seasons {listed}, and a {rule.word} of one cannot be told "
            "from the same one of the other: load one season at a time."
        )
    name = held[0] if held else ""
    said = _parse_years(rule, question, current)
    if said is not None and not _fits_season(said, name, period):
        of = f"the season {name}" if name else _year_of(rule, period)
        if of:
            return Season(name, f"The question is about {said.said}, and the tables hold {of}.")
    if period.number is None or period.notices:
        return Season(name)
    return Season(name, await missing_period(rule, period.number, data, name))


async def missing_period(
    rule: PeriodRule, number: int, data: StructuredData, season: str = ""
) -> str:
    """Returns a sentence on a period whose last day the tables lack; else empty.

    Raises `QueryTrouble`.
    """
    if rule.ends_sql is None or await period_end(rule, number, data) is not None:
        return ""
    return f"The tables hold no {rule.word} {number}{f' of {season}' if season else ''}."


def _parse_period(rule: PeriodRule, question: str) -> int | None:
    """Returns the number after the domain's word in a question; None without one."""
    word = rf"\b(?:{_period_words(rule)})"
    single = rf"{word}s?{_NUMBER}(?:[-–—/]\d{{1,2}}\b)?)\b"
    several = rf"{word}s{_NUMBER}(?:{_AND}\d{{1,4}}\b)*)\b"
    said = re.findall(single, question, re.I) + re.findall(several, question, re.I)
    return max((int(number) for each in said for number in re.findall(r"\d+", each)), default=None)


async def _current_or_next(
    rule: PeriodRule, question: str, today: date, data: StructuredData
) -> int | None:
    """Returns the current period, or the one after it where the question says "next week"."""
    number = await current_period(rule, today, data)
    following = re.search(rf"\bnext\s+(?:{_period_words(rule)})\b", question, re.I)
    return number + 1 if number is not None and following else number


def _period_words(rule: PeriodRule) -> str:
    """Returns the words for a period as a pattern of alternatives."""
    return "|".join(re.escape(word) for word in (rule.word, *rule.also))


def _day(found: Scalar) -> date:
    try:
        return date.fromisoformat(str(found)[:10])
    except ValueError as error:
        raise QueryTrouble(
            f"The profile's period.ends_sql gives {found!r}, which is no date (YYYY-MM-DD)."
        ) from error


async def _loaded_seasons(
    rule: PeriodRule, today: date, data: StructuredData
) -> tuple[Sequence[str], _Years | None]:
    """Returns the seasons of the tables, and the one of today. Raises `QueryTrouble`."""
    if rule.season_sql is None:
        return (), None
    part = "period.season_sql"
    rows = await ask(data, part, rule.season_sql, {"today": today.isoformat()})
    columns = [column.casefold() for column in rows.columns]
    if "season" not in columns:
        raise QueryTrouble(f"The profile's {part} gives no column `season`.")
    at = columns.index("season")
    names = sorted({str(row[at]) for row in rows.rows if row[at] is not None})
    now = (
        next((str(r[columns.index("current")]) for r in rows.rows), "")
        if "current" in columns
        else ""
    )
    return names, _to_years(now)


def _parse_years(rule: PeriodRule, question: str, current: _Years | None) -> _Years | None:
    """Returns the year or season that a question names, the latest of several; None without one."""
    word = rf"(?:{_period_words(rule)})s?"
    number = rf"\b{word}\.?\s*#?\d{{1,3}}(?:\s*[-–/&]\s*\d{{1,2}})?"
    relative = _RELATIVE.search(question)
    found = [
        years
        for pattern in (
            # Beside the period or the word "season".
            rf"{number}{_GAP}{_SEASON}|{_SEASON}\W{{0,3}}(?:season\W{{0,3}})?{number}",
            rf"{_SEASON}\s+season|season\s+(?:of\s+)?{_SEASON}",
            rf"{number}{_GAP}{_SHORT}|{_SHORT}\s+season|season\s+(?:of\s+)?{_SHORT}",
        )
        for match in re.finditer(pattern, question, re.I)
        for each in match.groups()
        if each is not None and (years := _to_years(each)) is not None
    ]
    if not found and relative and current is not None:
        by = _OFFSET.get(relative[1].lower(), 0)
        second = None if current.second is None else current.second + by
        return _Years(current.first + by, second, _years_name(current.first + by, second))
    loose = rf"{_NOT_ASKED}\b(?:in|for|of|during)\s+(?:the\s+)?(?:{_MONTH}\s*(?:\d{{1,2}}\w*,?\s*)?)?{_SEASON}"
    for pattern in (
        loose,
        rf"{_MONTH}\s+(?:\d{{1,2}}\w*,?\s+)?{_SEASON}",
        rf"^\W*{_SEASON}",
        rf"{_SEASON}\W*$",
    ):
        if found:
            break
        said = re.finditer(pattern, question, re.I)
        found = [years for match in said if (years := _to_years(match[1])) is not None]
    return max(found, key=lambda years: years.first, default=None)


def _fits_season(said: _Years, name: str, period: Period) -> bool:
    held = _to_years(name)
    ends = period.ends.year if period.ends else None
    if said.second is not None:
        return said.first == held.first if held else ends in (said.first, said.second, None)
    if period.number is None or period.ends is None:
        return held is None or said.first in (held.first, held.second)
    return said.first == ends or (held is not None and said.first == held.first)


def _year_of(rule: PeriodRule, period: Period) -> str:
    return f"the {rule.word} {period.number} that ends {period.ends}" if period.ends else ""


def _to_years(text: str) -> _Years | None:
    """Returns `2021`, `2024-25`, `2024/2025`, `24/25` or `'25` as years; None for anything else."""
    parts = [int(part) for part in re.findall(r"\d+", text)]
    if not parts or len(parts) > 2:
        return None
    first = parts[0] if parts[0] > 99 else 2000 + parts[0]
    if len(parts) == 1:
        return _Years(first, None, str(first))
    if parts[1] % 100 != (first + 1) % 100:
        return None
    return _Years(first, first + 1, _years_name(first, first + 1))


def _years_name(first: int, second: int | None) -> str:
    return str(first) if second is None else f"{first}-{second % 100:02}"
